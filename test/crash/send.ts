// kill -9 during a send of about five thousand messages, counted at the mail server: nothing twice, nothing lost, everybody's wish obeyed.
// Meanwhile people unsubscribe, come back and use their coupons over HTTP, robots look at links, and once the server itself misbehaves.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadSecrets } from '../../src/collect/business.service.ts';
import type { Rng } from '../../src/kernel/random.ts';
import { readAddressToken } from '../../src/reach/tracking/token.ts';
import { openPglite } from '../../src/stores/records/pglite.ts';
import type { Checks } from './checks.ts';
import { readLedger, type Ledger } from './ledger.ts';
import { startMailServer, type Behaviour, type MailServer } from './mail-server.ts';
import { addressOf, CAP, COUPON, personId, ROLES } from './send-setup.ts';
import { freePort, sleep, startVictim, VictimDied, type Victim } from './victim.ts';
import { openWishes, type Wishes } from './wishes.ts';

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

  const records = await openPglite(join(dataDir, 'records'));
  const secrets = await loadSecrets(records.db);
  const ledger = await readLedger(records.db);
  await records.close();
  rmSync(dataDir, { recursive: true, force: true });
  return judge({ server, ledger, wishes, tokenSecret: secrets.token, kills, faults, checks });
}

function judge(run: {
  readonly server: MailServer;
  readonly ledger: Ledger;
  readonly wishes: Wishes;
  readonly tokenSecret: string;
  readonly kills: number;
  readonly faults: number;
  readonly checks: Checks;
}): string {
  const { server, ledger, wishes, checks, kills, faults } = run;
  const delivered = server.mails.map((mail) => {
    const read = readAddressToken(run.tokenSecret, mail.token);
    return { ...mail, messageId: read.ok ? read.value : '' };
  });
  const copies = Map.groupBy(delivered, (mail) => mail.messageId);
  const byId = new Map(ledger.messages.map((message) => [message.message_id, message]));
  const inState = (state: string): number => ledger.messages.filter((message) => message.state === state).length;
  const duplicate = [...copies.values()].reduce((sum, mails) => sum + mails.length - 1, 0);
  const lost = ledger.messages.filter((message) => message.state === 'sent' && !copies.has(message.message_id)).length;
  const unknown = inState('unknown');

  checks.that(copies.size >= 5_000, 'send: five thousand messages were handed over', copies.size);
  checks.equal(duplicate, 0, 'invariant 3: nothing is sent twice');
  checks.equal(lost, 0, 'invariant 3: what is recorded as sent is at the mail server');
  checks.equal(
    delivered.filter((mail) => !['sent', 'unknown'].includes(byId.get(mail.messageId)?.state ?? '')).length,
    0,
    'invariant 3: what is at the mail server is recorded as sent, or as unknown',
  );
  checks.equal(inState('planned') + inState('sending'), 0, 'invariant 3: every message has come to a final state');
  checks.that(
    unknown <= faults + kills * CONNECTIONS,
    'invariant 3: unknown only what was on the wire at a kill, or what the server left unanswered',
    { unknown, faults, kills },
  );

  const allowedOnly = (numbers: readonly [number, number], what: string): void => {
    const addresses = new Set(Array.from({ length: numbers[1] - numbers[0] }, (_, i) => addressOf(numbers[0] + i)));
    checks.equal(delivered.filter((mail) => addresses.has(mail.to)).length, 0, `invariant 1: nothing ${what}`);
  };
  allowedOnly(ROLES.neverAgreed, 'to people who never agreed');
  allowedOnly(ROLES.withdrew, 'to people who withdrew');
  allowedOnly(ROLES.suppressed, 'to suppressed addresses');
  const control = new Set(ledger.control);
  checks.equal(
    delivered.filter((mail) =>
      control.has(`${byId.get(mail.messageId)?.programme_id}/${byId.get(mail.messageId)?.person_id}`),
    ).length,
    0,
    'invariant 7: nothing to a control group',
  );
  const perAddress = Map.groupBy(delivered, (mail) => `${mail.to} ${byId.get(mail.messageId)?.programme_id}`);
  checks.equal(
    [...perAddress.values()].filter((mails) => mails.length > 1).length,
    0,
    'invariant 2: one per programme and address',
  );
  const pressure = Map.groupBy(delivered, (mail) => mail.to);
  checks.equal(
    [...pressure.values()].filter((mails) => mails.length > CAP).length,
    0,
    'invariant 4: caps hold across programmes',
  );
  checks.that(
    ledger.deferredByCap > 0,
    'invariant 4: people met the cap, and their waiting is recorded with its reason',
    ledger.deferredByCap,
  );

  const codes = delivered.flatMap((mail) =>
    mail.coupon === undefined ? [] : [{ code: mail.coupon, id: mail.messageId }],
  );
  const grants = new Map(ledger.grants.map((grant) => [grant.code, grant]));
  checks.equal(
    new Set(codes.map((each) => each.code)).size,
    codes.length,
    'invariant 5: no coupon code went out twice',
  );
  checks.equal(
    codes.filter(({ code, id }) => {
      const grant = grants.get(code);
      return grant?.person_id !== byId.get(id)?.person_id || !['issued', 'redeemed'].includes(grant?.state ?? '');
    }).length,
    0,
    'invariant 5: every code in a mail is granted to its receiver and in force',
  );
  const open = ledger.grants.filter((grant) => ['reserved', 'issued', 'redeemed'].includes(grant.state));
  checks.equal(
    { committed: ledger.offer.committed, granted: ledger.offer.granted },
    {
      committed: open.reduce((sum, grant) => sum + Math.min(grant.cost_cents, COUPON.unitCents), 0),
      granted: ledger.grants.filter((grant) => grant.state !== 'revoked').length,
    },
    'invariant 5: the budget says what the grants say',
  );
  checks.that(
    ledger.offer.committed <= COUPON.unitCents * COUPON.paidFor &&
      ledger.offer.granted <= COUPON.capacity &&
      ledger.exhausted > 0,
    'invariant 5: budget and capacity were tight and held',
    { ...ledger.offer, exhausted: ledger.exhausted },
  );
  const redeemed = new Set(ledger.grants.filter((grant) => grant.state === 'redeemed').map((grant) => grant.code));
  checks.equal(
    wishes.redeemed().filter((code) => !redeemed.has(code)).length,
    0,
    'invariant 6: every coupon in an acknowledged order is redeemed',
  );

  const late = (wanted: ReadonlyMap<string, number>): number =>
    delivered.filter((mail) => mail.atMs > (wanted.get(mail.to) ?? Infinity) + 1_000).length;
  const atOnce = delivered.filter((mail) => mail.atMs > (wishes.unsubscribed.get(mail.to) ?? Infinity)).length;
  checks.that(wishes.unsubscribed.size > 20, 'send: people unsubscribed meanwhile', wishes.unsubscribed.size);
  checks.that(wishes.returned.size > 20, 'send: people came back meanwhile', wishes.returned.size);
  checks.equal(
    late(wishes.unsubscribed),
    0,
    'invariant 9: no mail later than a second after the answer to an unsubscribe',
  );
  checks.equal(late(wishes.returned), 0, 'invariant 8: no mail later than a second after a return was accepted');
  const optedOut = new Set(ledger.unsubscribedPeople);
  const numberOf = new Map(Array.from({ length: PEOPLE }, (_, i) => [addressOf(i), personId(i)]));
  checks.equal(
    [...wishes.unsubscribed.keys()].filter((address) => !optedOut.has(numberOf.get(address) ?? '')).length,
    0,
    'invariant 9: every answered unsubscribe is in the consent ledger after the kills',
  );
  checks.equal(
    wishes.looked.filter((address) => optedOut.has(numberOf.get(address) ?? '')).length,
    0,
    'invariant 9: robots that only looked changed nothing',
  );

  const counts = { sent: inState('sent'), unknown, cancelled: inState('cancelled'), refused: inState('refused') };
  return (
    `send: ${kills} kills, ${faults} faults of the server; ${ledger.messages.length} messages, ${copies.size} at the mail server: ` +
    `sent ${counts.sent}, unknown ${counts.unknown}, duplicate ${duplicate}, lost ${lost}; cancelled ${counts.cancelled}, refused ${counts.refused}; ` +
    `${wishes.unsubscribed.size} unsubscribed (${atOnce} mails within the second after), ${wishes.returned.size} came back, ` +
    `${wishes.redeemed().length} coupons redeemed of ${codes.length} sent`
  );
}
