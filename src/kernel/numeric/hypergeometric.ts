// Gauss's hypergeometric function ₂F₁(a, b; c; z) for 0 ≤ z < 1, as buy-till-you-die models need it: parameters up to
// thousands, z up to 1 − 1e-4, no overflow. The answer is a sign and a logarithm, so a value of 1e600 is an ordinary value.
const TERMS_MAX = 1_000_000;
const RESCALE_ABOVE = 1e250;

type Signed = { readonly sign: number; readonly log: number };

function series(a: number, b: number, c: number, z: number): Signed {
  let term = 1;
  let sum = 1;
  let logScale = 0;
  for (let n = 0; n < TERMS_MAX; n++) {
    const ratio = ((a + n) * (b + n) * z) / ((c + n) * (n + 1));
    term *= ratio;
    sum += term;
    if (term === 0) break;
    // A term may be tiny while later ones still grow, so the ratio has to be below one before the sum may stop; the rest of
    // the series is then at most a geometric one.
    if (Math.abs(ratio) < 1 && Math.abs(term) < Math.abs(sum) * 1e-16 * (1 - Math.abs(ratio))) break;
    if (Math.abs(sum) > RESCALE_ABOVE) {
      term /= RESCALE_ABOVE;
      sum /= RESCALE_ABOVE;
      logScale += Math.log(RESCALE_ABOVE);
    }
  }
  return { sign: Math.sign(sum), log: Math.log(Math.abs(sum)) + logScale };
}

/**
 * Sign and ln|₂F₁(a, b; c; z)|, 0 ≤ z < 1, c not zero or a negative integer. Throws a RangeError outside.
 * Uses the power series, or after Euler's transformation (1−z)^(c−a−b) ₂F₁(c−a, c−b; c; z) (Abramowitz & Stegun 15.3.3)
 * where that one converges faster and its terms do not alternate into cancellation.
 */
export function hyp2f1Signed(a: number, b: number, c: number, z: number): Signed {
  if (!(z >= 0 && z < 1)) throw new RangeError(`2F1 needs 0 <= z < 1, got ${z}`);
  if (c <= 0 && Number.isInteger(c)) throw new RangeError(`2F1 has a pole at c = ${c}`);
  if (z === 0) return { sign: 1, log: 0 };
  const excess = c - a - b;
  // Below −2 two or more leading terms would alternate; the direct series of positive parameters never cancels.
  if (excess < 0 && c - a > -2 && c - b > -2) {
    const turned = series(c - a, c - b, c, z);
    return { sign: turned.sign, log: turned.log + excess * Math.log1p(-z) };
  }
  return series(a, b, c, z);
}

/** ln ₂F₁ where the function is positive (always so for a, b, c > 0). */
export const logHyp2f1 = (a: number, b: number, c: number, z: number): number => hyp2f1Signed(a, b, c, z).log;
