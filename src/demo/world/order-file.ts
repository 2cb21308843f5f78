// The same past as a plain orders file: one row per order line, as a shop without instruments would export it.
import type { Person } from './people.ts';
import type { ShopEvent } from './shop-event.ts';

export type OrderFileRow = {
  readonly order_id: string;
  readonly customer_id: string;
  /** `2026-03-14 09:26:53`, UTC. */
  readonly date: string;
  readonly email: string;
  readonly product: string;
  readonly category: string;
  readonly quantity: number;
  /** Line amount before order discounts, two decimals. */
  readonly amount: string;
};

export const ORDER_FILE_COLUMNS = [
  'order_id',
  'customer_id',
  'date',
  'email',
  'product',
  'category',
  'quantity',
  'amount',
] as const;

type LineProperties = {
  readonly product_id: string;
  readonly category: string;
  readonly price: number;
  readonly quantity: number;
};

export function* orderFileRows(events: Iterable<ShopEvent>, people: readonly Person[]): Generator<OrderFileRow> {
  const emails = new Map(people.map((person) => [person.id, person.email ?? '']));
  for (const { event, userId, timestamp, properties } of events) {
    if (event !== 'Order Completed' || userId === undefined) continue;
    for (const line of properties['products'] as readonly LineProperties[]) {
      yield {
        order_id: properties['order_id'] as string,
        customer_id: userId,
        date: timestamp.toISOString().slice(0, 19).replace('T', ' '),
        email: emails.get(userId) ?? '',
        product: line.product_id,
        category: line.category,
        quantity: line.quantity,
        amount: (line.price * line.quantity).toFixed(2),
      };
    }
  }
}

const quoted = (value: string | number): string => {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** RFC 4180 lines with a header, each ending in a line feed. */
export function* orderFileLines(rows: Iterable<OrderFileRow>): Generator<string> {
  yield `${ORDER_FILE_COLUMNS.join(',')}\n`;
  for (const row of rows) yield `${ORDER_FILE_COLUMNS.map((column) => quoted(row[column])).join(',')}\n`;
}
