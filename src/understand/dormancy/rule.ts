// How silence becomes a stage: a window, or a multiple of a person's own gap. Lengths are whole days; a threshold t is reached at the
// end of the day that lies t days after the last active day.
import { z } from 'zod';

/** Longest window a policy may name: ten years. */
export const LONGEST_DAYS = 3650;

export const days = z.int().min(1).max(LONGEST_DAYS);
const hundredths = (min: number, max: number) => z.number().min(min).max(max).multipleOf(0.01);

const windowRule = z
  .strictObject({ kind: z.literal('window'), coolingDays: days, dormantDays: days.min(2), lostDays: days })
  .refine((rule) => rule.coolingDays < rule.dormantDays, {
    path: ['coolingDays'],
    message: 'must be shorter than dormantDays',
  })
  .refine((rule) => rule.dormantDays < rule.lostDays, {
    path: ['lostDays'],
    message: 'must be longer than dormantDays',
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
  .refine((rule) => rule.minDays <= rule.maxDays, { path: ['maxDays'], message: 'must not be shorter than minDays' });

export const ruleSchema = z.union([windowRule, cadenceRule]);
export type DormancyRule = Readonly<z.infer<typeof windowRule>> | Readonly<z.infer<typeof cadenceRule>>;

/** What the stages of a person depend on besides her active days. */
export type StageRules = {
  readonly rule: DormancyRule;
  readonly newDays: number;
  readonly recoveredDays: number;
  readonly relapsedDays: number;
};
