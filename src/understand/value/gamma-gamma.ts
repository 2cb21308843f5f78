// Gamma-Gamma (Fader & Hardie 2013): what a person's next purchase is worth, her own mean drawn towards everybody's by as much
// as her few purchases deserve. Holds only where how much and how often are unrelated, so the fit reports their correlation.
import { logGamma } from '../../kernel/numeric/special-functions.ts';
import { ok, refused, type Result } from '../../kernel/result.ts';
import { fitPositive, needed, type Fit, type FitOptions } from './fit-parameters.ts';
import type { FitRefusal } from './purchase-history.ts';

/** Spend ~ Gamma(p, ν), ν ~ Gamma(q, v); v is in the money unit of the data, p and q are pure numbers. */
export type GammaGammaParams = { readonly p: number; readonly q: number; readonly v: number };

/** x repeat purchases of `meanSpend` > 0 each, shared by `count` people. */
export type SpendGroup = { readonly x: number; readonly meanSpend: number; readonly count: number };

export type SpendRefusal = FitRefusal | { readonly reason: 'invalid_spend'; readonly spend: SpendGroup };

/** `correlation` of purchases and mean spend: above about 0.3 in size the model's assumption is broken. */
export type GammaGammaFit = Fit<GammaGammaParams> & { readonly correlation: number };

/** ln L of one person with x ≥ 1 repeat purchases of mean z. */
function gammaGammaLogLikelihood({ p, q, v }: GammaGammaParams, x: number, z: number): number {
  const px = p * x;
  return (
    logGamma(px + q) -
    logGamma(px) -
    logGamma(q) +
    q * Math.log(v) +
    (px - 1) * Math.log(z) +
    px * Math.log(x) -
    (px + q) * Math.log(x * z + v)
  );
}

function correlationOf(groups: readonly SpendGroup[]): number {
  const mean = (of: (g: SpendGroup) => number): number => {
    let sum = 0;
    let people = 0;
    for (const g of groups) {
      sum += g.count * of(g);
      people += g.count;
    }
    return sum / people;
  };
  const mx = mean((g) => g.x);
  const mz = mean((g) => g.meanSpend);
  const covariance = mean((g) => (g.x - mx) * (g.meanSpend - mz));
  const spread = Math.sqrt(mean((g) => (g.x - mx) ** 2) * mean((g) => (g.meanSpend - mz) ** 2));
  return spread === 0 ? 0 : covariance / spread;
}

/**
 * Fits p, q, v to people with at least one repeat purchase. The prior's centre is p = 5, q = 4 and the v that gives them the
 * data's own mean, so the answer does not depend on the currency's unit.
 */
export function fitGammaGamma(
  groups: readonly SpendGroup[],
  options: FitOptions = {},
): Result<GammaGammaFit, SpendRefusal> {
  const invalid = groups.find((g) => !(g.x >= 1 && g.meanSpend > 0 && Number.isFinite(g.meanSpend) && g.count > 0));
  if (invalid) return refused({ reason: 'invalid_spend', spend: invalid });
  const people = groups.reduce((sum, g) => sum + g.count, 0);
  const { repeaters } = needed(options);
  if (people < repeaters) return refused({ reason: 'too_few_repeaters', people, repeaters: people, needed: repeaters });
  const meanSpend = groups.reduce((sum, g) => sum + g.count * g.meanSpend, 0) / people;
  const vCentre = (meanSpend * (4 - 1)) / 5;
  const method = options.method ?? 'map';
  const logLikelihood = ([p, q, v]: readonly number[]): number => {
    const params = { p: p!, q: q!, v: v! };
    let sum = 0;
    for (const g of groups) sum += g.count * gammaGammaLogLikelihood(params, g.x, g.meanSpend);
    return sum;
  };
  const fit = fitPositive(logLikelihood, [5, 4, vCentre], method, [1, 1, vCentre]);
  if (!fit.ok) return fit;
  const [p, q, v] = fit.value.params;
  const params = { p: p!, q: q!, v: v! };
  return ok({ ...fit.value, params, method, people, correlation: correlationOf(groups) });
}

/** E[M]: expected value of the next purchase after x repeat purchases of mean z; x = 0 gives the population mean. Needs q > 1 there. */
export const expectedSpend = ({ p, q, v }: GammaGammaParams, x: number, z: number): number =>
  (p * (v + x * z)) / (p * x + q - 1);

/** pv/(q−1): what a purchase of a person nobody knows is worth. */
export const populationMeanSpend = ({ p, q, v }: GammaGammaParams): number => (p * v) / (q - 1);
