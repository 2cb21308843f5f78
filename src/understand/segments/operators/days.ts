// The first and the last day of something, by date or by how long ago.
import { z } from 'zod';
import { daysBetween, type Day } from '../../../kernel/days.ts';
import { inWords } from '../../../kernel/issue.ts';
import { joined, p, sql, type Sql } from '../../../kernel/sql.ts';
import { eventName, inLang, operator, quoted } from '../operator.ts';
import type { SegmentPerson } from '../world.ts';
import { told, doings } from './doing.ts';

const shape = {
  event: eventName,
  onOrAfter: z.iso.date().optional(),
  onOrBefore: z.iso.date().optional(),
  atLeastDaysAgo: z.int().min(0).max(100_000).optional(),
  atMostDaysAgo: z.int().min(0).max(100_000).optional(),
};
type DayCondition = z.output<z.ZodObject<typeof shape>>;
const said = <T extends DayCondition>(schema: z.ZodType<T>) =>
  schema
    .refine(
      (c) => [c.onOrAfter, c.onOrBefore, c.atLeastDaysAgo, c.atMostDaysAgo].some((bound) => bound !== undefined),
      {
        message: inWords(
          'needs onOrAfter, onOrBefore, atLeastDaysAgo or atMostDaysAgo',
          '须填写 onOrAfter、onOrBefore、atLeastDaysAgo、atMostDaysAgo 中的一项',
        ),
      },
    )
    .refine((c) => c.onOrAfter === undefined || c.onOrBefore === undefined || c.onOrAfter <= c.onOrBefore, {
      message: inWords('`onOrAfter` is after `onOrBefore`', '`onOrAfter` 晚于 `onOrBefore`'),
    })
    .refine(
      (c) => c.atLeastDaysAgo === undefined || c.atMostDaysAgo === undefined || c.atLeastDaysAgo <= c.atMostDaysAgo,
      { message: inWords('`atLeastDaysAgo` is above `atMostDaysAgo`', '`atLeastDaysAgo` 大于 `atMostDaysAgo`') },
    );
const words = (c: DayCondition, lang: 'en' | 'zh'): string =>
  [
    ...(c.onOrAfter === undefined ? [] : [inLang(lang, `on or after ${c.onOrAfter}`, `不早于 ${c.onOrAfter}`)]),
    ...(c.onOrBefore === undefined ? [] : [inLang(lang, `on or before ${c.onOrBefore}`, `不晚于 ${c.onOrBefore}`)]),
    ...(c.atLeastDaysAgo === undefined
      ? []
      : [inLang(lang, `at least ${c.atLeastDaysAgo} days ago`, `至少 ${c.atLeastDaysAgo} 天前`)]),
    ...(c.atMostDaysAgo === undefined
      ? []
      : [inLang(lang, `at most ${c.atMostDaysAgo} days ago`, `至多 ${c.atMostDaysAgo} 天前`)]),
  ].join(inLang(lang, ' and ', '，且'));
const onDay = (c: DayCondition, day: Sql, asOf: Day): Sql => {
  const ago = sql`(toInt32(${p.day(asOf)}) - toInt32(${day}))`;
  return joined(
    [
      sql`countIf(name = ${p.text(c.event)}) > 0`,
      ...(c.onOrAfter === undefined ? [] : [sql`${day} >= ${p.day(c.onOrAfter)}`]),
      ...(c.onOrBefore === undefined ? [] : [sql`${day} <= ${p.day(c.onOrBefore)}`]),
      ...(c.atLeastDaysAgo === undefined ? [] : [sql`${ago} >= ${p.int(c.atLeastDaysAgo)}`]),
      ...(c.atMostDaysAgo === undefined ? [] : [sql`${ago} <= ${p.int(c.atMostDaysAgo)}`]),
    ],
    ' AND ',
  );
};
const isOnDay = (c: DayCondition, day: Day | undefined, asOf: Day): boolean =>
  day !== undefined &&
  (c.onOrAfter === undefined || day >= c.onOrAfter) &&
  (c.onOrBefore === undefined || day <= c.onOrBefore) &&
  (c.atLeastDaysAgo === undefined || daysBetween(day, asOf) >= c.atLeastDaysAgo) &&
  (c.atMostDaysAgo === undefined || daysBetween(day, asOf) <= c.atMostDaysAgo);
const daysOf = (c: DayCondition, person: SegmentPerson, asOf: Day): Day[] =>
  doings(c, person, undefined, asOf)
    .map((event) => event.day)
    .toSorted();

export const DAYS = {
  first: operator({
    label: { en: 'First time', zh: '首次' },
    group: 'behaviour',
    schema: said(z.strictObject({ kind: z.literal('first'), ...shape })),
    examples: [
      { kind: 'first', event: 'Order Completed', onOrAfter: '2025-01-01', onOrBefore: '2025-03-31' },
      { kind: 'first', event: 'Order Completed', atMostDaysAgo: 30 },
    ],
    explain: (c, lang) =>
      inLang(
        lang,
        `first ${quoted(c.event, lang)} was ${words(c, lang)}`,
        `首次${quoted(c.event, lang)}${words(c, lang)}`,
      ),
    compile: (c, { asOf }) => told(c, undefined, () => onDay(c, sql`minIf(day, name = ${p.text(c.event)})`, asOf)),
    matches: (c, person, { asOf }) => isOnDay(c, daysOf(c, person, asOf)[0], asOf),
  }),
  last: operator({
    label: { en: 'Last time', zh: '最近一次' },
    group: 'behaviour',
    schema: said(z.strictObject({ kind: z.literal('last'), ...shape })),
    examples: [{ kind: 'last', event: 'Order Completed', atLeastDaysAgo: 30, atMostDaysAgo: 90 }],
    explain: (c, lang) =>
      inLang(
        lang,
        `last ${quoted(c.event, lang)} was ${words(c, lang)}`,
        `最近一次${quoted(c.event, lang)}${words(c, lang)}`,
      ),
    compile: (c, { asOf }) => told(c, undefined, () => onDay(c, sql`maxIf(day, name = ${p.text(c.event)})`, asOf)),
    matches: (c, person, { asOf }) => isOnDay(c, daysOf(c, person, asOf).at(-1), asOf),
  }),
} as const;
