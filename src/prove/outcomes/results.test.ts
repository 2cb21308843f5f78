import { describe, expect, it } from 'vitest';
import { addDays } from '../../kernel/days.ts';
import { liftByGroup, liftOverTime, POINTS_MAX, secondLives } from './results.ts';
import type { ReturnDayRow } from './results.sql.ts';

const row = (arm: ReturnDayRow['arm'], entered: string, returned: string | null, people: number): ReturnDayRow => ({
  arm,
  entered_on: entered,
  returned_on: returned,
  people,
  predicted: 0,
  prediction_sum: 0,
  prediction_squares: 0,
});

const estimateAt = (points: ReturnType<typeof liftOverTime>, on: string): number => {
  const lift = points.find((point) => point.on === on)!.comparison.returnRateLift;
  return lift.kind === 'estimated' ? lift.estimate : NaN;
};

describe('the lift as it grew', () => {
  const rows = [
    row('treated', '2026-03-01', '2026-03-02', 10),
    row('treated', '2026-03-01', '2026-03-04', 20),
    row('treated', '2026-03-01', null, 70),
    row('treated', '2026-03-03', null, 100),
    row('control', '2026-03-01', '2026-03-04', 10),
    row('control', '2026-03-01', null, 90),
  ];

  it('counts by the end of each day who had entered and who had returned', () => {
    const points = liftOverTime(rows, '2026-03-05');
    expect(
      points.map(({ on, treatedPeople, treatedReturned, controlPeople, controlReturned }) => [
        on.slice(-1),
        treatedPeople,
        treatedReturned,
        controlPeople,
        controlReturned,
      ]),
    ).toEqual([
      ['1', 100, 0, 100, 0],
      ['2', 100, 10, 100, 0],
      ['3', 200, 10, 100, 0],
      ['4', 200, 30, 100, 10],
      ['5', 200, 30, 100, 10],
    ]);
    expect(estimateAt(points, '2026-03-02')).toBeCloseTo(0.1, 12);
    expect(estimateAt(points, '2026-03-05')).toBeCloseTo(30 / 200 - 10 / 100, 12);
    expect(points[0]!.comparison.returnRateLift).toEqual({ kind: 'not_enough_data', reason: 'no_variance' });
  });

  it('thins a long programme out, and never leaves out today', () => {
    const until = addDays('2026-03-01', 400);
    const points = liftOverTime(rows, until);
    expect(points.length).toBeLessThanOrEqual(POINTS_MAX);
    expect(points.at(-1)!.on).toBe(until);
  });

  it('has nothing to show before anybody entered', () => {
    expect(liftOverTime([], '2026-03-05')).toEqual([]);
    expect(liftOverTime(rows, '2026-02-01')).toEqual([]);
  });

  it('takes the prediction into account when everybody has one', () => {
    // Predictions equal outcomes' shares in both arms, so that the estimate stays and the interval narrows.
    const predicted = (one: ReturnDayRow, p: number): ReturnDayRow => ({
      ...one,
      predicted: one.people,
      prediction_sum: one.people * p,
      prediction_squares: one.people * p * p,
    });
    const width = (points: ReturnType<typeof liftOverTime>): number => {
      const lift = points.at(-1)!.comparison.returnRateLift;
      return lift.kind === 'estimated' ? lift.high - lift.low : NaN;
    };
    const told = rows.map((one) => predicted(one, one.returned_on === null ? 0.1 : 0.6));
    expect(width(liftOverTime(told, '2026-03-05'))).toBeLessThan(width(liftOverTime(rows, '2026-03-05')));
  });
});

describe('groups and second lives', () => {
  const totals = {
    contacted: 0,
    delivered: 0,
    clicked: 0,
    orders: 0,
    revenue_cents: 0,
    revenue_squares: 0,
    margin_cents: 0,
  };
  const none = { margin_squares: 0, message_cost_cents: 0, offer_cost_cents: 0, predicted: 0, prediction_sum: 0 };
  const rest = { ...totals, ...none, prediction_squares: 0, prediction_returned: 0, prediction_margin: 0 };

  it('compares within a group and puts the largest first', () => {
    const groups = liftByGroup([
      { ...rest, arm: 'treated', variant: 'lost', people: 50, returned: 5 },
      { ...rest, arm: 'treated', variant: 'dormant', people: 300, returned: 60 },
      { ...rest, arm: 'control', variant: 'dormant', people: 100, returned: 10 },
    ]);
    expect(groups.map(({ group, treatedPeople, controlPeople }) => [group, treatedPeople, controlPeople])).toEqual([
      ['dormant', 300, 100],
      ['lost', 50, 0],
    ]);
    expect(groups[0]!.comparison.returnRateLift).toMatchObject({ estimate: expect.closeTo(0.1, 12) });
    expect(groups[1]!.comparison.returnRateLift).toEqual({ kind: 'not_enough_data', reason: 'too_few_people' });
  });

  it('counts a second life only among those whose days are over', () => {
    const [over, young] = secondLives([
      { arm: 'treated', days: 30, returned: 10, observed: 4, kept: 3, orders: 6, revenue_cents: 1_000 },
      { arm: 'treated', days: 180, returned: 10, observed: 0, kept: 0, orders: 0, revenue_cents: 0 },
    ]);
    expect(over).toMatchObject({ keptShare: 0.75, ordersPerPerson: 1.5, revenueCentsPerPerson: 250 });
    expect(young).toMatchObject({ keptShare: null, ordersPerPerson: null, revenueCentsPerPerson: null });
  });
});
