// Who is in an audience: the people of a policy's latest evaluation in certain stages, narrowed by a segment.
import { personSource } from '../../collect/people/person-of.sql.ts';
import type { Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import type { Stage } from '../dormancy/stage.ts';
import { compileSegment, type Segment } from './segment.ts';

export type Audience = {
  readonly policyId: string;
  /** None: any stage. */
  readonly stages: readonly Stage[];
  readonly segment?: Segment;
};

/** SELECT of one column person_id. `days` as of `personSource`. */
export const audienceQuery = (audience: Audience, days: Sql, asOf: Day): Sql => sql`
  SELECT person_id FROM person_states FINAL
  WHERE policy_id = ${p.text(audience.policyId)}
    ${audience.stages.length === 0 ? sql`` : sql`AND has(${p.texts(audience.stages)}, toString(stage))`}
    ${audience.segment === undefined ? sql`` : sql`AND ${compileSegment(audience.segment, { asOf, days })}`}
  ORDER BY person_id`;

/** Person ids, sorted. "Within N days" counts back from the day of the evaluation. Throws `not_found` before the first evaluation. */
export async function audienceOf(events: Events, audience: Audience): Promise<string[]> {
  const [last] = await events.rows<{ as_of: Day; people: number }>(
    sql`SELECT toString(max(as_of)) AS as_of, count() AS people FROM person_states WHERE policy_id = ${p.text(audience.policyId)}`,
  );
  if (last === undefined || last.people === 0) {
    throw new RekindleError('not_found', { what: `evaluation of policy "${audience.policyId}"` });
  }
  const { days } = await personSource(events);
  const rows = await events.rows<{ person_id: string }>(audienceQuery(audience, days, last.as_of));
  return rows.map((row) => row.person_id);
}
