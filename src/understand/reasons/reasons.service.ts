// Explains everybody who is quiet under a policy: strengths in one pass, weights from the table or recalibrated by survey answers, and
// probabilities with evidence into `person_reasons`, published at once.
import { profiledSource } from '../../collect/people/person-of.sql.ts';
import type { Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { countText } from '../../kernel/figures.ts';
import { newId } from '../../kernel/ids.ts';
import type { Text } from '../../kernel/lang.ts';
import { ident } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { replacePartition } from '../../stores/events/replace-partition.ts';
import type { Records, RecordsDb } from '../../stores/records/records.ts';
import { readSetting, writeSetting } from '../../stores/records/settings.ts';
import { dropTable, lastEvaluation } from '../dormancy/evaluate.sql.ts';
import { latestReasonAnswers, type ReasonAnswer } from '../surveys/answers.sql.ts';
import { REASONS, type Reason } from './causes.ts';
import { explainEvidence, type Evidence } from './evidence.ts';
import { ANSWERS_MIN, fitReasonModel, type Answered } from './fit.ts';
import { answerLikelihood, reasonProbabilities, TABLE_MODEL, topReason, type ReasonModel } from './model.ts';
import {
  answeredFeatures,
  createAnswers,
  createReasons,
  createStrengths,
  fillStrengths,
  insertReasons,
  quietPeople,
  reasonMeans,
  reasonsOfPerson,
  sampledFeatures,
  type ReasonMeans,
  type ReasonRow,
} from './reasons.sql.ts';
import { sharesOf, type ReasonShare } from './shares.ts';
import { withTouches, type WithTouches } from './touches.service.ts';
import { SIGNALS } from './signals.ts';

/** Fitting looks at no more answers than this, the choice is by hash; the sensitivity of the shares at no more people than the second. */
const ANSWERS_FITTED = 5_000;
const PEOPLE_SAMPLED = 500;
const ANSWERS_PER_INSERT = 50_000;

/** Which weights were used, and why not better ones. `answers` are those of people who are quiet now. */
export type WeightsUsed = { readonly kind: 'table' | 'survey'; readonly answers: number; readonly why: Text };

export type ReasonShares = {
  readonly policyId: string;
  readonly asOf: Day;
  /** Everybody who is dormant, lost or relapsed. */
  readonly people: number;
  /** How many of them left a trace or an answer; for the others the priors speak. Absent from summaries kept before it was counted. */
  readonly traced?: number;
  readonly weights: WeightsUsed;
  readonly shares: readonly ReasonShare[];
  /** How the likeliest reason fared with those who answered; null while nobody did. Absent from summaries kept before it was measured. */
  readonly calibration?: ReasonCalibration | null;
};

/**
 * The likeliest reason, told without looking at her answer, against the answer. `expected`: the share that should agree if the
 * probabilities were right and answers named the real reason `ANSWER_RELIABILITY` of the time.
 */
export type ReasonCalibration = {
  readonly answers: number;
  readonly confidence: number;
  readonly agreed: number;
  readonly expected: number;
};

function calibrationOf(model: ReasonModel, answered: readonly Answered[]): ReasonCalibration | null {
  if (answered.length === 0) return null;
  let [confidence, agreed, expected] = [0, 0, 0];
  for (const { features, answer } of answered) {
    const probabilities = reasonProbabilities(model, features);
    const top = topReason(probabilities);
    const likelihood = answerLikelihood(top);
    confidence += Math.max(...probabilities);
    agreed += answer === top ? 1 : 0;
    expected += probabilities.reduce((sum, p, k) => sum + p * likelihood[k]!, 0);
  }
  const n = answered.length;
  return { answers: n, confidence: confidence / n, agreed: agreed / n, expected: expected / n };
}

const weightsUsed = (answers: number): WeightsUsed =>
  answers >= ANSWERS_MIN
    ? {
        kind: 'survey',
        answers,
        why: {
          en: `Weights recalibrated by ${countText(answers)} survey answers.`,
          zh: `权重已由 ${countText(answers)} 份问卷回答校准。`,
        },
      }
    : {
        kind: 'table',
        answers,
        why: {
          en: `The built-in weights: ${answers} survey answers are too few to recalibrate them; it takes ${ANSWERS_MIN}.`,
          zh: `使用内置权重：问卷回答仅 ${answers} 份，不足以校准；至少需要 ${ANSWERS_MIN} 份。`,
        },
      };

export type ExplainInput = {
  readonly policyId: string;
  readonly now: Date;
  readonly answers: readonly ReasonAnswer[];
  /** Where our own messages and what became of them are; without it only events speak. */
  readonly db?: RecordsDb;
};

type FeatureRow = { readonly features: number[]; readonly answer: Reason };

/**
 * Writes `person_reasons` of a policy as of its last evaluation. Running it again for the same data changes nothing. Throws `not_found`
 * for a policy that was never evaluated.
 */
export async function explainQuiet(
  events: Events,
  { policyId, now, answers, db }: ExplainInput,
): Promise<ReasonShares> {
  const [last] = await events.rows<{ as_of: Day; people: number }>(lastEvaluation(policyId));
  if (last === undefined || last.people === 0)
    throw new RekindleError('not_found', {
      what: { en: `evaluation of policy "${policyId}"`, zh: `规则“${policyId}”的评估结果` },
    });
  const asOf = last.as_of;
  let touches: WithTouches | undefined;
  const said = newId('scratch_answers', now);
  const strengths = ident(newId('scratch_strengths', now));
  const reasons = ident(newId('scratch_reasons', now));
  try {
    await events.run(createAnswers(ident(said)));
    for (let at = 0; at < answers.length; at += ANSWERS_PER_INSERT) {
      const rows = answers.slice(at, at + ANSWERS_PER_INSERT);
      await events.insert(
        said,
        rows.map(({ personId, reason }) => ({ person_id: personId, reason })),
      );
    }
    await events.run(createStrengths(strengths));
    const { events: source } = await profiledSource(events);
    touches =
      db === undefined
        ? { source, close: async () => undefined }
        : await withTouches({ db, events }, source, asOf, now);
    await events.run(fillStrengths(strengths, ident(said), SIGNALS, quietPeople(policyId), touches.source, asOf));
    const answered: Answered[] = await events.rows<FeatureRow>(answeredFeatures(strengths, ANSWERS_FITTED));
    const weights = weightsUsed(answered.length);
    const model = weights.kind === 'survey' ? fitReasonModel(TABLE_MODEL, answered) : TABLE_MODEL;
    await events.run(createReasons(reasons));
    await events.run(insertReasons(reasons, strengths, SIGNALS, model, { policyId, asOf, kind: weights.kind, now }));
    const [base] = await events.rows<ReasonMeans>(reasonMeans(reasons));
    const sample = await events.rows<FeatureRow>(sampledFeatures(strengths, PEOPLE_SAMPLED));
    await replacePartition(events, 'person_reasons', policyId, reasons);
    const shares =
      base === undefined || base.people === 0
        ? []
        : sharesOf(
            model,
            weights.kind === 'survey' ? answered : [],
            sample.map((row) => row.features),
            base,
          );
    return {
      policyId,
      asOf,
      people: base?.people ?? 0,
      traced: base?.traced ?? 0,
      weights,
      shares,
      calibration: calibrationOf(model, answered),
    };
  } finally {
    for (const table of [ident(said), strengths, reasons]) await events.run(dropTable(table));
    await touches?.close();
  }
}

type Stores = { readonly records: Records; readonly events: Events };

const summaryKey = (policyId: string): string => `reasons/${policyId}`;

/** Explains with the survey answers in the records store and keeps the shares. Throws `not_found` as `explainQuiet`. */
export async function evaluateReasons({ records, events }: Stores, policyId: string, now: Date): Promise<ReasonShares> {
  const summary = await explainQuiet(events, {
    policyId,
    now,
    answers: await latestReasonAnswers(records.db),
    db: records.db,
  });
  await writeSetting(records.db, summaryKey(policyId), summary);
  return summary;
}

/** Shares of the reasons over everybody quiet, with 95% intervals, as last evaluated. Undefined before the first evaluation. */
export async function reasonShares(records: Records, policyId: string): Promise<ReasonShares | undefined> {
  const summary = await readSetting(records.db, summaryKey(policyId));
  return summary === undefined ? undefined : (summary as ReasonShares);
}

export type PersonReasons = {
  readonly policyId: string;
  readonly asOf: Day;
  readonly reason: Reason;
  readonly probability: number;
  readonly probabilities: Readonly<Record<Reason, number>>;
  /** What she said herself in a survey, or null. */
  readonly answer: Reason | null;
  readonly weights: 'table' | 'survey';
  /** The most telling first. */
  readonly evidence: readonly Evidence[];
};

/** Why one person went quiet, under each policy by which she is quiet. Empty when she is not, or nothing was evaluated yet. */
export async function reasonsOf(events: Events, personId: string): Promise<PersonReasons[]> {
  const rows = await events.rows<ReasonRow>(reasonsOfPerson(personId));
  return rows.map((row) => ({
    policyId: row.policyId,
    asOf: row.asOf,
    reason: row.reason,
    probability: row.probability,
    probabilities: Object.fromEntries(REASONS.map((reason) => [reason, row.probabilities[reason]])) as Record<
      Reason,
      number
    >,
    answer: row.answer === '' ? null : row.answer,
    weights: row.model,
    evidence: explainEvidence(row),
  }));
}
