// Distribution functions and quantiles used by intervals and tests: normal, Student t, chi-square.
import { regularisedBeta, regularisedGammaUpper } from './special-functions.ts';

/** P(Z > z), accurate in the far tail. */
export function normalUpper(z: number): number {
  const tail = regularisedGammaUpper(0.5, (z * z) / 2) / 2;
  return z >= 0 ? tail : 1 - tail;
}

/** P(Z ≤ z). */
export const normalCdf = (z: number): number => normalUpper(-z);

const density = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/** z with P(Z ≤ z) = p, 0 < p < 1 (±Infinity at the ends): Newton from a tail start, exact to about 1e-15. */
export function normalQuantile(p: number): number {
  if (p <= 0) return -Infinity;
  if (p >= 1) return Infinity;
  if (p === 0.5) return 0;
  const q = Math.min(p, 1 - p);
  // Abramowitz & Stegun 26.2.23, |error| < 4.5e-4.
  const t = Math.sqrt(-2 * Math.log(q));
  let z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  // Halley steps on the upper tail: each triples the number of right digits.
  for (let i = 0; i < 3; i++) {
    const step = (normalUpper(z) - q) / density(z);
    z += step / (1 - (z * step) / 2);
  }
  return p < 0.5 ? -z : z;
}

/** P(T > t) for Student's t with `df` > 0 degrees of freedom (not necessarily whole), accurate in the tail. */
export function studentUpper(t: number, df: number): number {
  const tail = regularisedBeta(df / (df + t * t), df / 2, 0.5) / 2;
  return t >= 0 ? tail : 1 - tail;
}

/** P(T ≤ t). */
export const studentCdf = (t: number, df: number): number => studentUpper(-t, df);

/** t with P(T ≤ t) = p: bisection, then it stops where doubles stop. */
export function studentQuantile(p: number, df: number): number {
  if (p <= 0) return -Infinity;
  if (p >= 1) return Infinity;
  if (p === 0.5) return 0;
  const q = Math.min(p, 1 - p);
  let low = 0;
  let high = 1;
  while (studentUpper(high, df) > q && high < 1e300) high *= 2;
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (studentUpper(middle, df) > q) low = middle;
    else high = middle;
  }
  const t = (low + high) / 2;
  return p < 0.5 ? -t : t;
}

/** P(χ² > x) with `df` degrees of freedom. */
export const chiSquareUpper = (x: number, df: number): number => regularisedGammaUpper(df / 2, x / 2);
