// How fast is an import against the engine's own INSERT … SELECT FROM file() of the same file into a plain table?
// Prints rows/s of both and the ratio (target ≥ 0.5). Usage: node bench/import.ts [rows]
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { planImport, runImport } from '../src/collect/imports/import.service.ts';
import { p, sql } from '../src/kernel/sql.ts';
import { seededRng } from '../src/kernel/random.ts';
import { openChdb } from '../src/stores/events/events.ts';
import { migrateEvents } from '../src/stores/events/migrations.ts';

const DAY_MS = 86_400_000;
const ROUNDS = 5;
const START_MS = Date.UTC(2023, 0, 1);

/** Orders of one to four lines by a hundred thousand people over two years. */
function* orderLines(rows: number): Generator<string> {
  const rng = seededRng('bench import');
  yield 'order_id,customer_id,order_date,product,category,quantity,unit_price,currency\n';
  let text = '';
  for (let row = 0, order = 100_000; row < rows; order++) {
    const person = rng.below(100_000);
    const at = new Date(START_MS + Math.floor((rng.next() * 730 * DAY_MS) / 1000) * 1000);
    const when = at.toISOString().replace('T', ' ').slice(0, 19);
    for (let line = rng.below(4); line >= 0 && row < rows; line--, row++) {
      const product = rng.below(2_000);
      const price = (0.99 + (product % 90)).toFixed(2);
      text += `${order},${person},${when},SKU-${product},category ${product % 20},${1 + rng.below(3)},${price},USD\n`;
    }
    if (text.length > 1 << 18) {
      yield text;
      text = '';
    }
  }
  yield text;
}

const rows = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(join(tmpdir(), 'rekindle-bench-'));
try {
  const file = join(folder, 'orders.csv');
  await pipeline(Readable.from(orderLines(rows)), createWriteStream(file));
  const events = await openChdb(join(folder, 'events'));
  const now = new Date('2026-01-01T00:00:00Z');
  await migrateEvents(events, now);
  await events.run(sql`CREATE TABLE plain (order_id String, customer_id String, order_date DateTime, product String,
    category String, quantity Int32, unit_price Float64, currency LowCardinality(String))
    ENGINE = MergeTree ORDER BY (customer_id, order_date)`);
  const plain = async (): Promise<number> => {
    await events.run(sql`TRUNCATE TABLE plain`);
    const startMs = performance.now();
    await events.run(sql`INSERT INTO plain SELECT * FROM file(${p.text(file)}, 'CSVWithNames')`);
    return (performance.now() - startMs) / 1000;
  };
  const imported = async (): Promise<number> => {
    for (const table of [sql`events`, sql`message_ids`, sql`actor_days`, sql`person_spans`])
      await events.run(sql`TRUNCATE TABLE ${table}`);
    const startMs = performance.now();
    const deps = { events, timeZone: 'UTC', currency: 'USD' };
    const phases: string[] = [];
    let lastMs = startMs;
    const onProgress = ({ phase }: { phase: string }): void => {
      phases.push(`${((performance.now() - lastMs) / 1000).toFixed(2)} → ${phase}`);
      lastMs = performance.now();
    };
    await runImport(deps, [await planImport(deps, file, { now })], { now, onProgress });
    if (process.env['REKINDLE_BENCH_PHASES'] !== undefined) console.log(phases.join(', '));
    return (performance.now() - startMs) / 1000;
  };
  // The two alternate so that a busy neighbour slows both; the best of each counts, and beside it stands what each round said by itself.
  const engineSeconds: number[] = [];
  const importSeconds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    engineSeconds.push(await plain());
    importSeconds.push(await imported());
  }
  const engine = Math.min(...engineSeconds);
  const ours = Math.min(...importSeconds);
  const perSecond = (seconds: number): string => Math.round(rows / seconds).toLocaleString('en');
  console.log(
    `engine  ${engine.toFixed(2)} s  ${perSecond(engine)} rows/s  INSERT … SELECT FROM file() into a plain table`,
  );
  console.log(`import  ${ours.toFixed(2)} s  ${perSecond(ours)} rows/s  plan, read, check, write, views`);
  const ratios = engineSeconds.map((seconds, round) => seconds / importSeconds[round]!).toSorted((a, b) => a - b);
  console.log(
    `ratio   ${(engine / ours).toFixed(2)}  (target ≥ 0.5), of each round ${ratios.map((ratio) => ratio.toFixed(2)).join(' ')}`,
  );
  await events.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
