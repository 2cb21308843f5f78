// Effects, intervals and sample sizes against other implementations. Rows named gbstats are GrowthBook's own unit tests
// (growthbook/growthbook, packages/stats/tests), rounded there to five decimals.
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../src/kernel/random.ts';
import { bayesianReading, expectedGainAndLoss } from '../../src/prove/statistics/bayes.ts';
import {
  adjustedEffect,
  meanEffect,
  ratioEffect,
  type RatioSums,
  type Sums,
} from '../../src/prove/statistics/effect.ts';
import { alwaysValidLift, fixedLift, sequentialLift, type Lift } from '../../src/prove/statistics/interval.ts';
import { msprtP, msprtRatio } from '../../src/prove/statistics/msprt.ts';
import { peopleNeeded, powerAt } from '../../src/prove/statistics/power.ts';
import { sampleRatioP } from '../../src/prove/statistics/sample-ratio.ts';
import { hillstrom, ifPresent, isAbsent } from './public-data.ts';
import type { Result } from '../../src/kernel/result.ts';

const value = <T>(result: Result<T, unknown>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const round5 = ({ estimate, low, high, se, p }: Lift): number[] =>
  [estimate, low, high, se, p].map((v) => Math.round(v * 1e5) / 1e5);

const control: Sums = { n: 3407, sum: 1396.87, sumSquares: 52377.9767 };
const smallControl: Sums = { ...control, n: 3000 };
const treated: Sums = { n: 3461, sum: 2422.7, sumSquares: 134698.29 };
const arms = { treated, control, kind: 'mean' } as const;
const proportion = (sum: number, n: number): Sums => ({ n, sum, sumSquares: sum });

describe('Welch t-test (gbstats test_tests.py)', () => {
  it('relative', () => {
    const lift = fixedLift(value(meanEffect({ ...arms, scale: 'relative' })), 0.05);
    expect(round5(lift)).toEqual([0.70732, -0.03526, 1.44989, 0.37879, 0.06191]);
  });
  it('absolute', () => {
    const lift = fixedLift(value(meanEffect({ ...arms, scale: 'absolute' })), 0.05);
    expect(round5(lift)).toEqual([0.29, 0.04538, 0.53462, 0.12478, 0.02016]);
  });
  it('proportions', () => {
    const effect = meanEffect({
      treated: proportion(16, 30),
      control: proportion(14, 28),
      kind: 'proportion',
      scale: 'relative',
    });
    expect(round5(fixedLift(value(effect), 0.05))).toEqual([0.06667, -0.47767, 0.61101, 0.2717, 0.80707]);
  });
  it('one-sided, relative and absolute', () => {
    const oneSided = (scale: 'absolute' | 'relative'): Lift =>
      fixedLift(value(meanEffect({ treated, control: smallControl, kind: 'mean', scale })), 0.05, 'greater');
    expect(round5(oneSided('relative'))).toEqual([0.50336, -0.04514, Infinity, 0.33341, 0.06558]);
    expect(round5(oneSided('absolute'))).toEqual([0.23438, 0.02079, Infinity, 0.12983, 0.03554]);
  });
  it('one-sided the other way mirrors it', () => {
    const effect = value(meanEffect({ treated, control: smallControl, kind: 'mean', scale: 'relative' }));
    const greater = fixedLift({ ...effect, estimate: -effect.estimate }, 0.05, 'greater');
    const less = fixedLift(effect, 0.05, 'less');
    expect(less.p).toBeCloseTo(greater.p, 12);
    expect(less.high).toBeCloseTo(-greater.low, 12);
  });
});

describe('asymptotic confidence sequence (gbstats test_tests.py)', () => {
  it('mean, relative, tuned to 1000', () => {
    const lift = sequentialLift({ treated, control: smallControl, kind: 'mean', scale: 'relative', tuningN: 1000 });
    expect(round5(value(lift))).toEqual([0.50336, -0.55844, 1.56516, 0.33341, 1]);
  });
  it('proportions, relative, default tuning 5000', () => {
    const lift = sequentialLift({
      treated: proportion(2422, 3461),
      control: proportion(1396, 3000),
      kind: 'proportion',
      scale: 'relative',
      alpha: 0.05,
    });
    expect(round5(value(lift))).toEqual([0.50386, 0.40098, 0.60675, 0.03386, 0]);
  });
  it('with CUPED', () => {
    const effect = value(
      adjustedEffect({
        treated: { ...treated, covariateSum: 22.7, covariateSumSquares: 1348.29, crossSum: 1 },
        control: { ...smallControl, covariateSum: 16.87, covariateSumSquares: 527.9767, crossSum: 1 },
        kind: 'mean',
        scale: 'relative',
      }),
    );
    expect(round5(alwaysValidLift(effect, 0.05))).toEqual([0.50338, -0.50969, 1.51646, 0.33341, 1]);
  });
  it('is tightest where it is tuned', () => {
    const width = (tuningN: number): number => {
      const { low, high } = value(
        sequentialLift({ treated, control: smallControl, kind: 'mean', scale: 'relative', tuningN }),
      );
      return high - low;
    };
    expect(width(6461)).toBeLessThan(width(10));
    expect(width(6461)).toBeLessThan(width(10_000));
    expect(width(10_000)).toBeLessThan(width(10));
  });
});

describe('looking after every hundred people at an experiment without any effect', () => {
  it('the always-valid interval excludes 0 in at most alpha of experiments; the fixed one far more often', () => {
    const experiments = 400;
    const alarms = { always: 0, fixed: 0 };
    for (let i = 0; i < experiments; i++) {
      const rng = seededRng(`no effect ${i}`);
      const counts = [0, 0] as [number, number];
      const alarmed = { always: false, fixed: false };
      for (let n = 100; n <= 3000; n += 100) {
        for (let k = 0; k < 100; k++) for (const arm of [0, 1] as const) counts[arm] += rng.chance(0.1) ? 1 : 0;
        const [t, c] = counts.map((sum) => proportion(sum, n)) as [Sums, Sums];
        const effect = value(meanEffect({ treated: t, control: c, kind: 'proportion', scale: 'absolute' }));
        const excludes = ({ low, high }: Lift): boolean => low > 0 || high < 0;
        alarmed.always ||= excludes(alwaysValidLift(effect, 0.05));
        alarmed.fixed ||= excludes(fixedLift(effect, 0.05));
      }
      alarms.always += alarmed.always ? 1 : 0;
      alarms.fixed += alarmed.fixed ? 1 : 0;
    }
    // .05 and three standard errors of a share of 400; thirty looks at level .05 make about a quarter (Armitage et al. 1969).
    expect(alarms.always / experiments).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / experiments));
    expect(alarms.fixed / experiments).toBeGreaterThan(0.15);
  });
});

