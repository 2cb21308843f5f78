// Web push, FCM and APNs against local services that check each request as the real one would: signatures with the public key, bodies by opening
// them with the receiver's private key. The receiver is written here from RFC 8188 and 8291 and is itself held to their published example.
import { createECDH, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import { constants, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { decodeJwt, jwtVerify } from 'jose';
import webPush from 'web-push';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Channel, SendOutcome } from '../../src/reach/channels/channel.ts';
import type { Outgoing } from '../../src/reach/channels/outgoing.ts';
import { APNS_BYTES_MAX, apnsChannel, parseApnsKey } from '../../src/reach/channels/push/apns-channel.ts';
import { parseServiceAccount } from '../../src/reach/channels/http/service-account.ts';
import { FCM_BYTES_MAX, fcmChannel } from '../../src/reach/channels/push/fcm-channel.ts';
import { isPushService } from '../../src/reach/channels/push/push-service.ts';
import { WEB_PUSH_BYTES_MAX, webPushChannel } from '../../src/reach/channels/push/web-push-channel.ts';
import { startHttp2, type Http2Answer, type Http2Fake } from '../support/http2-server.ts';
import { openSealed, vapidClaims } from '../support/push-receiver.ts';
import { channelContract, startFakeServer, type FakeAnswer, type SeenRequest } from './channel.contract.ts';

const NOW = new Date();
const told = { siteUrl: () => 'https://shop.example', receiptOf: (id: string) => `receipt-of-${id}` };
const json = (value: unknown): string => JSON.stringify(value);
const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const raw = (text: string): Buffer => Buffer.from(text, 'base64url');

type Push = Outgoing<'push'>;
const push = (n: number, more: Partial<Push> = {}): Push => ({
  kind: 'push',
  channel: 'app_push',
  messageId: `msg_${n}`,
  programmeId: 'win-back',
  personId: 'mei',
  address: `device-${n}`,
  addressKey: `key-${n}`,
  endpoint: { provider: 'x', details: {} },
  lang: 'zh',
  fields: { title: '好久不见', body: '回来看看吧', url: 'https://m.example/c/token' },
  unsubscribeUrl: '',
  now: NOW,
  expiresAt: new Date(NOW.getTime() + 3_600_000),
  ...more,
});

it('the receiver of this test opens the example of RFC 8291, appendix A', () => {
  const body = raw(
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
  );
  const receiver = {
    publicKey: raw('BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4'),
    privateKey: raw('q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94'),
    auth: raw('BTBZMqHH6r4Tts7J_aSIgg'),
  };
  expect(openSealed(body, receiver).toString()).toBe('When I grow up, I want to be a watermelon');
});

it('the check of this test accepts the example of RFC 8292, section 2.4, and no other key', async () => {
  const token =
    'eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA';
  const key = 'BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs';
  const before = new Date(1_453_500_000_000);
  expect(await vapidClaims(`vapid t=${token}, k=${key}`, before)).toEqual({
    aud: 'https://push.example.net',
    exp: 1_453_523_768,
    sub: 'mailto:push@example.com',
  });
  const { publicKey: other } = webPush.generateVAPIDKeys();
  await expect(vapidClaims(`vapid t=${token}, k=${other}`, before)).rejects.toThrow(/signature/);
});

describe('web push', () => {
  const vapid = webPush.generateVAPIDKeys();
  const ecdh = createECDH('prime256v1');
  const browser = { publicKey: ecdh.generateKeys(), privateKey: ecdh.getPrivateKey(), auth: Buffer.alloc(16, 7) };
  const details = { p256dh: b64(browser.publicKey), auth: b64(browser.auth) };
  const at = (origin: string, timeoutMs = 2_000): Channel<Push> => {
    const channel = webPushChannel({
      vapid,
      subject: () => 'mailto:hi@shop.example',
      told,
      timeoutMs,
      isAllowed: (url) => new URL(url).origin === origin,
    });
    return {
      ...channel,
      send: (message, ...rest) => channel.send({ ...message, address: `${origin}/push/${message.address}` }, ...rest),
    };
  };
  const message = (n: number, more: Partial<Push> = {}) =>
    push(n, { channel: 'web_push', endpoint: { provider: 'webpush', details }, ...more });

  /** What every push service refuses (RFC 8030, 8188, 8292). */
  const complaint = (headers: Readonly<Record<string, string>>): string | undefined => {
    if (!/^\d+$/.test(headers['ttl'] ?? '')) return 'TTL';
    if (headers['content-encoding'] !== 'aes128gcm') return 'Content-Encoding';
    if (!/^(?:very-low|low|normal|high)$/.test(headers['urgency'] ?? '')) return 'Urgency';
    if (!/^[\w-]{1,32}$/.test(headers['topic'] ?? '')) return 'Topic';
    return headers['authorization']?.startsWith('vapid t=') === true ? undefined : 'Authorization';
  };
  channelContract<Push>({
    name: 'web push',
    now: NOW,
    forbiddenIs: 'sender',
    open: at,
    message: (n) => message(n),
    fake: ({ headers, path }: SeenRequest): FakeAnswer => {
      const wrong = complaint(headers);
      return wrong === undefined
        ? { status: 201, headers: { location: `/m/${path.split('/').at(-1)}` }, body: '' }
        : { status: 400, body: wrong };
    },
    secrets: [vapid.privateKey],
  });

  it('seals the message for this browser and signs for this service', async () => {
    const seen: { headers: Record<string, string>; body: Buffer }[] = [];
    const server = createHttpServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push({ headers: request.headers as Record<string, string>, body: Buffer.concat(chunks) });
        response.writeHead(201, { location: '/m/1' }).end();
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const channel = at(origin);
    const fields = { title: '好久不见', body: '回来看看吧', urgency: 'high' as const };
    expect(await channel.send(message(1, { fields }))).toMatchObject({ kind: 'sent', providerId: '/m/1' });
    expect(await channel.send(message(2, { expiresAt: new Date(NOW.getTime() + 90 * 86_400_000) }))).toMatchObject({
      kind: 'sent',
    });
    await channel.close();
    server.close();
    const [first, second] = seen;
    expect(complaint(first!.headers)).toBeUndefined();
    expect(first!.headers).toMatchObject({ ttl: '3600', urgency: 'high' });
    expect(second!.headers).toMatchObject({
      ttl: String(28 * 86_400),
      urgency: 'normal',
      topic: first!.headers['topic'],
    });
    const claims = await vapidClaims(first!.headers['authorization']!, NOW);
    expect(claims).toMatchObject({ aud: origin, sub: 'mailto:hi@shop.example' });
    expect(Number(claims['exp']) * 1000 - NOW.getTime()).toBeLessThanOrEqual(86_400_000);
    expect(first!.headers['authorization']).toContain(`k=${vapid.publicKey}`);
    expect(JSON.parse(openSealed(first!.body, browser).toString())).toEqual({
      title: '好久不见',
      body: '回来看看吧',
      url: 'https://shop.example',
      lang: 'zh-CN',
      tag: 'win-back',
      messageId: 'msg_1',
      receipt: 'receipt-of-msg_1',
      userId: 'mei',
    });
    expect(() => openSealed(first!.body, { ...browser, auth: Buffer.alloc(16, 8) })).toThrow(/authenticate/);
  });

  it('fills a record to the last byte and refuses one more', async () => {
    const server = await startFakeServer(() => ({ status: 201, body: '' }));
    const channel = at(server.url);
    const empty = Buffer.byteLength(
      json({
        title: 'T',
        body: '',
        url: 'https://shop.example',
        lang: 'en',
        tag: 'win-back',
        messageId: 'msg_1',
        receipt: 'receipt-of-msg_1',
        userId: 'mei',
      }),
    );
    const sized = (bytes: number) =>
      message(1, { lang: 'en', fields: { title: 'T', body: 'x'.repeat(bytes - empty) } });
    expect(await channel.send(sized(WEB_PUSH_BYTES_MAX))).toMatchObject({ kind: 'sent' });
    expect(await channel.send(sized(WEB_PUSH_BYTES_MAX + 1))).toMatchObject({
      kind: 'rejected',
      class: 'content',
      code: 'too_large',
    });
    expect(server.seen).toHaveLength(1);
    await channel.close();
    await server.close();
  });

  it.each<[number, Partial<SendOutcome> & Record<string, unknown>]>([
    [404, { kind: 'rejected', class: 'address', permanent: true }],
    [410, { kind: 'rejected', class: 'address', permanent: true }],
    [413, { kind: 'rejected', class: 'content', permanent: true }],
    [400, { kind: 'rejected', class: 'content' }],
    [403, { kind: 'rejected', class: 'sender' }],
    [429, { kind: 'deferred', retryAfterSeconds: 30 }],
    [503, { kind: 'deferred', retryAfterSeconds: 30 }],
    [500, { kind: 'unknown' }],
  ])('%i means so', async (status, outcome) => {
    const server = await startFakeServer(() => ({ status, headers: { 'retry-after': '30' }, body: 'no' }));
    const channel = at(server.url);
    expect(await channel.send(message(1))).toMatchObject(outcome);
    await channel.close();
    await server.close();
  });

  it('gives up an address whose keys cannot be used, or that is no push service’s', async () => {
    const server = await startFakeServer(() => ({ status: 201, body: '' }));
    const channel = at(server.url);
    const dead = { kind: 'rejected', class: 'address', permanent: true };
    const broken = { provider: 'webpush', details: { p256dh: 'AAAA', auth: details.auth } };
    expect(await channel.send(message(1, { endpoint: broken }))).toMatchObject({ ...dead, code: 'bad_keys' });
    const real = webPushChannel({ vapid, subject: () => 'mailto:hi@shop.example', told });
    expect(await real.send(message(1, { address: `${server.url}/push` }))).toMatchObject({
      ...dead,
      code: 'not_a_push_service',
    });
    expect(server.seen).toEqual([]);
    await channel.close();
    await real.close();
    await server.close();
  });

  it.each([
    ['https://fcm.googleapis.com/fcm/send/x', true],
    ['https://updates.push.services.mozilla.com/wpush/v2/x', true],
    ['https://web.push.apple.com/x', true],
    ['https://wns2-par02p.notify.windows.com/w/?token=x', true],
    ['http://fcm.googleapis.com/x', false],
    ['https://fcm.googleapis.com:8443/x', false],
    ['https://fcm.googleapis.com@evil.example/x', false],
    ['https://fcm.googleapis.com.evil.example/x', false],
    ['https://evilnotify.windows.com/x', false],
    ['https://127.0.0.1/x', false],
    ['not an address', false],
  ])('%s: a push service? %s', (url, expected) => expect(isPushService(url)).toBe(expected));
});

describe('FCM', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const account = (origin: string) =>
    parseServiceAccount(
      json({
        type: 'service_account',
        project_id: 'shop',
        private_key_id: 'kid-1',
        private_key: pem,
        client_email: 'push@shop.example',
        token_uri: `${origin}/token`,
      }),
    );
  const at = (origin: string, timeoutMs = 2_000, now = () => NOW): Channel<Push> =>
    fcmChannel({ account: account(origin), told, apiUrl: origin, timeoutMs, now });

  let asked: string[] = [];
  let tokenSeconds = 3_599;
  /** The token service and the API in one. Assertions are collected and verified by the tests: a fake must answer at once. */
  const fake = ({ path, headers, body, method }: SeenRequest): FakeAnswer => {
    if (path === '/token') {
      const form = new URLSearchParams(body);
      asked.push(form.get('assertion') ?? '');
      const isRight = form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer';
      return isRight
        ? {
            status: 200,
            body: json({ access_token: `ya29.${asked.length}`, expires_in: tokenSeconds, token_type: 'Bearer' }),
          }
        : { status: 400, body: json({ error: 'invalid_request' }) };
    }
    if (method !== 'POST' || path !== '/v1/projects/shop/messages:send') return { status: 404, body: '' };
    if (headers['authorization'] !== `Bearer ya29.${asked.length}`)
      return { status: 401, body: json({ error: { status: 'UNAUTHENTICATED' } }) };
    const { message } = JSON.parse(body) as { message: { token: string; data: Record<string, unknown> } };
    // FCM takes data whose every value is a text, and nothing else.
    const isText = Object.values(message.data).every((value) => typeof value === 'string');
    return isText && message.token !== ''
      ? { status: 200, body: json({ name: `projects/shop/messages/${message.token}` }) }
      : { status: 400, body: json({ error: { status: 'INVALID_ARGUMENT' } }) };
  };
  beforeEach(() => {
    asked = [];
    tokenSeconds = 3_599;
  });
  channelContract<Push>({
    name: 'FCM',
    now: NOW,
    open: at,
    message: (n) => push(n),
    fake,
    isSend: ({ path }) => path !== '/token',
    secrets: ['ya29.', pem.slice(40, 80)],
  });

  it('exchanges a signed assertion for one token, and uses it until shortly before its end', async () => {
    const server = await startFakeServer(fake);
    let now = NOW;
    const channel = at(server.url, 2_000, () => now);
    await Promise.all(Array.from({ length: 10 }, (_, n) => channel.send(push(n))));
    expect(asked).toHaveLength(1);
    const { payload, protectedHeader } = await jwtVerify(asked[0]!, publicKey, {
      algorithms: ['RS256'],
      audience: `${server.url}/token`,
      issuer: 'push@shop.example',
    });
    expect(protectedHeader).toMatchObject({ kid: 'kid-1' });
    expect(payload).toMatchObject({ scope: 'https://www.googleapis.com/auth/firebase.messaging' });
    expect(payload.exp! - payload.iat!).toBe(3_600);
    now = new Date(NOW.getTime() + 3_530_000);
    await channel.send(push(1));
    expect(asked).toHaveLength(1);
    now = new Date(NOW.getTime() + 3_545_000);
    expect(await channel.send(push(1))).toMatchObject({ kind: 'sent' });
    expect(asked).toHaveLength(2);
    await channel.close();
    await server.close();
  });

  it('says everything a device needs, with a life and a priority', async () => {
    const server = await startFakeServer(fake);
    const channel = at(server.url);
    await channel.send(
      push(1, { fields: { title: 'A', body: 'B', imageUrl: 'https://i.example/1.jpg', urgency: 'high' } }),
    );
    const sent = JSON.parse(server.seen.at(-1)!.body) as { message: unknown };
    expect(sent.message).toMatchObject({
      token: 'device-1',
      notification: { title: 'A', body: 'B', image: 'https://i.example/1.jpg' },
      data: { url: 'https://shop.example', messageId: 'msg_1', receipt: 'receipt-of-msg_1', userId: 'mei' },
      android: { ttl: '3600s', priority: 'HIGH', collapse_key: 'win-back' },
      apns: { headers: { 'apns-priority': '10' } },
    });
    const long = await channel.send(push(1, { fields: { title: 'A', body: 'x'.repeat(FCM_BYTES_MAX) } }));
    expect(long).toMatchObject({ kind: 'rejected', class: 'content', code: 'too_large' });
    await channel.close();
    await server.close();
  });

  const failure = (status: string, errorCode?: string, more: object = {}) =>
    json({
      error: {
        status,
        message: 'no',
        details: [
          {
            '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError',
            ...(errorCode === undefined ? {} : { errorCode }),
          },
          more,
        ],
      },
    });
  it.each<[string, number, string, object]>([
    [
      'UNREGISTERED',
      404,
      failure('NOT_FOUND', 'UNREGISTERED'),
      { kind: 'rejected', class: 'address', permanent: true },
    ],
    // Nobody has taken anything yet: the account itself may be the wrong one.
    [
      'SENDER_ID_MISMATCH',
      403,
      failure('PERMISSION_DENIED', 'SENDER_ID_MISMATCH'),
      { kind: 'rejected', class: 'sender', permanent: false },
    ],
    ['NOT_FOUND', 404, failure('NOT_FOUND'), { kind: 'rejected', class: 'sender', permanent: false }],
    [
      'a bad token, in words',
      400,
      failure('INVALID_ARGUMENT', 'INVALID_ARGUMENT').replace(
        /"message":"[^"]*"/,
        '"message":"The registration token is not a valid FCM registration token"',
      ),
      { kind: 'rejected', class: 'address', permanent: true },
    ],
    ['SERVICE_DISABLED', 403, failure('PERMISSION_DENIED'), { kind: 'rejected', class: 'account' }],
    [
      'a bad token',
      400,
      failure('INVALID_ARGUMENT', 'INVALID_ARGUMENT', { fieldViolations: [{ field: 'message.token' }] }),
      { kind: 'rejected', class: 'address', permanent: true },
    ],
    [
      'a bad payload',
      400,
      failure('INVALID_ARGUMENT', 'INVALID_ARGUMENT'),
      { kind: 'rejected', class: 'content', permanent: true },
    ],
    [
      'QUOTA_EXCEEDED',
      429,
      failure('RESOURCE_EXHAUSTED', 'QUOTA_EXCEEDED'),
      { kind: 'deferred', retryAfterSeconds: 90 },
    ],
    ['UNAVAILABLE', 503, failure('UNAVAILABLE', 'UNAVAILABLE'), { kind: 'deferred', retryAfterSeconds: 90 }],
    [
      'THIRD_PARTY_AUTH_ERROR',
      401,
      failure('UNAUTHENTICATED', 'THIRD_PARTY_AUTH_ERROR'),
      { kind: 'rejected', class: 'sender' },
    ],
    ['INTERNAL', 500, failure('INTERNAL', 'INTERNAL'), { kind: 'unknown' }],
  ])('%s means so', async (_, status, body, outcome) => {
    const server = await startFakeServer(fake, ({ path }) => path !== '/token');
    const channel = at(server.url);
    server.trouble = { status, headers: { 'retry-after': '90' }, body };
    expect(await channel.send(push(1))).toMatchObject(outcome);
    await channel.close();
    await server.close();
  });

  it('takes a device of another project for dead once one of its own has taken something', async () => {
    const server = await startFakeServer(fake, ({ path }) => path !== '/token');
    const channel = at(server.url);
    expect(await channel.send(push(1))).toMatchObject({ kind: 'sent' });
    for (const [status, body] of [
      [403, failure('PERMISSION_DENIED', 'SENDER_ID_MISMATCH')],
      [404, failure('NOT_FOUND')],
    ] as const) {
      server.trouble = { status, body };
      expect(await channel.send(push(2))).toMatchObject({ kind: 'rejected', class: 'address', permanent: true });
    }
    await channel.close();
    await server.close();
  });

  it('asks for another token when one is taken back, once for all who find out, and loses no message by it', async () => {
    let tokens = 0;
    let good = 'token-1';
    const server = await startFakeServer((request) => {
      if (request.path === '/token')
        return { status: 200, body: json({ access_token: `token-${++tokens}`, expires_in: 3_600 }) };
      return request.headers['authorization'] === `Bearer ${good}`
        ? { status: 200, body: json({ name: 'projects/p/messages/1' }) }
        : { status: 401, body: failure('UNAUTHENTICATED') };
    });
    const channel = at(server.url);
    expect(await channel.send(push(1))).toMatchObject({ kind: 'sent' });
    good = 'token-2';
    const outcomes = await Promise.all(Array.from({ length: 10 }, (_, n) => channel.send(push(n))));
    expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => 'sent'));
    expect(tokens).toBe(2);
    good = 'none';
    expect(await channel.send(push(1))).toMatchObject({ kind: 'rejected', class: 'account', code: 'UNAUTHENTICATED' });
    expect(tokens).toBe(3);
    await channel.close();
    await server.close();
  });

  it.each<[string, (request: SeenRequest) => FakeAnswer, object]>([
    ['down', () => ({ status: 500, body: '' }), { kind: 'unavailable' }],
    [
      'not knowing the key',
      () => ({ status: 400, body: json({ error: 'invalid_grant' }) }),
      { kind: 'rejected', class: 'account' },
    ],
  ])('with a token service %s nothing leaves', async (_, answer, outcome) => {
    const server = await startFakeServer(answer);
    const channel = at(server.url);
    expect(await channel.send(push(1))).toMatchObject(outcome);
    expect(server.seen.map(({ path }) => path)).toEqual(['/token']);
    await channel.close();
    await server.close();
  });

  it('refuses a key file that is none, naming what is wrong', () => {
    expect(() => parseServiceAccount('{')).toThrow(/REKINDLE_FCM_KEY_FILE.*JSON/);
    expect(() => parseServiceAccount(json({ type: 'service_account', project_id: 'x' }))).toThrow(/private_key_id/);
  });
});

