// Public data sets end where everybody who cleans them ends: the figures are those of the data sets' own papers and of SCIENCE.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../kernel/sql.ts';
import { openChdb, type Events } from '../../stores/events/events.ts';
import { migrateEvents } from '../../stores/events/migrations.ts';
import { planImport, runImport } from './import.service.ts';

const data = [process.env['REKINDLE_DATA'] ?? '', '../shared/data'].find(
  (folder) => folder !== '' && existsSync(join(folder, 'cdnow_master.csv')),
);
const now = new Date('2026-01-15T12:00:00Z');

describe.skipIf(data === undefined)('public data sets (skipped where ../shared/data is absent)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-real-'));
  let events: Events;
  beforeAll(async () => {
    events = await openChdb(join(folder, 'events'));
    await migrateEvents(events, now);
  });
  afterAll(async () => {
    await events.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const load = async (name: string, currency: string) => {
    const deps = { events, timeZone: 'UTC', currency, temporaryFolder: folder };
    const [result] = await runImport(deps, [await planImport(deps, join(data ?? '', name), { now })], { now });
    return result!;
  };

  test('CDNOW: 69,659 purchases of 23,570 people, $2,500,315.63', async () => {
    const result = await load('cdnow_master.csv', 'USD');
    expect(result).toMatchObject({ rowsRead: 69_659, orders: 69_659, people: 23_570, rejected: 0, excluded: [] });
    const [row] = await events.rows(
      sql`SELECT count() AS orders, uniqExact(actor_id) AS people, sum(amount_cents) AS cents FROM events`,
    );
    expect(row).toEqual({ orders: 69_659, people: 23_570, cents: 250_031_563 });
    expect((await load('cdnow_master.csv', 'USD')).events).toEqual({ added: 0, known: 69_659 });
  });

  test('Online Retail: 397,884 order lines of 4,338 people after the usual cleaning', async () => {
    const result = await load('online_retail_1.csv.gz', 'GBP');
    expect(result).toMatchObject({ rowsRead: 541_909, rowsKept: 397_884, people: 4_338, rejected: 0 });
    // 135,080 lines have no customer (UCI's own description of missing values).
    expect(result.excluded).toContainEqual({ reason: 'no_person', count: 135_080 });
    const left = result.excluded.reduce((sum, each) => sum + each.count, 0);
    expect(left).toBe(541_909 - 397_884);
    expect((await load('online_retail_1.csv.gz', 'GBP')).events.added).toBe(0);
  });
});
