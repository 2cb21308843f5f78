// Logistic regression against closed forms: cases whose maximum can be written down.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRng } from '../../kernel/random.ts';
import { fitLogistic, logisticProbability, sigmoid, type LogisticParams } from './logistic.ts';

const matrix = (rows: readonly (readonly number[])[]) => ({
  rows: rows.length,
  columns: rows[0]!.length,
  values: Float64Array.from(rows.flat()),
});
function fitted(rows: readonly (readonly number[])[], labels: readonly number[], ridge = 1): LogisticParams {
  const fit = fitLogistic(matrix(rows), Uint8Array.from(labels), ridge);
  if (!fit.ok) throw new Error(fit.error.reason);
  return fit.value.params;
}

describe('logistic regression', () => {
  test('of one yes/no feature without a penalty gives the two observed shares', () => {
    // A saturated model: its maximum likelihood is the share in each group, here 1/4 and 3/5.
    const rows = [...Array.from({ length: 4 }, () => [0]), ...Array.from({ length: 5 }, () => [1])];
    const params = fitted(rows, [1, 0, 0, 0, 1, 1, 1, 0, 0], 0);
    expect(logisticProbability(params, [0])).toBeCloseTo(1 / 4, 8);
    expect(logisticProbability(params, [1])).toBeCloseTo(3 / 5, 8);
  });

  test('at the maximum the gradient of the penalised likelihood is zero, and predictions are right on average', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0.01, max: 100, noNaN: true }), (seed, ridge) => {
        const rng = seededRng(seed);
        const rows = Array.from({ length: 120 }, () => [
          rng.normal(5, 3),
          rng.exponential(40),
          rng.chance(0.3) ? 1 : 0,
        ]);
        const labels = rows.map(([a, b]) => (rng.chance(sigmoid(0.4 * (a! - 5) - 0.02 * (b! - 40))) ? 1 : 0));
        const params = fitted(rows, labels, ridge);
        const residuals = rows.map((row, i) => logisticProbability(params, row) - labels[i]!);
        expect(residuals.reduce((sum, r) => sum + r, 0)).toBeCloseTo(0, 4);
        for (let j = 0; j < 3; j++) {
          const z = rows.map((row) => (row[j]! - params.means[j]!) / params.sds[j]!);
          const gradient = residuals.reduce((sum, r, i) => sum + r * z[i]!, 0) + ridge * params.coefficients[j]!;
          expect(gradient).toBeCloseTo(0, 3);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('does not depend on the unit of a feature', () => {
    const rng = seededRng('units');
    const days = Array.from({ length: 200 }, () => rng.exponential(60));
    const labels = days.map((d) => (rng.chance(sigmoid(1 - d / 60)) ? 1 : 0));
    const inDays = fitted(
      days.map((d) => [d]),
      labels,
    );
    const inWeeks = fitted(
      days.map((d) => [d / 7]),
      labels,
    );
    expect(logisticProbability(inDays, [35])).toBeCloseTo(logisticProbability(inWeeks, [5]), 10);
  });

  test('a constant feature, and one that tells the outcome perfectly, still give a finite model', () => {
    const params = fitted(
      [
        [7, 0],
        [7, 0],
        [7, 1],
        [7, 1],
      ],
      [0, 0, 1, 1],
    );
    expect(params.coefficients[0]).toBe(0);
    expect(Number.isFinite(params.coefficients[1])).toBe(true);
    expect(logisticProbability(params, [7, 1])).toBeGreaterThan(0.5);
  });

  test.each([
    ['labels all alike', [[1], [2]], [1, 1], 'one_class'],
    ['a value that is not a number', [[1], [Number.NaN]], [0, 1], 'not_finite'],
  ])('refuses %s', (_, rows, labels, reason) => {
    expect(fitLogistic(matrix(rows), Uint8Array.from(labels))).toEqual({ ok: false, error: { reason } });
  });
});
