import { describe, expect, it } from 'vitest';
import { compareArms, figuresOf, sampleRatioOf, sumTotals } from './lift.ts';

const UNPREDICTED = {
  predicted: 0,
  prediction_sum: 0,
  prediction_squares: 0,
  prediction_returned: 0,
  prediction_margin: 0,
};
const totals = (people: number, returned: number, more: Partial<Parameters<typeof figuresOf>[0]> = {}) => ({
  people,
  contacted: people,
  delivered: people,
  clicked: 0,
  returned,
  orders: returned,
  revenue_cents: 0,
  revenue_squares: 0,
  margin_cents: 0,
  margin_squares: 0,
  message_cost_cents: 0,
  offer_cost_cents: 0,
  ...UNPREDICTED,
  ...more,
});

describe('what a programme was worth', () => {
  it('adds variants up and says rates', () => {
    const sum = sumTotals([totals(100, 10, { offer_cost_cents: 5 }), totals(300, 20, { offer_cost_cents: 7 })]);
    expect(figuresOf(sum)).toMatchObject({ people: 400, returned: 30, returnRate: 0.075, offerCostCents: 12 });
    expect(figuresOf(sumTotals([]))).toMatchObject({ people: 0, returned: 0, returnRate: 0 });
  });

  it('multiplies the difference of the rates by the people treated', () => {
    // 8,000 treated of whom 960 return (12%), 2,000 in control of whom 200 do (10%): 2 points, 160 returns, 3,200 / 160 = 20 cents each.
    const result = compareArms(
      totals(8_000, 960, { message_cost_cents: 800, offer_cost_cents: 2_400 }),
      totals(2_000, 200),
    );
    const { returnRateLift: lift, incrementalReturns: returns } = result;
    if (lift.kind !== 'estimated' || returns.kind !== 'estimated') throw new Error('not estimated');
    expect(lift.estimate).toBeCloseTo(0.02, 12);
    expect(returns.estimate).toBeCloseTo(160, 9);
    expect(returns.low).toBeCloseTo(lift.low * 8_000, 9);
    expect(result.costPerIncrementalReturnCents).toBe(20);
    // The half-width from eqs. 9 and 161 of arXiv 2103.06476 by hand: n = 10,000, N* = 5,000, α = 0.05.
    // se² = 0.12·0.88/8,000 + 0.1·0.9/2,000 = 1.32e-5 + 4.5e-5 → σ = se·√n; ρ² = (2 ln 20 + ln(1 + 2 ln 20))/5,000.
    const rho2 = (2 * Math.log(20) + Math.log(1 + 2 * Math.log(20))) / 5_000;
    const q = 10_000 * rho2 + 1;
    const half =
      Math.sqrt(5.82e-5 * 10_000) * Math.sqrt(((2 * q) / (10_000 ** 2 * rho2)) * Math.log(Math.sqrt(q) / 0.05));
    expect(lift.high - lift.estimate).toBeCloseTo(half, 10);
    expect(lift.estimate - lift.low).toBeCloseTo(half, 10);
  });

  it('compares net margin per person, scaled to everybody treated', () => {
    // Treated earn 100, 300, 200 (mean 200); control 50, 150 (mean 100): 100 more each, 300 over three people.
    const treated = totals(3, 3, { margin_cents: 600, margin_squares: 100 ** 2 + 300 ** 2 + 200 ** 2 });
    const control = totals(2, 2, { margin_cents: 200, margin_squares: 50 ** 2 + 150 ** 2 });
    const { netIncrementalMarginCents: net } = compareArms(treated, control);
    expect(net).toMatchObject({ kind: 'estimated', estimate: expect.closeTo(300, 9) });
  });

  it('takes out what the prediction at entry already said, and says how much that was', () => {
    // Each arm: a hundred people of prediction 0.1 and a hundred of 0.5. Of the treated 20 and 60 return, of the control 10 and 50: over all
    // four hundred the slope is (Σxy − Σx·Σy/n) / (Σx² − (Σx)²/n) = (58 − 120·140/400) / (52 − 120²/400) = 16/16 = 1, and the arms' predictions
    // are alike, so the difference stays 0.1. Per person (n in the denominator): var y = .24 and .21, var x = .04, cov = .04 in both arms,
    // hence var(y − x) = .24 + .04·200/199 − 2·.04 and .21 + …: 1 − (.2004 + .1704)/(.24 + .21) of the variance is gone, within a part in 200.
    const arm = (low: number, high: number) =>
      totals(200, low + high, {
        predicted: 200,
        prediction_sum: 60,
        prediction_squares: 26,
        prediction_returned: low * 0.1 + high * 0.5,
        prediction_margin: 0,
      });
    const result = compareArms(arm(20, 60), arm(10, 50));
    expect(result.varianceExplained).toBeCloseTo(1 - 0.3708 / 0.45, 2);
    expect(result.returnRateLift).toMatchObject({ estimate: expect.closeTo(0.1, 12) });
    const plain = compareArms(totals(200, 80), totals(200, 60));
    expect(plain.varianceExplained).toBeNull();
    const width = ({ returnRateLift: lift }: typeof plain): number =>
      lift.kind === 'estimated' ? lift.high - lift.low : NaN;
    expect(width(result) / width(plain)).toBeCloseTo(Math.sqrt(1 - result.varianceExplained!), 6);
    // One person without a prediction, and the plain difference is shown.
    expect(compareArms({ ...arm(20, 60), predicted: 199 }, arm(10, 50)).varianceExplained).toBeNull();
  });

  it('says when there is too little to say anything', () => {
    expect(compareArms(totals(1, 1), totals(100, 5)).returnRateLift).toEqual({
      kind: 'not_enough_data',
      reason: 'too_few_people',
    });
    expect(compareArms(totals(100, 0), totals(100, 0)).returnRateLift).toEqual({
      kind: 'not_enough_data',
      reason: 'no_variance',
    });
    expect(compareArms(totals(100, 5), totals(0, 0)).incrementalReturns.kind).toBe('not_enough_data');
  });

  it('names no cost per incremental return while there is none', () => {
    expect(
      compareArms(totals(100, 5, { message_cost_cents: 9 }), totals(100, 6)).costPerIncrementalReturnCents,
    ).toBeNull();
    expect(compareArms(totals(100, 5), totals(0, 0)).costPerIncrementalReturnCents).toBeNull();
  });

  it('rings when the arms did not get their people, and not when none were planned', () => {
    // χ² against 800 : 200 of 1,000 people: (900−800)²/800 + (100−200)²/200 = 62.5, p ≈ 2.7e-15; (810−800)²/800 + 10²/200 = 0.625, p ≈ 0.43.
    expect(sampleRatioOf(900, 100, 0.2)).toMatchObject({ alarm: true });
    expect(sampleRatioOf(810, 190, 0.2).p).toBeCloseTo(0.4292, 4);
    expect(sampleRatioOf(810, 190, 0.2).alarm).toBe(false);
    expect(sampleRatioOf(500, 0, 0)).toEqual({ p: 1, alarm: false, plannedControlShare: 0 });
  });
});
