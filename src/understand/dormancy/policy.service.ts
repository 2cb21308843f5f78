// Saves dormancy policies as versions that never change; at most one version of a policy is active.
import { sql } from '../../kernel/sql.ts';
import { RekindleError } from '../../kernel/errors.ts';
import type { Events } from '../../stores/events/events.ts';
import type { Records } from '../../stores/records/records.ts';
import { parsePolicy, type DormancyPolicy } from './policy.ts';
import { withSettledScope } from './scope-policies.service.ts';

export type SavedPolicy = {
  readonly policy: DormancyPolicy;
  readonly version: number;
  readonly active: boolean;
  readonly createdAt: Date;
};

/** Names of the events that ever occurred, the most frequent first. */
export async function occurringEvents(events: Events): Promise<string[]> {
  const rows = await events.rows<{ name: string }>(
    sql`SELECT name FROM actor_days GROUP BY name ORDER BY sum(events) DESC, name LIMIT 10000`,
  );
  return rows.map((row) => row.name);
}

/** Refuses a policy that names an event which never occurred (a misspelt one calls the wrong people dormant). Throws `invalid`. */
export async function assertActivityOccurs(events: Events, policy: DormancyPolicy): Promise<void> {
  const known = await occurringEvents(events);
  const missing = policy.activity.filter((name) => !known.includes(name));
  if (missing.length === 0) return;
  const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');
  const there =
    known.length === 0
      ? { en: 'no events have been collected yet', zh: '尚未采集到任何事件' }
      : {
          en: `events that occurred: ${quoted(known.slice(0, 20))}`,
          zh: `出现过的事件：${quoted(known.slice(0, 20))}`,
        };
  throw new RekindleError('invalid', {
    where: 'policy.activity',
    what: {
      en: `${quoted(missing)} never occurred; ${there.en}`,
      zh: `${quoted(missing)} 从未出现；${there.zh}`,
    },
  });
}

/**
 * Saves `input` as the next version of its policy and makes it the active one. A version never changes: segments its scope refers to are
 * saved as they are now. Throws `invalid`, and what `withSettledScope` throws.
 */
export async function savePolicy(
  { events, records }: { readonly events: Events; readonly records: Records },
  input: unknown,
  now: Date,
): Promise<SavedPolicy> {
  const written = parsePolicy(input);
  await assertActivityOccurs(events, written);
  const policy = await withSettledScope(records.db, written);
  const version = await records.db.transaction().execute(async (tx) => {
    const rows = await tx
      .selectFrom('dormancy_policies')
      .select('version')
      .where('policy_id', '=', policy.policyId)
      .orderBy('version', 'desc')
      .forUpdate()
      .execute();
    const next = (rows[0]?.version ?? 0) + 1;
    await tx
      .updateTable('dormancy_policies')
      .set({ active: false })
      .where('policy_id', '=', policy.policyId)
      .where('active', '=', true)
      .execute();
    await tx
      .insertInto('dormancy_policies')
      .values({
        policy_id: policy.policyId,
        version: next,
        name: policy.name.en,
        definition: JSON.stringify(policy),
        created_at: now,
        active: true,
      })
      .execute();
    return next;
  });
  return { policy, version, active: true, createdAt: now };
}

/** All policies, or all versions of one; newest version first. */
export async function listPolicies(records: Records, policyId?: string): Promise<SavedPolicy[]> {
  const rows = await records.db
    .selectFrom('dormancy_policies')
    .selectAll()
    .$if(policyId !== undefined, (query) => query.where('policy_id', '=', policyId!))
    .orderBy('policy_id')
    .orderBy('version', 'desc')
    .execute();
  return rows.map((row) => ({
    policy: parsePolicy(row.definition),
    version: row.version,
    active: row.active,
    createdAt: row.created_at,
  }));
}

/** One policy: the given version, or the active one. Throws `not_found`. */
export async function showPolicy(records: Records, policyId: string, version?: number): Promise<SavedPolicy> {
  const versions = await listPolicies(records, policyId);
  const found = versions.find((saved) => (version === undefined ? saved.active : saved.version === version));
  if (found) return found;
  const what = version === undefined ? `active policy "${policyId}"` : `version ${version} of policy "${policyId}"`;
  throw new RekindleError('not_found', { what });
}

/** Makes an older (or newer) version the active one. Throws `not_found`, and `scope_cycle` where it would now follow from itself. */
export async function activatePolicy(records: Records, policyId: string, version: number): Promise<SavedPolicy> {
  const saved = await showPolicy(records, policyId, version);
  await withSettledScope(records.db, saved.policy);
  await records.db.transaction().execute(async (tx) => {
    // Two statements: the partial unique index allows one active row at any moment.
    await tx
      .updateTable('dormancy_policies')
      .set({ active: false })
      .where('policy_id', '=', policyId)
      .where('active', '=', true)
      .execute();
    await tx
      .updateTable('dormancy_policies')
      .set({ active: true })
      .where('policy_id', '=', policyId)
      .where('version', '=', version)
      .execute();
  });
  return { ...saved, active: true };
}
