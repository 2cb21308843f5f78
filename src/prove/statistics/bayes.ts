// The same effect read by a marketer: how likely is it that the treatment is better, and what does a wrong choice cost on average?
// Normal likelihood with the effect's standard error, flat or normal prior (definitions of GrowthBook's gbstats). Not a
// stopping rule: read it beside the always-valid interval, never instead of it.
import { normalCdf, normalQuantile } from '../../kernel/numeric/distributions.ts';
import type { Effect } from './effect.ts';

export type EffectPrior = { readonly mean: number; readonly variance: number };

export type BayesianReading = {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly chanceToWin: number;
  /** Expected loss, in units of the effect, of treating although control is better, and of not treating although it is worse. */
  readonly riskOfTreating: number;
  readonly riskOfNotTreating: number;
};

/** Posterior of an effect; `prior` undefined means flat. `alpha` .05 gives a central 95% interval. */
export function bayesianReading(
  { estimate, se }: Pick<Effect, 'estimate' | 'se'>,
  options: { readonly alpha?: number; readonly prior?: EffectPrior } = {},
): BayesianReading {
  const { alpha = 0.05, prior } = options;
  const precision = 1 / se ** 2 + (prior ? 1 / prior.variance : 0);
  const mean = (estimate / se ** 2 + (prior ? prior.mean / prior.variance : 0)) / precision;
  const sd = Math.sqrt(1 / precision);
  const half = normalQuantile(1 - alpha / 2) * sd;
  const { gain, loss } = expectedGainAndLoss(mean, sd);
  return {
    estimate: mean,
    low: mean - half,
    high: mean + half,
    chanceToWin: normalCdf(mean / sd),
    riskOfTreating: loss,
    riskOfNotTreating: gain,
  };
}

/** E[max(δ, 0)] and E[max(−δ, 0)] for δ ~ N(mean, sd²). */
export function expectedGainAndLoss(mean: number, sd: number): { readonly gain: number; readonly loss: number } {
  const z = mean / sd;
  const density = (sd * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
  return { gain: mean * normalCdf(z) + density, loss: -mean * normalCdf(-z) + density };
}
