// How fast does the ledger send? Messages/s of claim, arbiter, render, deliver and record to a loopback SMTP sink in another process,
// against nodemailer's bare pool sending one fixed message of the same size to the same sink. Target ≥ 0.7 without DKIM.
// Usage: node bench/send.ts [messages]
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { createTransport } from 'nodemailer';
import { loadSecrets } from '../src/collect/business.service.ts';
import { upsertPeople } from '../src/collect/people/people.sql.ts';
import { systemClock } from '../src/kernel/clock.ts';
import { newId } from '../src/kernel/ids.ts';
import { DEFAULT_REACH_RULES } from '../src/reach/arbiter/rules.ts';
import type { Channel } from '../src/reach/channels/channel.ts';
import { dkimKey, type DkimKey } from '../src/reach/channels/email/dkim.ts';
import { emailChannel } from '../src/reach/channels/email/email-channel.ts';
import { emailDelivery } from '../src/reach/channels/email/email-delivery.service.ts';
import { buildMime, type MailToSend } from '../src/reach/channels/email/mime.ts';
import { recordConsents } from '../src/reach/consent/consent.service.ts';
import { openJournal } from '../src/reach/messages/journal.service.ts';
import { planMessages } from '../src/reach/messages/ledger.sql.ts';
import { openSender } from '../src/reach/messages/sender.service.ts';
import { STARTER_TEMPLATES } from '../src/reach/templates/starter-library.ts';
import { compiledTemplates, saveTemplate } from '../src/reach/templates/templates.service.ts';
import { migrateRecords } from '../src/stores/records/migrations.ts';
import { openPglite } from '../src/stores/records/pglite.ts';

const COUNT = Number(process.argv[2] ?? 3_000);
const ROUNDS = 3;
const CONNECTIONS = 5;
const BUSINESS = {
  brand: 'Bench Shop',
  postalAddress: '1 Test Road, Bath BA1 1AA',
  websiteUrl: 'https://shop.example',
  timeZone: 'UTC',
  currency: 'USD',
  defaultLanguage: 'en',
  fromAddress: 'hello@shop.example',
  publicUrl: 'https://m.shop.example',
  globalControlBuckets: 0,
  marginShare: 0.4,
} as const;
const RULES = { ...DEFAULT_REACH_RULES, quiet: null, globalControlBuckets: 0 };

