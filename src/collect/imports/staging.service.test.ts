// An import killed in the middle of its INSERT: the engine may have committed some months, and the derived tables may disagree with them.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sql } from '../../kernel/sql.ts';
import { openChdb, type Events } from '../../stores/events/events.ts';
import { migrateEvents } from '../../stores/events/migrations.ts';
import { planImport, runImport, type ImportResult } from './import.service.ts';
import { sweepStaging } from './staging.service.ts';

const now = new Date('2026-01-15T12:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'rekindle-swept-'));
const ROWS = 200_000;
const path = join(folder, 'orders.csv');
let events: Events;

beforeAll(() => {
  let text = 'order_id,customer_id,date,amount\n';
  for (let i = 0; i < ROWS; i++) {
    const day = new Date(Date.UTC(2023, 0, 1 + (i % 730))).toISOString().slice(0, 10);
    text += `${i},u${i % 5000},${day},1.50\n`;
  }
  writeFileSync(path, text);
});
afterAll(async () => {
  await events.close();
  rmSync(folder, { recursive: true, force: true });
});

const child = `
  import { openChdb } from '${new URL('../../stores/events/events.ts', import.meta.url).href}';
  import { migrateEvents } from '${new URL('../../stores/events/migrations.ts', import.meta.url).href}';
  import { sweepStaging } from '${new URL('./staging.service.ts', import.meta.url).href}';
  import { planImport, runImport } from '${new URL('./import.service.ts', import.meta.url).href}';
  const now = new Date('${now.toISOString()}');
  const events = await openChdb('${join(folder, 'events')}');
  await migrateEvents(events, now);
  await sweepStaging(events, now);
  const deps = { events, timeZone: 'UTC', currency: 'USD' };
  const plan = await planImport(deps, '${path}', { now });
  const onProgress = ({ phase }) => process.stdout.write(phase + '\\n');
  await runImport(deps, [plan], { now, onProgress });
`;

/** Starts the import in another process and kills it `afterMs` after it began to write. */
async function killWhileWriting(afterMs: number): Promise<string> {
  writeFileSync(join(folder, 'child.ts'), child);
  const importing = spawn(process.execPath, [join(folder, 'child.ts')], { stdio: ['ignore', 'pipe', 'ignore'] });
  let seen = '';
  return new Promise((resolve) => {
    importing.stdout.on('data', (text: Buffer) => {
      seen += text.toString();
      if (text.toString().includes('writing')) setTimeout(() => importing.kill('SIGKILL'), afterMs);
    });
    importing.on('exit', (_, signal) => resolve(`${seen.trim().split('\n').at(-1)} ${signal}`));
  });
}

async function load(): Promise<ImportResult> {
  const deps = { events, timeZone: 'UTC', currency: 'USD', temporaryFolder: folder };
  const [result] = await runImport(deps, [await planImport(deps, path, { now })], { now });
  return result!;
}

const counts = async (): Promise<Record<string, unknown>> => {
  const [row] = await events.rows(sql`SELECT
    (SELECT count() FROM events) AS events, (SELECT uniqExact(message_id) FROM events) AS unique,
    (SELECT count() FROM message_ids) AS ids, (SELECT sum(events) FROM actor_days) AS days,
    (SELECT sum(amount_cents) FROM actor_days) AS cents, (SELECT sum(items) FROM actor_days) AS items`);
  return row ?? {};
};

test('killed while writing: sweep, run again, and everything is there once', async () => {
  expect(await killWhileWriting(80)).toBe('writing SIGKILL');
  // Each further process starts as a server does, sweeps, and dies a little later; one of them may already finish.
  for (const afterMs of [160, 240, 320, 400]) await killWhileWriting(afterMs);
  events = await openChdb(join(folder, 'events'));
  await migrateEvents(events, now);
  await sweepStaging(events, now);
  const partly = await counts();
  expect(partly['ids']).toBe(partly['events']);
  expect(partly['days']).toBe(partly['events']);
  const result = await load();
  expect(result.events.added + result.events.known).toBe(ROWS);
  expect(result.events.known).toBe(partly['events']);
  expect(await counts()).toEqual({ events: ROWS, unique: ROWS, ids: ROWS, days: ROWS, cents: ROWS * 150, items: ROWS });
}, 120_000);

test('a mark left behind makes the derived tables be built again, and they are still fed afterwards', async () => {
  // What the worst instant leaves: a month committed whose views were not.
  await events.run(sql`TRUNCATE TABLE message_ids`);
  await events.run(sql`TRUNCATE TABLE actor_days`);
  await events.run(sql`ALTER TABLE events DROP PARTITION 202301`);
  await events.run(sql`CREATE TABLE import_dead_committing (at DateTime) ENGINE = MergeTree ORDER BY at`);
  await events.run(sql`CREATE TABLE import_dead_lines (n UInt64) ENGINE = MergeTree ORDER BY n`);
  expect(await sweepStaging(events, now)).toEqual({ dropped: 2, rebuilt: true });
  expect((await load()).events.added).toBeGreaterThan(0);
  expect(await counts()).toEqual({ events: ROWS, unique: ROWS, ids: ROWS, days: ROWS, cents: ROWS * 150, items: ROWS });
  expect(await sweepStaging(events, now)).toEqual({ dropped: 0, rebuilt: false });
}, 120_000);
