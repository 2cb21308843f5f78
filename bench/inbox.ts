// How fast does an inbox open? Latency of `GET /v1/inbox` at a fixed 500 requests/s, from the moment a request was due (a slow answer does not
// hold back the next), while one page in ten also reports its message as seen, which writes and throws that inbox out of memory. The first
// page of every visitor is not in memory either. The server runs here, the visitors in a process of their own. Target: p99 < 10 ms.
// What the machine itself is good for that minute: the same visitors at a bare server that always gives the same answer, before and after.
// Usage: node bench/inbox.ts [requests per second] [seconds]
import { randomUUID } from 'node:crypto';
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { openApp } from '../src/app.ts';
import { createKey } from '../src/collect/keys.service.ts';
import { configOf } from '../src/config.ts';
import { startServer } from '../src/http/server.ts';
import { systemClock } from '../src/kernel/clock.ts';
import { signPersonToken } from '../src/reach/inbox/person-token.ts';

const PEOPLE = 50_000;
/** Visitors of the measured minutes; each opens several pages. */
const VISITORS = 2_000;
const CONNECTIONS = 64;
const IN_FLIGHT_MAX = 2_000;
const REPORTED_SHARE = 0.1;

type Job = {
  readonly url: string;
  readonly writeKey: string;
  readonly tokens: readonly string[];
  readonly perSecond: number;
  readonly seconds: number;
};
type Answer = {
  readonly latenciesMs: readonly number[];
  readonly reports: number;
  readonly failures: readonly string[];
};

/** Asks at a constant rate; latencies in ms from when each request was due. */
async function visit(job: Job): Promise<Answer> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const latenciesMs: number[] = [];
  const failures: string[] = [];
  let reports = 0;
  let inFlight = 0;
  const call = (method: string, path: string, headers: Record<string, string>, body = ''): Promise<string> =>
    new Promise((resolve, reject) => {
      const sent = request(`${job.url}${path}`, { method, agent, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.once('end', () =>
          response.statusCode === 200 ? resolve(text) : reject(new Error(`${path} answered ${response.statusCode}`)),
        );
      });
      sent.once('error', reject);
      sent.end(body);
    });
  const report = async (person: number, answer: string): Promise<void> => {
    const { messages } = JSON.parse(answer) as { messages: { messageId: string; receipt: string }[] };
    if (messages[0] === undefined) throw new Error('an inbox was empty');
    reports++;
    const body = {
      writeKey: job.writeKey,
      event: 'In-App Message Seen',
      userId: `p${person}`,
      messageId: `seen-${randomUUID()}`,
      properties: { receipt: messages[0].receipt },
    };
    await call('POST', '/v1/t', { 'content-type': 'text/plain' }, JSON.stringify(body));
  };
  const one = async (at: number, dueMs: number): Promise<void> => {
    inFlight++;
    const person = (at * 7_919) % job.tokens.length;
    try {
      const answer = await call('GET', '/v1/inbox', { authorization: `Bearer ${job.tokens[person]}` });
      latenciesMs.push(performance.now() - dueMs);
      if (at % (1 / REPORTED_SHARE) === 0) await report(person, answer);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    } finally {
      inFlight--;
    }
  };
  const total = job.perSecond * job.seconds;
  const startMs = performance.now() + 100;
  const running: Promise<void>[] = [];
  for (let at = 0; at < total;) {
    const dueMs = startMs + (at * 1000) / job.perSecond;
    if (dueMs > performance.now()) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      continue;
    }
    if (inFlight < IN_FLIGHT_MAX) running.push(one(at, dueMs));
    else failures.push('too many in flight');
    at++;
  }
  await Promise.all(running);
  agent.destroy();
  return { latenciesMs, reports, failures };
}

const percentile = (latenciesMs: readonly number[], share: number): string =>
  (latenciesMs.toSorted((a, b) => a - b)[Math.ceil(share * latenciesMs.length) - 1] ?? NaN).toFixed(1);

