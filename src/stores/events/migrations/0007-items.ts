// How many lines and items an event is about, and how many of them each person's days hold.
import { sql, type Sql } from '../../../kernel/sql.ts';

export const ITEMS: readonly Sql[] = [
  // Lines are its products. Items are what their quantities add up to; without products its own `quantity`. 1 where nothing says. Whoever
  // knows better writes the columns.
  sql`ALTER TABLE events ADD COLUMN IF NOT EXISTS lines UInt32 DEFAULT toUInt32(greatest(1, length(products)))`,
  sql`ALTER TABLE events ADD COLUMN IF NOT EXISTS items UInt32 DEFAULT toUInt32(least(4e9, greatest(1.,
      if(empty(products), ifNotFinite(round(JSONExtract(properties, 'quantity', 'Float64')), 1.), toFloat64(abs(arraySum(each -> tupleElement(each, 'quantity'), products)))))))`,

  sql`ALTER TABLE person_days ADD COLUMN IF NOT EXISTS lines SimpleAggregateFunction(sum, UInt64)`,
  sql`ALTER TABLE person_days ADD COLUMN IF NOT EXISTS items SimpleAggregateFunction(sum, UInt64)`,
  sql`ALTER TABLE person_days_feed MODIFY QUERY
      SELECT actor_id, name, day, count() AS events, sum(amount_cents) AS amount_cents, max(occurred_at) AS last_at,
        max(now64(3, 'UTC')) AS touched_at, sum(lines) AS lines, sum(items) AS items
      FROM events GROUP BY actor_id, name, day`,
  // The difference between what the events say and what is there already: adds nothing when it is applied twice.
  sql`INSERT INTO person_days (actor_id, name, day, lines, items)
      SELECT actor_id, name, day, toUInt64(greatest(0, sum(more_lines))), toUInt64(greatest(0, sum(more_items))) FROM (
        SELECT actor_id, name, day, toInt64(lines) AS more_lines, toInt64(items) AS more_items FROM events
        UNION ALL SELECT actor_id, name, day, -toInt64(lines), -toInt64(items) FROM person_days)
      GROUP BY actor_id, name, day HAVING sum(more_lines) > 0 OR sum(more_items) > 0`,

  // On her active days under the policy; 0 where nobody has counted yet.
  sql`ALTER TABLE person_states ADD COLUMN IF NOT EXISTS lines UInt64`,
  sql`ALTER TABLE person_states ADD COLUMN IF NOT EXISTS items UInt64`,
];
