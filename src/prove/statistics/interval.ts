// From an effect to an interval and a p-value. Two readings: a fixed horizon (Welch's t), valid once, at the sample size
// that was planned; and an always-valid confidence sequence, valid at every look, which is what the product shows by default.
import { studentQuantile, studentUpper } from '../../kernel/numeric/distributions.ts';
import { ok, type Result } from '../../kernel/result.ts';
import { meanEffect, type Effect, type EffectRefusal, type MetricKind, type Scale, type Sums } from './effect.ts';

export type Lift = {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly se: number;
  readonly p: number;
};

/** `greater`: the hypothesis is that the treatment is better; the interval then has no upper end. */
export type Side = 'both' | 'greater' | 'less';

/** Welch's t interval and p-value against "no effect". */
export function fixedLift({ estimate, se, df }: Effect, alpha: number, side: Side = 'both'): Lift {
  const t = estimate / se;
  const width = (level: number): number => studentQuantile(1 - level, df) * se;
  switch (side) {
    case 'greater':
      return { estimate, se, low: estimate - width(alpha), high: Infinity, p: studentUpper(t, df) };
    case 'less':
      return { estimate, se, low: -Infinity, high: estimate + width(alpha), p: studentUpper(-t, df) };
    default: {
      const half = width(alpha / 2);
      return { estimate, se, low: estimate - half, high: estimate + half, p: 2 * studentUpper(Math.abs(t), df) };
    }
  }
}

/** ρ that makes the confidence sequence tightest at `tuningN` people (Waudby-Smith et al., arXiv 2103.06476, eq. 161). */
const mixing = (alpha: number, tuningN: number): number =>
  Math.sqrt((-2 * Math.log(alpha) + Math.log(1 - 2 * Math.log(alpha))) / tuningN);

/** Half-width at n people of a sequence for a mean with per-person standard deviation `sigma` (eq. 9). */
export function sequentialHalfWidth(sigma: number, n: number, alpha: number, tuningN: number): number {
  const rho = mixing(alpha, tuningN);
  const q = n * rho ** 2 + 1;
  return sigma * Math.sqrt(((2 * q) / (n * rho) ** 2) * Math.log(Math.sqrt(q) / alpha));
}

/** Where the sequence is tightest unless told otherwise; the default of GrowthBook. */
export const TUNING_N = 5000;

/** Asymptotic confidence sequence and always-valid p-value (eqs. 9 and 155): may be read after every event. */
export function alwaysValidLift({ estimate, se, n }: Effect, alpha: number, tuningN: number = TUNING_N): Lift {
  const half = sequentialHalfWidth(se * Math.sqrt(n), n, alpha, tuningN);
  const rho = mixing(alpha, tuningN);
  const q = n * rho ** 2 + 1;
  // S² = effect² n / se² of the running sum, standardised.
  const squared = (estimate ** 2 * n) / se ** 2;
  const p = Math.min(1, Math.sqrt(q) * Math.exp((-(rho ** 2) * squared) / (2 * q)));
  return { estimate, low: estimate - half, high: estimate + half, se, p };
}

/**
 * The interval `prove` shows: difference of two arms, valid whenever it is looked at. Covers with probability 1 − alpha at all
 * times together once each arm has some dozens of people; with fewer it is only as good as the normal approximation.
 * Refuses arms of fewer than two people, no variation at all, and a relative scale without a positive control mean.
 */
export function sequentialLift(input: {
  readonly treated: Sums;
  readonly control: Sums;
  readonly kind: MetricKind;
  readonly scale: Scale;
  readonly alpha?: number;
  readonly tuningN?: number;
}): Result<Lift, EffectRefusal> {
  const effect = meanEffect(input);
  return effect.ok ? ok(alwaysValidLift(effect.value, input.alpha ?? 0.05, input.tuningN)) : effect;
}
