// Signing devices on and off with the public write key: whose they become, what is believed, and what is refused.
import { createECDH, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { liveEndpoints } from '../../src/reach/channels/endpoints.service.ts';
import { signPersonToken } from '../../src/reach/inbox/person-token.ts';
import { openShop, type Shop } from '../support/shop.ts';

describe('devices', () => {
  let shop: Shop;
  const ecdh = createECDH('prime256v1');
  const keys = { p256dh: ecdh.generateKeys('base64url'), auth: randomBytes(16).toString('base64url') };
  const at = (path: string) => `https://updates.push.services.mozilla.com/wpush/v2/${path}`;
  const browser = (path: string, more: object = {}) => ({
    writeKey: shop.writeKey,
    kind: 'web_push',
    subscription: { endpoint: at(path), expirationTime: null, keys },
    ...more,
  });
  const phone = (more: object = {}) => ({
    writeKey: shop.writeKey,
    kind: 'app_push',
    provider: 'fcm',
    token: 'dev:1_A-b',
    ...more,
  });
  const call = async (method: 'POST' | 'DELETE', body: unknown): Promise<[number, Record<string, unknown>]> => {
    const response = await shop.fetch('/v1/endpoints', {
      method,
      headers: { 'content-type': 'text/plain', 'user-agent': 'Test/1' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return [response.status, (await response.json()) as Record<string, unknown>];
  };
  const owned = async (channel: 'web_push' | 'app_push', personId: string) =>
    ((await liveEndpoints(shop.app.records.db, channel, [personId])).get(personId) ?? []).map(
      ({ provider, address, details }) => ({ provider, address, details }),
    );

  beforeAll(async () => {
    shop = await openShop();
    await shop.addPerson('mei');
    await shop.addPerson('ann');
  });
  afterAll(() => shop?.close());

  it('belong to who signed in on them, and move with her', async () => {
    expect((await call('POST', browser('1', { userId: 'mei' })))[0]).toBe(201);
    expect((await call('POST', phone({ userId: 'mei' })))[0]).toBe(201);
    expect(await owned('web_push', 'mei')).toEqual([{ provider: 'webpush', address: at('1'), details: keys }]);
    expect(await owned('app_push', 'mei')).toEqual([{ provider: 'fcm', address: 'dev:1_A-b', details: {} }]);
    expect((await call('POST', phone({ userId: 'ann' })))[0]).toBe(201);
    expect([await owned('app_push', 'mei'), (await owned('app_push', 'ann')).length]).toEqual([[], 1]);
    expect(await call('DELETE', phone())).toEqual([200, { disabled: 1 }]);
    expect(await call('DELETE', phone())).toEqual([200, { disabled: 0 }]);
    expect(await owned('app_push', 'ann')).toEqual([]);
  });

  it('of a visitor are hers once she is known', async () => {
    await shop.post([{ type: 'identify', userId: 'mei', anonymousId: 'tablet' }]);
    expect((await call('POST', browser('2', { anonymousId: 'tablet' })))[0]).toBe(201);
    expect((await owned('web_push', 'mei')).map(({ address }) => address)).toContain(at('2'));
    expect((await call('POST', browser('3', { anonymousId: 'stranger' })))[0]).toBe(404);
  });

  it('renew their subscription without saying whose they are', async () => {
    expect((await call('POST', browser('2b', { replaces: at('2') })))[0]).toBe(201);
    const addresses = (await owned('web_push', 'mei')).map(({ address }) => address);
    expect([addresses.includes(at('2b')), addresses.includes(at('2'))]).toEqual([true, false]);
    expect((await call('POST', browser('2c', { replaces: at('never') })))[0]).toBe(422);
  });

  it('bring a consent only with a person token, which also outranks the id they name', async () => {
    const personToken = signPersonToken(shop.app.secrets.token, 'ann', new Date(shop.clock.now().getTime() + 60_000));
    const consent = { textVersion: 'push-1' };
    expect(await call('POST', browser('4', { userId: 'mei', consent }))).toMatchObject([422, { where: 'consent' }]);
    expect((await call('POST', browser('4', { userId: 'mei', personToken, consent })))[0]).toBe(201);
    expect((await owned('web_push', 'ann')).map(({ address }) => address)).toEqual([at('4')]);
    const given = await shop.app.records.db
      .selectFrom('consents')
      .select(['person_id', 'status', 'basis', 'text_version', 'source', 'proof'])
      .where('channel', '=', 'web_push')
      .execute();
    expect(given).toEqual([
      {
        person_id: 'ann',
        status: 'granted',
        basis: 'express',
        text_version: 'push-1',
        source: 'sdk',
        proof: { endpointId: expect.any(String), userAgent: 'Test/1' },
      },
    ]);
  });

  it.each<[string, number, string, () => Promise<[number, Record<string, unknown>]>]>([
    ['no JSON', 400, 'body_not_json', () => call('POST', '{')],
    ['a long body', 413, 'too_large', () => call('POST', ' '.repeat(10_001))],
    ['no write key', 422, 'invalid', () => call('POST', { ...phone(), writeKey: undefined })],
    ['an unknown write key', 401, 'unauthorised', () => call('POST', phone({ writeKey: 'rkw_no', userId: 'mei' }))],
    ['a forged person token', 401, 'person_token_invalid', () => call('POST', phone({ personToken: 'x.y.z' }))],
    ['nobody', 422, 'invalid', () => call('POST', phone())],
    ['an unknown provider', 422, 'invalid', () => call('POST', phone({ provider: 'pigeon', userId: 'mei' }))],
    ['an unknown field', 422, 'invalid', () => call('POST', phone({ userId: 'mei', extra: 1 }))],
    [
      'keys that are none',
      422,
      'invalid',
      () =>
        call('POST', {
          ...browser('5', { userId: 'mei' }),
          subscription: { endpoint: at('5'), keys: { p256dh: 'x', auth: 'y' } },
        }),
    ],
    // With a key that everybody can read, anybody could otherwise make the server call any address.
    [
      'an address inside',
      422,
      'invalid',
      () =>
        call('POST', { ...browser('5', { userId: 'mei' }), subscription: { endpoint: 'https://10.0.0.1/x', keys } }),
    ],
    ['no address to sign off', 422, 'invalid', () => call('DELETE', { writeKey: 'x', kind: 'web_push' })],
  ])('refuse %s', async (_, status, code, ask) => {
    expect(await ask()).toMatchObject([status, { code }]);
  });
});
