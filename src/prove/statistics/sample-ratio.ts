// Did people land in the arms in the shares they were meant to? If not, something removes people from one arm only, and no
// figure of the experiment can be believed.
import { chiSquareUpper } from '../../kernel/numeric/distributions.ts';

/** Below this p-value the alarm rings; small, because it is looked at every day. */
export const SAMPLE_RATIO_ALARM = 0.001;

/** p-value of Pearson's chi-square against the planned weights (any positive scale). 1 with fewer than two arms or no people. */
export function sampleRatioP(arms: readonly { readonly people: number; readonly weight: number }[]): number {
  const total = arms.reduce((sum, arm) => sum + arm.people, 0);
  const weights = arms.reduce((sum, arm) => sum + arm.weight, 0);
  if (arms.length < 2 || total === 0) return 1;
  const statistic = arms.reduce((sum, { people, weight }) => {
    const expected = (total * weight) / weights;
    return expected === 0 ? (people > 0 ? Infinity : sum) : sum + (people - expected) ** 2 / expected;
  }, 0);
  return statistic === Infinity ? 0 : chiSquareUpper(statistic, arms.length - 1);
}
