// Amounts of different currencies are never added: the roll-up keeps them apart, and the business's own rules say which are money.
import { sql, type Sql } from '../../../kernel/sql.ts';
import type { Events } from '../events.ts';

export const CURRENCIES: readonly Sql[] = [
  // The roll-up under a key that names the currency. A table of its own instead of the old one changed: the views of both run side by side
  // while it is filled, so that no event that arrives meanwhile misses it.
  sql`CREATE TABLE actor_days (
    actor_id String,
    name LowCardinality(String),
    day Date,
    currency LowCardinality(String),
    events SimpleAggregateFunction(sum, UInt64),
    amount_cents SimpleAggregateFunction(sum, Int64),
    last_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    touched_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    lines SimpleAggregateFunction(sum, UInt64),
    items SimpleAggregateFunction(sum, UInt64)
  ) ENGINE = AggregatingMergeTree PARTITION BY toYear(day) ORDER BY (name, actor_id, day, currency)`,
  sql`CREATE MATERIALIZED VIEW actor_days_feed TO actor_days AS
    SELECT actor_id, name, day, currency, count() AS events, sum(amount_cents) AS amount_cents, max(occurred_at) AS last_at,
      max(now64(3, 'UTC')) AS touched_at, sum(lines) AS lines, sum(items) AS items
    FROM events GROUP BY actor_id, name, day, currency`,

  // Which amounts are the business's money, as JSON: its currency, and its rates. The latest counts.
  sql`CREATE TABLE money_rules (rules String, version UInt64) ENGINE = ReplacingMergeTree(version) ORDER BY tuple()`,

  // By which of them an evaluation judged: another one is due when they have changed.
  sql`ALTER TABLE policy_evaluations ADD COLUMN IF NOT EXISTS money String`,
];

const ROUNDS_MAX = 20;

/** What the events say less what is there already. Counts are unsigned and wrap, so that what was there too much is taken off again. */
const FILL = sql`
  INSERT INTO actor_days (actor_id, name, day, currency, events, amount_cents, last_at, touched_at, lines, items)
  SELECT actor_id, name, day, currency, toUInt64(sum(n)), sum(cents), max(at), max(touched), toUInt64(sum(all_lines)), toUInt64(sum(all_items)) FROM (
    SELECT actor_id, name, day, currency, toInt64(1) AS n, amount_cents AS cents, occurred_at AS at, received_at AS touched,
      toInt64(lines) AS all_lines, toInt64(items) AS all_items FROM events
    UNION ALL SELECT actor_id, name, day, currency, -toInt64(events), -amount_cents, toDateTime64(0, 3, 'UTC'), toDateTime64(0, 3, 'UTC'),
      -toInt64(lines), -toInt64(items) FROM actor_days)
  GROUP BY actor_id, name, day, currency
  HAVING sum(n) != 0 OR sum(cents) != 0 OR sum(all_lines) != 0 OR sum(all_items) != 0`;

const IS_FILLED = sql`
  SELECT (SELECT (count(), sum(amount_cents), sum(lines), sum(items)) FROM events) = (SELECT (sum(events), sum(amount_cents), sum(lines), sum(items)) FROM actor_days) AS filled`;

/**
 * Fills the roll-up from the events that were there before its view, until both say the same: an insert under way on a shared server is seen in
 * the events a moment before the view has it, and the next round takes off what was counted twice by that.
 */
export async function fillActorDays(events: Events): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    await events.run(FILL);
    const [row] = await events.rows<{ filled: number }>(IS_FILLED);
    if (row?.filled === 1) break;
    if (round === ROUNDS_MAX - 1)
      throw new Error(`the events and their roll-up by currency still differ after ${ROUNDS_MAX} rounds`);
  }
  await events.run(sql`DROP TABLE IF EXISTS person_days_feed`);
  await events.run(sql`DROP TABLE IF EXISTS person_days`);
}
