// Something that was done within a window, perhaps only with certain properties or in one currency: what it is in a condition, in SQL over the
// roll-up where that is enough and over the events where it is not, and among one person's events.
import { z } from 'zod';
import { type Day } from '../../../kernel/days.ts';
import { inWords } from '../../../kernel/issue.ts';
import { joined, p, sql, type Sql } from '../../../kernel/sql.ts';
import {
  eventName,
  money,
  namedSince,
  probe,
  quoted,
  windowStart,
  withinDays,
  type Clause,
  type SeenRows,
  type SegmentMoment,
} from '../operator.ts';
import type { PersonEvent, SegmentPerson } from '../world.ts';
import { fieldMatches, fieldSql, whereSchema, whereWords } from './field.ts';

export type Doing = {
  readonly event: string;
  readonly withinDays?: number | undefined;
  readonly where?: z.output<typeof whereSchema>;
  readonly currency?: string | undefined;
  /** Only what is in that currency, or (without one) what is money of the business. */
  readonly isOfMoney?: true;
};

export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, inWords('a three-letter currency code', '须为三个字母的货币代码'))
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
export const rowsOf = (c: Doing, since: Day | undefined, until?: Day): Sql =>
  joined(testsOf(c, {}, since, until), ' AND ');

/** The roll-up where it is enough; it knows neither properties nor amounts that are not the business's money. */
const isRolledUp = (c: Doing): boolean => c.where === undefined && c.currency === undefined;

const sumSql = (column: Sql, tests: readonly Sql[]): Sql =>
  tests.length === 0 ? sql`sum(${column})` : sql`sumIf(${column}, ${joined(tests, ' AND ')})`;

export const countSql = (c: Doing, seen: SeenRows, since: Day | undefined, until?: Day): Sql => {
  const tests = testsOf(c, seen, since, until);
  if (isRolledUp(c)) return sql`toInt64(${sumSql(sql`events`, tests)})`;
  return tests.length === 0 ? sql`toInt64(count())` : sql`toInt64(countIf(${joined(tests, ' AND ')}))`;
};
export const amountSql = (c: Doing, seen: SeenRows, since: Day | undefined, until?: Day): Sql =>
  sumSql(c.currency === undefined ? sql`money_cents` : sql`amount_cents`, testsOf(c, seen, since, until));

/** At least so many: of one, that there is any row, which needs no column but those of the tests. */
export const atLeastSql = (c: Doing, seen: SeenRows, since: Day | undefined, least: number): Sql => {
  if (least !== 1) return sql`${countSql(c, seen, since)} >= ${p.int(least)}`;
  const tests = testsOf(c, seen, since);
  return tests.length === 0 ? sql`1` : sql`countIf(${joined(tests, ' AND ')}) > 0`;
};

export const told = (
  c: Doing & { readonly times?: number },
  since: Day | undefined,
  holds: (seen: SeenRows) => Sql,
): Clause =>
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

export const doings = (c: Doing, person: SegmentPerson, since: Day | undefined, until: Day): PersonEvent[] =>
  person.events.filter(
    (event) => isDoing(c, event) && event.day <= until && (since === undefined || event.day >= since),
  );

/** Of one currency what is written; without one what it is worth to the business. */
export const amountOf = (c: Pick<Doing, 'currency'>, events: readonly PersonEvent[]): number =>
  events.reduce((sum, event) => sum + (c.currency === undefined ? (event.moneyCents ?? 0) : event.amountCents), 0);

export const doingWords = (c: Doing, lang: 'en' | 'zh'): string => quoted(c.event, lang) + whereWords(c.where, lang);
export const moneyIn =
  (code: string | undefined) =>
  (amount: number): string =>
    money(amount) + (code === undefined ? '' : ` ${code}`);

export const doing = { event: eventName, withinDays, where: whereSchema };

export const startOf = (c: Doing, { asOf }: SegmentMoment): Day | undefined => windowStart(asOf, c.withinDays);
