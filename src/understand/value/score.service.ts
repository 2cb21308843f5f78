// Fits the score models on a base's grouped statistics. Scoring itself runs in the engine (`score.sql.ts`).
import { addDays, type Day } from '../../kernel/days.ts';
import type { Text } from '../../kernel/lang.ts';
import type { Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { fitGammaGamma } from './gamma-gamma.ts';
import { MBG_NBD } from './beta-geometric-nbd.ts';
import { fitRecalibration } from './prediction-quality.ts';
import type { FitRefusal } from './purchase-history.ts';
import { chooseReturnModel, rarerOutcome, toSnapshot, type Snapshot } from './choose-return-model.ts';
import {
  CORRELATION_MAX,
  PEOPLE_MIN,
  RARER_OUTCOME_MIN,
  REPEATERS_MIN,
  type ReturnModel,
  type ScoreModel,
  type ValueModel,
} from './score.ts';
import { historyGroups, outcomeGroups, snapshotRows, spendGroups, spendTotals } from './score.sql.ts';
import type { Prediction } from '../dormancy/rule.ts';

/**
 * Bases above the first number are fitted on every n-th person by hash, about the second number of them: their parameters' standard
 * errors are a few per cent, and fitting must not cost more than scoring.
 */
const ALL_PEOPLE_MAX = 30_000;
const SAMPLED_PEOPLE = 10_000;
/** A fit of sixteen features on so many people is within .001 nats per person of one on everybody (features / 2n). */
const SAMPLED_OUTCOMES = 10_000;
const SAMPLED_SPENDERS = 5_000;

const everyNth = (people: number, sample: number): number =>
  people <= ALL_PEOPLE_MAX ? 1 : Math.ceil(people / sample);

export type Base = { readonly people: number; readonly repeaters: number };

function reasonOf(refusal: FitRefusal | { readonly reason: 'invalid_spend' }, base: Base): Text {
  switch (refusal.reason) {
    case 'too_few_people':
      return {
        en: `${base.people} people are too few to fit a return model; it takes ${PEOPLE_MIN}.`,
        zh: `仅有 ${base.people} 人，不足以拟合回归模型；至少需要 ${PEOPLE_MIN} 人。`,
      };
    case 'too_few_repeaters':
      return {
        en: `${base.repeaters} people were active on more than one day; it takes ${REPEATERS_MIN} to fit a return model.`,
        zh: `仅有 ${base.repeaters} 人在多于一天有活跃行为；拟合回归模型至少需要 ${REPEATERS_MIN} 人。`,
      };
    case 'diverged':
      return {
        en: 'The return model did not settle on parameters for this data.',
        zh: '回归模型在该数据上未能收敛。',
      };
    case 'invalid_history':
    case 'invalid_spend':
      return {
        en: 'The data holds a history or an amount that cannot be.',
        zh: '数据中存在不合理的历史或金额。',
      };
  }
}

/** Where to read people from, and what a fit needs to know about the policy. */
export type ScoreInput = {
  /** The scratch table of active days. */
  readonly table: Sql;
  readonly base: Base;
  readonly asOf: Day;
  readonly horizonDays: number;
  /** The ends of the two horizons before `asOf`, as the table keeps sums for: one and two horizons back. */
  readonly snapshots: readonly [Day, Day];
  /** The dormancy threshold in days after `count` active days over `spanDays`. */
  readonly dormantAfter: (count: number, spanDays: number) => number;
};

/** MBG/NBD as of today, for bases without a horizon of history: nothing to compare it with. */
async function fitMbgToday(
  events: Events,
  { table, base, asOf }: Pick<ScoreInput, 'table' | 'base' | 'asOf'>,
): Promise<ReturnModel> {
  const none = (refusal: FitRefusal): ReturnModel => ({ kind: 'none', reason: reasonOf(refusal, base), ...base });
  if (base.repeaters < REPEATERS_MIN) return none({ reason: 'too_few_repeaters', ...base, needed: REPEATERS_MIN });
  const share = everyNth(base.people, SAMPLED_PEOPLE);
  const rows = await events.rows<{ x: number; between_days: number; age_days: number; people: number }>(
    historyGroups(table, asOf, share),
  );
  const groups = rows.map((row) => ({
    x: row.x,
    tx: row.between_days / 7,
    T: row.age_days / 7,
    count: row.people,
  }));
  const fit = MBG_NBD.fit(groups);
  if (!fit.ok) return none(fit.error);
  const { params, people: sampled, logLikelihood } = fit.value;
  return { kind: 'mbg-nbd', params, people: base.people, sampled, logLikelihood };
}

async function snapshotOf(events: Events, input: ScoreInput, position: 1 | 2): Promise<Snapshot | undefined> {
  const { table, base, horizonDays, snapshots } = input;
  const asOf = snapshots[position - 1]!;
  const share = everyNth(base.people, SAMPLED_OUTCOMES);
  const rows = await events.rows<{ features: number[]; returned: number }>(
    snapshotRows(table, asOf, horizonDays, position, share),
  );
  const snapshot = toSnapshot(
    asOf,
    rows.map((row) => ({ features: row.features, returned: row.returned })),
  );
  return rarerOutcome(snapshot) < RARER_OUTCOME_MIN ? undefined : snapshot;
}

async function fitReturns(events: Events, input: ScoreInput): Promise<ReturnModel> {
  const { base, horizonDays, dormantAfter } = input;
  if (base.people < PEOPLE_MIN) {
    return { kind: 'none', reason: reasonOf({ reason: 'too_few_people', ...base, needed: PEOPLE_MIN }, base), ...base };
  }
  const latest = base.people < 2 * RARER_OUTCOME_MIN ? undefined : await snapshotOf(events, input, 1);
  if (latest === undefined) return fitMbgToday(events, input);
  const earlier = await snapshotOf(events, input, 2);
  const chosen = chooseReturnModel({ latest, earlier, horizonDays, dormantAfter, people: base.people });
  return chosen ?? fitMbgToday(events, input);
}

async function fitValue(events: Events, table: Sql): Promise<ValueModel> {
  const [totals] = await events.rows<{ repeat_spenders: number; all_active_days: number; all_spent_cents: number }>(
    spendTotals(table),
  );
  const { repeat_spenders: spenders = 0, all_active_days: activeDays = 0, all_spent_cents: spent = 0 } = totals ?? {};
  const meanCents = activeDays === 0 ? 0 : spent / activeDays;
  const mean = (en: string, zh: string): ValueModel => ({ kind: 'mean', meanCents, reason: { en, zh } });
  if (spent === 0) return mean('The activity carries no amounts.', '活跃行为不含金额。');
  if (spenders < REPEATERS_MIN) {
    return mean(
      `Only ${spenders} people spent on more than one day; everybody gets the mean of an active day.`,
      `仅有 ${spenders} 人在多于一天有消费，因此统一使用活跃日平均金额。`,
    );
  }
  const share = everyNth(spenders, SAMPLED_SPENDERS);
  const rows = await events.rows<{ x: number; mean_cents: number; people: number }>(spendGroups(table, share));
  const fit = fitGammaGamma(rows.map((row) => ({ x: row.x, meanSpend: row.mean_cents, count: row.people })));
  if (!fit.ok || fit.value.params.q <= 1) {
    return mean(
      'The spend model did not fit; everybody gets the mean of an active day.',
      '消费金额模型未能拟合，因此统一使用活跃日平均金额。',
    );
  }
  const { params, correlation } = fit.value;
  if (Math.abs(correlation) > CORRELATION_MAX) {
    const shown = correlation.toFixed(2);
    return mean(
      `How often people buy and how much they spend hang together (correlation ${shown}), which the spend model does not allow.`,
      `购买频次与金额相关（相关系数 ${shown}），不满足消费金额模型的前提。`,
    );
  }
  return { kind: 'gamma-gamma', params, correlation };
}

/** Fits both models as of the end of day `asOf`. Never throws for too little data: the model then says why there is none. */
export const fitScores = async (events: Events, input: ScoreInput): Promise<ScoreModel> => ({
  horizonDays: input.horizonDays,
  returns: await fitReturns(events, input),
  value: await fitValue(events, input.table),
});

/**
 * What a policy of the kind `predicted` predicts with: MBG/NBD on the histories as of one horizon ago, its size corrected by what happened
 * since; on today's histories and uncorrected while there is less history than that. Null where there is too little data for either.
 */
export async function fitPrediction(
  events: Events,
  { table, base, asOf, horizonDays }: Omit<ScoreInput, 'snapshots' | 'dormantAfter'>,
): Promise<Prediction | null> {
  if (base.people < PEOPLE_MIN || base.repeaters < REPEATERS_MIN) return null;
  const share = everyNth(base.people, SAMPLED_OUTCOMES);
  const then = addDays(asOf, -horizonDays);
  const rows = await events.rows<{
    x: number;
    between_days: number;
    age_days: number;
    returned: number;
    people: number;
  }>(outcomeGroups(table, then, horizonDays, share));
  const histories = rows.map((row) => ({ x: row.x, tx: row.between_days / 7, T: row.age_days / 7, count: row.people }));
  const fit = MBG_NBD.fit(histories);
  const count = (outcome: number): number =>
    rows.reduce((sum, row) => sum + (row.returned === outcome ? row.people : 0), 0);
  if (fit.ok && Math.min(count(0), count(1)) >= RARER_OUTCOME_MIN) {
    const { params, people } = fit.value;
    const each = rows.flatMap((row, i) =>
      Array.from({ length: row.people }, () => ({ history: histories[i]!, returned: row.returned })),
    );
    const chances = each.map(({ history: { x, tx, T } }) =>
      MBG_NBD.returnProbability(params, x, tx, T, horizonDays / 7),
    );
    const recalibration = fitRecalibration(
      chances,
      Uint8Array.from(each, ({ returned }) => returned),
    );
    return { horizonDays, params, recalibration: recalibration ?? null, people };
  }
  const today = await fitMbgToday(events, { table, base, asOf });
  return today.kind === 'mbg-nbd'
    ? { horizonDays, params: today.params, recalibration: null, people: today.sampled }
    : null;
}
