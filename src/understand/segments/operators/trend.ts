// More or less than before: two windows of one length compared.
import { z } from 'zod';
import { addDays, type Day } from '../../../kernel/days.ts';
import { inWords } from '../../../kernel/issue.ts';
import { p, sql, type Sql } from '../../../kernel/sql.ts';
import {
  allOf,
  eventName,
  inLang,
  knownBefore,
  operator,
  quoted,
  wasKnownBefore,
  windowDays,
  windowStart,
  type SeenRows,
} from '../operator.ts';
import type { PersonEvent } from '../world.ts';
import { countSql, amountSql, told, doings, amountOf } from './doing.ts';

type Trend = {
  readonly event: string;
  readonly measure: 'times' | 'amount';
  readonly days: number;
  readonly offsetDays?: number | undefined;
  readonly is: 'less' | 'more';
  readonly factor: number;
};

const trendWindows = (c: Trend, asOf: Day) => {
  const recent = windowStart(asOf, c.days)!;
  const until = addDays(asOf, -(c.offsetDays ?? c.days));
  return { recent, earlier: { since: addDays(until, 1 - c.days), until } };
};

/** What it needs her to have been there for: nothing at all can be less in the recent window, or more than in the earlier one. */
const trendKnownFrom = (c: Trend, asOf: Day): Day => {
  const { recent, earlier } = trendWindows(c, asOf);
  return c.is === 'less' ? recent : earlier.since;
};
const hundredthsOf = (factor: number): number => Math.round(factor * 100);

export const TREND = {
  trend: operator({
    label: { en: 'More or less than before', zh: '与之前相比' },
    group: 'behaviour',
    schema: z
      .strictObject({
        kind: z.literal('trend'),
        event: eventName,
        measure: z.enum(['times', 'amount']).default('times'),
        /** Length of both windows; the recent one ends with the day of the question. */
        days: windowDays,
        /** The earlier window ends so many days before; its own length unless told (then it ends where the recent one begins). */
        offsetDays: windowDays.optional(),
        is: z.enum(['less', 'more']),
        factor: z.number().min(0.01).max(100).multipleOf(0.01).default(1),
      })
      .refine(({ days, offsetDays }) => offsetDays === undefined || offsetDays >= days, {
        path: ['offsetDays'],
        message: inWords('the two windows overlap: must be at least `days`', '两个时间窗重叠：须不小于 `days`'),
      }),
    examples: [
      { kind: 'trend', event: 'Order Completed', days: 90, is: 'less', factor: 0.5 },
      { kind: 'trend', event: 'Order Completed', measure: 'amount', days: 30, offsetDays: 365, is: 'more' },
    ],
    explain: (c, lang) => {
      const offset = c.offsetDays ?? c.days;
      const before =
        offset === c.days
          ? inLang(lang, `the ${c.days} days before`, `此前 ${c.days} 天`)
          : inLang(lang, `the same days ${offset} days earlier`, `${offset} 天前的同期`);
      const than = c.factor === 1 ? before : inLang(lang, `${c.factor} × ${before}`, `${before}的 ${c.factor} 倍`);
      const what = c.measure === 'times' ? inLang(lang, '', '次数') : inLang(lang, ' by amount', '金额');
      return inLang(
        lang,
        `did ${quoted(c.event, lang)}${what} ${c.is} in the last ${c.days} days than ${than}`,
        `近 ${c.days} 天${quoted(c.event, lang)}${what}${c.is === 'less' ? '少于' : '多于'}${than}`,
      );
    },
    compile: (c, moment) => {
      const { recent, earlier } = trendWindows(c, moment.asOf);
      const measure = c.measure === 'times' ? countSql : amountSql;
      const sign = c.is === 'less' ? sql`<` : sql`>`;
      const before = (seen: SeenRows): Sql => measure(c, seen, earlier.since, earlier.until);
      return allOf(
        // Less often than before: she did it before, and was known.
        ...(c.is === 'less' && c.measure === 'times' ? [] : knownBefore(trendKnownFrom(c, moment.asOf))),
        told(
          { event: c.event },
          earlier.since,
          (seen) => sql`100 * ${measure(c, seen, recent)} ${sign} ${p.int(hundredthsOf(c.factor))} * ${before(seen)}`,
        ),
      );
    },
    matches: (c, person, moment) => {
      const { recent, earlier } = trendWindows(c, moment.asOf);
      const measured = (events: readonly PersonEvent[]): number =>
        c.measure === 'times' ? events.length : amountOf({}, events);
      const now = 100 * measured(doings(c, person, recent, moment.asOf));
      const before = hundredthsOf(c.factor) * measured(doings(c, person, earlier.since, earlier.until));
      // Nothing in either window is no row of the engine's, and neither more nor less.
      return wasKnownBefore(trendKnownFrom(c, moment.asOf), person) && (c.is === 'less' ? now < before : now > before);
    },
  }),
} as const;
