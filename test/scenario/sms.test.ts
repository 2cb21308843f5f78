// Texts on the real app: a provider that is set by the API, what it reports, and what people answer.
import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { recordConsents } from '../../src/reach/consent/consent.service.ts';
import { closedChannels } from '../../src/reach/messages/pace.sql.ts';
import { saveTemplate } from '../../src/reach/templates/templates.service.ts';
import { startFakeServer, type FakeServer } from '../contract/channel.contract.ts';
import { consent } from '../support/rows.ts';
import { openShop, type Shop } from '../support/shop.ts';

let shop: Shop;
let gateway: FakeServer;
let hook: string;
let made = 0;

beforeAll(async () => {
  shop = await openShop();
  // Noon where the numbers are; texts rest at night.
  shop.clock.advanceMs(16 * 3_600_000);
  gateway = await startFakeServer((request) => {
    const body = JSON.parse(request.body) as { to: string; id: string };
    return { status: 200, body: JSON.stringify({ id: `gw-${body.id}` }) };
  });
  const words = { text: '好久不见，回来看看吧' };
  await saveTemplate(
    shop.app.records.db,
    { key: 'short', kind: 'sms', versions: { zh: { personal: words, generic: words } } },
    shop.clock.now(),
  );
  await shop.app.sms.change({
    provider: 'http',
    signature: '山楂小铺',
    keySecret: 'gateway-secret',
    confirmsStop: true,
    http: {
      url: `${gateway.url}/send`,
      headers: { Authorization: 'Bearer {{secret}}' },
      body: '{"to":"{{to}}","text":"{{text}}","id":"{{messageId}}"}',
      success: { status: [200] },
      idPath: 'id',
      receipts: { listPath: 'reports', idPath: 'id', statusPath: 'state', delivered: ['ok'], failed: ['dead'] },
      inbound: { listPath: 'texts', fromPath: 'from', textPath: 'text', idPath: 'id' },
      pushAnswer: 'heard',
    },
  });
  hook = shop.app.sms.show().hookUrl!;
});
afterAll(async () => {
  await shop?.close();
  await gateway?.close();
});
beforeEach(() => {
  gateway.trouble = 'none';
  gateway.seen.length = 0;
});

const push = (body: object, url = hook): Promise<Response> =>
  shop.fetch(url, { method: 'POST', body: JSON.stringify(body) });
const texts = (): string[] => gateway.seen.map((request) => (JSON.parse(request.body) as { text: string }).text);
const smsOf = async (personId: string) =>
  shop.app.records.db
    .selectFrom('messages')
    .select(['message_id', 'state', 'code', 'provider_id'])
    .where('person_id', '=', personId)
    .executeTakeFirstOrThrow();
const consentOf = async (personId: string) =>
  (
    await shop.app.records.db
      .selectFrom('consents')
      .select(['status', 'source'])
      .where('person_id', '=', personId)
      .where('channel', '=', 'sms')
      .orderBy('decided_at', 'desc')
      .orderBy('consent_id', 'desc')
      .executeTakeFirstOrThrow()
  ).status;

/** A dormant person who was texted once. */
async function texted(): Promise<{ readonly id: string; readonly phone: string }> {
  const id = `sms${++made}`;
  const phone = `+86138${10_000_000 + made}`;
  await shop.addPerson(id, { phone, email: undefined });
  await recordConsents(shop.app.records.db, [consent(id, { channel: 'sms' })]);
  shop.days(110);
  await shop.addProgramme({
    programmeId: `p-${id}`,
    audience: { policyId: 'shop', stages: ['dormant', 'lost'] },
    steps: [{ kind: 'message', channel: 'sms', variants: [{ key: 'a', templateId: 'short' }] }],
  });
  await shop.app.tick();
  return { id, phone };
}

it('texts with signature and way out, and keeps what became of it, once', async () => {
  const { id } = await texted();
  expect(texts()).toEqual(['【山楂小铺】好久不见，回来看看吧，回复TD退订']);
  expect(gateway.seen[0]!.headers['authorization']).toBe('Bearer gateway-secret');
  const message = await smsOf(id);
  expect(message).toMatchObject({ state: 'sent', provider_id: `gw-${message.message_id}` });
  for (let time = 0; time < 2; time++) {
    const answer = await push({ reports: [{ id: message.provider_id, state: 'ok' }] });
    expect([answer.status, await answer.text()]).toEqual([200, 'heard']);
  }
  const receipts = await shop.app.records.db
    .selectFrom('receipts')
    .select('kind')
    .where('message_id', '=', message.message_id)
    .execute();
  expect(receipts).toEqual([{ kind: 'delivered' }]);
});

