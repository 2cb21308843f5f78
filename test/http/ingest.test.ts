// The doors by which events come in: every documented status, both ways of sending, limits, retries, and the grouping of writes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey, revokeKey } from '../../src/collect/keys.service.ts';
import { p, sql } from '../../src/kernel/sql.ts';
import { openShop, type Shop } from '../support/shop.ts';

describe('ingest over HTTP', () => {
  let shop: Shop;
  let made = 0;
  const id = (): string => `h${++made}`;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop?.close());

  const send = (
    path: string,
    body: unknown,
    headers: Record<string, string> = { authorization: `Bearer ${shop.writeKey}` },
  ) => shop.fetch(path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
  const answer = async (response: Response): Promise<unknown> => [response.status, await response.json()];
  const track = (more: object = {}) => ({ type: 'track', event: 'Viewed', userId: 'u1', messageId: id(), ...more });
  const count = async (messageIds: readonly string[]): Promise<number> => {
    const [row] = await shop.app.events.rows<{ n: number }>(
      sql`SELECT count() AS n FROM events WHERE message_id IN ${p.texts(messageIds)}`,
    );
    return row?.n ?? 0;
  };
  const accepted = [200, { success: true, added: 1, known: 0, dropped: {} }];

  it.each(['identify', 'track', 'page', 'screen', 'alias', 'group', 'i', 't', 'p', 's', 'a', 'g'])(
    'takes /v1/%s',
    async (path) => {
      const body = { event: 'Viewed', userId: 'u1', previousId: 'u0', messageId: id(), traits: {} };
      expect(await answer(await send(`/v1/${path}`, body))).toEqual(accepted);
      expect(await count([body.messageId])).toBe(1);
    },
  );

  it.each(['batch', 'b'])('takes /v1/%s and lays its context under every item', async (path) => {
    const batch = [track(), track({ context: { active: true } }), { type: 'identify', userId: 'zh', messageId: id() }];
    const response = await send(`/v1/${path}`, {
      batch,
      context: { active: false, locale: 'zh-CN' },
      integrations: {},
    });
    expect(await answer(response)).toEqual([200, { success: true, added: 3, known: 0, dropped: {} }]);
    const rows = await shop.app.events.rows(
      sql`SELECT name FROM events WHERE message_id IN ${p.texts(batch.map((item) => item.messageId))} ORDER BY message_id`,
    );
    expect(rows).toEqual([{ name: 'passive:Viewed' }, { name: 'Viewed' }, { name: 'passive:identify' }]);
    const person = await shop.app.records.db
      .selectFrom('people')
      .select('language')
      .where('person_id', '=', 'zh')
      .executeTakeFirst();
    expect(person).toEqual({ language: 'zh-CN' });
  });

  it('takes the key as Basic user, Bearer, or in a text/plain body, as the SDKs send it', async () => {
    const basic = `Basic ${Buffer.from(`${shop.writeKey}:`).toString('base64')}`;
    for (const headers of [{ authorization: basic }, { authorization: `bearer ${shop.writeKey}` }, {}] as Record<
      string,
      string
    >[]) {
      const body = { ...track(), ...(headers['authorization'] === undefined ? { writeKey: shop.writeKey } : {}) };
      expect(await answer(await send('/v1/t', body, { 'content-type': 'text/plain', ...headers }))).toEqual(accepted);
    }
  });

  it('answers 200 and says why where an item is refused, and counts it for the day', async () => {
    const before = await shop.app.records.db.selectFrom('dropped_events').selectAll().execute();
    const batch = [
      track(),
      track({ userId: '' }),
      track({ event: undefined }),
      track({ timestamp: 'x' }),
      track({ properties: { revenue: 1e300 } }),
      7,
    ];
    const dropped = { no_id: 1, no_event_name: 1, bad_time: 1, bad_amount: 1, not_an_object: 1 };
    expect(await answer(await send('/v1/batch', { batch }))).toEqual([
      200,
      { success: true, added: 1, known: 0, dropped },
    ]);
    const after = await shop.app.records.db.selectFrom('dropped_events').selectAll().execute();
    const of = (rows: typeof after, reason: string): number => rows.find((row) => row.reason === reason)?.count ?? 0;
    for (const reason of Object.keys(dropped)) expect(of(after, reason) - of(before, reason)).toBe(1);
  });

  it('adds nothing for a retried batch, nor for a message twice in one', async () => {
    const batch = [track(), track(), track()];
    const body = { batch: [...batch, batch[0]] };
    expect(await answer(await send('/v1/batch', body))).toEqual([
      200,
      { success: true, added: 3, known: 1, dropped: {} },
    ]);
    expect(await answer(await send('/v1/batch', body))).toEqual([
      200,
      { success: true, added: 0, known: 4, dropped: {} },
    ]);
    expect(await count(batch.map((item) => item.messageId))).toBe(3);
  });

  it('stores what no database takes as text, after cleaning it', async () => {
    const messageId = id();
    const body = `{"type":"identify","userId":"nul\\u0000l","messageId":"${messageId}","traits":{"name":"A\\ud800 B","k\\u0000":[1]}}`;
    expect(await answer(await send('/v1/identify', body))).toEqual(accepted);
    const person = await shop.app.records.db
      .selectFrom('people')
      .select(['first_name', 'traits'])
      .where('person_id', '=', 'null')
      .executeTakeFirst();
    expect(person).toEqual({ first_name: 'A\ufffd', traits: { name: 'A\ufffd B', k: [1] } });
  });

  it('drops bottomless nesting alone, without troubling its neighbours', async () => {
    const deep = '['.repeat(15_000) + ']'.repeat(15_000);
    const fine = track();
    const body = `{"batch":[${JSON.stringify(fine)},{"type":"track","event":"x","userId":"u","properties":{"a":${deep}}},{"type":"track","event":"x","userId":"u","properties":{"a":${deep}}}]}`;
    expect(await answer(await send('/v1/batch', body))).toEqual([
      200,
      { success: true, added: 1, known: 0, dropped: { bad_properties: 2 } },
    ]);
  });

  const problems: readonly (readonly [status: number, code: string, what: string, ask: () => Promise<Response>])[] = [
    [400, 'body_not_json', 'not JSON', () => send('/v1/track', '{"event":')],
    [400, 'body_not_json', 'an empty body', () => send('/v1/track', '')],
    [400, 'body_not_json', 'JSON that is no object', () => send('/v1/batch', '[1]')],
    [401, 'unauthorised', 'no key', () => send('/v1/track', track(), {})],
    [401, 'unauthorised', 'an unknown key', () => send('/v1/track', track(), { authorization: 'Bearer rkw_wrong' })],
    [401, 'unauthorised', 'a broken Basic header', () => send('/v1/track', track(), { authorization: 'Basic !!!' })],
    [404, 'not_found', 'an unknown call', () => send('/v1/forget', track())],
    [404, 'not_found', 'a name every object has', () => send('/v1/constructor', track())],
    [
      413,
      'too_large',
      'more than 2,500 events',
      () => send('/v1/batch', { batch: Array.from({ length: 2_501 }, () => 1) }),
    ],
    [413, 'too_large', 'more than 500 KB', () => send('/v1/batch', { batch: [], pad: 'x'.repeat(512_000) })],
    [422, 'invalid', 'a batch that is no list', () => send('/v1/batch', { batch: { type: 'track' } })],
  ];
  it.each(problems)('answers %i %s to %s', async (status, code, _, ask) => {
    const response = await ask();
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await answer(response)).toEqual([
      status,
      expect.objectContaining({ status, code, type: `urn:rekindle:error:${code}`, title: expect.any(String) }),
    ]);
  });

  it('answers 403 to a key of the other kind, and 401 to a revoked one', async () => {
    const { db } = shop.app.records;
    const secret = await createKey(db, 'secret', 'x', shop.clock.now());
    expect((await send('/v1/track', track(), { authorization: `Bearer ${secret.key}` })).status).toBe(403);
    expect(
      (await shop.fetch('/api/programmes/x/report', { headers: { authorization: `Bearer ${shop.writeKey}` } })).status,
    ).toBe(403);
    const gone = await createKey(db, 'write', 'y', shop.clock.now());
    await revokeKey(db, gone.keyId, shop.clock.now());
    expect((await send('/v1/track', track(), { authorization: `Bearer ${gone.key}` })).status).toBe(401);
  });

  it('takes 2,500 events and an event of 32 KB; one byte more is dropped alone', async () => {
    const batch = Array.from({ length: 2_500 }, (_, i) => ({
      type: 'track',
      event: 'e',
      userId: 'u',
      messageId: `full-${i}`,
    }));
    expect(await answer(await send('/v1/batch', { batch }))).toEqual([
      200,
      { success: true, added: 2_500, known: 0, dropped: {} },
    ]);
    const sized = (bytes: number) => {
      const event = track({ properties: { pad: '' } });
      return { ...event, properties: { pad: 'x'.repeat(bytes - JSON.stringify(event).length) } };
    };
    const both = { batch: [sized(32 * 1024), sized(32 * 1024 + 1)] };
    expect(await answer(await send('/v1/batch', both))).toEqual([
      200,
      { success: true, added: 1, known: 0, dropped: { event_too_large: 1 } },
    ]);
    expect(await answer(await send('/v1/track', sized(32 * 1024 + 1)))).toMatchObject([
      200,
      { added: 0, dropped: { event_too_large: 1 } },
    ]);
  });

  it('shares one insert among concurrent requests', async () => {
    await shop.app.events.run(sql`SYSTEM STOP MERGES events`);
    const bodies = Array.from({ length: 60 }, () => track());
    const statuses = await Promise.all(bodies.map(async (body) => (await send('/v1/track', body)).status));
    expect(new Set(statuses)).toEqual(new Set([200]));
    const [row] = await shop.app.events.rows<{ parts: number; n: number }>(
      sql`SELECT uniqExact(_part) AS parts, count() AS n FROM events WHERE message_id IN ${p.texts(bodies.map((body) => body.messageId))}`,
    );
    await shop.app.events.run(sql`SYSTEM START MERGES events`);
    expect(row!.n).toBe(60);
    expect(row!.parts).toBeLessThanOrEqual(6); // Sixty requests in a handful of writes.
  });

  it('answers 503 while the store fails, and a retry of the same batch then adds it all', async () => {
    const body = { batch: [track({ anonymousId: 'a-503', userId: 'u-503' }), track({ userId: 'u-503' })] };
    await shop.app.events.run(sql`RENAME TABLE events TO events_away`);
    const failed = await send('/v1/batch', body, {
      authorization: `Bearer ${shop.writeKey}`,
      'accept-language': 'zh-CN,zh;q=0.9',
    });
    expect(await answer(failed)).toMatchObject([
      503,
      { code: 'store_unavailable', title: expect.stringContaining('无法连接') },
    ]);
    expect(shop.errors.splice(0)).toHaveLength(1);
    await shop.app.events.run(sql`RENAME TABLE events_away TO events`);
    expect(await answer(await send('/v1/batch', body))).toEqual([
      200,
      { success: true, added: 2, known: 0, dropped: {} },
    ]);
    const links = await shop.app.events.rows(
      sql`SELECT person_id FROM person_links FINAL WHERE actor_id = ${p.text('anon:a-503')}`,
    );
    expect(links).toEqual([{ person_id: 'u-503' }]);
  });

  it('says it is well, and what is not there, in the caller’s language', async () => {
    expect(await answer(await shop.fetch('/health'))).toEqual([200, { ok: true }]);
    const of = async (language: string): Promise<unknown> => {
      const response = await shop.fetch('/nowhere', { headers: { 'accept-language': language } });
      return ((await response.json()) as { title: unknown }).title;
    };
    expect([await of('zh-CN'), await of('de'), await of('en-GB')]).toEqual([
      '找不到页面 /nowhere。',
      'There is no page /nowhere.',
      'There is no page /nowhere.',
    ]);
    expect(shop.errors).toEqual([]);
  });
});
