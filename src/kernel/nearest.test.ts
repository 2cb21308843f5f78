import { describe, expect, it } from 'vitest';
import { didYouMean, editDistance, nearestOf } from './nearest.ts';

describe('names', () => {
  // Distances as in the literature: kitten → sitting is Levenshtein's 3, a swap of neighbours is one step (Damerau).
  it.each([
    ['kitten', 'sitting', 3],
    ['flaw', 'lawn', 2],
    ['ab', 'ba', 1],
    ['', 'abc', 3],
    ['订单完成', '订单完结', 1],
    ['same', 'same', 0],
  ])('%s and %s are %i steps apart', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
  it('that are alike are suggested, others are not', () => {
    const known = ['Order Completed', 'Order Refunded', 'Page Viewed'];
    expect(nearestOf('order complete', known)).toBe('Order Completed');
    expect(nearestOf('Oredr Refunded', known)).toBe('Order Refunded');
    expect(nearestOf('Signed Up', known)).toBeUndefined();
    expect(didYouMean('Page View', known)).toBe('; did you mean "Page Viewed"?');
    expect(didYouMean('Newsletter', known)).toBe('');
  });
});
