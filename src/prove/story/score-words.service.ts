// Why is her chance of coming back what it is? In words, from the model that scored everybody at the policy's last evaluation.
import { personSource } from '../../collect/people/person-of.sql.ts';
import { dayNumber } from '../../kernel/days.ts';
import type { Text } from '../../kernel/lang.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { recordedEvaluation } from '../../understand/dormancy/evaluations.sql.ts';
import type { PersonState } from '../../understand/dormancy/states.sql.ts';
import { explainScore } from '../../understand/value/explain-score.ts';
import { snapshotFeatures } from '../../understand/value/snapshot-features.ts';

/** Null where the evaluation kept no model, or she had no activity by then. `activity` is the policy's, `currency` the business's. */
export async function scoreInWords(
  events: Events,
  state: PersonState & { readonly personId: string },
  activity: readonly string[],
  currency: string,
): Promise<Text | null> {
  const evaluation = await recordedEvaluation(events, state.policyId);
  if (evaluation === undefined) return null;
  const { days } = await personSource(events);
  const [history] = await events.rows<{ days: number[]; spent: number; of_lines: number; of_items: number }>(sql`
    SELECT arraySort(groupUniqArray(toUInt16(day))) AS days, sum(money_cents) AS spent, sum(lines) AS of_lines, sum(items) AS of_items
    FROM ${days}
    WHERE person_id = ${p.text(state.personId)} AND name IN ${p.texts(activity)} AND day <= ${p.day(evaluation.asOf)}`);
  if (history === undefined || history.days.length === 0) return null;
  const features = snapshotFeatures({
    activeDays: history.days,
    spentCents: history.spent,
    lines: history.of_lines,
    items: history.of_items,
    asOf: dayNumber(evaluation.asOf),
  });
  const { scores } = evaluation.models;
  return {
    en: explainScore(scores, features, 'en', currency).text,
    zh: explainScore(scores, features, 'zh', currency).text,
  };
}