it('knows by its receipt what became of a text nobody answered for', async () => {
  gateway.trouble = 'hang-up';
  const { id } = await texted();
  const message = await smsOf(id);
  expect(message).toMatchObject({ state: 'unknown', code: 'no_answer' });
  gateway.trouble = 'none';
  await shop.app.tick();
  expect(gateway.seen.filter((request) => request.body.includes(message.message_id))).toHaveLength(1);
  // This gateway names no id of ours in its reports, so nothing is known: the text stays unknown.
  await push({ reports: [{ id: 'somebody-else', state: 'ok' }] });
  expect((await smsOf(id)).state).toBe('unknown');
});

it('obeys a refusal before it answers, confirms it once, and lets her come back', async () => {
  const { id, phone } = await texted();
  gateway.seen.length = 0;
  const stop = { texts: [{ from: phone, text: ' ｔｄ。', id: `stop-${id}` }] };
  expect((await push(stop)).status).toBe(200);
  expect(await consentOf(id)).toBe('withdrawn');
  expect((await push(stop)).status).toBe(200);
  await push({ texts: [{ from: phone, text: '退订', id: `stop2-${id}` }] });
  expect(texts()).toEqual(['【山楂小铺】您已退订Shop的营销短信，不会再收到。如需恢复，请回复“订阅”。']);
  const suppressed = () =>
    shop.app.records.db.selectFrom('suppressions').select('reason').where('channel', '=', 'sms').execute();
  expect(await suppressed()).toEqual([{ reason: 'unsubscribed' }]);
  shop.clock.advanceMs(60_000);
  await push({ texts: [{ from: phone, text: '订阅', id: `start-${id}` }] });
  expect(await consentOf(id)).toBe('granted');
  expect(await suppressed()).toEqual([]);
});

it('spends nobody’s text on a key that is wrong: the channel stands still, says why, and goes on when it is mended', async () => {
  const { db } = shop.app.records;
  const closedNow = async () => (await closedChannels(db, shop.clock.now())).get('sms');
  gateway.trouble = { status: 401, body: 'wrong key' };
  const people = [1, 2, 3].map((n) => ({ id: `key${n}`, phone: `+86139${10_000_000 + n}` }));
  for (const { id, phone } of people) {
    await shop.addPerson(id, { phone, email: undefined });
    await recordConsents(db, [consent(id, { channel: 'sms' })]);
  }
  shop.days(110);
  await shop.addProgramme({
    programmeId: 'p-keys',
    audience: { policyId: 'shop', stages: ['dormant', 'lost'] },
    steps: [{ kind: 'message', channel: 'sms', variants: [{ key: 'a', templateId: 'short' }] }],
  });
  await shop.app.tick();
  const states = async () =>
    (
      await db
        .selectFrom('messages')
        .select('state')
        .where('programme_id', '=', 'p-keys')
        .where('person_id', 'like', 'key%')
        .execute()
    ).map(({ state }) => state);
  expect(await states()).toEqual(['planned', 'planned', 'planned']);
  expect((await closedNow())?.detail).toMatch(/^http_401: HTTP 401: wrong key/);
  const asked = gateway.seen.length;
  await shop.app.tick();
  expect(gateway.seen).toHaveLength(asked);
  // A minute later one is tried, and no more.
  shop.clock.advanceMs(61_000);
  await shop.app.tick();
  expect(gateway.seen).toHaveLength(asked + 1);
  expect(await states()).toEqual(['planned', 'planned', 'planned']);
  gateway.trouble = 'none';
  shop.clock.advanceMs(121_000);
  await shop.app.tick();
  expect(await states()).toEqual(['sent', 'sent', 'sent']);
  expect(await closedNow()).toBeUndefined();
});

