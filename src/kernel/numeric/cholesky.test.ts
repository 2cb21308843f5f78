import { expect, it } from 'vitest';
import { cholesky, inverseQuadratic } from './cholesky.ts';

// The textbook example: [[4, 12, −16], [12, 37, −43], [−16, −43, 98]] = L·Lᵀ with L = [[2, 0, 0], [6, 1, 0], [−8, 5, 3]].
const A = [
  [4, 12, -16],
  [12, 37, -43],
  [-16, -43, 98],
];

it('factors a symmetric positive definite matrix', () => {
  expect(cholesky(A)).toEqual([
    [2, 0, 0],
    [6, 1, 0],
    [-8, 5, 3],
  ]);
});

it('gives the quadratic form of the inverse', () => {
  // A⁻¹ = 1/36 · [[1777, −488, 76], [−488, 136, −20], [76, −20, 4]] (by cofactors, det A = 36).
  expect(inverseQuadratic(cholesky(A), [1, 0, 0])).toBeCloseTo(1777 / 36, 10);
  expect(inverseQuadratic(cholesky(A), [1, 1, 1])).toBeCloseTo((1777 + 136 + 4 - 2 * 488 + 2 * 76 - 2 * 20) / 36, 10);
});

it('refuses a matrix that is not positive definite', () => {
  expect(() =>
    cholesky([
      [1, 2],
      [2, 1],
    ]),
  ).toThrow(RangeError);
});
