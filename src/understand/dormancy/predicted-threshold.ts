// After how many silent days does the chance of a return fall below what a `predicted` policy asks for? The chance is MBG/NBD's, corrected
// in size by what happened on the last horizon (Platt): of the models we have it is the one whose chance can only fall while somebody is
// silent, so that nobody leaves dormancy by being silent for longer. Lengths are days.
import { MBG_NBD } from '../value/beta-geometric-nbd.ts';
import { sigmoid } from '../value/logistic.ts';
import type { Text } from '../../kernel/lang.ts';
import { countText, percentText } from '../../kernel/figures.ts';
import { PEOPLE_MIN, REPEATERS_MIN } from '../value/score.ts';
import { LONGEST_DAYS, type PredictedRule, type Prediction, type StageRules } from './rule.ts';

export type Thresholds = { readonly coolingDays: number; readonly dormantDays: number; readonly lostDays: number };

/** The model's own chance at which the corrected one is `chance`. */
export function beforeCorrection({ recalibration }: Prediction, chance: number): number {
  if (recalibration === null) return chance;
  return sigmoid((Math.log(chance / (1 - chance)) - recalibration.intercept) / recalibration.slope);
}

/** Steps that reach every whole number below 4,096. */
export const LIFTING_STEPS = [2048, 1024, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1] as const;

/** First silent day, at most LONGEST_DAYS, on which the model's chance of somebody with `x` repeats over `spanDays` is below `chance`. */
function firstBelow({ params, horizonDays }: Prediction, x: number, spanDays: number, chance: number): number {
  const isStillAbove = (silentDays: number): boolean =>
    MBG_NBD.returnProbability(params, x, spanDays / 7, (spanDays + silentDays) / 7, horizonDays / 7) >= chance;
  const lastAbove = LIFTING_STEPS.reduce((days, step) => (isStillAbove(days + step) ? days + step : days), 0);
  return Math.min(LONGEST_DAYS, lastAbove + 1);
}

/** Thresholds after `count` active days over `spanDays`. Cooling comes before dormancy and lost after it, by a day at least. */
export function predictedThresholds(
  rule: PredictedRule,
  prediction: Prediction,
  count: number,
  spanDays: number,
): Thresholds {
  const on = (chance: number): number =>
    firstBelow(prediction, count - 1, spanDays, beforeCorrection(prediction, chance));
  const dormantDays = Math.min(rule.maxDays, Math.max(rule.minDays, on(rule.dormantBelow)));
  return {
    dormantDays,
    coolingDays: Math.min(dormantDays - 1, on(rule.coolingBelow)),
    lostDays: Math.max(dormantDays + 1, on(rule.lostBelow)),
  };
}

/** The window that holds while nothing can be predicted. */
export const fallbackThresholds = ({ fallbackDays }: PredictedRule): Thresholds => ({
  dormantDays: fallbackDays,
  coolingDays: Math.ceil(fallbackDays / 2),
  lostDays: Math.max(fallbackDays + 1, Math.min(LONGEST_DAYS, 4 * fallbackDays)),
});

/** What a predicted policy judges by, or why it cannot predict yet and what holds instead; null for other kinds. */
export function judgedBy(
  { rule }: Pick<StageRules, 'rule'>,
  prediction: Prediction | null,
  base: { readonly people: number; readonly repeaters: number },
): Text | null {
  if (rule.kind !== 'predicted') return null;
  if (prediction === null) {
    return {
      en: `Not enough data to predict returns: ${countText(base.people)} people, ${countText(base.repeaters)} of them active on more than one day (it takes ${PEOPLE_MIN} and ${REPEATERS_MIN}). Until then ${rule.fallbackDays} days of silence count as dormant.`,
      zh: `数据不足以预测回归：共 ${countText(base.people)} 人，其中 ${countText(base.repeaters)} 人在多于一天有活跃行为（至少需要 ${PEOPLE_MIN} 人和 ${REPEATERS_MIN} 人）。在此之前，沉默 ${rule.fallbackDays} 天视为休眠。`,
    };
  }
  const size = prediction.recalibration === null ? ['not yet ', '尚未'] : ['', '已'];
  return {
    en: `Dormant below a ${percentText(rule.dormantBelow, 0)} chance of returning within ${rule.horizonDays} days, by MBG/NBD fitted on ${countText(prediction.people)} people, ${size[0]}corrected by what happened since.`,
    zh: `${rule.horizonDays} 天内回归概率低于 ${percentText(rule.dormantBelow, 0)} 视为休眠；由 ${countText(prediction.people)} 人拟合的 MBG/NBD 模型给出，${size[1]}按后续实际情况校正。`,
  };
}
