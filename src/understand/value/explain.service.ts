// Why is this person's score what it is, and how good is the model that gave it? From the models her policy's last evaluation recorded.
import { dayNumber, type Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import type { Text } from '../../kernel/lang.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { recordedEvaluation, type RecordedEvaluation } from '../dormancy/evaluations.sql.ts';
import type { Prediction } from '../dormancy/rule.ts';
import { explainScore, type ScoreReason } from './explain-score.ts';
import type { ScoreModel } from './score.ts';
import { snapshotFeatures } from './snapshot-features.ts';

/** Her chance in both languages, with the themes that moved it, the strongest first. */
export type PersonScore = {
  readonly policyId: string;
  readonly personId: string;
  readonly asOf: Day;
  readonly horizonDays: number;
  /** Null where no model could be fitted; `text` then says why. */
  readonly probability: number | null;
  readonly text: Text;
  readonly reasons: readonly (Omit<ScoreReason, 'words'> & { readonly words: Text })[];
};

async function evaluationOf(events: Events, policyId: string): Promise<RecordedEvaluation> {
  const known = await recordedEvaluation(events, policyId);
  if (known === undefined)
    throw new RekindleError('not_found', {
      what: { en: `evaluation of policy "${policyId}"`, zh: `规则“${policyId}”的评估结果` },
    });
  return known;
}

/** Throws `not_found` where the policy was never evaluated or does not know the person. `currency`: the business's. */
export async function explainPerson(
  events: Events,
  policyId: string,
  personId: string,
  currency: string,
): Promise<PersonScore> {
  const known = await evaluationOf(events, policyId);
  const [row] = await events.rows<{ days: number[]; spent: number; lines: number; items: number; asOf: Day }>(sql`
    SELECT days, spent_cents AS spent, lines, items, toString(greatest(as_of, last_on)) AS asOf FROM person_states FINAL
    WHERE policy_id = ${p.text(policyId)} AND person_id = ${p.text(personId)}`);
  if (row === undefined || row.days.length === 0)
    throw new RekindleError('not_found', {
      what: { en: `person ${personId} under policy "${policyId}"`, zh: `规则“${policyId}”下的用户 ${personId}` },
    });
  const { scores } = known.models;
  const { days: activeDays, spent: spentCents, lines, items } = row;
  const history = { activeDays, spentCents, lines, items, asOf: dayNumber(row.asOf) };
  const features = snapshotFeatures(history);
  const [en, zh] = [explainScore(scores, features, 'en', currency), explainScore(scores, features, 'zh', currency)];
  return {
    policyId,
    personId,
    asOf: row.asOf,
    horizonDays: scores.horizonDays,
    probability: en.probability,
    text: { en: en.text, zh: zh.text },
    reasons: en.reasons.map((reason, i) => ({
      ...reason,
      words: { en: reason.words, zh: zh.reasons[i]?.words ?? reason.words },
    })),
  };
}

export type ModelReport = ScoreModel & {
  readonly policyId: string;
  readonly asOf: Day;
  /** The day the models were fitted for; they serve for a week. */
  readonly fittedAsOf: Day;
  readonly prediction: Prediction | null;
};

/** The models that score a policy's people: which, why, on what evidence (AUC, Brier score, calibration curve). Throws `not_found`. */
export async function modelReport(events: Events, policyId: string): Promise<ModelReport> {
  const { models, asOf, modelAsOf } = await evaluationOf(events, policyId);
  return { ...models.scores, policyId, asOf, fittedAsOf: modelAsOf, prediction: models.prediction };
}
