// Which other policies a scope depends on. A scope may look at another policy's stages, scores and reasons; a way that leads back to the
// policy itself is refused when a policy is saved, made active or looked at.
import { RekindleError } from '../../kernel/errors.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { resolveSegment } from '../segments/resolve.service.ts';
import { parsePolicy, type DormancyPolicy } from './policy.ts';
import { assertNotItsOwn, inScope, standingsOf } from './scope.ts';

export type ActivePolicy = { readonly policy: DormancyPolicy; readonly version: number };

/** The active version of every policy, by id. */
export async function activePolicies(db: RecordsDb): Promise<ReadonlyMap<string, ActivePolicy>> {
  const rows = await db
    .selectFrom('dormancy_policies')
    .select(['version', 'definition'])
    .where('active', '=', true)
    .execute();
  return new Map(
    rows.map(({ definition, version }) => {
      const policy = parsePolicy(definition);
      return [policy.policyId, { policy, version }];
    }),
  );
}

/** Ids of the policies whose stages, scores or reasons the scope looks at. */
export const policiesRead = ({ scope }: DormancyPolicy): ReadonlySet<string> =>
  new Set(scope === undefined ? [] : [...standingsOf(scope)].flatMap(({ leaf }) => leaf.policyId ?? []));

/** Throws `scope_cycle` where following scopes from policy to policy leads back to this one. */
function assertNoCycle(policy: DormancyPolicy, active: ReadonlyMap<string, ActivePolicy>): void {
  const follow = (at: DormancyPolicy, way: readonly string[]): void => {
    for (const id of policiesRead(at)) {
      if (id === policy.policyId)
        throw new RekindleError('scope_cycle', { where: 'policy.scope', way: [...way, id].join(' → ') });
      const next = active.get(id)?.policy;
      if (next !== undefined && !way.includes(id)) follow(next, [...way, id]);
    }
  };
  follow(policy, [policy.policyId]);
}

/**
 * The policy with the trees of the saved segments its scope refers to in their places. Throws `not_found` for an unknown segment or policy,
 * `scope_cycle` for a scope that follows from the policy itself, `invalid` for a reference that leads back to itself.
 */
export async function withSettledScope(db: RecordsDb, policy: DormancyPolicy): Promise<DormancyPolicy> {
  if (policy.scope === undefined) return policy;
  try {
    const scope = await resolveSegment(db, policy.scope);
    assertNotItsOwn(scope, policy.policyId);
    const settled = { ...policy, scope };
    const read = policiesRead(settled);
    if (read.size > 0) {
      const active = await activePolicies(db);
      const missing = [...read].find((id) => !active.has(id));
      if (missing !== undefined)
        throw new RekindleError('not_found', {
          what: { en: `active policy "${missing}"`, zh: `生效中的规则“${missing}”` },
        });
      assertNoCycle(settled, active);
    }
    return settled;
  } catch (error) {
    throw error instanceof RekindleError && error.code === 'invalid' ? inScope(error) : error;
  }
}

/** Policies in an order in which each comes after those its scope looks at. */
export function dependentsLast<T extends { readonly policy: DormancyPolicy }>(policies: readonly T[]): T[] {
  const byId = new Map(policies.map((each) => [each.policy.policyId, each]));
  const placed = new Set<string>();
  const ordered: T[] = [];
  const place = (each: T, way: readonly string[]): void => {
    const { policyId } = each.policy;
    if (placed.has(policyId) || way.includes(policyId)) return;
    for (const id of policiesRead(each.policy)) {
      const before = byId.get(id);
      if (before !== undefined) place(before, [...way, policyId]);
    }
    placed.add(policyId);
    ordered.push(each);
  };
  for (const each of policies) place(each, []);
  return ordered;
}
