// Conditions on what she did: counts, sums, first and last days, absence, a comparison of two windows, and sequences. Windows are whole
// business days and end with the day of the question; what is counted per day is read from the roll-up, the rest from the events.
import { z } from 'zod';
import { addDays, DAY_MS, daysBetween, type Day } from '../../../kernel/days.ts';
import { joined, p, sql, type Sql } from '../../../kernel/sql.ts';
import {
  allOf,
  bounded,
  cents,
  eventName,
  inLang,
  inRange,
  knownBefore,
  money,
  namedSince,
  no,
  operator,
  probe,
  quoted,
  rangeOf,
  rangeSql,
  rangeWords,
  times,
  wasKnownBefore,
  windowDays,
  windowStart,
  windowWords,
  withinDays,
  type Clause,
  type SeenRows,
  type SegmentMoment,
} from '../operator.ts';
import type { PersonEvent, SegmentPerson } from '../world.ts';
import { fieldMatches, fieldSql, whereSchema, whereWords } from './field.ts';

type Doing = {
  readonly event: string;
  readonly withinDays?: number | undefined;
  readonly where?: z.output<typeof whereSchema>;
  readonly currency?: string | undefined;
  /** Only what is in that currency, or (without one) what is money of the business. */
  readonly isOfMoney?: true;
};

const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'a three-letter currency code')
  .optional();

const ownTests = (c: Doing): readonly Sql[] => [
  ...(c.where ?? []).map((test) => fieldSql(sql`properties`, test)),
  ...(c.currency === undefined ? [] : [sql`currency = ${p.text(c.currency)}`]),
  ...(c.currency === undefined && c.isOfMoney === true ? [sql`is_money`] : []),
];

/** Tests of a row: it is of the event, from `since` on, up to `until` (the source ends with the day of the question anyway). */
const testsOf = (c: Doing, seen: SeenRows, since: Day | undefined, until?: Day): readonly Sql[] => [
  ...namedSince(c.event, since, seen),
  ...(until === undefined ? [] : [sql`day <= ${p.day(until)}`]),
  ...(seen.isFiltered === true ? [] : ownTests(c)),
];
const rowsOf = (c: Doing, since: Day | undefined, until?: Day): Sql => joined(testsOf(c, {}, since, until), ' AND ');

/** The roll-up where it is enough; it knows neither properties nor amounts that are not the business's money. */
const isRolledUp = (c: Doing): boolean => c.where === undefined && c.currency === undefined;

const sumSql = (column: Sql, tests: readonly Sql[]): Sql =>
  tests.length === 0 ? sql`sum(${column})` : sql`sumIf(${column}, ${joined(tests, ' AND ')})`;

const countSql = (c: Doing, seen: SeenRows, since: Day | undefined, until?: Day): Sql => {
  const tests = testsOf(c, seen, since, until);
  if (isRolledUp(c)) return sql`toInt64(${sumSql(sql`events`, tests)})`;
  return tests.length === 0 ? sql`toInt64(count())` : sql`toInt64(countIf(${joined(tests, ' AND ')}))`;
};
const amountSql = (c: Doing, seen: SeenRows, since: Day | undefined, until?: Day): Sql =>
  sumSql(c.currency === undefined ? sql`money_cents` : sql`amount_cents`, testsOf(c, seen, since, until));

/** At least so many: of one, that there is any row, which needs no column but those of the tests. */
const atLeastSql = (c: Doing, seen: SeenRows, since: Day | undefined, least: number): Sql => {
  if (least !== 1) return sql`${countSql(c, seen, since)} >= ${p.int(least)}`;
  const tests = testsOf(c, seen, since);
  return tests.length === 0 ? sql`1` : sql`countIf(${joined(tests, ' AND ')}) > 0`;
};

