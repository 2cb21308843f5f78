// Posts against local servers that check each request as the real ones would, and the ledger that keeps a post from being made twice.
import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SendOutcome } from '../../src/reach/channels/channel.ts';
import { wecomApi } from '../../src/reach/channels/wechat/wechat-channels.ts';
import { parseConnection } from '../../src/reach/connections/connections.ts';
import {
  blueskyPosts,
  mastodonPosts,
  momentsFates,
  momentsPosts,
  webhookPosts,
  type Post,
  type PostFate,
  type PostNetwork,
} from '../../src/reach/posts/post-networks.ts';
import { blueskyCheck, mastodonCheck, momentsCheck, webhookCheck } from '../../src/reach/posts/post-accounts.ts';
import { postAccount, type PostAccount } from '../../src/reach/posts/braked-account.ts';
import { closureNotes, type NoteClosure } from '../../src/reach/messages/closures.service.ts';
import {
  cancelPost,
  listPostNetworks,
  listPosts,
  planPost,
  sendPosts,
  testPostNetwork,
  type PostContext,
} from '../../src/reach/posts/posts.service.ts';
import { sharedBrake } from '../../src/reach/channels/shared-brake.sql.ts';
import { temporaryRecords, type TemporaryRecords } from '../support/records-store.ts';
import { startFakeServer, type FakeAnswer, type FakeServer, type SeenRequest } from './channel.contract.ts';

const NOW = new Date('2026-03-02T04:00:00.000Z');
const now = (): Date => NOW;
const json = (status: number, body: unknown): FakeAnswer => ({ status, body: JSON.stringify(body) });
const KEY = Buffer.from('a-key-of-more-than-twenty-four-bytes');
const POST: Post = {
  postId: 'spring',
  language: 'zh',
  text: '春天回来了 🌸🌸🌸，老朋友，新款已经上架，为您留了九折，欢迎回来看看',
  url: 'https://shop.example/春',
  createdAt: NOW,
};
const timeoutMs = 400;

