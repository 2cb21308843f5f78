// How often, and for how much: counts, sums and averages of what was done, and absence.
import { z } from 'zod';
import { joined, p, sql } from '../../../kernel/sql.ts';
import {
  allOf,
  bounded,
  cents,
  eventName,
  inLang,
  inRange,
  knownBefore,
  no,
  operator,
  quoted,
  rangeOf,
  rangeSql,
  rangeWords,
  times,
  wasKnownBefore,
  windowWords,
  withinDays,
} from '../operator.ts';
import {
  amountOf,
  amountSql,
  atLeastSql,
  countSql,
  currency,
  doing,
  doingWords,
  doings,
  moneyIn,
  startOf,
  told,
} from './doing.ts';

export const COUNTING = {
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
} as const;
