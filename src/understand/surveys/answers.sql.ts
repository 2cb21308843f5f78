// What people said about themselves: the latest reason each of them gave, over all waves.
import { sql } from 'kysely';
import type { RecordsDb } from '../../stores/records/records.ts';
import { isReason, type Reason } from '../reasons/causes.ts';

export type ReasonAnswer = { readonly personId: string; readonly reason: Reason };

/** One row per person who answered a reason survey; "something else" is `unknown`. */
export async function latestReasonAnswers(db: RecordsDb): Promise<ReasonAnswer[]> {
  const { rows } = await sql<{ person_id: string; answer: string }>`
    SELECT DISTINCT ON (a.person_id) a.person_id, a.answer FROM survey_answers a JOIN surveys s USING (survey_id)
    WHERE s.kind = 'reason' ORDER BY a.person_id, a.changed_at DESC`.execute(db);
  return rows.map(({ person_id, answer }) => ({ personId: person_id, reason: isReason(answer) ? answer : 'unknown' }));
}
