// What a person did: how often each thing, and the latest days of it.
import { leftOutOf } from '../../collect/money.sql.ts';
import { personSource } from '../../collect/people/person-of.sql.ts';
import type { Day } from '../../kernel/days.ts';
import type { LeftOutMoney } from '../../kernel/money-rules.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';

export type EventTotal = {
  readonly name: string;
  readonly times: number;
  readonly amountCents: number;
  readonly firstOn: Day;
  readonly lastOn: Day;
};

/** One event; `products` are the names of what it holds, no more than five. */
export type Happening = {
  readonly at: string;
  readonly name: string;
  readonly amountCents: number;
  /** Of the amount, as it was paid. */
  readonly currency: string;
  readonly orderId: string;
  readonly products: readonly string[];
};

const TOTALS_MAX = 50;
const PRODUCTS_SHOWN = 5;

/** The most frequent first. */
export async function eventTotals(events: Events, personId: string): Promise<EventTotal[]> {
  const { days } = await personSource(events);
  return events.rows<EventTotal>(sql`
    SELECT toString(name) AS name, sum(events) AS times, sum(money_cents) AS amountCents, toString(min(day)) AS firstOn, toString(max(day)) AS lastOn
    FROM ${days} WHERE person_id = ${p.text(personId)} GROUP BY name ORDER BY times DESC, name LIMIT ${p.int(TOTALS_MAX)}`);
}

/** What she paid that is no money of the business: in none of the totals. */
export async function leftOutOfPerson(events: Events, personId: string): Promise<LeftOutMoney | null> {
  const { events: source } = await personSource(events);
  return leftOutOf(events, sql`(SELECT * FROM ${source} WHERE person_id = ${p.text(personId)})`);
}

/** A stretch of what she did. `before` leads to the one before it, null where there is none. */
export type HappeningPage = { readonly events: readonly Happening[]; readonly before: string | null };

type HappeningRow = Happening & { readonly atMs: number; readonly messageId: string };

/** Milliseconds and the message id, so that two events of one moment are told apart. */
const CURSOR = /^(\d{1,15})\.(.{1,200})$/s;

/** The latest first, or those before a place that an earlier page named. Throws `invalid` for what is no such place. */
export async function latestEvents(
  events: Events,
  personId: string,
  limit: number,
  before?: string,
): Promise<HappeningPage> {
  const [, atMs, messageId] = CURSOR.exec(before ?? '') ?? [];
  if (before !== undefined && (atMs === undefined || messageId === undefined))
    throw new RekindleError('invalid', {
      where: 'query.before',
      what: { en: 'not a place that a page of events named', zh: '不是事件分页给出的位置' },
    });
  const { events: source } = await personSource(events);
  const until =
    atMs === undefined || messageId === undefined
      ? sql`1`
      : sql`(toUnixTimestamp64Milli(occurred_at) < ${p.int(Number(atMs))}
          OR toUnixTimestamp64Milli(occurred_at) = ${p.int(Number(atMs))} AND message_id > ${p.text(messageId)})`;
  const rows = await events.rows<HappeningRow>(sql`
    SELECT formatDateTime(occurred_at, '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS at, toString(name) AS name, amount_cents AS amountCents, toString(currency) AS currency, order_id AS orderId,
      arraySlice(arrayMap(line -> if(line.name != '', line.name, line.product_id), products), 1, ${p.int(PRODUCTS_SHOWN)}) AS products,
      toUnixTimestamp64Milli(occurred_at) AS atMs, message_id AS messageId
    FROM ${source} WHERE person_id = ${p.text(personId)} AND ${until}
    ORDER BY occurred_at DESC, message_id LIMIT ${p.int(limit + 1)}`);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    events: page.map(({ atMs: _atMs, messageId: _messageId, ...event }) => event),
    before: rows.length > limit && last !== undefined ? `${last.atMs}.${last.messageId}` : null,
  };
}
