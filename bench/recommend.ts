// bench recommend: trains on a hundred thousand synthetic people with two million order lines over three thousand items, and scores
// everybody in one pass. Prints the time of each step; BENCH_PEOPLE and BENCH_ITEMS change the size.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { p, sql, type Sql } from '../src/kernel/sql.ts';
import { openChdb, type Events } from '../src/stores/events/events.ts';
import { migrateEvents } from '../src/stores/events/migrations.ts';
import { computePreferences } from '../src/understand/recommend/preferences.service.ts';
import { ownRecommender } from '../src/understand/recommend/recommender.service.ts';
import { productsFor, recommendForEveryone } from '../src/understand/recommend/scoring.service.ts';
import { trainRecommender } from '../src/understand/recommend/training.service.ts';

const PEOPLE = Number(process.env['BENCH_PEOPLE'] ?? 100_000);
const ITEMS = Number(process.env['BENCH_ITEMS'] ?? 3_000);
const ORDERS_PER_PERSON = 4;
const AS_OF = '2025-12-20';

/** Four orders of five lines each; few items are in most orders, and each person keeps to a taste of her own. */
const orders: Sql = sql`
  INSERT INTO events (message_id, actor_id, name, occurred_at, received_at, day, amount_cents, currency, order_id, products, properties, source)
  WITH number % ${p.int(PEOPLE)} AS person, cityHash64(number) AS h, toDate(${p.day(AS_OF)}) - h % 700 AS on_day,
    arrayMap(k -> toString((toUInt64(${p.int(ITEMS)} * pow((cityHash64(number, k) % 1000003) / 1000003, 2)) + cityHash64(person) % 50) % ${p.int(ITEMS)}), range(5)) AS ids
  SELECT toString(number), concat('person-', toString(person)), 'Order Completed', toDateTime64(on_day, 3, 'UTC') + h % 86400,
    toDateTime64(on_day, 3, 'UTC'), on_day, 5000, 'USD', concat('o-', toString(number)),
    arrayMap(id -> (concat('item-', id), concat('Item ', id), concat('c-', substring(id, 1, 1)), '', 1, 1000), ids), '{}', 'bench'
  FROM numbers(${p.int(PEOPLE * ORDERS_PER_PERSON)})`;

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const used = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(used);
  const seconds = ((performance.now() - start) / 1000).toFixed(2);
  console.log(`${what.padEnd(52)} ${seconds.padStart(7)} s   (${((user + system) / 1e6).toFixed(2)} s of processor)`);
  return result;
}

async function measure(events: Events): Promise<void> {
  const now = new Date('2026-01-01T00:00:00Z');
  await timed(`${PEOPLE} people, ${PEOPLE * ORDERS_PER_PERSON * 5} order lines made`, () => events.run(orders));
  const knn = { asOf: AS_OF, now, easeItemsMax: 0 };
  await timed('train item-kNN, cosine, in SQL', () => trainRecommender(events, knn));
  await timed('train item-kNN, BM25, in SQL', () => trainRecommender(events, { ...knn, weighting: 'bm25' }));
  const { items } = await timed('train EASE in its thread', () => trainRecommender(events, { asOf: AS_OF, now }));
  console.log(`  ${items} items`);
  const { people } = await timed('score everybody, ten items each', () =>
    recommendForEveryone(events, { asOf: AS_OF, now }),
  );
  console.log(`  ${people} people`);
  await timed('preference profiles of everybody', () =>
    computePreferences(events, { asOf: AS_OF, now, timeZone: 'UTC' }),
  );
  const some = Array.from({ length: 10_000 }, (_, i) => `person-${i}`);
  await timed('products for 10,000 people', () => productsFor(events, some, now));
  const engine = ownRecommender({ events, timeZone: 'UTC', now: () => now });
  await timed('one person, now', () => engine.getRecommendations({ userId: 'person-7' }));
}

const folder = mkdtempSync(join(tmpdir(), 'rekindle-bench-'));
const events = await openChdb(folder);
try {
  await migrateEvents(events, new Date());
  await measure(events);
} finally {
  await events.close();
  rmSync(folder, { recursive: true, force: true });
}
