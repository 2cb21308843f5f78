// How fast does the ledger send? Messages/s of claim, arbiter, render, deliver and record to a loopback SMTP sink in another process,
// against nodemailer's bare pool sending one fixed message of the same size to the same sink. Target ≥ 0.8 without DKIM. The two alternate,
// and the median of the rounds' ratios counts, because a busy neighbour slows whoever runs at that moment. Processor time is that of this
// process with all its threads; where every core is taken by somebody, its ratio is what is left of the first.
// Usage: npm run bench -- send [messages] [rounds]; with --memory [messages] it is `send-memory.ts` that runs.
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { createTransport } from 'nodemailer';
import { loadSecrets } from '../src/collect/business.service.ts';
import { systemClock } from '../src/kernel/clock.ts';
import { newId } from '../src/kernel/ids.ts';
import { openPatience } from '../src/reach/channels/patience.ts';
import type { Channel } from '../src/reach/channels/channel.ts';
import { dkimKey, type DkimKey } from '../src/reach/channels/email/dkim.ts';
import { emailChannel } from '../src/reach/channels/email/email-channel.ts';
import { emailDelivery } from '../src/reach/channels/email/email-delivery.service.ts';
import { buildMime, type MailToSend } from '../src/reach/channels/email/mime.ts';
import { openJournal } from '../src/reach/messages/journal.service.ts';
import { planMessages } from '../src/reach/messages/ledger.sql.ts';
import { openSender } from '../src/reach/messages/sender.service.ts';
import { STARTER_TEMPLATES } from '../src/reach/templates/starter-library.ts';
import { compiledTemplates, saveTemplate } from '../src/reach/templates/templates.service.ts';
import { migrateRecords } from '../src/stores/records/migrations.ts';
import { openPglite } from '../src/stores/records/pglite.ts';
import { addMailable, BUSINESS, RULES, startSink } from './mail-shop.ts';

const COUNT = Number(process.argv[2] ?? 3_000);
const ROUNDS = Number(process.argv[3] ?? 5);
const CONNECTIONS = 5;

const sink = await startSink();
const folder = mkdtempSync(join(tmpdir(), 'rekindle-bench-'));
const records = await openPglite(join(folder, 'records'));
const { db } = records;
await migrateRecords(db);
const secrets = await loadSecrets(db);
const { now } = systemClock;
for (const template of STARTER_TEMPLATES) await saveTemplate(db, template, now());

const people = Array.from({ length: COUNT }, (_, i) => `p${i}`);
await addMailable(db, people, now());

const { journal } = openJournal(join(folder, 'handovers.jsonl'));
const channelOf = (dkimKeys: readonly DkimKey[]): Channel<MailToSend> =>
  emailChannel({ smtpUrl: `${sink.url}?pool=${CONNECTIONS}`, secret: secrets.token, dkimKeys });
const templates = compiledTemplates(db);
const sizes: number[] = [];

type Cost = { readonly seconds: number; readonly cpuMs: number };

/** What `work` took of the clock and of the processor. */
async function measured(work: () => Promise<void>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  await work();
  const seconds = (performance.now() - startMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuMs: (user + system) / 1000 };
}

/** Plans one message for everybody and sends them all. */
async function ledger(channel: Channel<MailToSend>): Promise<Cost> {
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
  const sized: Channel<MailToSend> = {
    ...channel,
    send: (mail, signal, mayLeave) => {
      if (sizes.length === 0) sizes.push(buildMime(mail, secrets.token).raw.length);
      return channel.send(mail, signal, mayLeave);
    },
  };
  const delivery = emailDelivery({
    db,
    business: BUSINESS,
    templates,
    channel: sized,
    tokenSecret: secrets.token,
    patience: openPatience(),
  });
  const sender = openSender({ records, deliveries: [delivery], rules: RULES, journal, worker: 'bench', now });
  return measured(async () => {
    const report = await sender.sendDue();
    if (report.sent !== COUNT) throw new Error(`sent ${JSON.stringify(report)}`);
  });
}

/** nodemailer's own pool with the same number of connections. */
async function bare(): Promise<Cost> {
  const raw = Buffer.from(
    `Subject: bench\r\n\r\n${'A line of a fixed message, sixty-two characters of plain words.\r\n'.repeat(Math.ceil(sizes[0]! / 64))}`,
  );
  const pool = createTransport(`${sink.url}?pool=true&maxConnections=${CONNECTIONS}&maxMessages=500`);
  const cost = await measured(async () => {
    await Promise.all(
      people.map((id) =>
        pool.sendMail({
          envelope: { from: 'hello@shop.example', to: `${id}@mail.example` },
          raw: raw.subarray(0, sizes[0]),
        }),
      ),
    );
  });
  pool.close();
  return cost;
}

const end = async (): Promise<void> => {
  journal.close();
  await records.close();
  sink.close();
  rmSync(folder, { recursive: true, force: true });
};

const plain = channelOf([]);
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
writeFileSync(join(folder, 'dkim.pem'), pem);
const signing = channelOf([dkimKey('shop.example', 'bench', pem)]);
await ledger(plain);
await bare();
const rounds: { readonly bare: Cost; readonly plain: Cost; readonly signed: Cost }[] = [];
for (let round = 0; round < ROUNDS; round++)
  rounds.push({ bare: await bare(), plain: await ledger(plain), signed: await ledger(signing) });

const median = (all: readonly number[]): number => all.toSorted((x, y) => x - y)[Math.floor(all.length / 2)]!;
const rate = (which: 'bare' | 'plain' | 'signed'): string =>
  `${median(rounds.map((round) => COUNT / round[which].seconds)).toFixed(0)} messages/s, ` +
  `${median(rounds.map((round) => round[which].cpuMs / COUNT)).toFixed(3)} ms of processor each`;
const ratio = (which: 'plain' | 'signed', of: 'seconds' | 'cpuMs'): number =>
  median(rounds.map((round) => round.bare[of] / round[which][of]));
console.log(
  `one message: ${sizes[0]} bytes, ${CONNECTIONS} connections, ${COUNT} messages, medians of ${ROUNDS} rounds in one run`,
);
console.log(`bare pool     ${rate('bare')}  nodemailer, one fixed message`);
console.log(
  `ledger        ${rate('plain')}  ratio ${ratio('plain', 'seconds').toFixed(2)} (target ≥ 0.8), of processor ${ratio('plain', 'cpuMs').toFixed(2)}`,
);
console.log(
  `ledger, DKIM  ${rate('signed')}  ratio ${ratio('signed', 'seconds').toFixed(2)}, of processor ${ratio('signed', 'cpuMs').toFixed(2)}`,
);
console.log(
  `ratios of the rounds ${rounds.map(({ bare: one, plain: other }) => (one.seconds / other.seconds).toFixed(2)).join(' ')}`,
);
await plain.close();
await signing.close();
await end();
