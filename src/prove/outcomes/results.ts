// The lift as it grew, and within groups that were told apart before anything was done. Pure.
import { addDays, daysBetween, type Day } from '../../kernel/days.ts';
import { compareArms, sumTotals, type Comparison, type Totals } from './lift.ts';
import type { ArmTotals } from './outcomes.sql.ts';
import type { ReturnDayRow, SecondLifeRow } from './results.sql.ts';

export type LiftPoint = {
  readonly on: Day;
  readonly treatedPeople: number;
  readonly treatedReturned: number;
  readonly controlPeople: number;
  readonly controlReturned: number;
  readonly comparison: Pick<Comparison, 'returnRateLift' | 'incrementalReturns'>;
};

export const POINTS_MAX = 120;

const empty = (): { -readonly [Key in keyof Totals]: Totals[Key] } => ({ ...sumTotals([]) });

/**
 * The comparison as it stood at the end of each day from the first entry to `until`; of a long programme every second, third … day, the last
 * one always. Its intervals hold at all days together, because each is one look at the same confidence sequence.
 */
export function liftOverTime(rows: readonly ReturnDayRow[], until: Day): LiftPoint[] {
  const first = rows.reduce<Day | undefined>(
    (least, row) => (least === undefined || row.entered_on < least ? row.entered_on : least),
    undefined,
  );
  if (first === undefined || until < first) return [];
  const length = daysBetween(first, until) + 1;
  const step = Math.ceil(length / POINTS_MAX);
  const days = Array.from({ length }, (_, i) => addDays(first, i)).filter((_, i) => (length - 1 - i) % step === 0);
  return days.map((on) => {
    const arms = { treated: empty(), control: empty() };
    for (const row of rows) {
      if (row.entered_on > on) continue;
      const arm = arms[row.arm];
      arm.people += row.people;
      arm.predicted += row.predicted;
      arm.prediction_sum += row.prediction_sum;
      arm.prediction_squares += row.prediction_squares;
      if (row.returned_on === null || row.returned_on > on) continue;
      arm.returned += row.people;
      arm.prediction_returned += row.prediction_sum;
    }
    const { returnRateLift, incrementalReturns } = compareArms(arms.treated, arms.control);
    return {
      on,
      treatedPeople: arms.treated.people,
      treatedReturned: arms.treated.returned,
      controlPeople: arms.control.people,
      controlReturned: arms.control.returned,
      comparison: { returnRateLift, incrementalReturns },
    };
  });
}

export type GroupLift = {
  /** Empty for people of whom it was not known. */
  readonly group: string;
  readonly treatedPeople: number;
  readonly treatedReturned: number;
  readonly controlPeople: number;
  readonly controlReturned: number;
  readonly comparison: Comparison;
};

/** One comparison per group, the largest group first. Each interval is right by itself; of twenty groups one may mislead. */
export function liftByGroup(rows: readonly ArmTotals[]): GroupLift[] {
  return [...Map.groupBy(rows, (row) => row.variant)]
    .map(([group, arms]) => {
      const treated = sumTotals(arms.filter((row) => row.arm === 'treated'));
      const control = sumTotals(arms.filter((row) => row.arm === 'control'));
      return {
        group,
        treatedPeople: treated.people,
        treatedReturned: treated.returned,
        controlPeople: control.people,
        controlReturned: control.returned,
        comparison: compareArms(treated, control),
      };
    })
    .toSorted((a, b) => b.treatedPeople + b.controlPeople - (a.treatedPeople + a.controlPeople));
}

export type SecondLife = {
  readonly arm: 'treated' | 'control';
  readonly days: number;
  /** Everybody who returned, and those of them whose days are over: only these are counted in the rest. */
  readonly returned: number;
  readonly observed: number;
  /** Share with at least one further activity; null when nobody's days are over. */
  readonly keptShare: number | null;
  readonly ordersPerPerson: number | null;
  readonly revenueCentsPerPerson: number | null;
};

export const secondLives = (rows: readonly SecondLifeRow[]): SecondLife[] =>
  rows.map(({ arm, days, returned, observed, kept, orders, revenue_cents }) => {
    const each = (total: number): number | null => (observed === 0 ? null : total / observed);
    return {
      arm,
      days,
      returned,
      observed,
      keptShare: each(kept),
      ordersPerPerson: each(orders),
      revenueCentsPerPerson: each(revenue_cents),
    };
  });
