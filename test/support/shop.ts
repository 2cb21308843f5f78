// A small shop on the real app: a virtual clock, embedded stores in a temporary folder, a real mail server that can misbehave.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApp, type App, type AppOptions } from '../../src/app.ts';
import { createKey } from '../../src/collect/keys.service.ts';
import { configOf } from '../../src/config.ts';
import { createProgramme, moveProgramme } from '../../src/decide/programmes/programmes.service.ts';
import { httpRoutes } from '../../src/http/server.ts';
import { virtualClock, type VirtualClock } from '../../src/kernel/clock.ts';
import { DAY_MS } from '../../src/kernel/days.ts';
import { parseMail, startMailSink, type MailSink } from '../../src/reach/channels/email/sink.ts';
import { recordConsents } from '../../src/reach/consent/consent.service.ts';
import { STARTER_TEMPLATES } from '../../src/reach/templates/starter-library.ts';
import { saveTemplate } from '../../src/reach/templates/templates.service.ts';
import { savePolicy } from '../../src/understand/dormancy/policy.service.ts';
import { PRESETS } from '../../src/understand/dormancy/presets.ts';
import { copyRecords } from './records-template.ts';
import { consent } from './rows.ts';

export type Delivered = { readonly to: string; readonly from: string; readonly raw: Buffer };

export type Shop = {
  readonly app: App;
  readonly clock: VirtualClock;
  readonly writeKey: string;
  /** Everything the mail server took, oldest first. */
  readonly mails: Delivered[];
  /** What the mail server answers a recipient, accepting unless told, and what happens while it thinks. */
  readonly server: {
    refuse: (recipient: string) => { code: number; text: string } | undefined;
    beforeReply: (recipient: string) => Promise<void>;
  };
  readonly errors: Error[];
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
  readonly post: (calls: readonly object[]) => Promise<void>;
  readonly order: (personId: string, more?: object) => Promise<void>;
  /** A person with an e-mail address and consent, known since her first order. */
  readonly addPerson: (personId: string, traits?: object) => Promise<void>;
  readonly addProgramme: (definition: object) => Promise<void>;
  readonly days: (days: number) => void;
  /** Stops the mail server; the answer starts it again at the same port. */
  readonly stopMailServer: () => Promise<() => Promise<void>>;
  readonly mailsTo: (recipient: string) => Delivered[];
  readonly close: () => Promise<void>;
};

const SHOP_START = new Date('2026-01-05T12:00:00.000Z');
const PUBLIC_URL = 'https://shop.example';

export async function openShop(more: Pick<AppOptions, 'isPushService'> = {}): Promise<Shop> {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-shop-'));
  const mails: Delivered[] = [];
  const server: Shop['server'] = { refuse: () => undefined, beforeReply: () => Promise.resolve() };
  const startServer = (port: number): Promise<MailSink> =>
    startMailSink({
      port,
      refuse: (recipient) => server.refuse(recipient),
      beforeReply: (recipient) => server.beforeReply(recipient),
      onMail: (mail) => {
        mails.push({ to: mail.envelopeTo[0] ?? '', from: mail.envelopeFrom, raw: mail.raw });
      },
    });
  let sink = await startServer(0);
  const clock = virtualClock(SHOP_START);
  await copyRecords(folder);
  const app = await openApp(configOf({ REKINDLE_DATA_DIR: folder }), clock, {
    ...more,
    smtpUrl: sink.url,
    business: {
      brand: 'Shop',
      websiteUrl: 'https://shop.example/home',
      fromAddress: 'hi@shop.example',
      publicUrl: PUBLIC_URL,
      globalControlBuckets: 0,
      marginShare: 0.5,
    },
  });
  const now = clock.now();
  const { key: writeKey } = await createKey(app.records.db, 'write', 'test', now);
  const errors: Error[] = [];
  const routes = httpRoutes(app, (error) => errors.push(error), { isMailboxOpen: true });
  const fetch: Shop['fetch'] = async (path, init) => routes.request(path.replace(PUBLIC_URL, ''), init);
  const post: Shop['post'] = async (calls) => {
    const response = await fetch('/v1/batch', {
      method: 'POST',
      headers: { authorization: `Bearer ${writeKey}` },
      body: JSON.stringify({ batch: calls }),
    });
    if (response.status !== 200) throw new Error(`ingest answered ${response.status}: ${await response.text()}`);
  };
  const order: Shop['order'] = (userId, more = {}) =>
    post([
      {
        type: 'track',
        event: 'Order Completed',
        userId,
        properties: { revenue: 100, order_id: `o-${userId}`, ...more },
      },
    ]);
  await post([{ type: 'track', event: 'Order Completed', userId: 'founder', properties: { revenue: 1 } }]);
  await savePolicy(app, PRESETS.shop, now);
  for (const template of STARTER_TEMPLATES) await saveTemplate(app.records.db, template, now);
  return {
    app,
    clock,
    writeKey,
    mails,
    server,
    errors,
    fetch,
    post,
    order,
    addPerson: async (personId, traits = {}) => {
      await post([
        {
          type: 'identify',
          userId: personId,
          traits: { email: `${personId}@example.com`, firstName: 'Mia', ...traits },
        },
      ]);
      await recordConsents(app.records.db, [consent(personId)]);
      await order(personId);
    },
    addProgramme: async (definition) => {
      const base = {
        name: 'Win back',
        audience: { policyId: 'shop', stages: ['dormant'] },
        entry: { mode: 'once' },
        controlShare: 0,
        goal: { withinDays: 30 },
      };
      const { programmeId } = (await createProgramme(app.programmes, { ...base, ...definition }, clock.now()))
        .programme;
      await moveProgramme(app.records, programmeId, 'start', clock.now());
    },
    days: (days) => clock.advanceMs(days * DAY_MS),
    stopMailServer: async () => {
      const { port } = sink;
      await sink.close();
      return async () => {
        sink = await startServer(port);
      };
    },
    mailsTo: (recipient) => mails.filter((mail) => mail.to === recipient),
    close: async () => {
      await app.close();
      await sink.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Every address inside the mail's HTML, unescaped, and the one-click address of its header. */
export async function linksOf(
  mail: Delivered,
): Promise<{ readonly clicks: string[]; readonly oneClick: string; readonly pixel: string; readonly html: string }> {
  const parsed = await parseMail(mail.raw);
  const html = (parsed.html ?? '').replaceAll('&amp;', '&');
  const found = (path: string): string[] => [
    ...new Set([...html.matchAll(new RegExp(`${PUBLIC_URL}/${path}/[\\w-]+`, 'g'))].map((match) => match[0])),
  ];
  const header = parsed.headers.find((entry) => entry.key === 'list-unsubscribe')?.value ?? '';
  return { clicks: found('c'), oneClick: /<(https:[^>]+)>/.exec(header)?.[1] ?? '', pixel: found('o')[0] ?? '', html };
}