it('leaves free text to a human, who decides once', async () => {
  const { id, phone } = await texted();
  await push({ texts: [{ from: phone, text: '活动什么时候开始？', id: `ask-${id}` }] });
  expect(await consentOf(id)).toBe('granted');
  const { db } = shop.app.records;
  const waiting = await db.selectFrom('sms_inbound').selectAll().where('review', '=', 'waiting').execute();
  expect(waiting).toMatchObject([{ person_id: id, text: '活动什么时候开始？', meaning: 'free_text' }]);
});

it('lets only who knows the address report, and only what it understands', async () => {
  expect(
    (
      await push(
        { reports: [] },
        hook.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
      )
    ).status,
  ).toBe(404);
  expect((await push({ reports: [] }, hook.replace('/http/', '/twilio/'))).status).toBe(404);
  const unreadable = await shop.fetch(hook, { method: 'POST', body: '<xml/>' });
  expect(unreadable.status).toBe(422);
  const large = await shop.fetch(hook, { method: 'POST', body: 'x'.repeat(600 * 1024) });
  expect(large.status).toBe(413);
});

it('forgets texts when they have been kept long enough, and never before', async () => {
  const { db } = shop.app.records;
  const taken = async () =>
    (await db.selectFrom('sms_inbound').select('taken_at').orderBy('taken_at').execute()).map((row) => row.taken_at);
  const before = await taken();
  shop.days(300);
  await shop.app.sms.poll();
  const edge = shop.clock.now();
  edge.setUTCMonth(edge.getUTCMonth() - 12);
  expect(await taken()).toEqual(before.filter((at) => at >= edge));
  expect(await taken()).not.toHaveLength(0);
  shop.days(800);
  await shop.app.sms.poll();
  expect(await taken()).toEqual([]);
});

it('takes the JSON that Twilio signed once, however often it comes, and only as it was signed', async () => {
  const { id, phone } = await texted();
  await shop.app.sms.change({
    provider: 'twilio',
    keyId: 'AC123',
    keySecret: 'twilio-secret',
    from: '+15005550006',
    signature: 'Hawthorn',
    baseUrl: gateway.url,
  });
  const twilioHook = shop.app.sms.show().hookUrl!;
  const said = (sid: string, text: string) =>
    JSON.stringify([
      {
        specversion: '1.0',
        type: 'com.twilio.messaging.inbound-message.received',
        id: `EZ${sid}`,
        data: { messageSid: sid, from: phone, to: '+15005550006', body: text },
      },
    ]);
  const hear = async (body: string, signed = body): Promise<number> => {
    const url = `${twilioHook}?bodySHA256=${createHash('sha256').update(signed).digest('hex')}`;
    const signature = createHmac('sha1', 'twilio-secret').update(url).digest('base64');
    const headers = { 'content-type': 'application/json', 'x-twilio-signature': signature };
    return (await shop.fetch(url, { method: 'POST', headers, body })).status;
  };
  expect(await hear(said('SM1', 'hello'), said('SM1', 'STOP'))).toBe(403);
  expect((await shop.fetch(twilioHook, { method: 'POST', body: said('SM1', 'STOP') })).status).toBe(403);
  expect(await consentOf(id)).toBe('granted');
  const start = said('SM2', 'START');
  expect(await hear(said('SM1', 'STOP'))).toBe(200);
  expect(await consentOf(id)).toBe('withdrawn');
  shop.clock.advanceMs(60_000);
  expect(await hear(start)).toBe(200);
  expect(await consentOf(id)).toBe('granted');
  shop.clock.advanceMs(60_000);
  expect(await hear(said('SM3', 'STOP'))).toBe(200);
  // Somebody who heard her START sends it again: it brings nobody back.
  expect(await hear(start)).toBe(200);
  expect(await consentOf(id)).toBe('withdrawn');
  const kept = await shop.app.records.db
    .selectFrom('sms_inbound')
    .select(['dedupe_key', 'meaning'])
    .where('provider', '=', 'twilio')
    .orderBy('taken_at')
    .execute();
  expect(kept).toEqual([
    { dedupe_key: 'SM1', meaning: 'stop' },
    { dedupe_key: 'SM2', meaning: 'start' },
    { dedupe_key: 'SM3', meaning: 'stop' },
  ]);
});
