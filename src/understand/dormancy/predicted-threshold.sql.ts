// The thresholds of a `predicted` policy in the engine: the formulas of `predicted-threshold.ts`. Columns are whole days.
import { p, sql, type Sql } from '../../kernel/sql.ts';
import { mbgReturnProbabilitySql } from '../value/value-scores.sql.ts';
import { beforeCorrection, LIFTING_STEPS } from './predicted-threshold.ts';
import { LONGEST_DAYS, type PredictedRule, type Prediction } from './rule.ts';

type History = { readonly x: Sql; readonly spanDays: Sql };

const chanceSql = ({ params, horizonDays }: Prediction, { x, spanDays }: History, silentDays: Sql): Sql =>
  mbgReturnProbabilitySql(params, {
    x: sql`(${x})`,
    tx: sql`((${spanDays}) / 7)`,
    age: sql`((${spanDays} + ${silentDays}) / 7)`,
    horizon: sql`${p.float(horizonDays / 7)}`,
  });

const int = (value: number): Sql => sql`toInt32(${p.int(value)})`;

function firstBelowSql(prediction: Prediction, history: History, chance: number): Sql {
  const steps = sql`CAST([${{ kind: 'sql', chunks: [LIFTING_STEPS.join(',')], slots: [] }}] AS Array(Int32))`;
  const isStillAbove = sql`${chanceSql(prediction, history, sql`(reached + step)`)} >= ${p.float(beforeCorrection(prediction, chance))}`;
  return sql`toInt32(least(${p.int(LONGEST_DAYS)}, 1 + arrayFold((reached, step) -> toInt32(if(${isStillAbove}, reached + step, reached)), ${steps}, toInt32(0))))`;
}

/** Cooling, dormant and lost after an active day with `x` repeats over `spanDays` before it. `dormant` and `lost` build on each other. */
export const predictedThresholdsSql = (
  rule: PredictedRule,
  prediction: Prediction,
  history: History,
): { readonly dormant: Sql; readonly cooling: (dormant: Sql) => Sql; readonly lost: (dormant: Sql) => Sql } => ({
  dormant: sql`least(${int(rule.maxDays)}, greatest(${int(rule.minDays)}, ${firstBelowSql(prediction, history, rule.dormantBelow)}))`,
  cooling: (dormant) => sql`least(${dormant} - 1, ${firstBelowSql(prediction, history, rule.coolingBelow)})`,
  lost: (dormant) => sql`greatest(${dormant} + 1, ${firstBelowSql(prediction, history, rule.lostBelow)})`,
});

/** Did a gap `g` after such a day outlast its threshold? One chance instead of a search: it is over when the day before was below already. */
export const outlastsSql = (
  rule: PredictedRule,
  prediction: Prediction,
  history: History,
): { readonly dormant: Sql; readonly cooling: Sql } => {
  const isBelow = (chance: number): Sql =>
    sql`(g > 1 AND ${chanceSql(prediction, history, sql`(g - 1)`)} < ${p.float(beforeCorrection(prediction, chance))})`;
  const dormant = sql`(g > ${int(rule.minDays)} AND (g > ${int(rule.maxDays)} OR ${isBelow(rule.dormantBelow)}))`;
  // Cooling is one day before dormancy at the latest: the gap of exactly the dormancy threshold outlasts it as well.
  const reachesDormancy = sql`(g >= ${int(rule.minDays)} AND (g >= ${int(rule.maxDays)} OR ${chanceSql(prediction, history, sql`g`)} < ${p.float(beforeCorrection(prediction, rule.dormantBelow))}))`;
  return { dormant, cooling: sql`(${isBelow(rule.coolingBelow)} OR ${reachesDormancy})` };
};
