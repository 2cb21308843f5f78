// kill -9 of two workers of one PostgreSQL at two hundred seeded instants while twenty thousand messages go out, to a mail server that stalls,
// hangs up after DATA and says "later". Only the workers die: the store, the mail server and the process that serves HTTP stay, so people
// unsubscribe and come back throughout. Counted at the mail server.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { openApp } from '../../src/app.ts';
import { createKey } from '../../src/collect/keys.service.ts';
import { configOf } from '../../src/config.ts';
import { startServer } from '../../src/http/server.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { Rng } from '../../src/kernel/random.ts';
import { postgresAbsent, startPostgres } from '../support/postgres.ts';
import type { Checks } from './checks.ts';
import { judge } from './judge.ts';
import { readLedger } from './ledger.ts';
import { startMailServer, type Behaviour } from './mail-server.ts';
import { CRASH_RULES, pendingWork, setUpSend, startProgrammes } from './send-setup.ts';
import { freePort, sleep } from './victim.ts';
import { openWishes } from './wishes.ts';

const MESSAGES = 20_000;
/** Enough for the two programmes to plan that many: some have refused, some are in a control group, half want one of 1,700 coupons. */
const PEOPLE = 29_000;
const WORKERS = ['one.example', 'two.example'] as const;
const CONNECTIONS = 5;
/** A worker whose mails are slow to come dies in the middle of them, and one that has nothing to deliver dies as well: so long after its start. */
const LIFE_MS_MAX = 5_000;
const IDLE_MS_MAX = 20_000;
const AT_REST_MS_MAX = 300_000;
const WORKER = fileURLToPath(new URL('sending-worker.ts', import.meta.url));

/** Of a thousand mails, how many meet which trouble. */
const TROUBLES: readonly (readonly [Behaviour, number])[] = [
  ['silent', 1],
  ['hang-up-after', 4],
  ['hang-up-before', 4],
  ['slow', 10],
  ['defer', 10],
];
/** After these the sender cannot know. */
const UNKNOWABLE: readonly Behaviour[] = ['silent', 'hang-up-after', 'hang-up-before'];