const SUBJECTS: readonly {
  readonly name: string;
  readonly open: (baseUrl: string) => PostNetwork;
  readonly fake: (request: SeenRequest) => FakeAnswer;
  readonly isPost: (request: SeenRequest) => boolean;
  readonly id: string;
}[] = [
  {
    name: 'mastodon',
    open: (baseUrl) => mastodonPosts(parseConnection('mastodon', { baseUrl, accessToken: 'tok', timeoutMs }), now),
    fake: (request) => {
      if (request.headers['authorization'] !== 'Bearer tok') return json(401, { error: 'The access token is invalid' });
      const body = JSON.parse(request.body) as Record<string, string>;
      if (request.path !== '/api/v1/statuses' || request.headers['idempotency-key'] !== 'spring') return json(404, {});
      if (
        (body['status'] ?? '') === '' ||
        Array.from(body['status'] ?? '').length > 500 ||
        !/^[a-z]{2}$/.test(body['language'] ?? '')
      )
        return json(422, { error: 'Validation failed' });
      return json(200, { id: '1' });
    },
    isPost: () => true,
    id: '1',
  },
  {
    name: 'bluesky',
    open: (baseUrl) =>
      blueskyPosts(parseConnection('bluesky', { baseUrl, identifier: 'me', appPassword: 'pass', timeoutMs }), now),
    fake: (request) => {
      const body = JSON.parse(request.body) as Record<string, unknown>;
      if (request.path === '/xrpc/com.atproto.server.createSession')
        return body['identifier'] === 'me' && body['password'] === 'pass'
          ? json(200, { accessJwt: 'jwt', did: 'did:plc:1' })
          : json(401, { error: 'AuthenticationRequired' });
      if (request.headers['authorization'] !== 'Bearer jwt' || body['repo'] !== 'did:plc:1')
        return json(401, { error: 'InvalidToken' });
      const record = body['record'] as {
        $type: string;
        text: string;
        createdAt: string;
        facets: { index: { byteStart: number; byteEnd: number }; features: { uri: string }[] }[];
      };
      if (body['collection'] !== record.$type || Number.isNaN(Date.parse(record.createdAt)))
        return json(400, { error: 'InvalidRequest' });
      const [facet] = record.facets;
      // A facet counts UTF-8 bytes; what it marks must be its link.
      const marked = Buffer.from(record.text).subarray(facet!.index.byteStart, facet!.index.byteEnd).toString();
      if (marked !== facet!.features[0]!.uri) return json(400, { error: 'InvalidRequest' });
      return json(200, { uri: 'at://did:plc:1/app.bsky.feed.post/1', cid: 'c' });
    },
    isPost: (request) => request.path.endsWith('createRecord'),
    id: 'at://did:plc:1/app.bsky.feed.post/1',
  },
  {
    name: 'WeCom Moments',
    open: (baseUrl) => {
      const settings = parseConnection('wecom', {
        corpId: 'ww1',
        corpSecret: 's',
        employees: ['zhang'],
        baseUrl,
        timeoutMs,
      });
      return momentsPosts(wecomApi(settings, { now }), settings);
    },
    fake: (request) => {
      if (request.path === '/cgi-bin/gettoken')
        return json(200, { errcode: 0, errmsg: 'ok', access_token: 't', expires_in: 7_200 });
      const body = JSON.parse(request.body) as {
        text: { content: string };
        attachments: { msgtype: string; link: { title: string; url: string } }[];
        visible_range: { sender_list: { user_list: string[] } };
      };
      if (request.query.get('access_token') !== 't')
        return json(200, { errcode: 40_014, errmsg: 'invalid access_token' });
      if (request.path !== '/cgi-bin/externalcontact/add_moment_task' || Array.from(body.text.content).length > 2_000)
        return json(200, { errcode: 40_058, errmsg: 'invalid Request Parameter' });
      // A title is at most 64 bytes, and whole characters.
      const title = body.attachments[0]?.link.title ?? '';
      if (title === '' || Buffer.byteLength(title) > 64 || title.includes('\ufffd'))
        return json(200, { errcode: 40_058, errmsg: 'invalid Request Parameter' });
      if (body.attachments[0]?.msgtype !== 'link' || body.visible_range.sender_list.user_list[0] !== 'zhang')
        return json(200, { errcode: 40_058, errmsg: 'invalid Request Parameter' });
      return json(200, { errcode: 0, errmsg: 'ok', jobid: 'job-1' });
    },
    isPost: (request) => request.path.includes('moment'),
    id: 'job-1',
  },
  {
    name: 'webhook',
    open: (url) =>
      webhookPosts(parseConnection('post_webhook', { url, secret: `whsec_${KEY.toString('base64')}`, timeoutMs }), {
        source: () => 'https://shop.example',
        now,
      }),
    fake: (request) => {
      const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = request.headers;
      const expected = createHmac('sha256', KEY).update(`${id}.${at}.${request.body}`).digest('base64');
      return signature === `v1,${expected}` && id === 'spring' ? json(200, { ok: true }) : json(401, {});
    },
    isPost: () => true,
    id: 'spring',
  },
];

describe.each(SUBJECTS)('$name', ({ open, fake, isPost, id }) => {
  let server: FakeServer;
  beforeEach(async () => {
    server = await startFakeServer(fake, isPost);
  });
  afterEach(() => server.close());

  it('posts once and keeps the id', async () => {
    expect(await open(server.url)(POST)).toMatchObject({ kind: 'sent', providerId: id });
    expect(server.seen.filter(isPost)).toHaveLength(1);
  });

  it.each(['silence', 'hang-up', 'half', 'trickle'] as const)('cannot know after %s', async (trouble) => {
    server.trouble = trouble;
    expect(await open(server.url)(POST)).toMatchObject({ kind: 'unknown' });
    expect(server.seen.filter(isPost)).toHaveLength(1);
  });

  it('waits at 429, is refused at 401, does not believe a 500, and finds a closed door unavailable', async () => {
    const post = open(server.url);
    server.trouble = { status: 429, headers: { 'retry-after': '7' }, body: '' };
    expect(await post(POST)).toMatchObject({ kind: 'deferred', retryAfterSeconds: 7 });
    server.trouble = { status: 401, body: '' };
    expect(await post(POST)).toMatchObject({ kind: 'rejected', class: 'account' });
    server.trouble = { status: 500, body: '' };
    expect(await post(POST)).toMatchObject({ kind: 'unknown' });
    await server.close();
    expect(await open(server.url)(POST)).toMatchObject({ kind: 'unavailable' });
  });
});