describe('APNs', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key: KeyObject = parseApnsKey(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  let server: Http2Fake;
  let seen: { headers: IncomingHttpHeaders; body: string }[];
  let answer: Http2Answer;
  let now: Date;
  let channel: Channel<Push>;
  const accept: Http2Answer = (stream, headers) => {
    stream.respond({ ':status': 200, 'apns-id': headers['apns-id'] });
    stream.end();
  };
  const refuse =
    (status: number, reason: string, more: Record<string, string> = {}): Http2Answer =>
    (stream) => {
      stream.respond({ ':status': status, ...more });
      stream.end(json({ reason }));
    };
  beforeEach(async () => {
    seen = [];
    answer = accept;
    now = NOW;
    server = await startHttp2((stream, headers, body) => {
      seen.push({ headers, body });
      answer(stream, headers, body);
    });
    channel = apnsChannel({
      key,
      keyId: 'KEY1234567',
      teamId: 'TEAM123456',
      topic: 'com.example.shop',
      url: server.url,
      told,
      timeoutMs: 400,
      now: () => now,
    });
  });
  afterEach(async () => {
    await channel.close();
    await server.close();
  });
  const tokenOf = (at: number): string => String(seen[at]!.headers['authorization']).replace(/^bearer /, '');

  it('sends what Apple asks for over one connection, signed so that Apple can check it', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => channel.send(push(n))));
    expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => 'sent'));
    expect(server.sessions.size).toBe(1);
    const { headers, body } = seen.find((each) => each.headers[':path'] === '/3/device/device-3')!;
    expect(headers).toMatchObject({
      ':method': 'POST',
      'apns-topic': 'com.example.shop',
      'apns-push-type': 'alert',
      'apns-priority': '10',
      'apns-expiration': String(Math.floor(NOW.getTime() / 1000) + 3_600),
      'apns-collapse-id': 'win-back',
    });
    expect(headers['apns-id']).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(new Set(seen.map((each) => each.headers['apns-id'])).size).toBe(20);
    expect(JSON.parse(body)).toMatchObject({
      aps: { alert: { title: '好久不见', body: '回来看看吧' } },
      url: 'https://m.example/c/token',
      messageId: 'msg_3',
      receipt: 'receipt-of-msg_3',
    });
    const { payload, protectedHeader } = await jwtVerify(
      tokenOf(0),
      createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })),
      { algorithms: ['ES256'] },
    );
    expect([protectedHeader.kid, payload.iss, payload.iat]).toEqual([
      'KEY1234567',
      'TEAM123456',
      Math.floor(NOW.getTime() / 1000),
    ]);
  });

  it('renews its token between 20 and 60 minutes, and not before', async () => {
    const minutes = [0, 19, 39, 59, 79, 119];
    for (const minute of minutes) {
      now = new Date(NOW.getTime() + minute * 60_000);
      await channel.send(push(1));
    }
    const ages = seen.map(
      (_, at) => minutes[at]! - Math.round((decodeJwt(tokenOf(at)).iat! * 1000 - NOW.getTime()) / 60_000),
    );
    expect(Math.max(...ages)).toBeLessThan(60);
    const renewals = [...new Set(seen.map((_, at) => decodeJwt(tokenOf(at)).iat!))];
    for (const [at, iat] of renewals.entries()) expect(at === 0 || iat - renewals[at - 1]! >= 20 * 60).toBe(true);
  });

  it('renews an expired token at once and tries again, once', async () => {
    answer = (stream, headers, body) =>
      (seen.length === 1 ? refuse(403, 'ExpiredProviderToken') : accept)(stream, headers, body);
    expect(await channel.send(push(1))).toMatchObject({ kind: 'sent' });
    answer = refuse(403, 'ExpiredProviderToken');
    seen = [];
    expect(await channel.send(push(1))).toMatchObject({
      kind: 'rejected',
      class: 'account',
      code: 'ExpiredProviderToken',
    });
    expect(seen).toHaveLength(2);
  });

  it('makes one new provider token for all streams that are told that theirs is too old', async () => {
    await channel.send(push(0));
    const old = tokenOf(0);
    now = new Date(NOW.getTime() + 60_000);
    answer = (stream, headers, body) =>
      (headers['authorization'] === `bearer ${old}` ? refuse(403, 'ExpiredProviderToken') : accept)(
        stream,
        headers,
        body,
      );
    const outcomes = await Promise.all(Array.from({ length: 10 }, (_, n) => channel.send(push(n))));
    expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => 'sent'));
    expect(new Set(seen.map((_, at) => tokenOf(at))).size).toBe(2);
  });

  it('says since when a device has been gone', async () => {
    answer = (stream) => {
      stream.respond({ ':status': 410 });
      stream.end(json({ reason: 'Unregistered', timestamp: NOW.getTime() }));
    };
    expect(await channel.send(push(1))).toMatchObject({ class: 'address', permanent: true, goneSince: NOW });
  });

  it.each(['BadDeviceToken', 'DeviceTokenNotForTopic'])(
    'takes a device for dead at %s only when another has taken a notification of this account',
    async (reason) => {
      answer = refuse(400, reason);
      expect(await channel.send(push(1))).toMatchObject({ kind: 'rejected', class: 'sender', permanent: false });
      answer = accept;
      expect(await channel.send(push(2))).toMatchObject({ kind: 'sent' });
      answer = refuse(400, reason);
      expect(await channel.send(push(1))).toMatchObject({ kind: 'rejected', class: 'address', permanent: true });
    },
  );

  it.each<[number, string, object]>([
    [410, 'Unregistered', { kind: 'rejected', class: 'address', permanent: true }],
    [400, 'TopicDisallowed', { kind: 'rejected', class: 'account' }],
    [429, 'TooManyProviderTokenUpdates', { kind: 'deferred', of: 'account' }],
    [400, 'BadCollapseId', { kind: 'rejected', class: 'content' }],
    [403, 'InvalidProviderToken', { kind: 'rejected', class: 'account' }],
    [413, 'PayloadTooLarge', { kind: 'rejected', class: 'content', permanent: true }],
    [429, 'TooManyRequests', { kind: 'deferred', retryAfterSeconds: 9 }],
    [503, 'ServiceUnavailable', { kind: 'deferred', retryAfterSeconds: 9 }],
    [500, 'InternalServerError', { kind: 'unknown' }],
  ])('%i %s means so', async (status, reason, outcome) => {
    answer = refuse(status, reason, { 'retry-after': '9' });
    expect(await channel.send(push(1))).toMatchObject(outcome);
  });

  it('refuses what is too large before it leaves, and shortens a collapse id', async () => {
    const long = push(1, { fields: { title: 'A', body: 'x'.repeat(APNS_BYTES_MAX) } });
    expect(await channel.send(long)).toMatchObject({ kind: 'rejected', class: 'content', code: 'too_large' });
    expect(seen).toEqual([]);
    await channel.send(push(1, { programmeId: 'p'.repeat(65) }));
    expect(String(seen[0]!.headers['apns-collapse-id']).length).toBeLessThanOrEqual(64);
  });

  it.each<[string, Http2Answer]>([
    ['silence', () => undefined],
    ['the connection cut', (stream) => stream.session?.destroy()],
    ['the stream reset', (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR)],
    [
      'half an answer',
      (stream) => {
        stream.respond({ ':status': 200, 'apns-id': 'x' });
        stream.write('{');
        setTimeout(() => stream.session?.destroy(), 20);
      },
    ],
    [
      'an answer that trickles',
      (stream) => {
        stream.respond({ ':status': 200, 'apns-id': 'x' });
        const timer = setInterval(() => stream.write(' '), 20);
        stream.on('close', () => clearInterval(timer));
      },
    ],
    [
      'a success without an id',
      (stream) => {
        stream.respond({ ':status': 200 });
        stream.end();
      },
    ],
  ])('does not know what became of it after %s', async (_, trouble) => {
    answer = trouble;
    expect(await channel.send(push(1))).toMatchObject({ kind: 'unknown' });
    answer = accept;
    expect(await channel.send(push(2))).toMatchObject({ kind: 'sent' });
  });

  it('knows that a refused stream was not sent, and that nothing left where it may not or cannot', async () => {
    answer = (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM);
    expect(await channel.send(push(1))).toMatchObject({ kind: 'unavailable' });
    seen = [];
    expect(await channel.send(push(1), undefined, () => Promise.resolve(false))).toMatchObject({ kind: 'unavailable' });
    expect(await channel.send(push(1), undefined, () => Promise.reject(new Error('the ledger is gone')))).toMatchObject(
      { kind: 'unavailable' },
    );
    expect(await channel.send(push(1), AbortSignal.abort())).toMatchObject({ kind: 'unavailable' });
    const nowhere = apnsChannel({
      key,
      keyId: 'K',
      teamId: 'T',
      topic: 't',
      url: 'http://127.0.0.1:1',
      told,
      timeoutMs: 400,
      now: () => NOW,
    });
    expect(await nowhere.send(push(1))).toMatchObject({ kind: 'unavailable' });
    await nowhere.close();
    expect(seen).toEqual([]);
  });

  it('opens another connection when Apple says goodbye, and asks the gate before each hand-over', async () => {
    await channel.send(push(1));
    for (const session of server.sessions) session.close();
    const gates: number[] = [];
    await expect
      .poll(
        async () => (await channel.send(push(2), undefined, () => Promise.resolve(gates.push(seen.length) > 0))).kind,
      )
      .toBe('sent');
    expect(server.sessions.size).toBe(2);
    expect(gates[0]).toBe(1);
  });

  it('takes only a private key on the right curve', () => {
    expect(() => parseApnsKey('x')).toThrow(/REKINDLE_APNS_KEY_FILE/);
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    expect(() => parseApnsKey(other)).toThrow(/P-256/);
  });
});
