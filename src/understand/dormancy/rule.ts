// How silence becomes a stage: a window, a multiple of a person's own gap, or the predicted chance of a return. Lengths are whole days; a threshold t is reached at the
// end of the day that lies t days after the last active day.
import type { BetaGeometricParams } from '../value/beta-geometric.ts';
import { z } from 'zod';
import { inWords } from '../../kernel/issue.ts';
import type { Recalibration } from '../value/prediction-quality.ts';

/** Longest window a policy may name: ten years. */
export const LONGEST_DAYS = 3650;

export const days = z
  .int(inWords('must be a whole number of days', '须为整天数'))
  .min(1, inWords('must be at least 1 day', '至少 1 天'))
  .max(LONGEST_DAYS, inWords(`must be at most ${LONGEST_DAYS} days`, `最多 ${LONGEST_DAYS} 天`));
const hundredths = (min: number, max: number) => z.number().min(min).max(max).multipleOf(0.01);

const windowRule = z
  .strictObject({ kind: z.literal('window'), coolingDays: days, dormantDays: days.min(2), lostDays: days })
  .refine((rule) => rule.coolingDays < rule.dormantDays, {
    path: ['coolingDays'],
    message: inWords('must be shorter than dormantDays', '须小于 dormantDays'),
  })
  .refine((rule) => rule.dormantDays < rule.lostDays, {
    path: ['lostDays'],
    message: inWords('must be longer than dormantDays', '须大于 dormantDays'),
  });

/**
 * Personal cadence: dormant after `multiplier` personal gaps. The personal gap is the mean gap between active days so far, shrunk
 * towards the base's pooled mean gap with the weight of `shrinkage` gaps. Cooling begins at half the threshold, lost at `lostMultiplier` times.
 */
const cadenceRule = z
  .strictObject({
    kind: z.literal('cadence'),
    multiplier: hundredths(1, 20),
    minDays: days.min(2),
    maxDays: days,
    shrinkage: hundredths(0, 100),
    lostMultiplier: hundredths(1.5, 20),
  })
  .refine((rule) => rule.minDays <= rule.maxDays, {
    path: ['maxDays'],
    message: inWords('must not be shorter than minDays', '不得小于 minDays'),
  });

const chance = z.number().gt(0).lt(1);

/**
 * Predicted return: dormant when the chance of any activity within `horizonDays` falls below `dormantBelow`, never before `minDays` nor
 * after `maxDays` of silence; cooling and lost alike. Without enough data for a model the window `fallbackDays` holds.
 */
const predictedRule = z
  .strictObject({
    kind: z.literal('predicted'),
    horizonDays: z.int().min(1).max(365),
    coolingBelow: chance,
    dormantBelow: chance,
    lostBelow: chance,
    minDays: days.min(2),
    maxDays: days.max(LONGEST_DAYS - 1),
    fallbackDays: days.min(2).max(LONGEST_DAYS - 1),
  })
  .refine((rule) => rule.coolingBelow > rule.dormantBelow, {
    path: ['coolingBelow'],
    message: inWords('must be higher than dormantBelow', '须高于 dormantBelow'),
  })
  .refine((rule) => rule.dormantBelow > rule.lostBelow, {
    path: ['lostBelow'],
    message: inWords('must be lower than dormantBelow', '须低于 dormantBelow'),
  })
  .refine((rule) => rule.minDays <= rule.maxDays, {
    path: ['maxDays'],
    message: inWords('must not be shorter than minDays', '不得小于 minDays'),
  });

export const ruleSchema = z.union([windowRule, cadenceRule, predictedRule]);
export type PredictedRule = Readonly<z.infer<typeof predictedRule>>;
type PlainRule = Readonly<z.infer<typeof windowRule>> | Readonly<z.infer<typeof cadenceRule>>;
export type DormancyRule = PlainRule | PredictedRule;

/** The fitted chance of any activity within `horizonDays`, corrected in size by the last horizon's outcomes. */
export type Prediction = {
  readonly horizonDays: number;
  readonly params: BetaGeometricParams;
  readonly recalibration: Recalibration | null;
  /** Whose histories were fitted. */
  readonly people: number;
};

/** What the stages of a person depend on besides her active days. */
export type StageRules = {
  readonly rule: DormancyRule;
  /** What a predicted rule predicts with; its fallback window holds where there is none. */
  readonly prediction?: Prediction;
  readonly newDays: number;
  readonly recoveredDays: number;
  readonly relapsedDays: number;
};
