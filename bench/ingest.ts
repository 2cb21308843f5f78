// How fast is durable ingest over HTTP? Events/s of batches of 100 from 32 connections (2xx means durable), against direct inserts of the
// same batches, one after the other, into the same events store. Target ≥ 0.4. The client runs in a process of its own.
// Usage: node bench/ingest.ts [batches]
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openApp } from '../src/app.ts';
import { createKey } from '../src/collect/keys.service.ts';
import { configOf } from '../src/config.ts';
import { startServer } from '../src/http/server.ts';
import { systemClock } from '../src/kernel/clock.ts';

const EVENTS = 100;
const CONNECTIONS = 32;
const USERS = 5_000;
const ROUNDS = 3;

type Job = { readonly url: string; readonly key: string; readonly batches: number; readonly round: number };

const eventOf = (round: number, batch: number, i: number, time: Date) => {
  const user = (batch * 37 + i * 101) % USERS;
  return {
    type: 'track',
    event: i % 10 === 0 ? 'Order Completed' : 'Product Viewed',
    messageId: `bench-${round}-${batch}-${i}`,
    userId: `user-${user}`,
    timestamp: time.toISOString(),
    properties: {
      revenue: (i * 7) % 90,
      order_id: `o-${batch}-${i}`,
      product_id: `sku-${i}`,
      name: 'A thing',
      price: 9.5,
    },
  };
};

/** Posts every batch once over 32 kept connections; seconds. */
async function post(job: Job): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const now = new Date();
  const bodies = Array.from({ length: job.batches }, (_, batch) =>
    JSON.stringify({ batch: Array.from({ length: EVENTS }, (__, i) => eventOf(job.round, batch, i, now)) }),
  );
  const one = (body: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${job.key}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      };
      const sent = request(`${job.url}/v1/batch`, { method: 'POST', agent, headers }, (response) => {
        response.resume();
        response.once('end', () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`answered ${response.statusCode}`)),
        );
      });
      sent.once('error', reject);
      sent.end(body);
    });
  const startMs = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < bodies.length) await one(bodies[next++]!);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  agent.destroy();
  return (performance.now() - startMs) / 1000;
}

async function measure(batches: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-bench-'));
  const app = await openApp(configOf({ REKINDLE_DATA_DIR: folder, REKINDLE_PORT: '0' }), systemClock);
  const server = await startServer(app, (error) => console.error(error), 0);
  const { key } = await createKey(app.records.db, 'write', 'bench', new Date());
  const client = fork(fileURLToPath(import.meta.url), ['client']);
  const overHttp = (round: number): Promise<number> =>
    new Promise((resolve, reject) => {
      client.once('message', (answer: { seconds?: number; error?: string }) =>
        answer.seconds === undefined ? reject(new Error(answer.error)) : resolve(answer.seconds),
      );
      client.send({ url: server.url, key, batches, round } satisfies Job);
    });
  const direct = async (round: number): Promise<number> => {
    const now = new Date();
    const rows = Array.from({ length: batches }, (_, batch) =>
      Array.from({ length: EVENTS }, (__, i) => {
        const event = eventOf(round, batch, i, now);
        const { revenue, order_id, product_id, name, price } = event.properties;
        return {
          message_id: event.messageId,
          actor_id: event.userId,
          name: event.event,
          occurred_at: event.timestamp,
          received_at: event.timestamp,
          day: event.timestamp.slice(0, 10),
          amount_cents: revenue * 100,
          currency: 'USD',
          order_id,
          products: [{ product_id, name, category: '', brand: '', quantity: 1, price_cents: price * 100 }],
          properties: JSON.stringify(event.properties),
          source: 'http',
        };
      }),
    );
    const startMs = performance.now();
    for (const batch of rows) await app.events.insert('events', batch);
    return (performance.now() - startMs) / 1000;
  };
  await overHttp(0);
  const http: number[] = [];
  const inserts: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    inserts.push(await direct(round * 2));
    http.push(await overHttp(round * 2 + 1));
  }
  const rate = (all: readonly number[]): number => (batches * EVENTS) / Math.min(...all);
  console.log(`${batches} batches of ${EVENTS}, best of ${ROUNDS}`);
  console.log(`direct  ${rate(inserts).toFixed(0)} events/s  one insert a batch, views included`);
  console.log(`ingest  ${rate(http).toFixed(0)} events/s  HTTP, ${CONNECTIONS} connections, durable`);
  console.log(`ratio   ${(rate(http) / rate(inserts)).toFixed(2)}  (target ≥ 0.4)`);
  client.disconnect();
  await server.close();
  await app.close();
  rmSync(folder, { recursive: true, force: true });
}

if (process.argv[2] === 'client') {
  process.on('message', (job: Job) => {
    post(job).then(
      (seconds) => process.send?.({ seconds }),
      (error: unknown) => process.send?.({ error: String(error) }),
    );
  });
} else {
  await measure(Number(process.argv[2] ?? 300));
}