const told = (c: Doing & { readonly times?: number }, since: Day | undefined, holds: (seen: SeenRows) => Sql): Clause =>
  probe(isRolledUp(c) ? 'days' : 'events', holds, {
    names: [c.event],
    ...(since === undefined ? {} : { since }),
    ...(ownTests(c).length === 0 ? {} : { filter: joined(ownTests(c), ' AND ') }),
    ...(c.times === 1 ? { isPresence: true } : {}),
  });

const isDoing = (c: Doing, event: PersonEvent): boolean =>
  event.name === c.event &&
  (c.where ?? []).every((test) => fieldMatches(event.properties, test)) &&
  (c.currency === undefined ? c.isOfMoney !== true || event.moneyCents !== null : event.currency === c.currency);

const doings = (c: Doing, person: SegmentPerson, since: Day | undefined, until: Day): PersonEvent[] =>
  person.events.filter(
    (event) => isDoing(c, event) && event.day <= until && (since === undefined || event.day >= since),
  );

/** Of one currency what is written; without one what it is worth to the business. */
const amountOf = (c: Pick<Doing, 'currency'>, events: readonly PersonEvent[]): number =>
  events.reduce((sum, event) => sum + (c.currency === undefined ? (event.moneyCents ?? 0) : event.amountCents), 0);

const doingWords = (c: Doing, lang: 'en' | 'zh'): string => quoted(c.event, lang) + whereWords(c.where, lang);
const moneyIn =
  (code: string | undefined) =>
  (amount: number): string =>
    money(amount) + (code === undefined ? '' : ` ${code}`);

const doing = { event: eventName, withinDays, where: whereSchema };

const startOf = (c: Doing, { asOf }: SegmentMoment): Day | undefined => windowStart(asOf, c.withinDays);

// ── Two windows ──

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

// ── Sequences ──

/** Instants are doubled so that at one moment the later step sorts before the earlier: what happens at once does not follow. */
const instants = (condition: Sql): Sql => sql`groupArrayIf(toUnixTimestamp64Milli(occurred_at), ${condition})`;

/** Of `after` (instants), those that lie later than some instant of `before`, by at most `daysMax` days. Linear once sorted. */
const following = (before: Sql, after: Sql, daysMax: number): Sql => sql`
  arrayMap(x -> arrayMap(k -> intDiv(k[1], 2), arrayFilter(k -> k[1] % 2 = 0 AND k[2] % 2 = 1 AND intDiv(k[1], 2) - intDiv(k[2], 2) <= ${p.int(daysMax * DAY_MS)},
      arrayMap((k, last) -> [k, last], x, arrayFill(k -> k % 2 = 1, x)))),
    [arraySort(arrayConcat(arrayMap(t -> t * 2 + 1, ${before}), arrayMap(t -> t * 2, ${after})))])[1]`;

/** Of `before`, those that no instant of `after` follows within `daysMax` days. */
const unfollowed = (before: Sql, after: Sql, daysMax: number): Sql => sql`
  arrayMap(x -> arrayMap(k -> intDiv(k[1], 2), arrayFilter(k -> k[1] % 2 = 1 AND (k[2] % 2 = 1 OR intDiv(k[2], 2) - intDiv(k[1], 2) > ${p.int(daysMax * DAY_MS)}),
      arrayMap((k, next) -> [k, next], x, arrayReverseFill(k -> k % 2 = 0, x)))),
    [arraySort(arrayConcat(arrayMap(t -> t * 2 + 1, ${before}), arrayMap(t -> t * 2, ${after})))])[1]`;

type Step = { readonly event: string; readonly withinDays: number; readonly where?: z.output<typeof whereSchema> };

const isSoonAfter = (first: number, second: number, daysMax: number): boolean =>
  second > first && second - first <= daysMax * DAY_MS;

const step = z.strictObject({ event: eventName, withinDays: windowDays, where: whereSchema });

/** A step that follows may fall anywhere up to the day of the question. */
const stepRows = (each: Step): Sql => rowsOf({ event: each.event, where: each.where }, undefined);

