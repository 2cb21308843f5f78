// Calendar units of analytics: which day begins the week (Monday) or month of a day, and the days at which periods end. Pure.
import { addDays, dayNumber, type Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { sql, type Sql } from '../../kernel/sql.ts';

export const UNITS = ['week', 'month'] as const;
export type Unit = (typeof UNITS)[number];

/** Columns or rows that one answer may hold: ten years of months, two years of weeks and a bit. */
const PERIODS_MAX = 120;

/** 1970-01-05 was a Monday. */
const MONDAY = 4;

export function startOf(day: Day, unit: Unit): Day {
  return unit === 'month' ? `${day.slice(0, 7)}-01` : addDays(day, -((dayNumber(day) - MONDAY + 7_000) % 7));
}

export const nextStart = (start: Day, unit: Unit): Day =>
  unit === 'month' ? startOf(addDays(start, 31), 'month') : addDays(start, 7);

/** The same as SQL over a column of days. */
export const startSql = (day: Sql, unit: Unit): Sql =>
  unit === 'month' ? sql`toStartOfMonth(${day})` : sql`toStartOfWeek(${day}, 1)`;

/** Whole units between two starts of periods. */
export const periodsSql = (from: Sql, to: Sql, unit: Unit): Sql =>
  unit === 'month' ? sql`dateDiff('month', ${from}, ${to})` : sql`intDiv(toInt32(${to}) - toInt32(${from}), 7)`;

/** Last days of the periods from the one that holds `from` to the one that holds `to`; the last is `to` itself. Throws `invalid`. */
export function periodEnds(from: Day, to: Day, unit: Unit): Day[] {
  if (from > to)
    throw new RekindleError('invalid', {
      where: 'from',
      what: { en: `${from} is after ${to}`, zh: `${from} 晚于 ${to}` },
    });
  const ends: Day[] = [];
  for (let start = startOf(from, unit); start <= to; start = nextStart(start, unit)) {
    const last = addDays(nextStart(start, unit), -1);
    ends.push(last < to ? last : to);
    if (ends.length > PERIODS_MAX)
      throw new RekindleError('invalid', {
        where: 'from',
        what: {
          en: `more than ${PERIODS_MAX} ${unit}s up to ${to}`,
          zh: `截至 ${to} 超过 ${PERIODS_MAX} 个周期（${unit}）`,
        },
      });
  }
  return ends;
}
