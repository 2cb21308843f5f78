// How small an effect can this many people show? Told before a programme starts, so that nobody waits for what cannot be seen. Pure.
import { normalQuantile } from '../../kernel/numeric/distributions.ts';

/**
 * The smallest difference of return rates, in shares of one, that a two-sided z-test at `alpha` finds with chance `power`, when `controlRate`
 * return anyway: the d at which z² (p₀q₀/n₀ + p₁q₁/n₁) = d² with p₁ = p₀ + d. Null when there is nobody to compare, or no rate up to 1 is large
 * enough.
 */
export function smallestLift(input: {
  readonly controlRate: number;
  readonly controlPeople: number;
  readonly treatedPeople: number;
  readonly alpha?: number;
  readonly power?: number;
}): number | null {
  const { controlRate: p0, controlPeople, treatedPeople, alpha = 0.05, power = 0.8 } = input;
  if (controlPeople < 2 || treatedPeople < 2) return null;
  const z = normalQuantile(1 - alpha / 2) + normalQuantile(power);
  const excess = (d: number): number => {
    const p1 = p0 + d;
    return d ** 2 - z ** 2 * ((p0 * (1 - p0)) / controlPeople + (p1 * (1 - p1)) / treatedPeople);
  };
  let high = 1 - p0;
  if (!(excess(high) > 0)) return null;
  let low = 0;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (excess(middle) > 0) high = middle;
    else low = middle;
  }
  return high;
}
