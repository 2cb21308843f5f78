// Single values of the purchase models against published ones, identities that hold whatever the parameters, and refusals.
import { describe, expect, it } from 'vitest';
import { BG_NBD, MBG_NBD } from '../../src/understand/value/beta-geometric-nbd.ts';
import { fitGammaGamma } from '../../src/understand/value/gamma-gamma.ts';
import {
  fitParetoNbd,
  paretoAliveProbability,
  paretoExpectedOfNew,
  paretoExpectedPurchases,
  paretoLogLikelihood,
  paretoReturnProbability,
} from '../../src/understand/value/pareto-nbd.ts';

describe('BG/NBD single values', () => {
  // Parameters as printed by the R package BTYD and used by lifetimes test_estimation.py.
  const params = { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
  it('conditional expectation and P(alive) of the first customer', () => {
    expect(BG_NBD.expectedPurchases(params, 2, 30.43, 38.86, 39)).toBeCloseTo(1.226, 4);
    expect(BG_NBD.aliveProbability(params, 2, 30.43, 38.86)).toBeCloseTo(0.7266, 4);
  });
  it('probabilities of counts (BTYD manual)', () => {
    expect(BG_NBD.countProbability(params, 0, 39).toPrecision(7)).toBe('0.5737864');
    expect(BG_NBD.countProbability(params, 10, 2).toPrecision(6)).toBe('1.07869e-7');
    expect([11, 12, 13].map((n) => BG_NBD.countProbability(params, n, 30).toFixed(7))).toEqual([
      '0.0019995',
      '0.0015170',
      '0.0011633',
    ]);
  });
  it('likelihood of one customer without overflow (pymc-marketing tests/clv/models/test_beta_geo.py)', () => {
    const other = { r: 0.25, alpha: 4, a: 0.8, b: 2.5 };
    expect(BG_NBD.logLikelihood(other, 0, 0, 40)).toBeCloseTo(-0.59947382, 8);
    expect(BG_NBD.logLikelihood(other, 200, 38, 40)).toBeCloseTo(100.79569, 5);
  });
  it('P(alive) of somebody long gone is 0, of a one-time buyer 1', () => {
    expect(BG_NBD.aliveProbability(params, 1000, 10, 100)).toBe(0);
    expect(BG_NBD.expectedPurchases(params, 1000, 10, 100, 10)).toBe(0);
    expect(BG_NBD.aliveProbability(params, 0, 0, 500)).toBe(1);
  });
});

describe('Pareto/NBD single values', () => {
  it('E[X(t)], t = 1 … 9 (BTYD manual; its example has these rounded parameters)', () => {
    const params = { r: 0.55, alpha: 10.56, s: 0.61, beta: 11.64 };
    const published = '.05077821 .09916088 .14542507 .18979930 .23247466 .27361274 .31335159 .35181024 .38909211';
    const ours = Array.from({ length: 9 }, (_, i) =>
      paretoExpectedOfNew(params, i + 1)
        .toFixed(8)
        .slice(1),
    );
    expect(ours.join(' ')).toBe(published);
  });
  const params = { r: 0.5534, alpha: 10.5802, s: 0.6061, beta: 11.6562 };
  it('P(alive) and 52-week expectation (BTYD walkthrough)', () => {
    expect(paretoAliveProbability(params, 26, 30.86, 31)).toBeCloseTo(0.99792, 5);
    expect(paretoExpectedPurchases(params, 26, 30.86, 31, 52)).toBeCloseTo(25.455, 3);
  });
  it.each([
    [221, 103.43, 103.57],
    [254, 97.14, 97.29],
    [161, 94.71, 98],
    [204, 98.57, 99.43],
  ])('stays finite for x = %d (CLVTools)', (x, tx, T) => {
    for (const p of [
      params,
      { r: 10.465, alpha: 0.00799, s: 3.05, beta: 2.82 },
      { r: 0.5, alpha: 20, s: 0.01, beta: 0.01 },
    ]) {
      expect(paretoLogLikelihood(p, x, tx, T)).toSatisfy(Number.isFinite);
      expect(paretoAliveProbability(p, x, tx, T)).toSatisfy((v: number) => v >= 0 && v <= 1);
      expect(paretoExpectedPurchases(p, x, tx, T, 52)).toSatisfy(Number.isFinite);
    }
  });
  it('agrees with the integral over the moment of leaving', () => {
    // L = Γ(r+x)α^rβ^s/Γ(r) · [alive + s ∫ (α+y)^−(r+x) (β+y)^−(s+1) dy from tx to T], by Simpson's rule, for α < β and α > β.
    for (const p of [params, { r: 0.9, alpha: 14, s: 0.4, beta: 3 }]) {
      const [x, tx, T] = [4, 11, 30];
      const f = (y: number): number => p.s * (p.alpha + y) ** -(p.r + x) * (p.beta + y) ** -(p.s + 1);
      const steps = 2000;
      const h = (T - tx) / steps;
      let integral = f(tx) + f(T);
      for (let i = 1; i < steps; i++) integral += (i % 2 === 1 ? 4 : 2) * f(tx + i * h);
      integral *= h / 3;
      const alive = (p.alpha + T) ** -(p.r + x) * (p.beta + T) ** -p.s;
      expect(paretoAliveProbability(p, x, tx, T)).toBeCloseTo(alive / (alive + integral), 10);
    }
  });
  it('s = 1 is a removable singularity', () => {
    const at = (s: number): number => paretoExpectedPurchases({ ...params, s }, 3, 20, 30, 52);
    expect(Math.abs(at(1) - (at(0.9999) + at(1.0001)) / 2)).toBeLessThan(1e-6);
  });
});

describe('identities that hold whatever the parameters', () => {
  const params = { r: 0.52484, alpha: 6.18309, a: 0.89136, b: 1.614 };
  const pareto = { r: 0.5533, alpha: 10.578, s: 0.6062, beta: 11.669 };
  const histories = [
    [0, 0, 3],
    [0, 0, 60],
    [1, 12, 30],
    [5, 20.5, 21],
    [40, 30, 90],
  ] as const;
  it('no purchase until T + t is the same history seen for longer: P(return) = 1 − L(T+t)/L(T)', () => {
    for (const [x, tx, T] of histories) {
      for (const t of [1, 13, 200]) {
        const fromLikelihood = (of: (T: number) => number): number => 1 - Math.exp(of(T + t) - of(T));
        expect(MBG_NBD.returnProbability(params, x, tx, T, t)).toBeCloseTo(
          fromLikelihood((T) => MBG_NBD.logLikelihood(params, x, tx, T)),
          12,
        );
        expect(BG_NBD.returnProbability(params, x, tx, T, t)).toBeCloseTo(
          fromLikelihood((T) => BG_NBD.logLikelihood(params, x, tx, T)),
          12,
        );
        const fromPareto = paretoReturnProbability(pareto, x, tx, T, t);
        expect(fromPareto).toBeGreaterThanOrEqual(0);
        expect(fromPareto).toBeLessThanOrEqual(paretoAliveProbability(pareto, x, tx, T) + 1e-12);
      }
    }
  });
  it('E[X(t)] = Σ n P(X(t) = n), and the probabilities add up to 1', () => {
    for (const [count, expected] of [
      [BG_NBD.countProbability, BG_NBD.expectedOfNew],
      [MBG_NBD.countProbability, MBG_NBD.expectedOfNew],
    ] as const) {
      const p = Array.from({ length: 400 }, (_, n) => count(params, n, 10));
      expect(p.reduce((sum, v) => sum + v, 0)).toBeCloseTo(1, 10);
      expect(p.reduce((sum, v, n) => sum + n * v, 0)).toBeCloseTo(expected(params, 10), 8);
    }
  });
  it('E[X(t+s)] = E[X(t)] + E over nothing known: the conditional expectation of a newcomer is the unconditional one', () => {
    expect(MBG_NBD.expectedPurchases(params, 0, 0, 0, 52)).toBe(MBG_NBD.expectedOfNew(params, 52));
  });
  it('a short horizon expects what it makes likely: E[x] → P(return) as t → 0', () => {
    const t = 1e-4;
    expect(
      MBG_NBD.expectedPurchases(params, 3, 20, 25, t) / MBG_NBD.returnProbability(params, 3, 20, 25, t),
    ).toBeCloseTo(1, 3);
  });
  it('a = 1 is a removable singularity', () => {
    const at = (a: number): number => MBG_NBD.expectedPurchases({ ...params, a }, 3, 20, 30, 39);
    expect(Math.abs(at(1) - (at(0.999) + at(1.001)) / 2)).toBeLessThan(1e-5);
  });
  it('MBG/NBD lets a one-time buyer fade: P(alive) falls with silence', () => {
    const alive = [1, 10, 50, 200].map((T) => MBG_NBD.aliveProbability(params, 0, 0, T));
    expect(alive).toEqual([...alive].sort((p, q) => q - p));
    expect(alive[0]).toBeLessThan(1);
  });
});

describe('refusals', () => {
  const steady = [{ x: 2, tx: 10, T: 20, count: 100 }];
  it.each([
    ['too_few_people', [{ x: 1, tx: 2, T: 5, count: 49 }]],
    ['too_few_repeaters', [{ x: 0, tx: 0, T: 5, count: 1000 }]],
    ['invalid_history', [...steady, { x: 1, tx: 9, T: 5, count: 1 }]],
    ['invalid_history', [...steady, { x: 0, tx: 3, T: 5, count: 1 }]],
    ['invalid_history', [...steady, { x: 1, tx: Number.NaN, T: 5, count: 1 }]],
  ])('%s', (reason, groups) => {
    for (const fit of [BG_NBD.fit, MBG_NBD.fit, fitParetoNbd]) {
      expect(fit(groups)).toMatchObject({ ok: false, error: { reason } });
    }
  });
  it('spends', () => {
    expect(fitGammaGamma([{ x: 1, meanSpend: 5, count: 3 }])).toMatchObject({
      ok: false,
      error: { reason: 'too_few_repeaters' },
    });
    expect(fitGammaGamma([{ x: 1, meanSpend: -5, count: 300 }])).toMatchObject({
      ok: false,
      error: { reason: 'invalid_spend' },
    });
  });
  it('people who are all alike cannot break the prior', () => {
    const fit = MBG_NBD.fit(steady);
    expect(fit.ok || fit.error.reason === 'diverged').toBe(true);
  });
});
