// Who is in an audience: the people of a policy's latest evaluation in certain stages, narrowed by a segment.
import { profiledSource } from '../../collect/people/person-of.sql.ts';
import type { Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import type { Stage } from '../dormancy/stage.ts';
import type { ResolvedSegment } from './segment.ts';
import { isInSegment } from './segment.sql.ts';

export type Audience = {
  readonly policyId: string;
  /** None: any stage. */
  readonly stages: readonly Stage[];
  readonly segment?: ResolvedSegment;
};

/** A page costs the segment's question once more, and its ids a few megabytes. */
const PAGE = 50_000;

/**
 * Person ids in ascending order, page by page, so that a million people are never held at once. "Within N days" counts back from the day of the
 * evaluation, which is that of the first page. Throws `not_found` before the first evaluation.
 */
export async function* audiencePages(
  events: Events,
  audience: Audience,
  now: Date,
  pageSize = PAGE,
): AsyncGenerator<readonly string[]> {
  const { policyId, stages, segment } = audience;
  const [last] = await events.rows<{ as_of: Day; people: number }>(
    sql`SELECT toString(max(as_of)) AS as_of, count() AS people FROM person_states WHERE policy_id = ${p.text(policyId)}`,
  );
  if (last === undefined || last.people === 0) {
    throw new RekindleError('not_found', {
      what: { en: `evaluation of policy "${policyId}"`, zh: `规则“${policyId}”的评估结果` },
    });
  }
  const moment = { asOf: last.as_of, now, policyId };
  for (let after = ''; ;) {
    const rows = await events.rows<{ person_id: string }>(sql`
      SELECT person_id FROM person_states FINAL
      WHERE policy_id = ${p.text(policyId)} AND person_id > ${p.text(after)}
        ${stages.length === 0 ? sql`` : sql`AND has(${p.texts(stages)}, toString(stage))`}
        ${segment === undefined ? sql`` : sql`AND ${isInSegment(segment, await profiledSource(events), moment)}`}
      ORDER BY person_id LIMIT ${p.int(pageSize)}`);
    if (rows.length > 0) yield rows.map((row) => row.person_id);
    if (rows.length < pageSize) return;
    after = rows.at(-1)!.person_id;
  }
}
