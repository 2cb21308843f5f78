// The special functions that the models and tests of this house are written in.
// Relative accuracy is about 1e-13 over the ranges used here; differences of logs stay accurate for arguments up to 1e15,
// because ratios of Gamma functions are taken through Stirling's correction and never as a difference of two large numbers.
const LN_SQRT_2PI = 0.9189385332046728;

/** ln Γ(x) − [(x − ½) ln x − x + ln √2π] for x ≥ 10: the tail of Stirling's series (Abramowitz & Stegun 6.1.41). */
function stirlingCorrection(x: number): number {
  const y = 1 / (x * x);
  return (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y * (1 / 1188 - y * (691 / 360360 - y / 156)))))) / x;
}

/** ln Γ(x) for x > 0; NaN otherwise. */
export function logGamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  if (x === 1 || x === 2) return 0;
  // Γ(x) = Γ(x+k) / (x (x+1) … (x+k−1)): shift small arguments up to where Stirling's series is exact to the last digits.
  let shift = 1;
  let y = x;
  while (y < 10) shift *= y++;
  return (y - 0.5) * Math.log(y) - y + LN_SQRT_2PI + stirlingCorrection(y) - Math.log(shift);
}

/** ln B(a, b) for a, b > 0 (the three ranges of R's lbeta). */
export function logBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  if (!(small > 0)) return Number.NaN;
  const share = small / (small + large);
  if (small >= 10) {
    const correction = stirlingCorrection(small) + stirlingCorrection(large) - stirlingCorrection(small + large);
    return (
      -0.5 * Math.log(large) + LN_SQRT_2PI + correction + (small - 0.5) * Math.log(share) + large * Math.log1p(-share)
    );
  }
  if (large >= 10) {
    const correction = stirlingCorrection(large) - stirlingCorrection(small + large);
    return logGamma(small) + correction + small - small * Math.log(small + large) + (large - 0.5) * Math.log1p(-share);
  }
  return logGamma(small) + logGamma(large) - logGamma(small + large);
}

/** ln(e^a + e^b) without overflow. */
export function logSumExp(a: number, b: number): number {
  const top = Math.max(a, b);
  return top === -Infinity ? top : top + Math.log1p(Math.exp(Math.min(a, b) - top));
}

/** ln(e^a − e^b) for a ≥ b; −Infinity where they are equal to rounding. */
export function logDiffExp(a: number, b: number): number {
  return b >= a ? -Infinity : a + Math.log(-Math.expm1(b - a));
}

const TINY = 1e-300;
const EPSILON = 1e-16;
const FRACTION_STEPS_MAX = 10_000;

/** Continued fraction of the incomplete beta function by Lentz's method (Numerical Recipes §6.4). */
function betaFraction(a: number, b: number, x: number): number {
  const keep = (v: number): number => (Math.abs(v) < TINY ? TINY : v);
  let c = 1;
  let d = 1 / keep(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m <= FRACTION_STEPS_MAX; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / keep(1 + even * d);
    c = keep(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / keep(1 + odd * d);
    c = keep(1 + odd / c);
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < EPSILON * 4) break;
  }
  return h;
}

/** Regularised incomplete beta I_x(a, b), 0 ≤ x ≤ 1, a, b > 0. Small values keep their relative accuracy. */
export function regularisedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(a, b, x)) / a : 1 - (front * betaFraction(b, a, 1 - x)) / b;
}

/** Regularised upper incomplete gamma Q(a, x) = Γ(a, x)/Γ(a) (Numerical Recipes §6.2). */
export function regularisedGammaUpper(a: number, x: number): number {
  if (x <= 0) return 1;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n <= FRACTION_STEPS_MAX && term > sum * EPSILON; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - front * sum;
  }
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i <= FRACTION_STEPS_MAX; i++) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b || TINY);
    c = b + an / c || TINY;
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < EPSILON * 4) break;
  }
  return front * h;
}
