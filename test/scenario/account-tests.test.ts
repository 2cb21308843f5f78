// A test from the console or the command line reaches the account that is connected, on every channel whose provider checks what it is handed: the
// request is held to the provider's own rules (signature, required fields, limits), and a wrong key is told as the sender's fault.
import { generateKeyPairSync, createECDH, verify, type KeyObject } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKey } from '../../src/collect/keys.service.ts';
import { registerEndpoint } from '../../src/reach/channels/endpoints.service.ts';
import { saveTemplate } from '../../src/reach/templates/templates.service.ts';
import { startFakeServer, type FakeAnswer, type FakeServer, type SeenRequest } from '../contract/channel.contract.ts';
import { startHttp2, type Http2Fake } from '../support/http2-server.ts';
import { openSealed, vapidClaims } from '../support/push-receiver.ts';
import { openShop, type Shop } from '../support/shop.ts';
import { aliyunFake, SMS_SECRET, tencentFake, twilioFake } from '../support/sms-fakes.ts';

const json = (status: number, body: unknown): FakeAnswer => ({ status, body: JSON.stringify(body) });
const PUSH = { title: '好久不见', body: '回来看看', url: 'https://shop.example/home' };
const SMS = {
  text: '好久不见',
  providerTemplates: {
    aliyun: { id: 'SMS_1', params: { name: '客' } },
    tencent: { id: '449739', params: { '1': '客', '2': 'b' } },
  },
};