export const BEHAVIOUR = {
  did: operator({
    label: { en: 'Did', zh: '做过' },
    group: 'behaviour',
    schema: z.strictObject({ kind: z.literal('did'), ...doing, times }),
    examples: [
      { kind: 'did', event: 'Order Completed', withinDays: 90, times: 2 },
      { kind: 'did', event: 'Support Ticket Created', where: [{ name: 'topic', equals: 'delivery' }] },
    ],
    explain: (c, lang) =>
      inLang(
        lang,
        `did ${doingWords(c, lang)} at least ${c.times} × ${windowWords(c.withinDays, lang)}`,
        `${windowWords(c.withinDays, lang)}至少 ${c.times} 次${doingWords(c, lang)}`,
      ),
    compile: (c, moment) => {
      const since = startOf(c, moment);
      return told(c, since, (seen) => atLeastSql(c, seen, since, c.times));
    },
    matches: (c, person, moment) => doings(c, person, startOf(c, moment), moment.asOf).length >= c.times,
  }),

  did_not: operator({
    label: { en: 'Did not, or fewer than', zh: '未做过或少于' },
    group: 'behaviour',
    schema: z.strictObject({ kind: z.literal('did_not'), ...doing, times }),
    examples: [
      { kind: 'did_not', event: 'Order Completed', withinDays: 60 },
      { kind: 'did_not', event: 'Order Completed', withinDays: 365, times: 3 },
    ],
    explain: (c, lang) =>
      c.times === 1
        ? inLang(
            lang,
            c.withinDays === undefined
              ? `never did ${doingWords(c, lang)}`
              : `did not do ${doingWords(c, lang)} ${windowWords(c.withinDays, lang)}`,
            c.withinDays === undefined
              ? `从未${doingWords(c, lang)}`
              : `${windowWords(c.withinDays, lang)}没有${doingWords(c, lang)}`,
          )
        : inLang(
            lang,
            `did ${doingWords(c, lang)} fewer than ${c.times} × ${windowWords(c.withinDays, lang)}`,
            `${windowWords(c.withinDays, lang)}少于 ${c.times} 次${doingWords(c, lang)}`,
          ),
    compile: (c, moment) => {
      const since = startOf(c, moment);
      return allOf(...knownBefore(since), no(told(c, since, (seen) => atLeastSql(c, seen, since, c.times))));
    },
    matches: (c, person, moment) => {
      const since = startOf(c, moment);
      return wasKnownBefore(since, person) && doings(c, person, since, moment.asOf).length < c.times;
    },
  }),

  count: operator({
    label: { en: 'Number of times', zh: '次数' },
    group: 'behaviour',
    schema: bounded(z.strictObject({ kind: z.literal('count'), ...doing, ...rangeOf(z.int().min(0).max(1_000_000)) })),
    examples: [{ kind: 'count', event: 'Order Completed', withinDays: 365, from: 1, to: 3 }],
    explain: (c, lang) =>
      inLang(
        lang,
        `did ${doingWords(c, lang)} ${rangeWords(c, lang)} × ${windowWords(c.withinDays, lang)}`,
        `${windowWords(c.withinDays, lang)}${doingWords(c, lang)}${rangeWords(c, lang)} 次`,
      ),
    // What no event at all satisfies is absence: it is told of people known before the window, as `did_not`.
    compile: (c, moment) => {
      const since = startOf(c, moment);
      const least = c.from ?? 0;
      const enough = told(c, since, (seen) => atLeastSql(c, seen, since, Math.max(1, least)));
      const { to } = c;
      const tooMany =
        to === undefined ? [] : [no(told(c, since, (seen) => sql`${countSql(c, seen, since)} > ${p.int(to)}`))];
      return least > 0 ? allOf(enough, ...tooMany) : allOf(...knownBefore(since), ...tooMany);
    },
    matches: (c, person, moment) => {
      const since = startOf(c, moment);
      if ((c.from ?? 0) === 0 && !wasKnownBefore(since, person)) return false;
      return inRange(c, doings(c, person, since, moment.asOf).length);
    },
  }),

  amount: operator({
    label: { en: 'Amount of money', zh: '金额合计' },
    group: 'behaviour',
    schema: bounded(z.strictObject({ kind: z.literal('amount'), ...doing, currency, ...rangeOf(cents) })),
    examples: [{ kind: 'amount', event: 'Order Completed', withinDays: 180, from: 20_000 }],
    explain: (c, lang) =>
      inLang(
        lang,
        `${doingWords(c, lang)} summed up to ${rangeWords(c, lang, moneyIn(c.currency))} ${windowWords(c.withinDays, lang)}`,
        `${windowWords(c.withinDays, lang)}${doingWords(c, lang)}金额合计${rangeWords(c, lang, moneyIn(c.currency))}`,
      ),
    // A sum needs something to sum: who did nothing has none, not zero.
    compile: (given, moment) => {
      const c = { ...given, isOfMoney: true } as const;
      const since = startOf(c, moment);
      return told(
        c,
        since,
        (seen) => sql`(${atLeastSql(c, seen, since, 1)} AND ${rangeSql(c, amountSql(c, seen, since))})`,
      );
    },
    matches: (c, person, moment) => {
      const found = doings({ ...c, isOfMoney: true }, person, startOf(c, moment), moment.asOf);
      return found.length > 0 && inRange(c, amountOf(c, found));
    },
  }),

  average_order: operator({
    label: { en: 'Average order', zh: '平均客单价' },
    group: 'behaviour',
    schema: bounded(
      z.strictObject({
        kind: z.literal('average_order'),
        event: eventName.default('Order Completed'),
        withinDays,
        currency,
        ...rangeOf(cents),
      }),
    ),
    examples: [{ kind: 'average_order', from: 8_000, to: 20_000 }],
    explain: (c, lang) =>
      inLang(
        lang,
        `average amount of ${quoted(c.event, lang)} ${windowWords(c.withinDays, lang)} is ${rangeWords(c, lang, moneyIn(c.currency))}`,
        `${windowWords(c.withinDays, lang)}${quoted(c.event, lang)}平均金额${rangeWords(c, lang, moneyIn(c.currency))}`,
      ),
    // Multiplied instead of divided, so that both evaluations compare whole cents.
    compile: (given, moment) => {
      const c = { ...given, isOfMoney: true } as const;
      const since = startOf(c, moment);
      return told(c, since, (seen) => {
        const [n, sum] = [countSql(c, seen, since), amountSql(c, seen, since)];
        return joined(
          [
            atLeastSql(c, seen, since, 1),
            ...(c.from === undefined ? [] : [sql`${sum} >= ${p.int(c.from)} * ${n}`]),
            ...(c.to === undefined ? [] : [sql`${sum} <= ${p.int(c.to)} * ${n}`]),
          ],
          ' AND ',
        );
      });
    },
    matches: (c, person, moment) => {
      const found = doings({ ...c, isOfMoney: true }, person, startOf(c, moment), moment.asOf);
      const sum = amountOf(c, found);
      return (
        found.length > 0 &&
        (c.from === undefined || sum >= c.from * found.length) &&
        (c.to === undefined || sum <= c.to * found.length)
      );
    },
  }),

  ...dayOperators(),

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
        message: 'the two windows overlap: must be at least `days`',
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

  sequence: operator({
    label: { en: 'Did in sequence', zh: '依次做过' },
    group: 'behaviour',
    schema: z.strictObject({
      kind: z.literal('sequence'),
      ...doing,
      /** Each step follows the one before, by at most its own `withinDays` × 24 hours. */
      steps: z.array(step).min(1).max(4),
    }),
    examples: [
      {
        kind: 'sequence',
        event: 'Product Viewed',
        withinDays: 90,
        steps: [
          { event: 'Cart Viewed', withinDays: 1 },
          { event: 'Order Completed', withinDays: 7 },
        ],
      },
    ],
    explain: (c, lang) => {
      const steps = c.steps.map((each) =>
        inLang(
          lang,
          `then ${doingWords(each, lang)} within ${each.withinDays} days`,
          `${each.withinDays} 天内再${doingWords(each, lang)}`,
        ),
      );
      return inLang(
        lang,
        `did ${doingWords(c, lang)} ${windowWords(c.withinDays, lang)}, ${steps.join(', ')}`,
        `${windowWords(c.withinDays, lang)}${doingWords(c, lang)}，${steps.join('，')}`,
      );
    },
    compile: (c, moment) => {
      const since = startOf(c, moment);
      const reached = c.steps.reduce<Sql>(
        (before, each) => following(before, instants(stepRows(each)), each.withinDays),
        instants(rowsOf(c, since)),
      );
      return probe('events', sql`notEmpty(${reached})`, {
        names: [c.event, ...c.steps.map((each) => each.event)],
        ...(since === undefined ? {} : { since }),
      });
    },
    matches: (c, person, moment) => {
      let reached = doings(c, person, startOf(c, moment), moment.asOf).map((event) => event.at);
      for (const each of c.steps) {
        const next = doings({ event: each.event, where: each.where }, person, undefined, moment.asOf);
        const before = reached;
        reached = next
          .map((event) => event.at)
          .filter((at) => before.some((earlier) => isSoonAfter(earlier, at, each.withinDays)));
      }
      return reached.length > 0;
    },
  }),

  not_followed: operator({
    label: { en: 'Did, but not then', zh: '做过但之后未做' },
    group: 'behaviour',
    schema: z.strictObject({ kind: z.literal('not_followed'), ...doing, by: eventName, forDays: windowDays }),
    examples: [{ kind: 'not_followed', event: 'Checkout Started', withinDays: 14, by: 'Order Completed', forDays: 1 }],
    explain: (c, lang) =>
      inLang(
        lang,
        `did ${doingWords(c, lang)} ${windowWords(c.withinDays, lang)} without ${quoted(c.by, lang)} in the ${c.forDays} days after`,
        `${windowWords(c.withinDays, lang)}${doingWords(c, lang)}后 ${c.forDays} 天内没有${quoted(c.by, lang)}`,
      ),
    // Only what has had its days to be followed counts; before that nobody knows.
    compile: (c, moment) => {
      const since = startOf(c, moment);
      const settled = sql`${rowsOf(c, since, addDays(moment.asOf, -c.forDays))}
        AND toUnixTimestamp64Milli(occurred_at) <= ${p.int(moment.now.getTime() - c.forDays * DAY_MS)}`;
      return probe(
        'events',
        sql`notEmpty(${unfollowed(instants(settled), instants(rowsOf({ event: c.by }, undefined)), c.forDays)})`,
        { names: [c.event, c.by], ...(since === undefined ? {} : { since }) },
      );
    },
    matches: (c, person, moment) => {
      const after = doings({ event: c.by }, person, undefined, moment.asOf);
      return doings(c, person, startOf(c, moment), addDays(moment.asOf, -c.forDays)).some(
        ({ at }) =>
          at <= moment.now.getTime() - c.forDays * DAY_MS &&
          !after.some((event) => isSoonAfter(at, event.at, c.forDays)),
      );
    },
  }),
} as const;

// ── First and last days ──

function dayOperators() {
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
        { message: 'needs onOrAfter, onOrBefore, atLeastDaysAgo or atMostDaysAgo' },
      )
      .refine((c) => c.onOrAfter === undefined || c.onOrBefore === undefined || c.onOrAfter <= c.onOrBefore, {
        message: '`onOrAfter` is after `onOrBefore`',
      })
      .refine(
        (c) => c.atLeastDaysAgo === undefined || c.atMostDaysAgo === undefined || c.atLeastDaysAgo <= c.atMostDaysAgo,
        { message: '`atLeastDaysAgo` is above `atMostDaysAgo`' },
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
  return {
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
  };
}
