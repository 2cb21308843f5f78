// What the SDKs of Segment and RudderStack need of a server, beyond the calls themselves: settings, other origins, beacons and pixels.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { p, sql } from '../../src/kernel/sql.ts';
import { openShop, type Shop } from '../support/shop.ts';

describe('existing SDKs', () => {
  let shop: Shop;
  let made = 0;
  const id = (): string => `peer-${++made}`;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop?.close());

  const basic = () => `Basic ${Buffer.from(`${shop.writeKey}:`).toString('base64')}`;
  const rowsOf = (messageId: string) =>
    shop.app.events.rows<{ name: string; actor_id: string; properties: string }>(
      sql`SELECT name, actor_id, properties FROM events WHERE message_id = ${p.text(messageId)}`,
    );

  describe('analytics.js 2', () => {
    it('finds its settings: where to send, and nothing else to load', async () => {
      const response = await shop.fetch(`/v1/projects/${shop.writeKey}/settings`, {
        headers: { origin: 'https://a.example' },
      });
      expect(response.headers.get('access-control-allow-origin')).toBe('https://a.example');
      expect(await response.json()).toMatchObject({
        integrations: { 'Segment.io': { apiKey: shop.writeKey, apiHost: 'shop.example/v1', protocol: 'https' } },
        remotePlugins: [],
        metrics: { sampleRate: 0 },
      });
    });

    it('is told that its key is not known, or of the other kind', async () => {
      expect((await shop.fetch('/v1/projects/rkw_wrong/settings')).status).toBe(401);
    });

    it('sends to the short paths as text/plain from another origin, after asking whether it may', async () => {
      const asked = await shop.fetch('/v1/t', {
        method: 'OPTIONS',
        headers: {
          origin: 'https://a.example',
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type,x-retry-count',
        },
      });
      expect(asked.status).toBe(204);
      expect(asked.headers.get('access-control-allow-origin')).toBe('https://a.example');
      expect(asked.headers.get('access-control-allow-headers')).toBe('authorization,content-type,x-retry-count');
      expect(asked.headers.get('access-control-allow-methods')).toContain('POST');
      const messageId = id();
      const headers = { origin: 'https://a.example', 'content-type': 'text/plain', authorization: basic() };
      const body = JSON.stringify({ type: 'track', event: 'Viewed', anonymousId: 'a1', messageId });
      const sent = await shop.fetch('/v1/t', { method: 'POST', headers, body });
      expect([sent.status, sent.headers.get('access-control-allow-origin')]).toEqual([200, 'https://a.example']);
      expect(await rowsOf(messageId)).toMatchObject([{ name: 'Viewed', actor_id: 'anon:a1' }]);
    });

    it('may read a refusal too, with its Retry-After', async () => {
      const headers = { origin: 'https://a.example' };
      const refused = await shop.fetch('/v1/t', { method: 'POST', headers, body: '{}' });
      expect(refused.status).toBe(401);
      expect(refused.headers.get('access-control-allow-origin')).toBe('https://a.example');
      expect(refused.headers.get('access-control-expose-headers')).toContain('Retry-After');
    });

    it('does not keep a person alive by what she did not do herself', async () => {
      const lastActive = async (): Promise<unknown> =>
        (
          await shop.app.events.rows(
            sql`SELECT max(last_at) AS at FROM actor_days WHERE actor_id = 'idle' AND name = 'Order Completed'`,
          )
        )[0];
      await shop.order('idle');
      const before = await lastActive();
      shop.days(3);
      await shop.post([
        {
          type: 'track',
          event: 'Order Completed',
          userId: 'idle',
          messageId: id(),
          context: { active: false },
          properties: { revenue: 1 },
        },
      ]);
      expect(await lastActive()).toEqual(before);
    });
  });

  describe('RudderStack', () => {
    it.each(['/sourceConfig', '/sourceConfig/'])('finds its source at %s', async (path) => {
      const response = await shop.fetch(`${path}?p=npm&v=3&build=modern`, { headers: { authorization: basic() } });
      const { source } = (await response.json()) as { source: Record<string, unknown> };
      // What its SDK checks before it starts: an id, a config, a list of destinations, and that it is on.
      expect(source).toMatchObject({ writeKey: shop.writeKey, enabled: true, destinations: [], config: {} });
      expect(source['id']).toMatch(/^[0-9a-f]{27}$/);
      expect((await shop.fetch(path)).status).toBe(401);
    });

    it('is answered plain OK', async () => {
      const messageId = id();
      const headers = { authorization: basic(), anonymousid: 'cnVkZGVy', 'content-type': 'application/json' };
      const body = JSON.stringify({ type: 'track', event: 'Viewed', anonymousId: 'r1', messageId });
      const response = await shop.fetch('/v1/track', { method: 'POST', headers, body });
      expect([response.status, await response.text()]).toEqual([200, 'OK']);
      expect(await rowsOf(messageId)).toHaveLength(1);
    });

    it('may send 4 MB at once; others 500 KB', async () => {
      const pad = 'x'.repeat(600 * 1024);
      const send = (more: Record<string, string>) =>
        shop.fetch('/v1/batch', {
          method: 'POST',
          headers: { authorization: basic(), ...more },
          body: JSON.stringify({ batch: [], pad }),
        });
      expect((await send({ anonymousid: 'x' })).status).toBe(200);
      expect((await send({})).status).toBe(413);
    });

    it('beacons from a leaving page, with the key in the address', async () => {
      const messageId = id();
      const body = JSON.stringify({ batch: [{ type: 'page', anonymousId: 'r2', messageId }] });
      const send = (query: string) => shop.fetch(`/beacon/v1/batch${query}`, { method: 'POST', body });
      const response = await send(`?writeKey=${shop.writeKey}`);
      expect([response.status, await response.text()]).toEqual([200, 'OK']);
      expect(await rowsOf(messageId)).toMatchObject([{ name: 'page' }]);
      expect((await send('')).status).toBe(401);
      expect((await shop.fetch('/beacon/v1/track', { method: 'POST', body })).status).toBe(404);
    });

    it('loads a pixel, which is recorded and keeps nobody alive; HEAD records nothing', async () => {
      const [seen, headed] = [id(), id()];
      const query = (messageId: string) =>
        `/pixel/v1/track?${new URLSearchParams({ writeKey: shop.writeKey, anonymousId: 'r3', event: 'Order Completed', messageId, properties: '{"total":5}' }).toString()}`;
      const response = await shop.fetch(query(seen));
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/gif']);
      expect(await rowsOf(seen)).toMatchObject([{ name: 'passive:Order Completed', actor_id: 'anon:r3' }]);
      expect((await shop.fetch(query(headed), { method: 'HEAD' })).status).toBe(200);
      expect(await rowsOf(headed)).toEqual([]);
      expect((await shop.fetch('/pixel/v1/track?event=x&anonymousId=y')).status).toBe(401);
      expect((await shop.fetch(`/pixel/v1/forget?writeKey=${shop.writeKey}`)).status).toBe(404);
      expect((await shop.fetch(`/pixel/v1/track?writeKey=${shop.writeKey}&properties=%7B`)).status).toBe(400);
    });
  });
});
