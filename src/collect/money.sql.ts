// The rules of `money-rules.ts` in the engine: amounts in other currencies become money while they are read, so that a new rate or another
// currency of the business needs no event to be written again. The rules stand in the events store too, for every process alike.
import { dayNumber, type Day } from '../kernel/days.ts';
import {
  minorFactor,
  ratesOf,
  toldLeftOut,
  type LeftOut,
  type LeftOutMoney,
  type MoneyRules,
} from '../kernel/money-rules.ts';
import { joined, p, sql, type Sql } from '../kernel/sql.ts';
import type { Events } from '../stores/events/events.ts';

/** What stands in the events store of the rules; empty before anybody has told it: then every amount is taken as it is. */
export const MONEY_RULES: Sql = sql`SELECT argMax(rules, version) FROM money_rules`;

export const parseMoneyRules = (text: string): MoneyRules | undefined =>
  text === '' ? undefined : (JSON.parse(text) as MoneyRules);

const written = ({ currency, rates }: MoneyRules): string =>
  JSON.stringify({
    currency,
    rates: rates.map((rate) => ({ currency: rate.currency, from: rate.from, rate: rate.rate })),
  });

/** Tells the events store which amounts are money, where that has changed. */
export async function tellMoneyRules(events: Events, rules: MoneyRules): Promise<void> {
  const text = written(rules);
  const [row] = await events.rows<{ rules: string }>(sql`SELECT (${MONEY_RULES}) AS rules`);
  if (row?.rules === text) return;
  // By the engine's clock: whoever tells it last is right.
  await events.run(
    sql`INSERT INTO money_rules (rules, version) SELECT ${p.text(text)}, toUnixTimestamp64Nano(now64(9, 'UTC'))`,
  );
}

const currenciesIn = (rules: MoneyRules): readonly string[] => [...new Set(rules.rates.map((rate) => rate.currency))];

/** Rows whose amounts are money: over the columns `currency` and `day`. */
const isOwn = (rules: MoneyRules): Sql => sql`currency IN ${p.texts(['', rules.currency])}`;

/** Rows of another currency from its first rate on. */
const isOf = (rules: MoneyRules, currency: string): Sql =>
  sql`currency = ${p.text(currency)} AND day >= toDate(${p.day(ratesOf(rules, currency)[0]!.from)})`;

/** Is an amount money? Over the columns `currency` and `day`. */
export const isMoneySql = (rules: MoneyRules | undefined): Sql =>
  rules === undefined
    ? sql`1`
    : sql`(${joined([isOwn(rules), ...currenciesIn(rules).map((currency) => sql`(${isOf(rules, currency)})`)], ' OR ')})`;

/** An amount in minor units of the business's currency, 0 where it is none of its money. Over the columns `currency` and `day`. */
export function moneySql(rules: MoneyRules | undefined, amount: Sql): Sql {
  if (rules === undefined) return amount;
  const others = currenciesIn(rules).map((currency) => {
    const rates = ratesOf(rules, currency);
    const from = sql`CAST(${p.floats(rates.map((rate) => dayNumber(rate.from)))} AS Array(UInt16))`;
    const factors = p.floats(rates.map((rate) => minorFactor(rate, rules.currency)));
    const factor = sql`transform(roundDown(toUInt16(day), ${from}), ${from}, ${factors}, toFloat64(0))`;
    return sql`${isOf(rules, currency)}, toInt64(sign(${amount}) * floor(abs(${amount}) * ${factor} + 0.5))`;
  });
  return sql`multiIf(${joined([sql`${isOwn(rules)}, toInt64(${amount})`, ...others], ', ')}, toInt64(0))`;
}

/** As the events store was told; undefined where nobody has told it. */
export async function moneyRules(events: Events): Promise<MoneyRules | undefined> {
  const [row] = await events.rows<{ rules: string }>(sql`SELECT (${MONEY_RULES}) AS rules`);
  return parseMoneyRules(row?.rules ?? '');
}

/** Of which events: all, unless told. */
type Asked = { readonly names?: readonly string[]; readonly until?: Day };

/** What every sum of money leaves out: events with an amount, by currency, the most frequent first. */
export async function leftOutMoney(events: Events, { names, until }: Asked = {}): Promise<LeftOutMoney | null> {
  const rules = await moneyRules(events);
  if (rules === undefined) return null;
  const named = names === undefined ? sql`1` : sql`name IN ${p.texts(names)}`;
  const rows = await events.rows<LeftOut>(sql`
    SELECT toString(currency) AS currency, sum(events) AS events, sum(amount_cents) AS amountCents FROM actor_days
    WHERE NOT ${isMoneySql(rules)} AND amount_cents != 0 AND ${named} AND ${until === undefined ? sql`1` : sql`day <= ${p.day(until)}`}
    GROUP BY currency ORDER BY events DESC, currency`);
  return toldLeftOut(rules.currency, rows);
}

/** The currency most events with an amount are in; undefined while there is no amount at all. */
export async function usualCurrency(events: Events): Promise<string | undefined> {
  const [row] = await events.rows<{ currency: string }>(sql`
    SELECT toString(currency) AS currency FROM actor_days WHERE amount_cents != 0
    GROUP BY currency ORDER BY sum(events) DESC, currency LIMIT 1`);
  return row?.currency;
}

/** The same of the events of a subquery with the columns of `personSource().events`: currency, amount_cents and is_money. */
export async function leftOutOf(events: Events, rows: Sql): Promise<LeftOutMoney | null> {
  const rules = await moneyRules(events);
  if (rules === undefined) return null;
  const left = await events.rows<LeftOut>(sql`
    SELECT toString(currency) AS currency, count() AS events, sum(amount_cents) AS amountCents FROM ${rows}
    WHERE NOT is_money AND amount_cents != 0 GROUP BY currency ORDER BY events DESC, currency`);
  return toldLeftOut(rules.currency, left);
}
