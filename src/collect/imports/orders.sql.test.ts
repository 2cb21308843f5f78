// However the lines of orders stand in a file, the same orders come of them; what they should be is counted here, line by line.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { seededRng } from '../../kernel/random.ts';
import { ident, sql } from '../../kernel/sql.ts';
import { openChdb, type Events } from '../../stores/events/events.ts';
import { migrateEvents } from '../../stores/events/migrations.ts';
import { planImport, runImport, type ImportResult } from './import.service.ts';

const now = new Date('2026-01-15T12:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'rekindle-orders-'));
let events: Events;

beforeAll(async () => {
  events = await openChdb(join(folder, 'events'));
  await migrateEvents(events, now);
});
beforeEach(async () => {
  for (const table of ['events', 'message_ids', 'actor_days']) await events.run(sql`TRUNCATE TABLE ${ident(table)}`);
});
afterAll(async () => {
  await events.close();
  rmSync(folder, { recursive: true, force: true });
});

type Line = {
  readonly order: string;
  readonly person: string;
  readonly day: string;
  readonly product: string;
  readonly quantity: number;
  readonly cents: number;
};

async function load(name: string, lines: readonly Line[]): Promise<ImportResult> {
  const path = join(folder, name);
  const text = lines.map(
    (line) =>
      `${line.order},${line.person},${line.day},${line.product},${line.quantity},${(line.cents / 100).toFixed(2)}\n`,
  );
  writeFileSync(path, `order_id,customer_id,order_date,product,quantity,unit_price\n${text.join('')}`);
  const deps = { events, timeZone: 'UTC', currency: 'EUR', temporaryFolder: folder };
  const [result] = await runImport(deps, [await planImport(deps, path, { now })], { now, rejectsFolder: folder });
  return result!;
}

type Order = {
  readonly name: string;
  readonly person: string;
  readonly order: string;
  readonly day: string;
  cents: number;
  lines: number;
  items: number;
  products: string[];
};

const LISTED_MAX = 1000;

/** What the lines come to: one order for what was bought under a number, one for what went back under it. */
function ordersOf(lines: readonly Line[]): readonly Order[] {
  const orders = new Map<string, Order>();
  for (const { order, person, day, product, quantity, cents } of lines) {
    const name = quantity < 0 ? 'Order Refunded' : 'Order Completed';
    const key = `${name} ${person} ${order}`;
    const known = orders.get(key) ?? { name, person, order, day, cents: 0, lines: 0, items: 0, products: [] };
    known.cents += cents * quantity;
    known.lines += 1;
    known.items += Math.abs(quantity);
    known.products.push(`${product} ${quantity} ${cents}`);
    orders.set(key, known);
  }
  return [...orders.values()].toSorted(byKey);
}

const byKey = (a: Order, b: Order): number => {
  const [left, right] = [a, b].map((order) => `${order.person} ${order.order} ${order.name}`);
  return left! < right! ? -1 : left! > right! ? 1 : 0;
};

/** The orders as stored. */
async function stored(): Promise<readonly Order[]> {
  const rows = await events.rows<Order>(sql`
    SELECT name, actor_id AS person, order_id AS order, toString(day) AS day, amount_cents AS cents, lines, items,
      arrayMap(x -> concat(x.product_id, ' ', toString(x.quantity), ' ', toString(x.price_cents)), products) AS products FROM events`);
  return rows.toSorted(byKey);
}

const sorted = (orders: readonly Order[]): readonly Order[] =>
  orders.map((order) => ({ ...order, products: order.products.toSorted() }));

/** Orders of one to four lines, one after the other. */
function tidy(seed: string, count: number): Line[] {
  const rng = seededRng(seed);
  const lines: Line[] = [];
  for (let order = 0; order < count; order++) {
    const person = `p${rng.below(500)}`;
    const day = `2025-0${1 + rng.below(9)}-${10 + rng.below(18)}`;
    for (let line = rng.below(4); line >= 0; line--) {
      const product = `SKU-${rng.below(50)}`;
      lines.push({
        order: `${10_000 + order}`,
        person,
        day,
        product,
        quantity: 1 + rng.below(3),
        cents: 100 + rng.below(9_000),
      });
    }
  }
  return lines;
}

function shuffled<T>(items: readonly T[], seed: string): T[] {
  const rng = seededRng(seed);
  const list = [...items];
  for (let i = list.length - 1; i > 0; i--) {
    const j = rng.below(i + 1);
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
  return list;
}

describe('orders of a file', () => {
  test('in its order, beyond the lines that are walked at a time', async () => {
    // 66,000 lines and more: some order lies across the 65,536th.
    const lines = tidy('in order', 27_000);
    expect(lines.length).toBeGreaterThan(66_000);
    const { orders } = await load('tidy.csv', lines);
    expect(orders).toBe(27_000);
    const [made, wanted] = [await stored(), ordersOf(lines)];
    expect(sorted(made)).toEqual(sorted(wanted));
    // Products stand as in the file, but for those of the few orders that lie across two pieces of it.
    const moved = made.filter((order, i) => order.products.join() !== wanted[i]!.products.join());
    expect(moved.length).toBeLessThan(100);
  });

  test('with some that stand apart, go back in part, or share a number', async () => {
    const lines = tidy('apart', 400);
    const first = lines[0]!;
    // Its last line stands at the end of the file.
    lines.push({ ...first, product: 'LATE', quantity: 2 });
    // Between two lines of one order something goes back, twice.
    lines.push({ ...first, order: '90001', product: 'A' }, { ...first, order: '90001', product: 'B', quantity: -1 });
    lines.push({ ...first, order: '90001', product: 'C' }, { ...first, order: '90001', product: 'D', quantity: -2 });
    // Two people's orders have one number and stand beside each other.
    lines.push({ ...first, order: '90002', person: 'one' }, { ...first, order: '90002', person: 'other' });
    await load('apart.csv', lines);
    expect(sorted(await stored())).toEqual(sorted(ordersOf(lines)));
  });

  test('with more lines than are listed', async () => {
    const [line] = tidy('long', 1);
    const long = Array.from({ length: LISTED_MAX + 200 }, (_, i) => ({ ...line!, product: `SKU-${i}` }));
    const lines = [...long, { ...line!, order: '90003' }];
    await load('long.csv', lines);
    const [listed, ...rest] = await stored();
    const [whole, ...others] = ordersOf(lines);
    expect({ ...listed, products: [] }).toEqual({ ...whole, products: [] });
    expect(listed!.products).toHaveLength(LISTED_MAX);
    expect(rest).toEqual(others);
  });

  test('in no order at all: the same, so that the tidy file adds nothing after it', async () => {
    const seed = 'no order';
    const lines = tidy(seed, 3_000);
    const { events: written } = await load('shuffled.csv', shuffled(lines, seed));
    expect(written).toEqual({ added: 3_000, known: 0 });
    expect(sorted(await stored())).toEqual(sorted(ordersOf(lines)));
    const again = await load('tidy-again.csv', lines);
    expect(again.events).toEqual({ added: 0, known: 3_000 });
  });
});
