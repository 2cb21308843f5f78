// One thing after another, and what was not followed by another in time.
import { z } from 'zod';
import { addDays, DAY_MS } from '../../../kernel/days.ts';
import { p, sql, type Sql } from '../../../kernel/sql.ts';
import { eventName, inLang, operator, probe, quoted, windowDays, windowWords } from '../operator.ts';
import { doing, doingWords, doings, rowsOf, startOf } from './doing.ts';
import { whereSchema } from './field.ts';

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

export const SEQUENCE = {
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
