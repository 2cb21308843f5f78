// From totals per arm to what the programme was worth: incremental returns, money and their always-valid intervals. Pure.
// The comparison is by intention to treat: everybody assigned to treatment counts, contacted or not, so nothing is selected after the draw.
import type { EffectRefusal, MetricKind, Sums } from '../statistics/effect.ts';
import { sequentialLift, type Lift } from '../statistics/interval.ts';
import { SAMPLE_RATIO_ALARM, sampleRatioP } from '../statistics/sample-ratio.ts';
import type { Result } from '../../kernel/result.ts';
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
};

export type SampleRatio = { readonly p: number; readonly alarm: boolean; readonly plannedControlShare: number };

type Totals = Omit<ArmTotals, 'arm' | 'variant'>;

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

const returnSums = (totals: Totals): Sums => ({ n: totals.people, sum: totals.returned, sumSquares: totals.returned });
const marginSums = (totals: Totals): Sums => ({
  n: totals.people,
  sum: totals.margin_cents,
  sumSquares: totals.margin_squares,
});

/**
 * Compares the treated (all, or one variant of them) with the control group. Intervals are asymptotic confidence sequences at 95 %: they
 * may be looked at every day (see `statistics/interval.ts`). `tuningN` is fixed before the data: the people planned for both arms.
 */
export function compareArms(treated: Totals, control: Totals, tuningN?: number): Comparison {
  const lift = (kind: MetricKind, sums: (totals: Totals) => Sums): Result<Lift, EffectRefusal> =>
    sequentialLift({
      treated: sums(treated),
      control: sums(control),
      kind,
      scale: 'absolute',
      ...(tuningN === undefined ? {} : { tuningN }),
    });
  const returns = lift('proportion', returnSums);
  const margin = lift('mean', marginSums);
  const incremental = returns.ok ? returns.value.estimate * treated.people : 0;
  const cost = treated.offer_cost_cents + treated.message_cost_cents;
  return {
    returnRateLift: estimateOf(returns, 1),
    incrementalReturns: estimateOf(returns, treated.people),
    netIncrementalMarginCents: estimateOf(margin, treated.people),
    costPerIncrementalReturnCents: incremental > 0 ? Math.round(cost / incremental) : null,
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