/** Visits to a server that does nothing. */
async function bare(run: (job: Job) => Promise<Answer>, job: Job): Promise<string> {
  const answer = JSON.stringify({ messages: [{ messageId: 'm', receipt: 'x'.repeat(1_500) }] });
  const server = createServer((asked, answered) => {
    asked.resume();
    answered.setHeader('content-type', 'application/json').end(answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { latenciesMs } = await run({ ...job, url: `http://127.0.0.1:${port}`, seconds: 5 });
  server.closeAllConnections();
  server.close();
  return percentile(latenciesMs, 0.99);
}

async function measure(perSecond: number, seconds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-bench-'));
  const app = await openApp(configOf({ REKINDLE_DATA_DIR: folder, REKINDLE_PORT: '0' }), systemClock, {
    business: { globalControlBuckets: 0 },
  });
  const server = await startServer(app, (error) => console.error(error), 0);
  const { key } = await createKey(app.records.db, 'write', 'bench', new Date());
  const { db } = app.records;
  await sql`
    INSERT INTO people (person_id, traits, cluster_key, global_bucket, created_at, updated_at)
    SELECT 'p' || i, '{}', 'p' || i, 9999, now(), now() FROM generate_series(0, ${PEOPLE}::int - 1) AS i`.execute(db);
  // Two messages each, and a consent: what a busy shop's visitors carry.
  const fields = {
    layout: 'card',
    title: 'Welcome back',
    body: 'We kept your basket for you.',
    buttons: [{ label: 'See it', url: 'https://shop.example/basket' }],
    closable: true,
    adLabel: true,
    moment: 'open',
    frequency: { shows: 20, everyHours: 0 },
  };
  await sql`
    INSERT INTO messages (message_id, programme_id, run_id, step, person_id, channel, purpose, address, address_key, variant, template_id,
      template_version, language, state, due_at, expires_at, sent_at, created_at)
    SELECT 'msg_' || lpad(to_hex(i), 26, '0'), 'g', 'r', i / ${PEOPLE}::int, 'p' || (i % ${PEOPLE}::int), 'in_app', 'marketing', 'p', 'k' || (i % ${PEOPLE}::int), 'a', 't', 1, 'en',
      'sent', now(), now() + interval '1 day', now(), now() FROM generate_series(0, 2 * ${PEOPLE}::int - 1) AS i`.execute(
    db,
  );
  await sql`
    INSERT INTO inbox (message_id, person_id, language, fields, placed_at, expires_at)
    SELECT message_id, person_id, 'en', ${JSON.stringify(fields)}::jsonb, now(), expires_at FROM messages`.execute(db);
  await sql`ANALYZE`.execute(db);
  const client = fork(fileURLToPath(import.meta.url), ['client']);
  const run = (job: Job): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const onExit = (code: number | null): void => reject(new Error(`the visitors ended with ${code}`));
      client.once('exit', onExit);
      client.once('message', (answer: Answer | { error: string }) => {
        client.off('exit', onExit);
        if ('error' in answer) reject(new Error(answer.error));
        else resolve(answer);
      });
      client.send(job);
    });
  const tokens = Array.from({ length: VISITORS }, (_, i) =>
    signPersonToken(app.secrets.token, `p${i * 3}`, new Date(Date.now() + 3_600_000)),
  );
  const job = { url: server.url, writeKey: key, perSecond, seconds };
  // Others' visits first, so that what is measured is a server that has been running.
  const others = Array.from({ length: VISITORS }, (_, i) =>
    signPersonToken(app.secrets.token, `p${i * 3 + 1}`, new Date(Date.now() + 3_600_000)),
  );
  await run({ ...job, tokens: others, seconds: 3 });
  const bareBefore = await bare(run, { ...job, tokens });
  const before = process.cpuUsage();
  const { latenciesMs, reports, failures } = await run({ ...job, tokens });
  const used = process.cpuUsage(before);
  const at = (share: number): string => percentile(latenciesMs, share);
  const bareAfter = await bare(run, { ...job, tokens });
  console.log(
    `${latenciesMs.length} inboxes of ${VISITORS} visitors at ${perSecond}/s for ${seconds} s, ${reports} reports, ${failures.length} failures`,
  );
  console.log(
    `p50 ${at(0.5)} ms  p90 ${at(0.9)} ms  p99 ${at(0.99)} ms  p99.9 ${at(0.999)} ms  max ${at(1)} ms  (target: p99 < 10 ms)`,
  );
  console.log(
    `a bare server's p99 at the same rate: ${bareBefore} ms before, ${bareAfter} ms after; the server's process used ${(((used.user + used.system) / 1e6 / seconds) * 100).toFixed(0)}% of one core`,
  );
  for (const failure of new Set(failures)) console.log(`failed: ${failure}`);
  client.disconnect();
  await server.close();
  await app.close();
  rmSync(folder, { recursive: true, force: true });
}

if (process.argv[2] === 'client') {
  process.on('message', (job: Job) => {
    visit(job).then(
      (answer) => process.send?.(answer),
      (error: unknown) => process.send?.({ error: String(error) }),
    );
  });
} else {
  await measure(Number(process.argv[2] ?? 500), Number(process.argv[3] ?? 20));
}
