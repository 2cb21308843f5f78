// Apps on two platforms, two accounts: while one stands still the other's devices get theirs, and what waited leaves as soon as the account is mended,
// not when its time is over; also where it was mended while nothing ran.
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { registerEndpoint } from '../../src/reach/channels/endpoints.service.ts';
import { recordConsents } from '../../src/reach/consent/consent.service.ts';
import { closedChannels, noteClosed, wakeClosed } from '../../src/reach/messages/pace.sql.ts';
import { saveTemplate } from '../../src/reach/templates/templates.service.ts';
import { startFakeServer, type FakeServer } from '../contract/channel.contract.ts';
import { startHttp2, type Http2Fake } from '../support/http2-server.ts';
import { consent } from '../support/rows.ts';
import { openShop, type Shop } from '../support/shop.ts';

const PUSH = { title: '好久不见', body: '回来看看', url: 'https://shop.example/home' };
const PEOPLE = 40;
let shop: Shop;
let google: FakeServer;
let apple: Http2Fake;
let isQuotaOver = false;
const taken = { fcm: 0, apns: 0 };

const serviceAccount = () => ({
  type: 'service_account',
  project_id: 'shop',
  private_key_id: 'kid-1',
  private_key: generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString(),
  client_email: 'push@shop.example',
  token_uri: `${google.url}/token`,
});
const connectGoogle = () =>
  shop.app.connections.change('fcm', { serviceAccount: serviceAccount(), baseUrl: google.url });

beforeAll(async () => {
  shop = await openShop();
  google = await startFakeServer(({ path }) => {
    if (path === '/token') return { status: 200, body: JSON.stringify({ access_token: 't', expires_in: 3_599 }) };
    // Google's word for "not now" to a whole project, with its own idea of when.
    if (isQuotaOver)
      return {
        status: 503,
        headers: { 'retry-after': '7200' },
        body: JSON.stringify({ error: { status: 'UNAVAILABLE', message: 'overloaded' } }),
      };
    taken.fcm++;
    return { status: 200, body: JSON.stringify({ name: `projects/shop/messages/${taken.fcm}` }) };
  });
  apple = await startHttp2((stream, headers) => {
    taken.apns++;
    stream.respond({ ':status': 200, 'apns-id': headers['apns-id'] });
    stream.end();
  });
  const { app, clock } = shop;
  await saveTemplate(
    app.records.db,
    { key: 'push', kind: 'push', versions: { zh: { personal: PUSH, generic: PUSH } } },
    clock.now(),
  );
  await connectGoogle();
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  await app.connections.change('apns', {
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    keyId: 'KEY1234567',
    teamId: 'TEAM123456',
    topic: 'com.example.shop',
    baseUrl: apple.url,
  });
  for (let n = 0; n < PEOPLE; n++) {
    const id = `p${n}`;
    await shop.addPerson(id, { email: undefined });
    await recordConsents(app.records.db, [consent(id, { channel: 'app_push' })]);
    const provider = n % 2 === 0 ? 'fcm' : 'apns';
    await registerEndpoint(
      app.records.db,
      { personId: id, channel: 'app_push', provider, address: `${provider}-${n}`, details: {} },
      app.secrets.address,
      clock.now(),
    );
  }
});
afterAll(async () => {
  await shop?.close();
  await google?.close();
  await apple?.close();
});

const states = async () =>
  shop.app.records.db
    .selectFrom('messages')
    .select(['state', 'code', 'due_at', 'person_id'])
    .where('channel', '=', 'app_push')
    .execute();
const countOf = async (state: string): Promise<number> =>
  (await states()).filter((each) => each.state === state).length;

it('leaves on the one platform while the other is told to wait, says so, and spends nobody’s message', async () => {
  isQuotaOver = true;
  shop.days(110);
  await shop.addProgramme({
    programmeId: 'apps',
    audience: { policyId: 'shop', stages: ['dormant', 'lost'] },
    steps: [{ kind: 'message', channel: 'app_push', variants: [{ key: 'a', templateId: 'push' }] }],
  });
  await shop.app.tick();
  expect(taken).toEqual({ fcm: 0, apns: PEOPLE / 2 });
  expect([await countOf('sent'), await countOf('planned')]).toEqual([PEOPLE / 2, PEOPLE / 2]);
  const closed = (await closedChannels(shop.app.records.db, shop.clock.now())).get('app_push');
  expect(closed?.detail).toMatch(/^UNAVAILABLE: fcm: /);
  // Another round an hour later finds it as it was: their devices wait, and nothing failed.
  shop.clock.advanceMs(1_800_000);
  await shop.app.tick();
  expect([await countOf('sent'), await countOf('planned')]).toEqual([PEOPLE / 2, PEOPLE / 2]);
});

it('sends what waited as soon as the account is another one, long before its time', async () => {
  isQuotaOver = false;
  const waiting = (await states()).filter(({ code }) => code?.startsWith('closed:') === true);
  expect(waiting.length).toBeGreaterThan(0);
  expect(waiting.every(({ due_at }) => due_at > shop.clock.now())).toBe(true);
  await connectGoogle();
  // The first round learns that it is open, the next sends.
  await shop.app.tick();
  await shop.app.tick();
  expect(taken.fcm).toBeGreaterThanOrEqual(waiting.length);
  expect((await states()).filter(({ code }) => code?.startsWith('closed:') === true)).toEqual([]);
  expect((await closedChannels(shop.app.records.db, shop.clock.now())).get('app_push')).toBeUndefined();
});

it('keeps one worker’s note apart from another’s', async () => {
  const { db } = shop.app.records;
  const now = shop.clock.now();
  const shut = { until: new Date(now.getTime() + 60_000), code: 'http_401', detail: 'wrong key' };
  await noteClosed(db, 'sms', shut, 'a');
  await noteClosed(db, 'sms', undefined, 'b');
  expect((await closedChannels(db, now)).get('sms')?.detail).toBe('http_401: wrong key');
  await noteClosed(db, 'sms', undefined, 'a');
  expect((await closedChannels(db, now)).get('sms')).toBeUndefined();
  // Only what waits for an account is woken: somebody's night is not over.
  const [first] = await states();
  const later = new Date(now.getTime() + 3_600_000);
  await db
    .updateTable('messages')
    .set({ state: 'planned', code: 'quiet_hours', due_at: later })
    .where('person_id', '=', first!.person_id)
    .execute();
  await wakeClosed(db, now);
  expect((await states()).find(({ person_id }) => person_id === first!.person_id)?.due_at).toEqual(later);
});