let shop: Shop;
let call: (path: string, body: object) => Promise<{ readonly status: number; readonly json: unknown }>;
beforeAll(async () => {
  shop = await openShop({ isPushService: (url) => url.startsWith('http://127.0.0.1:') });
  const { app, clock } = shop;
  for (const [key, fields] of [
    ['push', PUSH],
    ['sms', SMS],
  ] as const)
    await saveTemplate(
      app.records.db,
      { key, kind: key, versions: { zh: { personal: fields, generic: fields } } },
      clock.now(),
    );
  await shop.addPerson('mei');
  const { key } = await createKey(app.records.db, 'secret', 'test', clock.now());
  call = async (path, body) => {
    const response = await shop.fetch(`/api${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
    });
    return { status: response.status, json: await response.json() };
  };
});
afterAll(() => shop?.close());

const device = (channel: 'web_push' | 'app_push', provider: string, address: string, details: object = {}) =>
  registerEndpoint(
    shop.app.records.db,
    { personId: 'mei', channel, provider, address, details: { ...details } },
    shop.app.secrets.address,
    shop.clock.now(),
  );
/** From the Reach page, or the command line: with a template and without. */
const both = async (channel: string, template: string, to: string) => [
  await call(`/channels/${channel}/test`, { to, lang: 'zh' }),
  await call('/templates/test-send', { templateId: template, channel, to, lang: 'zh' }),
];
const outcomes = (answers: readonly { readonly json: unknown }[]): readonly unknown[] =>
  answers.map((answer) => (answer.json as { outcome?: unknown }).outcome);
/** Nothing that was to leave may be found in the preview mailbox instead. */
const sunk = async (): Promise<number> =>
  (await shop.app.records.db.selectFrom('sink_messages').select('channel').execute()).length;

type Claims = { readonly [claim: string]: unknown };
/** A JSON Web Token's parts, once `key` has signed it with `alg`; undefined otherwise. */
function checked(
  token: string,
  alg: 'RS256' | 'ES256',
  key: KeyObject,
): { header: Claims; claims: Claims } | undefined {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const parsed = (text: string): Claims => JSON.parse(Buffer.from(text, 'base64url').toString()) as Claims;
  const isSigned = verify(
    'sha256',
    Buffer.from(`${header}.${claims}`),
    alg === 'ES256' ? { key, dsaEncoding: 'ieee-p1363' } : key,
    Buffer.from(signature, 'base64url'),
  );
  return isSigned && parsed(header)['alg'] === alg ? { header: parsed(header), claims: parsed(claims) } : undefined;
}

describe('FCM', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let server: FakeServer;
  const accountOf = (key: KeyObject) => ({
    type: 'service_account',
    project_id: 'shop',
    private_key_id: 'kid-1',
    private_key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    client_email: 'push@shop.example',
    token_uri: `${server.url}/token`,
  });
  /** Google's token service (RFC 7523) and the HTTP v1 API. */
  const fcm = ({ path, method, headers, body }: SeenRequest): FakeAnswer => {
    if (path === '/token') {
      const form = new URLSearchParams(body);
      const assertion = checked(form.get('assertion') ?? '', 'RS256', publicKey);
      const { claims } = assertion ?? {};
      const isGranted =
        form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer' &&
        claims?.['iss'] === 'push@shop.example' &&
        claims['aud'] === `${server.url}/token` &&
        claims['scope'] === 'https://www.googleapis.com/auth/firebase.messaging' &&
        Number(claims['exp']) - Number(claims['iat']) <= 3_600;
      return isGranted
        ? json(200, { access_token: 'ya29.good', expires_in: 3_599, token_type: 'Bearer' })
        : json(400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
    }
    if (method !== 'POST' || path !== '/v1/projects/shop/messages:send') return json(404, {});
    if (headers['authorization'] !== 'Bearer ya29.good') return json(401, { error: { status: 'UNAUTHENTICATED' } });
    if (Buffer.byteLength(body) > 8_192) return json(400, { error: { status: 'INVALID_ARGUMENT' } });
    const { message } = JSON.parse(body) as { message: { token: string; data: Claims; notification: Claims } };
    if (!Object.values(message.data).every((value) => typeof value === 'string'))
      return json(400, { error: { status: 'INVALID_ARGUMENT' } });
    return message.token === 'device-1'
      ? json(200, { name: 'projects/shop/messages/0:1' })
      : json(404, { error: { status: 'NOT_FOUND', details: [{ errorCode: 'UNREGISTERED' }] } });
  };
  beforeEach(async () => {
    server = await startFakeServer(fcm);
    await device('app_push', 'fcm', 'device-1');
  });
  afterEach(async () => {
    await shop.app.connections.change('fcm', null);
    await server.close();
  });

  it('takes a test with and without a template, to the device of the person named', async () => {
    const before = await sunk();
    await shop.app.connections.change('fcm', { serviceAccount: accountOf(privateKey), baseUrl: server.url });
    const sent = { kind: 'sent', providerId: 'projects/shop/messages/0:1' };
    expect(outcomes(await both('app_push', 'push', 'mei'))).toMatchObject([sent, sent]);
    const titles = server.seen
      .filter(({ path }) => path !== '/token')
      .map(({ body }) => (JSON.parse(body) as { message: { notification: { title: string } } }).message.notification);
    expect(titles.map(({ title }) => title)).toEqual(['[测试] Shop：渠道可用', '[测试] 好久不见']);
    expect(await sunk()).toBe(before);
  });

  it('says that a wrong key is the account’s fault', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    await shop.app.connections.change('fcm', { serviceAccount: accountOf(other), baseUrl: server.url });
    const fault = { kind: 'rejected', class: 'account' };
    expect(outcomes(await both('app_push', 'push', 'mei'))).toMatchObject([fault, fault]);
    expect(server.seen.every(({ path }) => path === '/token')).toBe(true);
  });
});

describe('APNs', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const TOKEN = 'a'.repeat(64);
  let server: Http2Fake;
  const alerts: unknown[] = [];
  const settingsOf = (key: KeyObject) => ({
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    keyId: 'KEY1234567',
    teamId: 'TEAM123456',
    topic: 'com.example.shop',
    baseUrl: server.url,
  });
  /** What Apple answers: undefined takes the notification. */
  const refusalOf = (headers: Readonly<Record<string, unknown>>, body: string): [number, string] | undefined => {
    const token = checked(String(headers['authorization']).replace(/^bearer /, ''), 'ES256', publicKey);
    if (token?.header['kid'] !== 'KEY1234567' || token.claims['iss'] !== 'TEAM123456')
      return [403, 'InvalidProviderToken'];
    if (Math.abs(Number(token.claims['iat']) * 1000 - shop.clock.now().getTime()) > 3_600_000)
      return [403, 'ExpiredProviderToken'];
    if (headers[':method'] !== 'POST') return [405, 'MethodNotAllowed'];
    if (headers[':path'] !== `/3/device/${TOKEN}`) return [400, 'BadDeviceToken'];
    if (headers['apns-topic'] !== 'com.example.shop') return [400, 'DeviceTokenNotForTopic'];
    if (headers['apns-push-type'] !== 'alert') return [400, 'InvalidPushType'];
    if (!/^\d+$/.test(String(headers['apns-expiration']))) return [400, 'BadExpirationDate'];
    if (Buffer.byteLength(body) > 4_096) return [413, 'PayloadTooLarge'];
    const { aps } = JSON.parse(body) as { aps?: { alert?: unknown } };
    if (aps?.alert === undefined) return [400, 'PayloadEmpty'];
    alerts.push(aps.alert);
    return undefined;
  };
  beforeEach(async () => {
    alerts.length = 0;
    server = await startHttp2((stream, headers, body) => {
      const refusal = refusalOf(headers, body);
      stream.respond(
        refusal === undefined ? { ':status': 200, 'apns-id': headers['apns-id'] } : { ':status': refusal[0] },
      );
      stream.end(refusal === undefined ? undefined : JSON.stringify({ reason: refusal[1] }));
    });
    // The newest device is the one that a test goes to.
    shop.clock.advanceMs(1_000);
    await device('app_push', 'apns', TOKEN);
  });
  afterEach(async () => {
    await shop.app.connections.change('apns', null);
    await server.close();
  });

  it('takes a test with and without a template, to the device of the person named', async () => {
    const before = await sunk();
    await shop.app.connections.change('apns', settingsOf(privateKey));
    expect(outcomes(await both('app_push', 'push', 'mei'))).toMatchObject([{ kind: 'sent' }, { kind: 'sent' }]);
    expect(alerts).toMatchObject([{ title: '[测试] Shop：渠道可用' }, { title: '[测试] 好久不见', body: '回来看看' }]);
    expect(await sunk()).toBe(before);
  });

  it('says that a wrong key is the account’s fault', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    await shop.app.connections.change('apns', settingsOf(other));
    const fault = { kind: 'rejected', class: 'account' };
    expect(outcomes(await both('app_push', 'push', 'mei'))).toMatchObject([fault, fault]);
    expect(alerts).toEqual([]);
  });
});

describe('web push', () => {
  const ecdh = createECDH('prime256v1');
  const publicKey = ecdh.generateKeys();
  const browser = { publicKey, privateKey: ecdh.getPrivateKey(), auth: Buffer.alloc(16, 7) };

  it('seals a test for the browser of the person named, signed by this installation', async () => {
    const server = await startFakeServer(({ headers, raw }) => {
      const isWhole =
        headers['content-encoding'] === 'aes128gcm' && /^\d+$/.test(headers['ttl'] ?? '') && raw.length <= 4_096;
      return isWhole ? { status: 201, headers: { location: '/m/1' }, body: '' } : { status: 400, body: '' };
    });
    try {
      await device('web_push', 'webpush', `${server.url}/push/1`, {
        p256dh: publicKey.toString('base64url'),
        auth: browser.auth.toString('base64url'),
      });
      expect(outcomes(await both('web_push', 'push', 'mei'))).toMatchObject([{ kind: 'sent' }, { kind: 'sent' }]);
      const words = server.seen.map(({ raw }) => JSON.parse(openSealed(raw, browser).toString()) as { title: string });
      expect(words.map(({ title }) => title)).toEqual(['[测试] Shop：渠道可用', '[测试] 好久不见']);
      const claims = await vapidClaims(server.seen[0]!.headers['authorization']!, shop.clock.now());
      expect(claims).toMatchObject({ aud: server.url, sub: 'mailto:hi@shop.example' });
    } finally {
      await server.close();
    }
  });
});

describe('SMS', () => {
  const now = (): Date => shop.clock.now();
  const filed = { status: 422, json: { code: 'invalid' } };
  it.each([
    ['aliyun', aliyunFake({ details: [], code: 'OK' }, now), { keyId: 'LTAI-key' }, filed],
    [
      'tencent',
      tencentFake({ code: 'Ok', queue: [], replies: [] }, now),
      { keyId: 'AKID-key', appId: '1400006666' },
      filed,
    ],
    [
      'twilio',
      twilioFake({ error: undefined, messages: [] }),
      { keyId: 'AC123', from: '+15005550006' },
      { status: 200, json: { outcome: { kind: 'sent' }, via: 'twilio' } },
    ],
  ] as const)('%s takes a test, and a wrong key is the sender’s fault', async (provider, fake, account, plain) => {
    const server = await startFakeServer(fake);
    const settings = { provider, signature: '山楂小铺', homeCountry: 'CN', baseUrl: server.url, ...account };
    try {
      await shop.app.sms.change({ ...settings, keySecret: SMS_SECRET });
      const [bare, templated] = await both('sms', 'sms', '+8613900139000');
      // Where only filed templates may be sent, our own words are refused with what to do instead.
      expect(bare).toMatchObject(plain);
      expect(templated).toMatchObject({ status: 200, json: { outcome: { kind: 'sent' } } });
      await shop.app.sms.change({ ...settings, keySecret: 'another' });
      const wrong = await call('/templates/test-send', {
        templateId: 'sms',
        channel: 'sms',
        to: '+8613900139000',
        lang: 'zh',
      });
      expect(wrong).toMatchObject({ json: { outcome: { kind: 'rejected', class: 'account' } } });
    } finally {
      await server.close();
    }
  });
});
