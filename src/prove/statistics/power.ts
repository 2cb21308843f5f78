// How many people must be left alone so that a difference of interest will be seen? And, half-way, how likely is it still?
import { normalCdf, normalQuantile } from '../../kernel/numeric/distributions.ts';
import type { Effect } from './effect.ts';
import { sequentialHalfWidth, TUNING_N } from './interval.ts';

/**
 * People in both arms together so that a two-sided z-test at `alpha` finds `treatedRate` ≠ `controlRate` with chance `power`,
 * when `controlShare` of them are the control group: z² (p₀q₀/share + p₁q₁/(1−share)) / (p₁−p₀)², rounded up.
 */
export function peopleNeeded(input: {
  readonly controlRate: number;
  readonly treatedRate: number;
  readonly controlShare: number;
  readonly alpha?: number;
  readonly power?: number;
}): { readonly total: number; readonly control: number; readonly treated: number } {
  const { controlRate, treatedRate, controlShare, alpha = 0.05, power = 0.8 } = input;
  const z = normalQuantile(1 - alpha / 2) + normalQuantile(power);
  const spread =
    (controlRate * (1 - controlRate)) / controlShare + (treatedRate * (1 - treatedRate)) / (1 - controlShare);
  const total = (z ** 2 * spread) / (treatedRate - controlRate) ** 2;
  const control = Math.ceil(total * controlShare);
  const treated = Math.ceil(total * (1 - controlShare));
  return { total: Math.ceil(total), control, treated };
}

/** Chance that the interval excludes 0 once there are `growth` times as many people as now, if the true effect is `effect`. */
export function powerAt(input: {
  readonly now: Effect;
  readonly effect: number;
  readonly growth: number;
  readonly alpha: number;
  /** Absent: fixed horizon. Present: the confidence sequence tuned to this many people. */
  readonly sequential?: { readonly tuningN?: number };
}): number {
  const { now, effect, growth, alpha, sequential } = input;
  const se = now.se / Math.sqrt(growth);
  const half = sequential
    ? sequentialHalfWidth(now.se * Math.sqrt(now.n), now.n * growth, alpha, sequential.tuningN ?? TUNING_N)
    : normalQuantile(1 - alpha / 2) * se;
  return normalCdf((effect - half) / se) + normalCdf((-effect - half) / se);
}
