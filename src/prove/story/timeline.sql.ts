// What a person did: how often each thing, and the latest days of it.
import { personSource } from '../../collect/people/person-of.sql.ts';
import type { Day } from '../../kernel/days.ts';
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
  readonly orderId: string;
  readonly products: readonly string[];
};

const TOTALS_MAX = 50;
const PRODUCTS_SHOWN = 5;

/** The most frequent first. */
export async function eventTotals(events: Events, personId: string): Promise<EventTotal[]> {
  const { days } = await personSource(events);
  return events.rows<EventTotal>(sql`
    SELECT toString(name) AS name, sum(events) AS times, sum(amount_cents) AS amountCents, toString(min(day)) AS firstOn, toString(max(day)) AS lastOn
    FROM ${days} WHERE person_id = ${p.text(personId)} GROUP BY name ORDER BY times DESC, name LIMIT ${p.int(TOTALS_MAX)}`);
}

/** The latest first. */
export async function latestEvents(events: Events, personId: string, limit: number): Promise<Happening[]> {
  const { events: source } = await personSource(events);
  return events.rows<Happening>(sql`
    SELECT formatDateTime(occurred_at, '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS at, toString(name) AS name, amount_cents AS amountCents, order_id AS orderId,
      arraySlice(arrayMap(line -> if(line.name != '', line.name, line.product_id), products), 1, ${p.int(PRODUCTS_SHOWN)}) AS products
    FROM ${source} WHERE person_id = ${p.text(personId)} ORDER BY occurred_at DESC, message_id LIMIT ${p.int(limit)}`);
}
