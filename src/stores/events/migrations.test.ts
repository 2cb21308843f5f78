// A store that holds events from before a migration: what the migration adds is filled in from them, once.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventRow } from '../../../test/support/events-store.ts';
import { ident, p, sql } from '../../kernel/sql.ts';
import { openChdb, type Events } from './events.ts';
import { migrateEvents } from './migrations.ts';
import { fillActorDays } from './migrations/0008-currencies.ts';
import { rebuildRollups } from './rollups.ts';

const NOW = new Date('2026-01-01T00:00:00Z');
const ITEMS = '0007-items';
const CURRENCIES = '0008-currencies';

let folder: string;
let events: Events;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rekindle-migrations-'));
  events = await openChdb(folder);
});
afterAll(async () => {
  await events.close();
  rmSync(folder, { recursive: true, force: true });
});

const product = (quantity: number) => ({
  product_id: 'x',
  name: '',
  category: '',
  brand: '',
  quantity,
  price_cents: 100,
});
const order = (quantities: readonly number[], properties = '{}') => ({
  ...eventRow('mia', 'Order Completed', '2025-12-01', 500),
  products: quantities.map(product),
  properties,
});

const days = (table: 'person_days' | 'actor_days') =>
  events.rows(sql`SELECT toString(day) AS day, sum(events) AS n, sum(amount_cents) AS cents, sum(lines) AS all_lines, sum(items) AS all_items
    FROM ${ident(table)} WHERE actor_id = 'mia' AND name = 'Order Completed' GROUP BY day ORDER BY day`);

const pretend = (name: string) => events.run(sql`INSERT INTO migrations VALUES (${p.text(name)}, ${p.instant(NOW)})`);
const forget = (name: string) =>
  events.run(sql`ALTER TABLE migrations DELETE WHERE name = ${p.text(name)} SETTINGS mutations_sync = 2`);

// 3 + 2, 4, 1, and 6 given back; lines 2 + 1 + 1 + 1. Then one of 1 + 1 on the second day, and one more of nothing on the first.
const FIRST = { day: '2025-12-01', n: 4, cents: 2000, all_lines: 5, all_items: 16 };
const THEN = [
  { ...FIRST, n: 5, cents: 2500, all_lines: 6, all_items: 17 },
  { day: '2025-12-02', n: 2, cents: 1000, all_lines: 3, all_items: 9 },
];

test('lines and items of days long past are counted from their events, once, and go on being counted', async () => {
  await events.run(
    sql`CREATE TABLE migrations (name String, applied_at DateTime64(3, 'UTC')) ENGINE = MergeTree ORDER BY name`,
  );
  await pretend(ITEMS);
  await pretend(CURRENCIES);
  await migrateEvents(events, NOW);
  await events.insert('events', [
    order([3, 2]),
    order([], '{"quantity":"4"}'),
    order([]),
    order([-6]),
    { ...order([7]), day: '2025-12-02' },
  ]);

  await forget(ITEMS);
  await migrateEvents(events, NOW);
  expect(await days('person_days')).toEqual([
    FIRST,
    { day: '2025-12-02', n: 1, cents: 500, all_lines: 1, all_items: 7 },
  ]);

  await forget(ITEMS);
  await migrateEvents(events, NOW);
  await events.insert('events', [{ ...order([1, 1]), day: '2025-12-02' }, order([])]);
  expect(await days('person_days')).toEqual(THEN);
});

test('currencies of days long past are told apart, once, and nothing that arrives meanwhile is missed', async () => {
  await events.insert('events', [{ ...eventRow('mia', 'Order Completed', '2025-12-03', 900), currency: 'EUR' }]);
  await events.insert('events', [eventRow('mia', 'Order Completed', '2025-12-03', 100)]);
  const third = { day: '2025-12-03', n: 2, cents: 1000, all_lines: 2, all_items: 2 };
  const apart = () =>
    events.rows(sql`SELECT toString(currency) AS currency, sum(events) AS n, sum(amount_cents) AS cents FROM actor_days
      WHERE day = '2025-12-03' GROUP BY currency ORDER BY currency`);
  const twoCurrencies = [
    { currency: 'EUR', n: 1, cents: 900 },
    { currency: 'USD', n: 1, cents: 100 },
  ];
  await forget(CURRENCIES);
  await migrateEvents(events, NOW);
  expect(await days('actor_days')).toEqual([...THEN, third]);
  expect(await apart()).toEqual(twoCurrencies);
  const left = await events.rows(
    sql`SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'person_days')`,
  );
  expect(left).toEqual([]);

  // A writer that went on while it was filled: what the view had already is not counted twice, and what it had too much is taken off.
  await events.insert('actor_days', [
    {
      actor_id: 'mia',
      name: 'Order Completed',
      day: '2025-12-03',
      currency: 'EUR',
      events: 1,
      amount_cents: 900,
      lines: 1,
      items: 1,
    },
  ]);
  await fillActorDays(events);
  expect(await apart()).toEqual(twoCurrencies);

  await forget(CURRENCIES);
  await migrateEvents(events, NOW);
  expect(await apart()).toEqual(twoCurrencies);
  await rebuildRollups(events);
  expect(await days('actor_days')).toEqual([...THEN, third]);
  expect(await apart()).toEqual(twoCurrencies);
});

test('an event written without any of the columns that others are counted from is one line of one item', async () => {
  await events.run(sql`INSERT INTO events (message_id, actor_id, name, occurred_at, received_at, day, source)
    SELECT 'bare', 'ida', 'Order Completed', ${p.instant(NOW)}, ${p.instant(NOW)}, toDate(${p.instant(NOW)}), 'test'`);
  const rows = await events.rows(sql`SELECT lines, items FROM events WHERE actor_id = 'ida'`);
  expect(rows).toEqual([{ lines: 1, items: 1 }]);
});
