// What an import's lines come to: one row per event-to-be. Message ids are digests of what the lines say, so that the same order imported
// again, from whatever file, has the same id.
import { empty, ident, joined, p, sql, type Sql } from '../../kernel/sql.ts';
import {
  at,
  currencyOf,
  factorOf,
  hasProducts,
  numberOr,
  PRODUCT_COLUMNS,
  productParts,
  textOr,
  usable,
  worthOf,
  type Lines,
} from './lines.sql.ts';
import { NO_PRODUCTS, ordersOf, type CutOrders } from './orders.sql.ts';
import { centsOf } from './values.sql.ts';

function productOf(lines: Lines): Sql {
  const { quantity, price, words } = productParts(lines);
  const fields = PRODUCT_COLUMNS.map((column) => (words.includes(column) ? sql`toString(${ident(column)})` : sql`''`));
  return sql`tuple(${joined(fields, ', ')}, ${quantity}, ${price})`;
}

const idFrom = (digest: Sql): Sql => sql`concat('imp:', lower(hex(${digest})))`;

/** A whole quantity, at least one. */
const itemsOf = (quantity: Sql): Sql => sql`toUInt32(least(4e9, greatest(1., round(abs(${quantity})))))`;

/** What `eventsToBe` counts itself; of the rest the table counts by the event's products and properties. */
export const countsOf = (lines: Lines): readonly ('lines' | 'items')[] => {
  if (lines.kind === 'orders') return ['lines', 'items'];
  return lines.has('quantity') && !lines.has('products') && !hasProducts(lines) ? ['items'] : [];
};

/** message_id, person, name, at, cents, currency, order_id, products, properties and `countsOf`: one row per event-to-be. */
export function eventsToBe(lines: Lines, cut: CutOrders | undefined): Sql {
  const orderName = sql`if(is_back, 'Order Refunded', 'Order Completed')`;
  if (lines.kind === 'events') {
    const own = textOr(lines, 'message_id');
    const cents = sql`if(name = 'Order Refunded', -abs(cents), cents)`;
    return sql`(SELECT if(own != '', own, ${idFrom(sql`sipHash128('event', name, person, at_ms, cents, order_id, properties, copy)`)}) AS message_id,
        person, name, fromUnixTimestamp64Milli(at_ms, 'UTC') AS at, ${cents} AS amount_cents, currency, order_id, products, properties,
        ${itemsOf(sql`mean_quantity`)} AS items
      FROM (SELECT *, arrayJoin(range(if(own != '', 1, copies))) AS copy FROM (
        SELECT substring(${own}, 1, 100) AS own, person, name, toUnixTimestamp64Milli(${at(lines)}) AS at_ms,
          ${lines.has('amount') ? centsOf(sql`amount`, factorOf(lines)) : sql`toInt64(0)`} AS cents, ${currencyOf(lines)} AS currency,
          ${textOr(lines, 'order_id')} AS order_id, ${lines.has('products') ? sql`products` : hasProducts(lines) ? sql`[${productOf(lines)}]` : NO_PRODUCTS} AS products,
          properties, count() AS copies, avg(${numberOr(lines, 'quantity', sql`1.`)}) AS mean_quantity
        FROM ${usable(lines)} GROUP BY own, person, name, at_ms, cents, currency, order_id, products, properties))
      ${lines.has('message_id') ? sql`LIMIT 1 BY message_id` : empty})`;
  }
  if (lines.grouping === 'by_line') {
    // Two equal lines are two orders: the second is told from the first by its number among its equals.
    return sql`(SELECT ${idFrom(sql`sipHash128('line', is_back, person, at_ms, amount_cents, quantity, currency, copy)`)} AS message_id,
        person, ${orderName} AS name, fromUnixTimestamp64Milli(at_ms, 'UTC') AS at, amount_cents, currency, '' AS order_id,
        ${NO_PRODUCTS} AS products, '{}' AS properties, toUInt32(1) AS lines, ${itemsOf(sql`quantity`)} AS items
      FROM (SELECT *, arrayJoin(range(copies)) AS copy FROM (
        SELECT is_back, person, toUnixTimestamp64Milli(${at(lines)}) AS at_ms, ${centsOf(worthOf(lines, sql`is_back`), factorOf(lines))} AS amount_cents,
          ${numberOr(lines, 'quantity', sql`1.`)} AS quantity, ${currencyOf(lines)} AS currency, count() AS copies
        FROM ${usable(lines)} GROUP BY is_back, person, at_ms, amount_cents, quantity, currency)))`;
  }
  const currency = lines.has('currency') ? sql`toString(currency_first)` : sql`${p.text(lines.currency)}`;
  const orderId = lines.grouping === 'by_order' ? sql`if(startsWith(order_key, '@'), '', order_key)` : sql`''`;
  return sql`(SELECT ${idFrom(sql`digest`)} AS message_id, person, ${orderName} AS name, at_first AS at,
      ${centsOf(sql`worth`, factorOf(lines, sql`currency_first`))} AS amount_cents, ${currency} AS currency, ${orderId} AS order_id,
      products, '{}' AS properties, all_lines AS lines, ${itemsOf(sql`all_items`)} AS items
    FROM ${ordersOf(lines, cut)})`;
}