describe('ratio metric with regression adjustment (gbstats test_tests.py)', () => {
  const sumsOf = (
    [m, mm]: [number, number],
    [d, dd]: [number, number],
    [m0, m0m0]: [number, number],
    [d0, d0d0]: [number, number],
    cross: { mm0: number; dd0: number; m0d0: number; md: number; md0: number; m0d: number },
  ): RatioSums => ({
    n: 100,
    sums: [m, d, m0, d0],
    products: [
      [mm, cross.md, cross.mm0, cross.md0],
      [cross.md, dd, cross.m0d, cross.dd0],
      [cross.mm0, cross.m0d, m0m0, cross.m0d0],
      [cross.md0, cross.dd0, cross.m0d0, d0d0],
    ],
  });
  const ratioControl = sumsOf(
    [485.112236689623, 2715.484666118136],
    [679.9093275844917, 4939.424001640236],
    [192.59138069991536, 460.076026390857],
    [290.1398399750233, 920.9461385038898],
    {
      mm0: 1113.6215759318352,
      dd0: 2130.9404074446747,
      m0d0: 634.239482353647,
      md: 3602.146836776702,
      md0: 1559.2878434944676,
      m0d: 1460.3181079276983,
    },
  );
  const ratioTreated = sumsOf(
    [514.7757826608777, 2994.897482705013],
    [705.4090874383759, 5291.36604146392],
    [206.94157227402536, 514.2903702246757],
    [302.54389139107326, 994.4506208125663],
    {
      mm0: 1237.0953021125997,
      dd0: 2292.081739775257,
      m0d0: 698.4173425817908,
      md: 3918.1561431600717,
      md0: 1701.0287270040265,
      m0d: 1604.0759503266522,
    },
  );
  const effect = value(ratioEffect({ treated: ratioTreated, control: ratioControl, scale: 'relative' }));
  it('fixed horizon', () => {
    expect(round5(fixedLift(effect, 0.05))).toEqual([-0.0007, -0.00841, 0.007, 0.00391, 0.85771]);
  });
  it('sequential', () => {
    expect(round5(alwaysValidLift(effect, 0.05))).toEqual([-0.0007, -0.02063, 0.01923, 0.00391, 1]);
  });
});

