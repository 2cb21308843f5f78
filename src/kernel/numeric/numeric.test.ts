// Expected values: mpmath 1.3 at 40 digits (loggamma, beta, hyp2f1, betainc, gammainc, erfc, erfinv).
import { describe, expect, it } from 'vitest';
import {
  chiSquareUpper,
  normalCdf,
  normalQuantile,
  normalUpper,
  studentCdf,
  studentQuantile,
  studentUpper,
} from './distributions.ts';
import { hyp2f1Signed } from './hypergeometric.ts';
import { bfgs, nelderMead } from './minimise.ts';
import {
  logBeta,
  logDiffExp,
  logGamma,
  logSumExp,
  regularisedBeta,
  regularisedGammaUpper,
} from './special-functions.ts';

const expectClose = (actual: number, expected: number, relative = 1e-12): void => {
  expect(Math.abs(actual - expected) / Math.max(Math.abs(expected), Number.MIN_VALUE)).toBeLessThan(relative);
};

describe('special functions', () => {
  it.each([
    [0.001, 6.907178885383853],
    [0.5, 0.5723649429247001],
    [1.5, -0.12078223763524522],
    [9.999, 12.799575780077411],
    [10, 12.80182748008147],
    [171.6, 709.6573587630563],
    [1e6, 12815504.56914761],
    [7e13, 2161566145058438],
  ])('logGamma(%d)', (x, expected) => expectClose(logGamma(x), expected));
  it('logGamma outside its domain', () => {
    expect(logGamma(0)).toBeNaN();
    expect(logGamma(-1.5)).toBeNaN();
  });
  it.each([
    [0.5, 0.5, 1.1447298858494002],
    [0.8, 2.4, -0.5164858263062297],
    [3, 40, -10.446973958541667],
    [250, 0.05, 2.692901212146481],
    [12, 7e13, -365.05188844986196],
    [0.045, 7e13, 1.6421699040846194],
    [15, 18, -22.861664823239465],
  ])('logBeta(%d, %d)', (a, b, expected) => expectClose(logBeta(a, b), expected));
  it.each([
    [0.1, 5, 0.25, 8.640347942958825e-7],
    [0.5, 0.5, 0.5, 0.5],
    [0.9, 100, 3, 0.0016335260315866297],
    [0.001, 10, 0.243, 4.643576082288988e-32],
    [0.999, 1700, 0.5, 0.06514896967959577],
  ])('regularisedBeta(%d; %d, %d)', (x, a, b, expected) => expectClose(regularisedBeta(x, a, b), expected, 1e-11));
  it.each([
    [0.5, 2, 0.04550026389635842],
    [0.5, 50, 1.523970604832105e-23],
    [3, 0.1, 0.9998453469297354],
    [10, 12, 0.24239216167051236],
  ])('regularisedGammaUpper(%d, %d)', (a, x, expected) => expectClose(regularisedGammaUpper(a, x), expected));
  it('sums and differences in logs do not overflow', () => {
    expectClose(logSumExp(1000, 1000 - Math.log(3)), 1000 + Math.log(4 / 3));
    expect(logSumExp(-Infinity, -Infinity)).toBe(-Infinity);
    expectClose(logDiffExp(-1000, -1000 - Math.log(3)), -1000 + Math.log(2 / 3));
    expect(logDiffExp(2, 2)).toBe(-Infinity);
  });
});

describe('hyp2f1', () => {
  it.each([
    [0.243, 2.426, 2.219, 0.88, 1, 0.6089746638921432],
    [2.243, 4.426, 4.219, 0.47, 1, 1.502528850399578],
    [200.5, 203.4, 203.3, 0.95, 1, 600.9425742399713],
    [0.72, 27.26, 26.3, 0.999, 1, 8.165375812738281],
    [28.16, 27.55, 29.16, 0.05, 1, 1.3646057750308518],
    [1.16, 1.55, 2.16, 0.9999, 1, 5.804176361026048],
    [1000.25, 1, 3.5, 0.3, 1, 342.817696094412],
    [0.5, 0.3, -0.2, 0.6, -1, -1.1372134697192045],
    [3, 1000.5, 2.5, 0.7, 1, 1208.0444064213648],
    [5.5, 7.5, 2.5, 0.9, 1, 26.74709130968957],
  ])('₂F₁(%d, %d; %d; %d)', (a, b, c, z, sign, log) => {
    const value = hyp2f1Signed(a, b, c, z);
    expect(value.sign).toBe(sign);
    expectClose(value.log, log, 1e-10);
  });
  it('refuses what it cannot do', () => {
    expect(() => hyp2f1Signed(1, 1, 2, 1)).toThrow(RangeError);
    expect(() => hyp2f1Signed(1, 1, 2, -0.1)).toThrow(RangeError);
    expect(() => hyp2f1Signed(1, 1, -2, 0.5)).toThrow(RangeError);
  });
});

describe('distributions', () => {
  it('normal', () => {
    expectClose(normalUpper(6), 9.86587645037698e-10);
    expectClose(normalUpper(30), 4.906713927148187e-198, 1e-11);
    expectClose(normalQuantile(0.975), 1.9599639845400543);
    expectClose(normalQuantile(0.8), 0.8416212335729142);
    expectClose(normalQuantile(0.0001), -3.7190164854556804);
    expectClose(normalQuantile(0.5001), 0.0002506628300880351, 1e-9);
    expect([normalQuantile(0), normalQuantile(0.5), normalQuantile(1)]).toEqual([-Infinity, 0, Infinity]);
    expectClose(normalCdf(normalQuantile(0.3)), 0.3);
  });
  it('Student t', () => {
    expectClose(studentUpper(2, 5), 0.05096973941492918, 1e-11);
    expectClose(studentUpper(2.3239, 5822.7), 0.010082549641661737, 1e-10);
    expectClose(studentUpper(40, 3.5), 4.38322055468651e-6, 1e-10);
    expectClose(studentQuantile(0.975, 1), 12.706204736432095, 1e-10);
    expectClose(studentCdf(studentQuantile(0.01, 7.3), 7.3), 0.01, 1e-10);
  });
  it('chi-square with two degrees of freedom is e^(−x/2)', () => {
    expectClose(chiSquareUpper(10.303, 2), Math.exp(-5.1515));
  });
});

describe('minimise', () => {
  // Rosenbrock 1960: the minimum is 0 at (1, 1), at the end of a curved valley.
  const valley = ([x, y]: readonly number[]): number => (1 - x!) ** 2 + 100 * (y! - x! ** 2) ** 2;
  it.each([
    ['nelderMead', nelderMead],
    ['bfgs', bfgs],
  ])('%s walks the valley of Rosenbrock', (_name, minimise) => {
    const found = minimise(valley, [-1.2, 1]);
    expect(found.converged).toBe(true);
    expect(found.x[0]).toBeCloseTo(1, 3);
    expect(found.x[1]).toBeCloseTo(1, 3);
  });
  it('is bounded where there is no minimum, and says so', () => {
    const down = ([x]: readonly number[]): number => -x!;
    expect(nelderMead(down, [0], { evaluationsMax: 100 }).converged).toBe(false);
    expect(bfgs(down, [0], { iterationsMax: 20 }).converged).toBe(false);
    expect(bfgs(down, [0], { giveUp: ([x]) => x! > 5 }).converged).toBe(false);
  });
  it('steps around points where the objective is undefined', () => {
    const guarded = ([x]: readonly number[]): number => (x! <= 0 ? Number.NaN : x! - Math.log(x!));
    expect(bfgs(guarded, [3]).x[0]).toBeCloseTo(1, 3);
  });
});
