// Audiences and posts on the real app: an account with a wrong key stands still and says so, what is planned waits for it, and once it is mended
// everything that was outstanding is done; whoever withdraws or is erased is out.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createKey } from '../../src/collect/keys.service.ts';
import { erasePerson } from '../../src/collect/people/people.service.ts';
import { createAudience } from '../../src/reach/audiences/audiences.service.ts';
import { syncAudiences } from '../../src/reach/audiences/sync.service.ts';
import { recordConsents } from '../../src/reach/consent/consent.service.ts';
import { planPost, sendPosts, testPostNetwork } from '../../src/reach/posts/posts.service.ts';
import { saveSegment, segmentSchema } from '../../src/understand/segments/segments.service.ts';
import { startFakeServer, type FakeServer } from '../contract/channel.contract.ts';
import { consent } from '../support/rows.ts';
import { openShop, type Shop } from '../support/shop.ts';

let shop: Shop;
let outside: FakeServer;
let key = '';
const held = new Set<string>();
const statuses: string[] = [];
const emailOf = (id: string): string => createHash('sha256').update(`${id}@example.com`).digest('hex');

beforeAll(async () => {
  shop = await openShop();
  ({ key } = await createKey(shop.app.records.db, 'secret', 'test', shop.clock.now()));
  outside = await startFakeServer(({ path, headers, body }) => {
    const say = (status: number, answer: object) => ({ status, body: JSON.stringify(answer) });
    if (path.startsWith('/api/v1/')) {
      if (headers['authorization'] !== 'Bearer right') return say(401, { error: 'The access token is invalid' });
      if (path.endsWith('/verify_credentials')) return say(200, { acct: 'shop' });
      statuses.push((JSON.parse(body) as { status: string }).status);
      return say(200, { id: String(statuses.length) });
    }
    if (headers['access-token'] !== 'right') return say(200, { code: 40_105, message: 'Access token is incorrect' });
    if (path.endsWith('/segment/audience/')) return say(200, { code: 0, data: { audience_id: 'A1' } });
    const { action, batch_data: rows } = JSON.parse(body) as { action: string; batch_data: { id?: string }[][] };
    for (const { id } of rows.flat())
      if (id !== undefined && action === 'add') held.add(id);
      else if (id !== undefined) held.delete(id);
    return say(200, { code: 0 });
  });
  for (const id of ['ada', 'bob', 'cyd']) await shop.addPerson(id, { tier: 'gold' });
  await shop.addPerson('eve', { tier: 'gold' });
  await recordConsents(
    shop.app.records.db,
    ['ada', 'bob', 'cyd'].map((id) => consent(id, { channel: 'ads', purpose: 'ads_audience' })),
  );
  const gold = { segmentId: 'gold', name: 'Gold', segment: { kind: 'trait', name: 'tier', equals: 'gold' } };
  await saveSegment(shop.app.segments, segmentSchema.parse(gold), 'create', shop.clock.now());
});
afterAll(async () => {
  await shop?.close();
  await outside?.close();
});

const get = async (path: string): Promise<unknown> => {
  const response = await shop.fetch(`/api${path}`, { headers: { authorization: `Bearer ${key}` } });
  expect(response.status).toBe(200);
  return response.json();
};
const standing = async (connection: string): Promise<unknown> => {
  const { connections } = (await get('/connections')) as { connections: { connection: string; closed: unknown }[] };
  return connections.find((each) => each.connection === connection)?.closed;
};
const synced = async (): Promise<string[]> => {
  await syncAudiences(shop.app.audiences);
  return [...held].toSorted();
};
const hashes = (...ids: string[]): string[] => ids.map(emailOf).toSorted();

it('an ad account with a wrong key is asked once, says so everywhere, and takes everybody once it is mended', async () => {
  const { app } = shop;
  const account = { advertiserId: '77', baseUrl: outside.url };
  await app.connections.change('tiktok', { ...account, accessToken: 'wrong' });
  const source = { kind: 'segment', id: 'gold' } as const;
  for (const use of ['target', 'exclude'] as const)
    await createAudience(app.audiences, { audienceId: use, network: 'tiktok', name: use, source, use });
  outside.seen.length = 0;
  expect(await synced()).toEqual([]);
  expect(await synced()).toEqual([]);
  expect(outside.seen).toHaveLength(1);
  expect(await standing('tiktok')).toMatchObject({ detail: '40105: Access token is incorrect' });
  expect(await standing('meta')).toBeNull();
  expect(await get('/audiences')).toMatchObject({
    audiences: [
      { audienceId: 'target', trouble: { code: 'closed:40105' }, people: { wanted: 3, toAdd: 3 } },
      { audienceId: 'exclude', trouble: { code: 'closed:40105' } },
    ],
  });
  // Saved anew, it is tried at once.
  await app.connections.change('tiktok', { ...account, accessToken: 'right' });
  expect(await synced()).toEqual(hashes('ada', 'bob', 'cyd'));
  expect(await standing('tiktok')).toBeNull();
  await recordConsents(app.records.db, [
    consent('ada', {
      channel: 'ads',
      purpose: 'ads_audience',
      status: 'withdrawn',
      decidedAt: shop.clock.now(),
    }),
  ]);
  shop.days(1);
  await erasePerson(
    { records: app.records, events: app.events, addressSecret: app.secrets.address },
    'bob',
    shop.clock.now(),
  );
  expect(await synced()).toEqual(hashes('cyd'));
  const left = await app.records.db.selectFrom('audience_records').select('person_id').distinct().execute();
  expect(left.map((row) => row.person_id).toSorted()).not.toContain('bob');
});

it('a post waits while its account is refused, and leaves when the account answers a test', async () => {
  const { app } = shop;
  await app.connections.change('mastodon', { baseUrl: outside.url, accessToken: 'wrong' });
  for (const postId of ['spring', 'summer'])
    await planPost(app.posts, { postId, networks: ['mastodon'], text: { en: postId } });
  expect(await sendPosts(app.posts)).toBe(0);
  expect(await standing('mastodon')).toMatchObject({ detail: expect.stringContaining('http_401') as string });
  expect(await get('/posts')).toMatchObject({
    posts: [{ state: 'planned' }, { state: 'planned' }],
    networks: expect.arrayContaining([expect.objectContaining({ network: 'mastodon', isConnected: true })]) as unknown,
  });
  expect(await testPostNetwork(app.posts, 'mastodon')).toMatchObject({ kind: 'rejected', class: 'account' });
  await app.connections.change('mastodon', { baseUrl: outside.url, accessToken: 'right' });
  expect(await testPostNetwork(app.posts, 'mastodon')).toMatchObject({ kind: 'sent', response: '@shop' });
  expect(await standing('mastodon')).toBeNull();
  expect(await sendPosts(app.posts)).toBe(2);
  expect(statuses.toSorted()).toEqual(['spring', 'summer']);
});
