// Expected value of a person over a horizon, discounted step by step (the definition of the lifetimes package:
// purchases expected within a step are paid at its end).

/**
 * Σ over i = 1 … steps of valuePerPurchase · (E[purchases until i·stepWeeks] − E[… (i−1)·stepWeeks]) / (1 + discountPerStep)^i.
 * The unit is the one of `valuePerPurchase`; `expectedPurchases(t)` is cumulative and 0 at t = 0.
 */
export function discountedValue(input: {
  readonly expectedPurchases: (weeks: number) => number;
  readonly valuePerPurchase: number;
  readonly steps: number;
  readonly stepWeeks: number;
  readonly discountPerStep: number;
}): number {
  let before = 0;
  let value = 0;
  for (let i = 1; i <= input.steps; i++) {
    const until = input.expectedPurchases(i * input.stepWeeks);
    value += (input.valuePerPurchase * (until - before)) / (1 + input.discountPerStep) ** i;
    before = until;
  }
  return value;
}
