// The inverse against its definition; EASE against its closed form on two items.
import { describe, expect, test } from 'vitest';
import { seededRng } from '../../kernel/random.ts';
import { trainEase } from './ease.ts';
import { invertSymmetric } from './symmetric-inverse.ts';

describe('inverse of a symmetric positive definite matrix', () => {
  // Sizes around the blocks of 64 and squares of 4, and one of several blocks.
  test.each([1, 3, 4, 63, 64, 65, 131, 200])('A · A⁻¹ = I for %i rows', (n) => {
    const rng = seededRng(n);
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) a[i * n + j] = i === j ? n + rng.next() : rng.next() * 2 - 1;
    const given = a.slice();
    const diagonal = invertSymmetric(a, n);
    const cell = (m: Float64Array, d: Float64Array | null, i: number, j: number): number =>
      i === j && d !== null ? d[i]! : m[Math.max(i, j) * n + Math.min(i, j)]!;
    let worst = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += cell(given, null, i, k) * cell(a, diagonal, k, j);
        worst = Math.max(worst, Math.abs(sum - (i === j ? 1 : 0)));
      }
    expect(worst).toBeLessThan(1e-10);
  });

  test('refuses a matrix that is not positive definite', () => {
    expect(() => invertSymmetric(Float64Array.of(1, 0, 2, 1), 2)).toThrow(RangeError);
  });
});

describe('EASE', () => {
  // G = [[6, 3], [3, 4]], λ = 2: A = [[8, 3], [3, 6]], det 39, P = [[6, −3], [−3, 8]] / 39; B₀₁ = 3/8, B₁₀ = 3/6.
  const train = () => trainEase(Float64Array.of(6, 0, 3, 4), 2, 2, 100);

  test('two items, by hand', () => {
    const { neighbours } = train();
    expect([...neighbours.offsets]).toEqual([0, 1, 2]);
    expect([...neighbours.ids]).toEqual([1, 0]);
    expect([...neighbours.weights]).toEqual([0.375, 0.5]);
  });

  test('the signs hold the same weights when everything is kept', () => {
    const { neighbours, signs } = train();
    expect(signs).toEqual(neighbours);
  });

  test('keeps the heaviest, drops what is not above 0', () => {
    // Item 0 is held with 1 (10 people) and 2 (5), item 3 alone.
    const gram = Float64Array.of(20, 0, 0, 0, 10, 10, 0, 0, 5, 0, 5, 0, 0, 0, 0, 9);
    const { neighbours, signs } = trainEase(gram, 4, 1, 1);
    expect([...neighbours.offsets]).toEqual([0, 1, 2, 3, 3]);
    expect([...neighbours.ids]).toEqual([1, 0, 0]);
    // Every candidate has one best sign: 1 and 2 have 0, 0 has one of them.
    expect(signs.ids).toHaveLength(3);
  });

  test('λ must be above 0', () => expect(() => trainEase(new Float64Array(1), 1, 0, 1)).toThrow(RangeError));
});