const sinkProcess = spawn(process.execPath, [fileURLToPath(new URL('sink.ts', import.meta.url))], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const sinkUrl = await new Promise<string>((resolve) =>
  sinkProcess.stdout.once('data', (text: Buffer) => resolve(text.toString().trim())),
);
const folder = mkdtempSync(join(tmpdir(), 'rekindle-bench-'));
const records = await openPglite(join(folder, 'records'));
const { db } = records;
await migrateRecords(db);
const secrets = await loadSecrets(db);
const { now } = systemClock;
for (const template of STARTER_TEMPLATES) await saveTemplate(db, template, now());

const people = Array.from({ length: COUNT }, (_, i) => `p${i}`);
await upsertPeople(
  db,
  people.map((id) => ({
    person_id: id,
    email: `${id}@mail.example`,
    phone: null,
    email_key: `key-${id}`,
    own_cluster: id,
    phone_key: null,
    first_name: 'Ann',
    language: 'en',
    country: null,
    time_zone: null,
    traits: {},
    at: now(),
  })),
);
await recordConsents(
  db,
  people.map((personId) => ({
    personId,
    channel: 'email',
    purpose: 'marketing',
    status: 'granted',
    basis: 'express',
    textVersion: 'v1',
    source: 'bench',
    proof: {},
    decidedAt: new Date(0),
    expiresAt: null,
  })),
);

const { journal } = openJournal(join(folder, 'handovers.jsonl'));
const channelOf = (dkimKeys: readonly DkimKey[]): Channel<MailToSend> =>
  emailChannel({ smtpUrl: `${sinkUrl}?pool=${CONNECTIONS}`, secret: secrets.token, dkimKeys });
const templates = compiledTemplates(db);
const sizes: number[] = [];

/** Plans one message for everybody and sends them all; seconds. */
async function ledger(channel: Channel<MailToSend>): Promise<number> {
  await sql`TRUNCATE messages, message_links, receipts, decisions`.execute(db);
  const at = now();
  await planMessages(
    db,
    people.map((personId) => ({
      message_id: newId('msg', at),
      programme_id: 'bench',
      run_id: 'run_1',
      step: 0,
      person_id: personId,
      channel: 'email',
      purpose: 'marketing',
      address: `${personId}@mail.example`,
      address_key: `key-${personId}`,
      variant: 'a',
      template_id: 'nostalgic',
      template_version: 1,
      language: 'en',
      grant_id: null,
      content: {},
      priority: 0,
      due_at: at,
      expires_at: new Date(at.getTime() + 86_400_000),
      created_at: at,
      cost_cents: 0,
    })),
  );
  await sql`ANALYZE`.execute(db);
  const measured: Channel<MailToSend> = {
    ...channel,
    send: (mail, signal, mayLeave) => {
      if (sizes.length === 0) sizes.push(buildMime(mail, secrets.token).raw.length);
      return channel.send(mail, signal, mayLeave);
    },
  };
  const delivery = emailDelivery({ db, business: BUSINESS, templates, channel: measured, tokenSecret: secrets.token });
  const sender = openSender({ records, deliveries: [delivery], rules: RULES, journal, worker: 'bench', now });
  const startMs = performance.now();
  const report = await sender.sendDue();
  const seconds = (performance.now() - startMs) / 1000;
  if (report.sent !== COUNT) throw new Error(`sent ${JSON.stringify(report)}`);
  return seconds;
}

/** nodemailer's own pool with the same number of connections. */
async function bare(): Promise<number> {
  const raw = Buffer.from(
    `Subject: bench\r\n\r\n${'A line of a fixed message, sixty-two characters of plain words.\r\n'.repeat(Math.ceil(sizes[0]! / 64))}`,
  );
  const pool = createTransport(`${sinkUrl}?pool=true&maxConnections=${CONNECTIONS}&maxMessages=500`);
  const startMs = performance.now();
  await Promise.all(
    people.map((id) =>
      pool.sendMail({
        envelope: { from: 'hello@shop.example', to: `${id}@mail.example` },
        raw: raw.subarray(0, sizes[0]),
      }),
    ),
  );
  const seconds = (performance.now() - startMs) / 1000;
  pool.close();
  return seconds;
}

const plain = channelOf([]);
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
writeFileSync(join(folder, 'dkim.pem'), pem);
const signing = channelOf([dkimKey('shop.example', 'bench', pem)]);
await ledger(plain);
await bare();
const seconds = { bare: [] as number[], plain: [] as number[], signed: [] as number[] };
// They alternate, so that a busy neighbour slows all; the best of each counts.
for (let round = 0; round < ROUNDS; round++) {
  seconds.bare.push(await bare());
  seconds.plain.push(await ledger(plain));
  seconds.signed.push(await ledger(signing));
}
const best = (all: readonly number[]): number => COUNT / Math.min(...all);
console.log(`one message: ${sizes[0]} bytes, ${CONNECTIONS} connections, ${COUNT} messages, best of ${ROUNDS}`);
console.log(`bare pool        ${best(seconds.bare).toFixed(0)} messages/s  nodemailer, one fixed message`);
for (const [what, each] of [
  ['ledger', seconds.plain],
  ['ledger, DKIM', seconds.signed],
] as const) {
  const target = what === 'ledger' ? '  (target ≥ 0.7)' : '';
  console.log(
    `${what.padEnd(16)} ${best(each).toFixed(0)} messages/s  ratio ${(best(each) / best(seconds.bare)).toFixed(2)}${target}`,
  );
}
await plain.close();
await signing.close();
journal.close();
await records.close();
sinkProcess.stdin.end();
rmSync(folder, { recursive: true, force: true });
