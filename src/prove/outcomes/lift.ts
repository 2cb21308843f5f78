// From totals per arm to what the programme was worth: incremental returns, money and their always-valid intervals. Pure.
// The comparison is by intention to treat: everybody assigned to treatment counts, contacted or not, so nothing is selected after the draw.
import {
  adjustedEffect,
  meanEffect,
  type AdjustedSums,
  type Effect,
  type EffectRefusal,
  type MetricKind,
} from '../statistics/effect.ts';
import { alwaysValidLift, type Lift } from '../statistics/interval.ts';
import { SAMPLE_RATIO_ALARM, sampleRatioP } from '../statistics/sample-ratio.ts';
import { ok, type Result } from '../../kernel/result.ts';
import type { ArmTotals } from './outcomes.sql.ts';

export type ArmFigures = {
  readonly people: number;
  readonly contacted: number;
  readonly delivered: number;
  readonly clicked: number;
  readonly returned: number;
  readonly returnRate: number;
  readonly orders: number;
  readonly revenueCents: number;
  /** Revenue × margin share − redeemed discounts − messages. */
  readonly netMarginCents: number;
  readonly offerCostCents: number;
  readonly messageCostCents: number;
};

export type Estimate =
  | {
      readonly kind: 'estimated';
      readonly estimate: number;
      readonly low: number;
      readonly high: number;
      readonly p: number;
    }
  | { readonly kind: 'not_enough_data'; readonly reason: EffectRefusal['reason'] };

export type Comparison = {
  /** Difference of the return rates, in shares of one (0.04 = 4 percentage points). */
  readonly returnRateLift: Estimate;
  /** That difference times the people treated: returns that would not have happened. */
  readonly incrementalReturns: Estimate;
  /** Net margin that would not have been earned, in cents, over everybody treated. */
  readonly netIncrementalMarginCents: Estimate;
  /** Offer and message cost per incremental return, in cents; null while the estimate is not above zero. */
  readonly costPerIncrementalReturnCents: number | null;
  /**
   * Share of the return rate's variance that the prediction at entry explained away (CUPAC; SCIENCE §C), 0 to 1; null where not everybody
   * had a prediction: then the plain difference is shown.
   */
  readonly varianceExplained: number | null;
};

export type SampleRatio = { readonly p: number; readonly alarm: boolean; readonly plannedControlShare: number };

export type Totals = Omit<ArmTotals, 'arm' | 'variant'>;

const NOTHING: Totals = {
  people: 0,
  contacted: 0,
  delivered: 0,
  clicked: 0,
  returned: 0,
  orders: 0,
  revenue_cents: 0,
  revenue_squares: 0,
  margin_cents: 0,
  margin_squares: 0,
  message_cost_cents: 0,
  offer_cost_cents: 0,
  predicted: 0,
  prediction_sum: 0,
  prediction_squares: 0,
  prediction_returned: 0,
  prediction_margin: 0,
};

/** Adds totals of several variants. */
export const sumTotals = (rows: readonly Totals[]): Totals =>
  rows.reduce(
    (sum, row) =>
      Object.fromEntries(
        Object.keys(NOTHING).map((key) => [key, sum[key as keyof Totals] + row[key as keyof Totals]]),
      ) as Totals,
    NOTHING,
  );

export const figuresOf = (totals: Totals): ArmFigures => ({
  people: totals.people,
  contacted: totals.contacted,
  delivered: totals.delivered,
  clicked: totals.clicked,
  returned: totals.returned,
  returnRate: totals.people === 0 ? 0 : totals.returned / totals.people,
  orders: totals.orders,
  revenueCents: totals.revenue_cents,
  netMarginCents: Math.round(totals.margin_cents),
  offerCostCents: totals.offer_cost_cents,
  messageCostCents: totals.message_cost_cents,
});

const estimateOf = (lift: Result<Lift, EffectRefusal>, times: number): Estimate =>
  lift.ok
    ? {
        kind: 'estimated',
        estimate: lift.value.estimate * times,
        low: lift.value.low * times,
        high: lift.value.high * times,
        p: lift.value.p,
      }
    : { kind: 'not_enough_data', reason: lift.error.reason };

const predictionSums = (totals: Totals): Pick<AdjustedSums, 'covariateSum' | 'covariateSumSquares'> => ({
  covariateSum: totals.prediction_sum,
  covariateSumSquares: totals.prediction_squares,
});
const returnSums = (totals: Totals): AdjustedSums => ({
  n: totals.people,
  sum: totals.returned,
  sumSquares: totals.returned,
  ...predictionSums(totals),
  crossSum: totals.prediction_returned,
});
const marginSums = (totals: Totals): AdjustedSums => ({
  n: totals.people,
  sum: totals.margin_cents,
  sumSquares: totals.margin_squares,
  ...predictionSums(totals),
  crossSum: totals.prediction_margin,
});

const allPredicted = (totals: Totals): boolean => totals.people > 0 && totals.predicted === totals.people;

const ALPHA = 0.05;

/**
 * Compares the treated (all, or one variant of them) with the control group. Intervals are asymptotic confidence sequences at 95%: they
 * may be looked at every day (see `statistics/interval.ts`). Where everybody's return was predicted at entry, the prediction is the covariate
 * that takes its part of the noise away. `tuningN` is fixed before the data: the people planned for both arms.
 */
export function compareArms(treated: Totals, control: Totals, tuningN?: number): Comparison {
  const isAdjusted = allPredicted(treated) && allPredicted(control);
  const effectOf = (
    kind: MetricKind,
    sums: (totals: Totals) => AdjustedSums,
    adjust: boolean,
  ): Result<Effect, EffectRefusal> => {
    const arms = { treated: sums(treated), control: sums(control), kind, scale: 'absolute' as const };
    return adjust ? adjustedEffect(arms) : meanEffect(arms);
  };
  const lift = (effect: Result<Effect, EffectRefusal>): Result<Lift, EffectRefusal> =>
    effect.ok ? ok(alwaysValidLift(effect.value, ALPHA, tuningN)) : effect;
  const effect = effectOf('proportion', returnSums, isAdjusted);
  const plain = effectOf('proportion', returnSums, false);
  const returns = lift(effect);
  const margin = lift(effectOf('mean', marginSums, isAdjusted));
  const incremental = returns.ok ? returns.value.estimate * treated.people : 0;
  const cost = treated.offer_cost_cents + treated.message_cost_cents;
  return {
    returnRateLift: estimateOf(returns, 1),
    incrementalReturns: estimateOf(returns, treated.people),
    netIncrementalMarginCents: estimateOf(margin, treated.people),
    costPerIncrementalReturnCents: incremental > 0 ? Math.round(cost / incremental) : null,
    varianceExplained:
      isAdjusted && effect.ok && plain.ok ? Math.max(0, 1 - (effect.value.se / plain.value.se) ** 2) : null,
  };
}

/** Did the arms get the people they were meant to get? */
export function sampleRatioOf(treatedPeople: number, controlPeople: number, plannedControlShare: number): SampleRatio {
  const p =
    plannedControlShare === 0
      ? 1
      : sampleRatioP([
          { people: treatedPeople, weight: 1 - plannedControlShare },
          { people: controlPeople, weight: plannedControlShare },
        ]);
  return { p, alarm: p < SAMPLE_RATIO_ALARM, plannedControlShare };
}