describe('the ledger of posts', () => {
  let store: TemporaryRecords;
  let at = NOW;
  let made: string[] = [];
  let endings: Awaited<ReturnType<PostNetwork>>[] = [];
  let accounts: ReadonlyMap<string, PostAccount> = new Map();
  let asked = 0;
  let isSilent = false;
  let note: NoteClosure;
  const SENT = { kind: 'sent', providerId: 'x', response: 'ok' } as const;
  beforeAll(async () => {
    store = await temporaryRecords('pglite');
  });
  afterAll(() => store?.close());
  beforeEach(async () => {
    await store.clear();
    [at, made, endings, asked] = [NOW, [], [], 0];
    accounts = new Map(
      (['mastodon', 'wecom_moments', 'webhook'] as const).map((key) => [
        key,
        postAccount(
          (post) => {
            made.push(`${key} ${post.language} ${post.text}`);
            return Promise.resolve(endings.shift() ?? SENT);
          },
          () => {
            asked++;
            return Promise.resolve(isSilent ? { kind: 'unavailable', detail: 'no answer' } : SENT);
          },
          { now: () => at },
        ),
      ]),
    );
    isSilent = false;
    note = closureNotes(store.records.db);
  });
  const context = (): PostContext => ({
    db: store.records.db,
    account: (key) => (key === 'bluesky' ? undefined : accounts.get(key)),
    note,
    language: (key) => (key === 'wecom_moments' ? 'zh' : 'en'),
    now: () => at,
  });
  const later = (minutes: number): void => void (at = new Date(at.getTime() + minutes * 60_000));
  const plan = (more: object = {}) =>
    planPost(context(), { postId: 'p', networks: ['mastodon'], text: { en: 'Spring', zh: '春天' }, ...more });
  const states = async () => (await listPosts(store.records.db)).map(({ network, state }) => `${network} ${state}`);

  it('each account in its language, once, when it is due, however many send', async () => {
    await plan({ networks: ['mastodon', 'wecom_moments', 'bluesky'], dueAt: new Date(NOW.getTime() + 60_000) });
    expect(await sendPosts(context())).toBe(0);
    later(1);
    const sent = await Promise.all([sendPosts(context()), sendPosts(context()), sendPosts(context())]);
    expect(sent.reduce((sum, each) => sum + each)).toBe(2);
    expect(made.toSorted()).toEqual(['mastodon en Spring', 'wecom_moments zh 春天']);
    // Nobody is connected there yet: it waits.
    expect(await states()).toEqual(['bluesky planned', 'mastodon sent', 'wecom_moments sent']);
    await expect(plan()).rejects.toMatchObject({ code: 'conflict' });
  });

  it('takes a short link for as long as Mastodon does, and one that it would refuse is refused when it is planned', async () => {
    // 476 characters and a line break leave 23 for a link, however short it is.
    const text = 'x'.repeat(476);
    const url = 'https://a.cn';
    await plan({ text: { en: text }, url });
    await expect(plan({ postId: 'q', text: { en: `${text}x` }, url })).rejects.toMatchObject({ code: 'invalid' });
    await expect(plan({ postId: 'q', text: { en: `${text} ${url}` } })).resolves.toMatchObject({ posts: [{}] });
    await expect(plan({ postId: 'r', text: { en: `${text}x ${url}` } })).rejects.toMatchObject({ code: 'invalid' });
    // A longer one counts as what it is, as servers of its kind do.
    const long = `https://a.cn/${'y'.repeat(30)}`;
    await expect(plan({ postId: 'r', text: { en: text }, url: long })).rejects.toMatchObject({ code: 'invalid' });
  });

  it('what is not known is never made again; what certainly was not is tried again, and given up in the end', async () => {
    await plan();
    endings = [{ kind: 'unknown', detail: 'no answer' }];
    await sendPosts(context());
    later(10_000);
    await sendPosts(context());
    expect(made).toHaveLength(1);
    expect(await states()).toEqual(['mastodon unknown']);
    await plan({ postId: 'q' });
    endings = Array.from({ length: 6 }, () => ({ kind: 'unavailable', detail: 'down' }));
    for (let round = 0; round < 8; round++) {
      await sendPosts(context());
      later(2_000);
    }
    expect(made).toHaveLength(7);
    expect((await listPosts(store.records.db, 'q'))[0]).toMatchObject({ state: 'failed', code: 'unavailable' });
  });

  describe('an account that stands still', () => {
    const due = async (networks: readonly string[] = ['mastodon']): Promise<void> => {
      for (const postId of ['a', 'b', 'c', 'd', 'e']) await plan({ postId, networks });
    };
    const codesOf = async () => (await listPosts(store.records.db)).map(({ state, code }) => `${state} ${code ?? ''}`);
    const standing = async (network: string) =>
      (await listPostNetworks(context())).find((each) => each.network === network)?.closed;
    const BAD_KEY: SendOutcome = {
      kind: 'rejected',
      class: 'account',
      permanent: false,
      code: 'http_401',
      detail: 'The access token is invalid',
    };

    it('what one worker meets is heeded by all of the store, and nothing is claimed', async () => {
      const worker = () =>
        postAccount(
          (post) => {
            made.push(post.text);
            return Promise.resolve(endings.shift() ?? SENT);
          },
          () => Promise.resolve(SENT),
          {
            now: () => at,
            shared: sharedBrake(store.records.db, { account: 'mastodon', settings: { token: 't' }, now: () => at }),
          },
        );
      const [first, second] = [worker(), worker()];
      await due();
      endings = [BAD_KEY];
      accounts = new Map([['mastodon', first]]);
      await sendPosts(context());
      accounts = new Map([['mastodon', second]]);
      expect(await sendPosts(context())).toBe(0);
      expect(made).toHaveLength(1);
      expect(await codesOf()).toEqual(['planned http_401', ...Array<string>(4).fill('planned ')]);
      later(1);
      expect(await sendPosts(context())).toBe(5);
      // Taken there, it is open here.
      accounts = new Map([['mastodon', first]]);
      await plan({ postId: 'f' });
      expect(await sendPosts(context())).toBe(1);
    });

    it('is asked once while it is refused, holds up no other, is told of, and sends everything when it is mended', async () => {
      await due(['mastodon', 'webhook']);
      endings = [BAD_KEY];
      expect(await sendPosts(context())).toBe(5);
      expect(made.filter((each) => each.startsWith('mastodon'))).toHaveLength(1);
      expect(await standing('mastodon')).toEqual({
        until: new Date(NOW.getTime() + 60_000),
        detail: 'http_401: The access token is invalid',
      });
      expect(await standing('webhook')).toBeNull();
      // Every minute for an hour: 1, 2, 4, 8, 15, 15 … minutes apart, one try each, and no post is used up.
      for (let minute = 0; minute < 60; minute++) {
        endings = [BAD_KEY];
        later(1);
        await sendPosts(context());
      }
      expect(made.filter((each) => each.startsWith('mastodon')).length).toBeLessThanOrEqual(8);
      const waiting = await store.records.db
        .selectFrom('posts')
        .selectAll()
        .where('network', '=', 'mastodon')
        .execute();
      expect(waiting.map(({ state, attempts }) => `${state} ${attempts}`)).toEqual(Array(5).fill('planned 0'));
      endings = [];
      later(16);
      expect(await sendPosts(context())).toBe(5);
      expect(await standing('mastodon')).toBeNull();
    });

    it('waits as long as it is told, and a test that is taken opens it at once', async () => {
      await due();
      endings = [{ kind: 'deferred', of: 'account', code: 'http_429', detail: 'slow down', retryAfterSeconds: 1_800 }];
      await sendPosts(context());
      later(29);
      await sendPosts(context());
      expect(made).toHaveLength(1);
      expect((await codesOf()).toSorted()).toEqual([...Array(4).fill('planned '), 'planned http_429']);
      await testPostNetwork(context(), 'mastodon');
      expect(await standing('mastodon')).toBeNull();
      expect(await sendPosts(context())).toBe(5);
    });

    it('costs three posts when it falls silent, and none more: it is asked before the next is tried', async () => {
      await due();
      endings = Array.from({ length: 3 }, () => ({ kind: 'unknown', detail: 'no answer within 15000 ms' }));
      await sendPosts(context());
      expect((await codesOf()).toSorted()).toEqual(['planned ', 'planned ', ...Array(3).fill('unknown unknown')]);
      expect(await standing('mastodon')).toMatchObject({ detail: 'no_answer: no answer within 15000 ms' });
      isSilent = true;
      for (let minute = 0; minute < 60; minute++) {
        later(1);
        await sendPosts(context());
      }
      expect(made).toHaveLength(3);
      expect(asked).toBeGreaterThan(2);
      expect(asked).toBeLessThanOrEqual(8);
      isSilent = false;
      later(16);
      expect(await sendPosts(context())).toBe(2);
    });
  });

  it('asks what became of a post that its network works on, until it says so or forgets', async () => {
    const says = new Map<string, PostFate>();
    let times = 0;
    accounts = new Map([
      [
        'wecom_moments',
        postAccount(
          ({ postId }) => Promise.resolve({ ...SENT, providerId: `job-${postId}` }),
          () => Promise.resolve(SENT),
          { now: () => at },
          (id) => {
            times++;
            return Promise.resolve(says.get(id) ?? { kind: 'processing' });
          },
        ),
      ],
    ]);
    for (const postId of ['a', 'b', 'c']) await plan({ postId, networks: ['wecom_moments'] });
    expect(await sendPosts(context())).toBe(3);
    says.set('job-a', { kind: 'done', providerId: 'mom1', detail: 'employees have it to let go' });
    says.set('job-b', { kind: 'failed', code: '41096', detail: 'no employee may' });
    later(1);
    await sendPosts(context());
    const now = async () =>
      (await listPosts(store.records.db))
        .map(({ postId, state, code, providerId }) => `${postId} ${state} ${code} ${providerId}`)
        .toSorted();
    expect(await now()).toEqual(['a sent null mom1', 'b failed 41096 job-b', 'c sent task_open job-c']);
    later(24 * 60);
    await sendPosts(context());
    times = 0;
    await sendPosts(context());
    expect([times, ...(await now())]).toEqual([0, 'a sent null mom1', 'b failed 41096 job-b', 'c sent null job-c']);
  });

  it('what died on the wire is unknown after a while, and not before', async () => {
    await plan();
    await store.records.db.updateTable('posts').set({ state: 'sending', claimed_at: at }).execute();
    later(14);
    await sendPosts(context());
    expect(await states()).toEqual(['mastodon sending']);
    later(2);
    await sendPosts(context());
    expect(await states()).toEqual(['mastodon unknown']);
    expect(made).toEqual([]);
  });

  it('is taken back while it has not left; refuses what no network takes', async () => {
    await plan();
    expect(await cancelPost(context(), 'p')).toMatchObject({ posts: [{ state: 'cancelled' }] });
    await expect(cancelPost(context(), 'p')).rejects.toMatchObject({ code: 'conflict' });
    await expect(cancelPost(context(), 'none')).rejects.toMatchObject({ code: 'not_found' });
    await expect(plan({ postId: 'long', text: { en: 'x'.repeat(501) } })).rejects.toMatchObject({ code: 'invalid' });
    // 300 families are 300 characters, and more bytes than Bluesky takes.
    const families = '👨‍👩‍👧‍👦'.repeat(299);
    await expect(plan({ postId: 'big', networks: ['bluesky'], text: { en: families } })).rejects.toMatchObject({
      code: 'invalid',
    });
    await expect(plan({ postId: 'mute', text: {} })).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe('what became of a moment', () => {
  let server: FakeServer;
  afterEach(() => server?.close());

  it.each([
    [{ status: 1 }, { kind: 'processing' }],
    [{ status: 2 }, { kind: 'processing' }],
    [
      { status: 3, result: { errcode: 0, errmsg: 'ok', moment_id: 'mom1' } },
      { kind: 'done', providerId: 'mom1' },
    ],
    [
      { status: 3, result: { errcode: 41_096, errmsg: 'no' } },
      { kind: 'failed', code: '41096', detail: 'no' },
    ],
    [{ errcode: 45_009 }, { kind: 'processing', unheard: { kind: 'deferred', of: 'account' } }],
    [{ errcode: 48_002 }, { kind: 'processing', unheard: { kind: 'rejected', class: 'account' } }],
  ] as const)('%j', async (answer, fate) => {
    const isAsked = ({ path }: SeenRequest): boolean => path.includes('get_moment_task_result');
    server = await startFakeServer((request) => {
      if (request.path === '/cgi-bin/gettoken')
        return json(200, { errcode: 0, errmsg: 'ok', access_token: 't', expires_in: 7_200 });
      if (!isAsked(request) || (JSON.parse(request.body) as { jobid: string }).jobid !== 'job-1')
        return json(200, { errcode: 40_058, errmsg: 'invalid Request Parameter' });
      return json(200, { errcode: 0, errmsg: 'ok', ...answer });
    }, isAsked);
    const settings = parseConnection('wecom', { corpId: 'ww1', corpSecret: 's', baseUrl: server.url, timeoutMs });
    const ask = momentsFates(wecomApi(settings, { now }));
    expect(await ask('job-1')).toMatchObject(fate);
    for (const trouble of ['silence', 'hang-up', 'half', { status: 500, body: '' }] as const) {
      server.trouble = trouble;
      expect(await ask('job-1')).toMatchObject({ kind: 'processing', unheard: { kind: 'unavailable' } });
    }
  });
});

describe('asking an account', () => {
  const seen: SeenRequest[] = [];
  let server: FakeServer;
  let answer: (request: SeenRequest) => FakeAnswer;
  beforeAll(async () => {
    server = await startFakeServer((request) => {
      seen.push(request);
      return answer(request);
    });
  });
  afterAll(() => server.close());
  beforeEach(() => void (seen.length = 0));

  it('posts nothing, and says which account it is or why not', async () => {
    const baseUrl = server.url;
    const mastodon = mastodonCheck(parseConnection('mastodon', { baseUrl, accessToken: 'tok', timeoutMs }), now);
    const bluesky = blueskyCheck(
      parseConnection('bluesky', { baseUrl, identifier: 'me', appPassword: 'pass', timeoutMs }),
      now,
    );
    const wecom = parseConnection('wecom', { corpId: 'ww1', corpSecret: 's', baseUrl, timeoutMs });
    const moments = momentsCheck(wecomApi(wecom, { now }), now);
    answer = ({ path }) =>
      path === '/cgi-bin/gettoken'
        ? json(200, { errcode: 0, errmsg: 'ok', access_token: 't', expires_in: 7_200 })
        : json(200, { acct: 'shop', did: 'did:plc:1', handle: 'shop.example', errcode: 0, errmsg: 'ok' });
    expect(await mastodon()).toMatchObject({ kind: 'sent', response: '@shop' });
    expect(await bluesky()).toMatchObject({ kind: 'sent', response: 'shop.example' });
    expect(await moments()).toMatchObject({ kind: 'sent' });
    expect(seen.map(({ path }) => path)).toEqual([
      '/api/v1/accounts/verify_credentials',
      '/xrpc/com.atproto.server.createSession',
      '/cgi-bin/gettoken',
      '/cgi-bin/externalcontact/get_moment_list',
    ]);
    answer = () => json(401, { error: 'The access token is invalid' });
    expect(await mastodon()).toMatchObject({ kind: 'rejected', class: 'account' });
    expect(await bluesky()).toMatchObject({ kind: 'rejected', class: 'account' });
    answer = () => ({ status: 200, body: '<html>hello</html>' });
    expect(await mastodon()).toMatchObject({ kind: 'unavailable' });
    // Not allowed to use the interface.
    answer = () => json(200, { errcode: 48_002, errmsg: 'api forbidden' });
    expect(await moments()).toMatchObject({ kind: 'rejected', code: '48002' });
  });

  it('sends a webhook a signed call that says it is a test', async () => {
    answer = () => ({ status: 204, body: '' });
    const check = webhookCheck(
      parseConnection('post_webhook', {
        url: `${server.url}/posts`,
        secret: `whsec_${KEY.toString('base64')}`,
        timeoutMs,
      }),
      { source: () => 'https://shop.example', now, newId: () => 'test_1' },
    );
    expect(await check()).toMatchObject({ kind: 'sent' });
    const [call] = seen;
    expect(JSON.parse(call!.body)).toMatchObject({ type: 'rekindle.post.tested' });
    const signed = `${call!.headers['webhook-id']}.${call!.headers['webhook-timestamp']}.${call!.body}`;
    const expected = createHmac('sha256', KEY).update(signed).digest('base64');
    expect(call!.headers['webhook-signature']).toBe(`v1,${expected}`);
  });
});
