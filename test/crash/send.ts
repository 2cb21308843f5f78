// kill -9 during a send of about five thousand messages, counted at the mail server: nothing twice, nothing lost, everybody's wish obeyed.
// Meanwhile people unsubscribe, come back and use their coupons over HTTP, robots look at links, and once the server itself misbehaves.
import { rmSync } from 'node:fs';
import type { Rng } from '../../src/kernel/random.ts';
import type { Checks } from './checks.ts';
import { judge } from './judge.ts';
import { ledgerIn } from './ledger.ts';
import { startMailServer, type Behaviour, type MailServer } from './mail-server.ts';
import { freePort, sleep, startVictim, VictimDied, type Victim } from './victim.ts';
import { openWishes } from './wishes.ts';

const PEOPLE = 6_600;
/** Connections of the sender's pool: what can be on the wire at one instant. */
const CONNECTIONS = 5;
const FAULTS: readonly Behaviour[] = [
  ...Array.from({ length: 8 }, () => 'hang-up-after' as const),
  ...Array.from({ length: 8 }, () => 'hang-up-before' as const),
  'silent',
  'silent',
];
const SILENCE_MS = 700;
const AT_REST_MS_MAX = 120_000;

async function untilAtRest(victim: Victim): Promise<void> {
  const deadline = performance.now() + AT_REST_MS_MAX;
  while ((await victim.call('pending', undefined)) > 0) {
    if (performance.now() > deadline) throw new Error('the ledger does not come to rest');
    await sleep(100);
  }
}

type Instant = { readonly mails: number; readonly delayMs: number; readonly inAnswer: boolean };

/** When to kill: after so many more mails, before or after the last one's answer; the first two rounds by time alone. */
function instantOf(rng: Rng, round: number, kills: number): Instant {
  if (round < 2) return { mails: 0, delayMs: 40 + rng.below(900), inAnswer: false };
  const share = Math.floor(5_000 / kills);
  const mails = Math.floor(share / 3) + rng.below(share);
  return { mails, delayMs: rng.below(40), inAnswer: rng.chance(0.5) };
}

/** What the victim has left to do; a dead one does not say. */
async function leftOf(victim: Victim): Promise<number | undefined> {
  try {
    return await victim.call('pending', undefined);
  } catch (error) {
    if (error instanceof VictimDied) return undefined;
    throw error;
  }
}

/** Resolves when the victim is dead. */
function killAt(victim: Victim, server: MailServer, instant: Instant, behave: () => Behaviour): Promise<void> {
  return new Promise((resolve) => {
    let arrived = 0;
    let dying = false;
    const die = (): void => {
      if (dying) return;
      dying = true;
      resolve(victim.kill());
    };
    server.behave = () => {
      const behaviour = behave();
      // Lines that hear nothing hold up their batch: this is the moment to die in.
      if (behaviour === 'silent') setTimeout(die, SILENCE_MS);
      if (instant.mails > 0 && ++arrived >= instant.mails && instant.inAnswer) die();
      else if (arrived >= instant.mails && instant.mails > 0) setTimeout(die, instant.delayMs);
      return behaviour;
    };
    if (instant.mails === 0) setTimeout(die, instant.delayMs);
    // A round in which fewer mails are left than it waits for ends as well.
    const watch = setInterval(() => {
      if (dying) return clearInterval(watch);
      void leftOf(victim).then((left) => left === 0 && die());
    }, 1_000);
  });
}

export async function crashSend(dataDir: string, rng: Rng, kills: number, checks: Checks): Promise<string> {
  const server = await startMailServer();
  const port = await freePort();
  const settings = { dataDir, port, smtpUrl: server.url };
  let faults = 0;

  const startMs = performance.now();
  const trace = (what: string): void => {
    if (process.env['CRASH_TRACE'] !== undefined)
      console.log(`  ${((performance.now() - startMs) / 1000).toFixed(1)} s ${what}, ${server.mails.length} mails`);
  };
  const setUp = startVictim();
  const { url } = await setUp.call('open', settings);
  const key = await setUp.call('writeKey', undefined);
  await setUp.call('setUpSend', PEOPLE);
  trace('people are in');
  await setUp.call('keepTicking', undefined);
  await untilAtRest(setUp);
  const greeted = [...server.mails];
  checks.that(greeted.length > 250, 'send: the first mails went out', greeted.length);
  const wishes = openWishes({ url, key, greeted, rng: rng.fork('wishes') });
  server.onMail = wishes.onMail;
  await setUp.call('startProgrammes', undefined);

  let victim = setUp;
  for (let round = 0; round < kills; round++) {
    const isFaulty = round === Math.floor(kills / 2);
    const due = isFaulty ? [...FAULTS] : [];
    const instant = instantOf(rng, round, kills);
    await killAt(victim, server, instant, () => {
      const behaviour = due.length > 0 && rng.chance(0.3) ? due.shift()! : 'accept';
      if (behaviour !== 'accept') faults++;
      return behaviour;
    });
    trace(`kill ${round + 1}`);
    server.behave = () => 'accept';
    victim = startVictim();
    await victim.call('open', settings);
    trace('open again');
    await victim.call('keepTicking', undefined);
  }
  await untilAtRest(victim);
  trace('at rest');
  await wishes.finish();
  await untilAtRest(victim);
  await victim.call('close', undefined).catch((error: unknown) => {
    if (!(error instanceof VictimDied)) throw error;
  });
  await victim.ended;
  server.close();

  const { ledger, tokenSecret } = await ledgerIn(dataDir);
  rmSync(dataDir, { recursive: true, force: true });
  return judge({
    title: 'send',
    server,
    ledger,
    wishes,
    tokenSecret,
    people: PEOPLE,
    least: 5_000,
    kills,
    faults,
    inFlight: kills * CONNECTIONS,
    checks,
  });
}
