// After how many silent days should somebody count as dormant? When silence has really begun to mean something: when the chance
// that she comes back unaided within the horizon has fallen to a target and stays there for as long again as she has been
// silent (and for one horizon at least). By default the target is half of the best chance anybody silent has, because shops
// differ by a factor of ten in how often people come back at all, and half of one's own best means the same everywhere.
// Where the curve never gets there, its knee; where silence tells nothing, it says so.
import { chanceOfReturn, survivalAt, type CurvePoint } from './return-curve.ts';

type ThresholdTarget =
  { readonly kind: 'share_of_best'; readonly share: number } | { readonly kind: 'chance'; readonly chance: number };

export type ThresholdReason =
  /** From this day on, and for as long again, the chance of an unaided return is at or under the target. */
  | 'target_reached'
  /** The target is never reached; beyond this day waiting longer separates people little further. */
  | 'knee'
  /** The chance hardly depends on how long she has been silent: any threshold is as good as another. */
  | 'silence_tells_nothing'
  /** Fewer than `atRiskMin` silences reach any day that has a full horizon behind it. */
  | 'not_enough_history'
  /** Enough were watched long enough, and none of them ever came back within the horizon. */
  | 'nobody_returned';

export type ThresholdRecommendation = {
  /** Undefined for `not_enough_history` and `nobody_returned`. */
  readonly thresholdDays: number | undefined;
  readonly reason: ThresholdReason;
  readonly horizonDays: number;
  /** The chance asked for, the best chance seen at any day, and the day it was seen on. */
  readonly targetChance: number;
  readonly bestChance: number;
  readonly bestDay: number;
  /** Share of silences that had ended by the threshold. */
  readonly returnedByThen: number;
  /** Of those who reach the threshold, the share that returns within the horizon unaided. */
  readonly stillReturning: number;
};

export type ThresholdOptions = {
  readonly horizonDays: number;
  readonly target?: ThresholdTarget;
  /** Days reached by fewer silences are too noisy to decide on. Default 30. */
  readonly atRiskMin?: number;
};

/** A fall of the chance by less than this share of its best is noise or a memoryless habit. */
const FLAT_SHARE = 0.1;

/** Reads the threshold off a return curve; days are whole. */
export function recommendThreshold(
  curve: readonly CurvePoint[],
  { horizonDays, target = { kind: 'share_of_best', share: 0.5 }, atRiskMin = 30 }: ThresholdOptions,
): ThresholdRecommendation {
  // A day counts only if the curve was watched for a whole horizon beyond it by enough people.
  const lastDay = (curve.findLast((point) => point.atRisk >= atRiskMin)?.day ?? -1) - horizonDays;
  const chances = Array.from({ length: Math.max(0, Math.floor(lastDay) + 1) }, (_, day) =>
    chanceOfReturn(curve, day, horizonDays),
  );
  const bestChance = chances.reduce((best, chance) => Math.max(best, chance), 0);
  const bestDay = chances.indexOf(bestChance);
  const targetChance = target.kind === 'chance' ? target.chance : target.share * bestChance;
  const at = (thresholdDays: number | undefined, reason: ThresholdReason): ThresholdRecommendation => ({
    thresholdDays,
    reason,
    horizonDays,
    targetChance,
    bestChance,
    bestDay: Math.max(0, bestDay),
    returnedByThen: thresholdDays === undefined ? 0 : 1 - survivalAt(curve, thresholdDays),
    stillReturning: thresholdDays === undefined ? 0 : chanceOfReturn(curve, thresholdDays, horizonDays),
  });
  if (chances.length === 0) return at(undefined, 'not_enough_history');
  if (bestChance === 0) return at(undefined, 'nobody_returned');

  const settled = firstSettled(chances, bestDay, targetChance, horizonDays);
  if (settled !== undefined) return at(settled, 'target_reached');
  const afterBest = chances.slice(bestDay);
  if (bestChance - Math.min(...afterBest) < FLAT_SHARE * bestChance) return at(bestDay, 'silence_tells_nothing');
  return at(bestDay + kneeOf(afterBest), 'knee');
}

/**
 * The first day from `from` on that is at or under the target and followed by no day above it for as long again. Monthly buyers
 * are unlikely to return in their first week too, and that is no dormancy; a bump a year later is no reason to wait a year.
 */
function firstSettled(
  chances: readonly number[],
  from: number,
  target: number,
  horizonDays: number,
): number | undefined {
  let nextAbove = Infinity;
  let found: number | undefined;
  for (let day = chances.length - 1; day >= from; day--) {
    if (chances[day]! > target) nextAbove = day;
    else if (nextAbove > day + Math.max(day, horizonDays)) found = day;
  }
  return found;
}

/** Index farthest below the straight line from first to last value (the knee of Satopää et al. 2011). */
function kneeOf(values: readonly number[]): number {
  const first = values[0]!;
  const slope = (values.at(-1)! - first) / Math.max(1, values.length - 1);
  let knee = 0;
  let deepest = -Infinity;
  values.forEach((value, i) => {
    const depth = first + slope * i - value;
    if (depth > deepest) [knee, deepest] = [i, depth];
  });
  return knee;
}
