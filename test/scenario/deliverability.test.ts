// Mail on the real app: what providers report is acted upon, brakes and ramp hold mail back, and those who stay silent are let be.
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { guardRulesSchema } from '../../src/reach/deliverability/guard.ts';
import { signAddressToken } from '../../src/reach/tracking/token.ts';
import { openShop, type Shop } from '../support/shop.ts';

let shop: Shop;
let hook: string;
let made = 0;

const MAIL = [{ kind: 'message', channel: 'email', variants: [{ key: 'a', templateId: 'nostalgic' }] }] as const;
const programme = (programmeId: string, more: object = {}): Promise<void> =>
  shop.addProgramme({
    programmeId,
    audience: { policyId: 'shop', stages: ['dormant', 'lost'] },
    steps: MAIL,
    ...more,
  });
const messagesOf = (personId: string) =>
  shop.app.records.db
    .selectFrom('messages')
    .select(['message_id', 'state', 'code', 'sender'])
    .where('person_id', '=', personId)
    .orderBy('created_at')
    .execute();
const suppressionsOf = async (): Promise<readonly string[]> =>
  (await shop.app.records.db.selectFrom('suppressions').select(['kind', 'channel', 'reason']).execute())
    .map(({ kind, channel, reason }) => `${kind} ${channel} ${reason}`)
    .toSorted();

/** Dormant people who were mailed once. */
async function mailed(count: number): Promise<readonly { readonly id: string; readonly token: string }[]> {
  const ids = Array.from({ length: count }, () => `mail${++made}`);
  for (const id of ids) await shop.addPerson(id);
  shop.days(110);
  await programme(`p${made}`);
  await shop.app.tick();
  const people: { id: string; token: string }[] = [];
  for (const id of ids) {
    const [message] = await messagesOf(id);
    expect(message?.state).toBe('sent');
    people.push({ id, token: signAddressToken(shop.app.secrets.token, message!.message_id) });
  }
  return people;
}
let tokens = 0;
function report(token: string, data: object, more: { token?: string; at?: Date } = {}): Promise<Response> {
  const timestamp = String(Math.floor((more.at ?? shop.clock.now()).getTime() / 1000));
  const once = more.token ?? `once-${++tokens}`;
  const signature = createHmac('sha256', 'signing-key')
    .update(timestamp + once)
    .digest('hex');
  return shop.fetch(hook, {
    method: 'POST',
    body: JSON.stringify({
      signature: { timestamp, token: once, signature },
      'event-data': { 'user-variables': { rekindle: token }, timestamp: Number(timestamp), ...data },
    }),
  });
}

beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.close());

it('acts upon what a provider reports, once, and refuses what it cannot have said', async () => {
  const [dead, angry, leaving, full] = await mailed(4);
  await shop.app.mail.change({
    provider: 'mailgun',
    keySecret: 'k',
    domain: 'mg.shop.example',
    webhookKey: 'signing-key',
    baseUrl: 'http://127.0.0.1:9',
  });
  hook = shop.app.mail.show().hookUrl!;
  const bounce = {
    event: 'failed',
    severity: 'permanent',
    'delivery-status': { code: 550, message: '5.1.1 no such user' },
  };

  const forged = await shop.fetch(hook, {
    method: 'POST',
    body: JSON.stringify({ signature: { timestamp: '1', token: 'x', signature: 'y' }, 'event-data': bounce }),
  });
  expect([forged.status, await forged.json()]).toEqual([403, expect.objectContaining({ code: 'hook_forged' })]);
  const old = await report(dead!.token, bounce, { at: new Date(shop.clock.now().getTime() - 27 * 3_600_000) });
  expect([old.status, await old.json()]).toEqual([403, expect.objectContaining({ code: 'hook_too_old' })]);
  expect((await shop.fetch(hook.replace(/.$/, '_'), { method: 'POST', body: '{}' })).status).toBe(404);
  expect((await shop.fetch(hook, { method: 'POST', body: '{}' })).status).toBe(422);
  expect(await suppressionsOf()).toEqual([]);

  const first = await report(dead!.token, bounce, { token: 'the-same' });
  expect([first.status, await first.json()]).toEqual([200, { taken: 1 }]);
  expect(await (await report(dead!.token, bounce, { token: 'the-same' })).json()).toEqual({ taken: 0 });
  expect(await suppressionsOf()).toEqual(['address email bounced']);

  expect((await report(angry!.token, { event: 'complained' })).status).toBe(200);
  expect((await report(leaving!.token, { event: 'unsubscribed' })).status).toBe(200);
  expect(await suppressionsOf()).toEqual([
    'address * complained',
    'address email bounced',
    'address email unsubscribed',
    'person * complained',
  ]);
  const latest = await shop.app.records.db
    .selectFrom('consents')
    .select('status')
    .where('person_id', '=', leaving!.id)
    .orderBy('decided_at', 'desc')
    .orderBy('status', 'desc')
    .executeTakeFirstOrThrow();
  expect(latest.status).toBe('withdrawn');

  // A full mailbox is given up on the third day, not for three reports of one day.
  const soft = {
    event: 'failed',
    severity: 'temporary',
    'delivery-status': { code: 452, message: '4.2.2 over quota' },
  };
  for (let day = 0; day < 3; day++) {
    expect(await suppressionsOf()).toHaveLength(4);
    await report(full!.token, { ...soft, 'delivery-status': { code: 452, message: `4.3.${day} over quota` } });
    shop.days(1);
  }
  expect(await suppressionsOf()).toHaveLength(5);
  await shop.app.mail.change(null);
});