describe('refusals', () => {
  const lift = (t: Sums, c: Sums, scale: 'absolute' | 'relative') =>
    sequentialLift({ treated: t, control: c, kind: 'proportion', scale });
  it.each([
    [proportion(1, 1), proportion(1, 10), 'absolute', 'too_few_people'],
    [proportion(0, 10), proportion(0, 10), 'absolute', 'no_variance'],
    [proportion(3, 10), proportion(0, 10), 'relative', 'control_mean_not_positive'],
  ] as const)('%j against %j, %s: %s', (t, c, scale, reason) => {
    expect(lift(t, c, scale)).toEqual({ ok: false, error: { reason } });
  });
  it('a covariate that is constant adjusts nothing', () => {
    const flat = { covariateSum: 0, covariateSumSquares: 0, crossSum: 0 };
    const input = { kind: 'mean', scale: 'absolute' } as const;
    const plain = value(meanEffect({ treated, control, ...input }));
    const adjusted = value(
      adjustedEffect({ treated: { ...treated, ...flat }, control: { ...control, ...flat }, ...input }),
    );
    expect(adjusted).toEqual({ ...plain, slope: 0 });
  });
});

describe('sample ratio (GrowthBook packages/back-end/test/stats.test.ts)', () => {
  it.each([
    [[1000, 1200], [0.5, 0.5], 0.000020079],
    [[135, 115], [0.5, 0.5], 0.205903211],
    [[310, 98], [0.75, 0.25], 0.647434186],
    [[500, 500, 600], [0.34, 0.33, 0.33], 0.000592638],
    [[0, 10, 10], [0.34, 0.33, 0.33], 0.005790624],
  ])('%j planned %j', (people, weights, p) => {
    expect(sampleRatioP(people.map((n, i) => ({ people: n, weight: weights[i]! })))).toBeCloseTo(p, 9);
  });
});

describe('mSPRT (Johari, Pekelis & Walsh 2017, normal, σ² 1, τ² .01, difference .1)', () => {
  const ratio = (n: number): number => msprtRatio({ n, difference: 0.1, variance: 1, mixtureVariance: 0.01 });
  it('ratios and p', () => {
    expect(ratio(1000)).toBeCloseTo(3.27872, 5);
    expect(ratio(5000)).toBeCloseTo(32538.6, 1);
    expect(msprtP([ratio(1000)])).toBeCloseTo(0.305, 4);
    expect(msprtP([ratio(5000), ratio(1000)])).toBe(1 / ratio(5000));
  });
});

describe('sample size and power', () => {
  it.each([
    [0.0973, 0.1073, 14_413],
    [0.0973, 0.1023, 56_408],
    [0.02, 0.022, 80_679],
  ])('base %f to %f: %i per arm', (controlRate, treatedRate, perArm) => {
    expect(peopleNeeded({ controlRate, treatedRate, controlShare: 0.5 }).control).toBe(perArm);
  });
  it.each([
    [0.5, 28_824],
    [0.2, 43_867],
    [0.1, 77_292],
  ])('+1 pp on a base of .0973 with a control share of %f: %i people', (controlShare, total) => {
    // The reference rounds to the nearest; needing 28,824.1 people means 28,825.
    const exact = peopleNeeded({ controlRate: 0.0973, treatedRate: 0.1073, controlShare }).total;
    expect(exact - total).toBeGreaterThanOrEqual(0);
    expect(exact - total).toBeLessThanOrEqual(1);
  });
  it('half-way power (gbstats test_midexperimentpower.py): growth at which a 5% lift is found with 80%', () => {
    const now = value(
      meanEffect({
        treated: { n: 500, sum: 525, sumSquares: 1551.25 },
        control: { n: 500, sum: 500, sumSquares: 1500 },
        kind: 'mean',
        scale: 'relative',
      }),
    );
    // The published factors count the people still to come, and come from a bisection that stops within 0.001 of power.
    const input = { now, effect: 0.05, alpha: 0.05 };
    expect(Math.abs(powerAt({ ...input, growth: 1 + 25.45703125 }) - 0.8)).toBeLessThan(1e-3);
    expect(Math.abs(powerAt({ ...input, growth: 1 + 55.66796875, sequential: {} }) - 0.8)).toBeLessThan(1e-3);
  });
});

