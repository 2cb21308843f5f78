// Mixture sequential probability ratio test for two arms of equal size with known variance (Johari, Pekelis & Walsh 2017).
// A second always-valid reading; the confidence sequence is the one the product shows.

/** Λ of n people per arm with observed difference `difference`, per-person variance σ² and a N(0, τ²) mixture; may overflow to Infinity. */
export function msprtRatio(input: {
  readonly n: number;
  readonly difference: number;
  readonly variance: number;
  readonly mixtureVariance: number;
}): number {
  const { n, difference, variance, mixtureVariance } = input;
  const spread = 2 * variance + n * mixtureVariance;
  return (
    Math.sqrt((2 * variance) / spread) *
    Math.exp((n ** 2 * mixtureVariance * difference ** 2) / (4 * variance * spread))
  );
}

/** Always-valid p-value after a path of ratios: the smallest 1/Λ seen so far, at most 1. */
export const msprtP = (ratios: readonly number[]): number => ratios.reduce((p, ratio) => Math.min(p, 1 / ratio), 1);
