// The lines of Online Retail for tests of recommendations: read by the tests' own reader, and loaded as one event per invoice with its products.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Events, Row } from '../../src/stores/events/events.ts';
import { dataFile } from '../support/public-data.ts';

export const FILE = 'online_retail_1.csv.gz';

/** A line of an invoice after the usual cleaning. `at`: "2010-12-01 08:26:00", the shop's own clock. */
export type Line = {
  readonly invoice: string;
  readonly item: string;
  readonly name: string;
  readonly at: string;
  readonly person: string;
  readonly quantity: number;
  readonly cents: number;
};

/** A customer id, quantity > 0, price > 0, no "C" invoice: 397,884 lines. */
export function cleanLines(): Line[] {
  const text = gunzipSync(readFileSync(dataFile(FILE))).toString('latin1');
  const kept: Line[] = [];
  for (const line of text.trim().split(/\r?\n/).slice(1)) {
    // Descriptions hold commas inside quotes; everything else does not.
    const match = /^([^,]*),([^,]*),(.*),(-?\d+),([^,]*),([^,]*),([^,]*),[^,]*$/.exec(line);
    if (!match) throw new Error(`unread line: ${line}`);
    const [, invoice, item, name, quantity, at, price, person] = match;
    if (!person || invoice!.startsWith('C') || Number(quantity) <= 0 || Number(price) <= 0) continue;
    kept.push({
      invoice: invoice!,
      item: item!,
      name: name!.replaceAll('"', '').trim(),
      at: at!,
      person,
      quantity: Number(quantity),
      cents: Math.round(Number(price) * 100),
    });
  }
  return kept;
}

/** Stock codes of five leading digits: goods, not postage and fees. */
export const isGoods = ({ item }: Line): boolean => /^\d{5}/.test(item);

/** One `Order Completed` per invoice and person, with the products of its lines. */
export async function loadOrders(events: Events, lines: readonly Line[]): Promise<void> {
  const orders = new Map<string, Line[]>();
  for (const line of lines) {
    const key = `${line.invoice}-${line.person}`;
    const order = orders.get(key);
    if (order === undefined) orders.set(key, [line]);
    else order.push(line);
  }
  const rows = [...orders].map(([key, [first, ...more]]): Row => {
    const all = [first!, ...more];
    return {
      message_id: `retail-${key}`,
      actor_id: first!.person,
      name: 'Order Completed',
      occurred_at: first!.at,
      received_at: first!.at,
      day: first!.at.slice(0, 10),
      amount_cents: all.reduce((sum, line) => sum + line.cents * line.quantity, 0),
      currency: 'GBP',
      order_id: first!.invoice,
      products: all.map((line) => ({
        product_id: line.item,
        name: line.name,
        category: '',
        brand: '',
        quantity: line.quantity,
        price_cents: line.cents,
      })),
      properties: '{}',
      source: 'file',
    };
  });
  for (let from = 0; from < rows.length; from += 2_000) await events.insert('events', rows.slice(from, from + 2_000));
}