describe('Bayesian reading (gbstats tests/bayesian/test_tests.py)', () => {
  const reading = (effect: { estimate: number; se: number }, prior?: { mean: number; variance: number }): number[] => {
    const { estimate, low, high, chanceToWin } = bayesianReading(effect, prior ? { prior } : {});
    return [estimate, low, high, chanceToWin].map((v) => Math.round(v * 1e5) / 1e5);
  };
  it('proportions 49/100 against 51/100, flat prior', () => {
    const arm = { treated: proportion(51, 100), control: proportion(49, 100), kind: 'proportion' } as const;
    const effect = value(meanEffect({ ...arm, scale: 'relative' }));
    expect(reading(effect)).toEqual([0.04082, -0.24779, 0.32943, 0.60918]);
    const { riskOfNotTreating, riskOfTreating } = bayesianReading(effect);
    expect([riskOfNotTreating.toFixed(4), riskOfTreating.toFixed(5)]).toEqual(['0.0814', '0.04058']);
  });
  it('means, flat and with a N(.1, .1) prior', () => {
    const effect = value(
      meanEffect({
        treated: { n: 10, sum: 105, sumSquares: 1111.5 },
        control: { n: 10, sum: 100, sumSquares: 1002.25 },
        kind: 'mean',
        scale: 'relative',
      }),
    );
    expect(reading(effect)).toEqual([0.05, -0.02, 0.12, 0.91923]);
    expect(reading(effect, { mean: 0.1, variance: 0.1 })).toEqual([0.05063, -0.01893, 0.12019, 0.92315]);
  });
  it('risk of N(.1, .05²) and of a difference that is certain', () => {
    const { gain, loss } = expectedGainAndLoss(0.1, 0.05);
    expect([gain.toFixed(10), loss.toFixed(10)]).toEqual(['0.1004245351', '0.0004245351']);
    const certain = expectedGainAndLoss(0.01, 4.5e-9);
    expect(certain.gain).toBeCloseTo(0.01, 12);
    expect(certain.loss).toBeCloseTo(0, 12);
  });
});

const HILLSTROM = 'hillstrom.csv.gz';
describe.skipIf(isAbsent(HILLSTROM))(`Hillstrom e-mail experiment ${ifPresent(HILLSTROM)}`, () => {
  it('arms, sample ratio, lifts with their standard errors', () => {
    const rows = hillstrom();
    const sums = (arm: string, of: (row: (typeof rows)[number]) => number): Sums => {
      const values = rows.filter((row) => row.arm === arm).map(of);
      return {
        n: values.length,
        sum: values.reduce((sum, v) => sum + v, 0),
        sumSquares: values.reduce((sum, v) => sum + v * v, 0),
      };
    };
    const people = ['No E-Mail', 'Mens E-Mail', 'Womens E-Mail'].map((arm) => sums(arm, () => 1).n);
    expect(people).toEqual([21_306, 21_307, 21_387]);
    expect(sampleRatioP(people.map((n) => ({ people: n, weight: 1 })))).toBeCloseTo(0.9037, 4);
    const lift = (arm: string, of: (row: (typeof rows)[number]) => number, kind: 'mean' | 'proportion') => {
      const effect = value(
        meanEffect({ treated: sums(arm, of), control: sums('No E-Mail', of), kind, scale: 'absolute' }),
      );
      return [effect.estimate.toFixed(6), effect.se.toFixed(6), (effect.estimate / effect.se).toFixed(2)];
    };
    expect(lift('Mens E-Mail', (row) => row.visit, 'proportion')).toEqual(['0.076590', '0.003386', '22.62']);
    expect(lift('Womens E-Mail', (row) => row.visit, 'proportion')).toEqual(['0.045233', '0.003234', '13.99']);
    expect(lift('Mens E-Mail', (row) => row.spend, 'mean')).toEqual(['0.769827', '0.145247', '5.30']);
    expect(lift('Womens E-Mail', (row) => row.spend, 'mean')).toEqual(['0.424412', '0.130333', '3.26']);
    expect(lift('Mens E-Mail', (row) => row.conversion, 'proportion')[2]).toBe('7.39');
    expect(lift('Womens E-Mail', (row) => row.conversion, 'proportion')[2]).toBe('3.78');
    // Always valid is wider than once valid, and still far from zero.
    const visits = { treated: sums('Mens E-Mail', (row) => row.visit), control: sums('No E-Mail', (row) => row.visit) };
    const always = value(sequentialLift({ ...visits, kind: 'proportion', scale: 'absolute' }));
    expect(always.low).toBeGreaterThan(0.05);
    expect(always.low).toBeLessThan(0.07);
  });
});
