// Who is a programme about, today? Brings the policy's stages up to date and yields the people of the wanted stages.
import type { Day } from '../../kernel/days.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import type { Records } from '../../stores/records/records.ts';
import { evaluatePolicy } from '../../understand/dormancy/evaluate.service.ts';
import { showPolicy } from '../../understand/dormancy/policy.service.ts';
import type { Programme } from './programme.ts';

const CHUNK = 5_000;

/** Person ids in ascending order, in chunks. The policy is evaluated as of the end of `asOf` first, unless it was already. */
export async function* audienceOf(
  { records, events }: { readonly records: Records; readonly events: Events },
  audience: Programme['audience'],
  asOf: Day,
  now: Date,
): AsyncIterable<readonly string[]> {
  const { policy, version } = await showPolicy(records, audience.policyId);
  await evaluatePolicy(events, { policy, version, asOf, now });
  for (let after = ''; ;) {
    const rows = await events.rows<{ person_id: string }>(sql`
      SELECT person_id FROM person_states FINAL
      WHERE policy_id = ${p.text(audience.policyId)} AND stage IN ${p.texts(audience.stages)} AND person_id > ${p.text(after)}
        AND NOT startsWith(person_id, 'anon:')
      ORDER BY person_id LIMIT ${p.int(CHUNK)}`);
    if (rows.length === 0) return;
    yield rows.map((row) => row.person_id);
    after = rows.at(-1)!.person_id;
  }
}