it('counts by sending domain, warns and stops by complaints, and starts again', async () => {
  await shop.app.guard.change(guardRulesSchema.parse({ complaints: { least: 2 } }));
  const people = await mailed(5);
  const day = async () => (await shop.app.guard.show(shop.clock.now())).days[0];
  expect(await day()).toMatchObject({ claimed: 5, sent: 5, complaints: 0 });
  expect((await messagesOf(people[0]!.id))[0]!.sender).toBe('shop.example');
  await shop.app.mail.change({
    provider: 'mailgun',
    keySecret: 'k',
    domain: 'mg.shop.example',
    webhookKey: 'signing-key',
    baseUrl: 'http://127.0.0.1:9',
  });
  await report(people[0]!.token, { event: 'complained' });
  expect((await shop.app.guard.show(shop.clock.now())).state).toBe('warning');
  await report(people[1]!.token, { event: 'complained' });
  await shop.app.mail.change(null);
  const shown = await shop.app.guard.show(shop.clock.now());
  expect([shown.state, shown.stops.map(({ kind }) => kind)]).toEqual(['stopped', ['complaints']]);
  expect(shown.words[0]!.zh).toContain('已停发');

  await programme('while-stopped', { entry: { mode: 'once' }, controlShare: 0 });
  const before = shop.mails.length;
  await shop.app.tick();
  expect(shop.mails.length).toBe(before);
  const waiting = await messagesOf(people[2]!.id);
  expect(waiting.at(-1)!.state).toBe('planned');
  await shop.app.guard.release('complaints', { who: 'owner@shop.example', note: 'list cleaned' }, shop.clock.now());
  shop.days(1);
  await shop.app.tick();
  expect(shop.mails.length).toBeGreaterThan(before);
  await expect(
    shop.app.guard.release('complaints', { who: 'x', note: 'again' }, shop.clock.now()),
  ).rejects.toMatchObject({
    code: 'not_found',
  });
});

it('sends no more than the day’s cap, the most recently active people first', async () => {
  const ids = Array.from({ length: 6 }, (_, n) => `ramp${n}`);
  for (const id of ids) {
    await shop.addPerson(id);
    shop.days(1);
  }
  shop.days(110);
  await shop.app.guard.change(
    guardRulesSchema.parse({
      ramp: { startPerDay: 2, growth: 1, fullPerDay: 1_000 },
      complaints: { stop: 1, warn: 1 },
    }),
  );
  await shop.app.records.db.deleteFrom('sender_days').execute();
  await programme('ramped', { audience: { policyId: 'shop', stages: ['dormant', 'lost'] } });
  const sentOf = async (): Promise<readonly string[]> => {
    const rows = await shop.app.records.db
      .selectFrom('messages')
      .select('person_id')
      .where('programme_id', '=', 'ramped')
      .where('person_id', 'like', 'ramp%')
      .where('state', '=', 'sent')
      .execute();
    return rows.map(({ person_id }) => person_id).toSorted();
  };
  await shop.app.tick();
  await shop.app.tick();
  expect(await sentOf()).toEqual(['ramp4', 'ramp5']);
  expect(await shop.app.guard.show(shop.clock.now())).toMatchObject({ state: 'warming', cap: 2, claimedToday: 2 });
  shop.days(1);
  await shop.app.tick();
  expect(await sentOf()).toEqual(['ramp2', 'ramp3', 'ramp4', 'ramp5']);
  await shop.app.guard.change(guardRulesSchema.parse({ enabled: false }));
});
