// Beyond one total: how the arms grew apart day by day, what the returned did afterwards, and what last-click attribution would claim.
import { p, sql, type Sql } from '../../kernel/sql.ts';

type Window = {
  readonly activity: readonly string[];
  readonly goalDays: number;
  readonly until: Date;
};

/** Her activity and orders, beside her membership. */
const memberEvents = (members: Sql, source: Sql, activity: readonly string[]): Sql => sql`
  (SELECT person_id, name, occurred_at, money_cents FROM ${source}
   WHERE (name IN ${p.texts(activity)} OR name IN ('Order Completed', 'Order Refunded')) AND person_id IN (SELECT person_id FROM ${members}))`;

export type ReturnDayRow = {
  readonly arm: 'treated' | 'control';
  readonly entered_on: string;
  /** Null: not returned within the goal. */
  readonly returned_on: string | null;
  readonly people: number;
  readonly predicted: number;
  readonly prediction_sum: number;
  readonly prediction_squares: number;
};

/** People by arm, day of entry and day of return (business days). */
export const returnDays = (
  members: Sql,
  source: Sql,
  { activity, goalDays, until }: Window,
  timeZone: string,
): Sql => sql`
  WITH first_return AS (
    SELECT m.person_id AS person_id, min(e.occurred_at) AS at
    FROM ${members} AS m JOIN ${memberEvents(members, source, activity)} AS e ON e.person_id = m.person_id
    WHERE e.name IN ${p.texts(activity)} AND e.occurred_at > m.enrolled_at AND e.occurred_at <= ${p.instant(until)}
      AND e.occurred_at <= m.enrolled_at + toIntervalDay(${p.int(goalDays)})
    GROUP BY m.person_id
  )
  SELECT m.arm AS arm, toString(toDate(m.enrolled_at, ${p.text(timeZone)})) AS entered_on,
    if(f.person_id = '', NULL, toString(toDate(f.at, ${p.text(timeZone)}))) AS returned_on, count() AS people,
    countIf(m.return_probability IS NOT NULL) AS predicted, sum(ifNull(m.return_probability, 0)) AS prediction_sum,
    sum(ifNull(m.return_probability, 0) * ifNull(m.return_probability, 0)) AS prediction_squares
  FROM ${members} AS m LEFT JOIN first_return AS f ON f.person_id = m.person_id
  GROUP BY arm, entered_on, returned_on ORDER BY arm, entered_on, returned_on`;

export type SecondLifeRow = {
  readonly arm: 'treated' | 'control';
  readonly days: number;
  readonly returned: number;
  readonly observed: number;
  readonly kept: number;
  readonly orders: number;
  readonly revenue_cents: number;
};

/**
 * Of those who returned within the goal: what they did in the `days` after the moment of return, among those whose `days` are over.
 * Kept = at least one further activity. The order that was the return itself counts for nothing here.
 */
export const secondLife = (
  members: Sql,
  source: Sql,
  { activity, goalDays, until }: Window,
  days: readonly number[],
): Sql => sql`
  WITH acts AS (
    SELECT m.person_id AS person_id, any(m.arm) AS arm, any(m.enrolled_at) AS entered_at,
      arraySort(groupArrayIf(e.occurred_at, e.name IN ${p.texts(activity)})) AS times,
      groupArrayIf((e.occurred_at, e.money_cents, e.name), e.name IN ('Order Completed', 'Order Refunded')) AS money
    FROM ${members} AS m JOIN ${memberEvents(members, source, activity)} AS e ON e.person_id = m.person_id
    WHERE e.occurred_at > m.enrolled_at AND e.occurred_at <= ${p.instant(until)}
    GROUP BY m.person_id
  ), returned AS (
    SELECT arm, times, money, times[1] AS at FROM acts
    WHERE notEmpty(times) AND times[1] <= entered_at + toIntervalDay(${p.int(goalDays)})
  ), lives AS (
    SELECT arm, days, at + toIntervalDay(days) <= ${p.instant(until)} AS is_over,
      arrayExists(t -> t > at AND t <= at + toIntervalDay(days), times) AS is_kept,
      arrayFilter(o -> o.1 > at AND o.1 <= at + toIntervalDay(days), money) AS later
    FROM returned ARRAY JOIN [${p.int(days[0] ?? 30)}, ${p.int(days[1] ?? 90)}, ${p.int(days[2] ?? 180)}] AS days
  )
  SELECT arm, days, count() AS returned, countIf(is_over) AS observed, countIf(is_over AND is_kept) AS kept,
    sumIf(arrayCount(o -> o.3 = 'Order Completed', later), is_over) AS orders, sumIf(arraySum(o -> o.2, later), is_over) AS revenue_cents
  FROM lives GROUP BY arm, days ORDER BY arm, days`;

export type AttributedRow = { readonly returned: number; readonly orders: number; readonly revenue_cents: number };

/** What last-click attribution would claim: returns and orders within `days` after a person's own click. */
export const attributed = (members: Sql, source: Sql, { activity, until }: Window, days: number): Sql => sql`
  SELECT uniqExactIf(m.person_id, e.name IN ${p.texts(activity)}) AS returned, countIf(e.name = 'Order Completed') AS orders,
    sum(e.money_cents) AS revenue_cents
  FROM ${members} AS m JOIN ${memberEvents(members, source, activity)} AS e ON e.person_id = m.person_id
  WHERE m.arm = 'treated' AND e.occurred_at <= ${p.instant(until)}
    AND arrayExists(c -> e.occurred_at > c AND e.occurred_at <= c + toIntervalDay(${p.int(days)}), m.clicked_at)`;