export async function crashWorkers(dataDir: string, rng: Rng, kills: number, checks: Checks): Promise<string> {
  if (postgresAbsent !== '') return `workers${postgresAbsent}`;
  const postgres = await startPostgres();
  const server = await startMailServer();
  const databaseUrl = await postgres.newDatabase();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const startMs = performance.now();
  const trace = (what: string): void => {
    if (process.env['CRASH_TRACE'] !== undefined)
      console.log(`  ${((performance.now() - startMs) / 1000).toFixed(1)} s ${what}, ${server.mails.length} mails`);
  };

  const config = configOf({
    REKINDLE_DATA_DIR: join(dataDir, 'api'),
    REKINDLE_DATABASE_URL: databaseUrl,
    REKINDLE_PORT: String(port),
    REKINDLE_PUBLIC_URL: url,
  });
  const app = await openApp(config, systemClock, {
    rules: CRASH_RULES,
    business: { brand: 'Crash Shop', postalAddress: '1 Test Road, Bath BA1 1AA', fromAddress: 'hello@crash.example' },
    smtpUrl: server.url,
  });
  const http = await startServer(app, (error) => console.error(error));
  const { db } = app.records;
  const { key } = await createKey(db, 'write', 'crash', new Date());
  await setUpSend(app, PEOPLE);
  trace('people are in');
  await app.tick();
  const greeted = [...server.mails];
  checks.that(greeted.length > 250, 'workers: the first mails went out', greeted.length);
  const wishes = openWishes({ url, key, greeted, rng: rng.fork('wishes') });
  await startProgrammes(app);
  await app.plan();
  await app.plan();
  trace('planned');
  const planned = (await db.selectFrom('messages').select('message_id').where('state', '=', 'planned').execute())
    .length;

  let faults = 0;
  const troubles = rng.fork('troubles');
  server.onMail = wishes.onMail;
  server.greylists = () => troubles.chance(0.005);
  server.behave = () => {
    let lot = troubles.below(1_000);
    const behaviour = TROUBLES.find(([, share]) => (lot -= share) < 0)?.[0] ?? 'accept';
    if (UNKNOWABLE.includes(behaviour)) faults++;
    return behaviour;
  };

  let inFlight = 0;
  let deadly = 0;
  let left = planned;
  const start = (name: string): ChildProcess => {
    const folder = join(dataDir, name);
    mkdirSync(folder, { recursive: true });
    return fork(WORKER, [databaseUrl, folder, `${server.url}&name=${name}&pool=${CONNECTIONS}&timeout=3`], {
      env: { ...process.env, TZ: 'UTC' },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
  };
  const ended = (child: ChildProcess): Promise<void> =>
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) resolve();
      else child.once('exit', () => resolve());
    });
  /** One worker's lives: each ends after so many of its mails, a little before or after an answer, or by time alone, start-up included. */
  const live = async (name: string, lives: number): Promise<ChildProcess> => {
    const own = rng.fork(name);
    for (let life = 0; life < lives; life++) {
      const child = start(name);
      const gone = ended(child);
      const mails = 1 + own.below(Math.max(1, Math.floor((1.6 * left) / (lives * WORKERS.length))));
      const delayMs = own.below(30);
      const atTime = own.chance(0.15) ? own.below(900) : undefined;
      const begunMs = performance.now();
      let readyMs = Infinity;
      child.once('message', () => (readyMs = performance.now()));
      const before = server.mails.length;
      const arrived = (): number => server.mails.slice(before).filter((mail) => mail.from === name).length;
      while (child.exitCode === null && child.signalCode === null) {
        const atMs = performance.now();
        const come = arrived();
        const lifeMs = come > 0 ? LIFE_MS_MAX : IDLE_MS_MAX;
        if (atTime === undefined ? come >= mails || atMs - readyMs >= lifeMs : atMs - begunMs >= atTime) break;
        await sleep(3);
      }
      if (atTime === undefined) await sleep(delayMs);
      checks.that(child.exitCode === null, 'workers: a worker ends only by being killed', child.exitCode);
      const onWire = server.inFlight(name);
      child.kill('SIGKILL');
      await gone;
      inFlight += onWire;
      if (onWire > 0) deadly++;
      trace(`${name} ${life + 1} of ${lives}`);
    }
    return start(name);
  };
  const last = await Promise.all(WORKERS.map((name) => live(name, Math.floor(kills / WORKERS.length))));
  trace('no more kills');
  const deadline = performance.now() + AT_REST_MS_MAX;
  for (;;) {
    // What was told "later" would be tried again in a minute: the clock is put forward.
    await sql`UPDATE messages SET due_at = now() WHERE state = 'planned' AND due_at > now()`.execute(db);
    left = await pendingWork(app);
    if (left === 0) break;
    if (performance.now() > deadline) throw new Error(`${left} are left and nothing moves`);
    await app.plan();
    await sleep(300);
  }
  await wishes.finish();
  trace('at rest');
  for (const child of last) child.send('stop');
  await Promise.all(last.map(ended));
  const ledger = await readLedger(db);
  await http.close();
  await app.close();
  server.close();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
  checks.that(planned >= MESSAGES, `workers: ${MESSAGES} messages were planned`, planned);
  checks.that(deadly > kills / 2, 'workers: most kills met messages on the wire', { deadly, kills });
  return judge({
    title: `workers (${WORKERS.length} on PostgreSQL, ${deadly} kills met messages on the wire)`,
    server,
    ledger,
    wishes,
    tokenSecret: app.secrets.token,
    people: PEOPLE,
    least: Math.floor(MESSAGES * 0.9),
    kills,
    faults,
    inFlight,
    checks,
  });
}
