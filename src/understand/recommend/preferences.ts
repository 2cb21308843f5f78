// What a person likes, from few observations: shares smoothed towards everybody's by a Dirichlet prior, p_u(k) = (n_uk + α·p(k)) / (n_u + α).
// A person without history gets everybody's shares. Pure.
export const HOURS = 24;

/** How many observations everybody's shares are worth. */
export const HOUR_PRIOR = 10;
export const TASTE_PRIOR = 10;

/** Shares that sum to 1 from counts and the base's shares (same length, summing to 1). α > 0, in observations. */
export function dirichletShares(counts: readonly number[], base: readonly number[], alpha: number): number[] {
  const seen = counts.reduce((sum, n) => sum + n, 0);
  return counts.map((n, k) => (n + alpha * base[k]!) / (seen + alpha));
}

/** Half of each count stays in its hour, a quarter goes to either neighbour; 23 and 0 are neighbours. The sum stays. */
export const smoothedHours = (counts: readonly number[]): number[] =>
  counts.map((n, hour) => n / 2 + counts[(hour + HOURS - 1) % HOURS]! / 4 + counts[(hour + 1) % HOURS]! / 4);

/** The share of a person's visits in each local hour 0 … 23. `counts` are her visits by hour, `base` everybody's shares. */
export const hourProfile = (counts: readonly number[], base: readonly number[], alpha = HOUR_PRIOR): number[] =>
  dirichletShares(smoothedHours(counts), base, alpha);

/** The hour with the largest share; the earliest of equals. */
export const bestHour = (profile: readonly number[]): number => profile.indexOf(Math.max(...profile));
