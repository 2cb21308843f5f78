// The calls around a hand-over: access tokens, sessions, and asking what became of a message. Whatever happens to them, a message for which none
// could be had has certainly not left, nothing waits longer than it was told to, and a question that found no answer is answered by the next.
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { googleAudiences } from '../../src/reach/audiences/networks/google.ts';
import { NETWORKS } from '../../src/reach/audiences/network.ts';
import type { SendOutcome } from '../../src/reach/channels/channel.ts';
import type { Outgoing } from '../../src/reach/channels/outgoing.ts';
import { mailProvider } from '../../src/reach/channels/email/providers/providers.ts';
import { parseMailProvider } from '../../src/reach/channels/email/providers/settings.ts';
import { fetchText } from '../../src/reach/channels/http/fetch-text.ts';
import { parseServiceAccount } from '../../src/reach/channels/http/service-account.ts';
import { fcmChannel } from '../../src/reach/channels/push/fcm-channel.ts';
import { smsProvider } from '../../src/reach/channels/sms/providers.ts';
import { parseSmsSettings } from '../../src/reach/channels/sms/settings.ts';
import {
  miniProgramChannel,
  serviceAccountChannel,
  wecomApi,
  wecomChannel,
} from '../../src/reach/channels/wechat/wechat-channels.ts';
import { pollWecom } from '../../src/reach/channels/wechat/wecom-results.service.ts';
import { parseConnection } from '../../src/reach/connections/connections.ts';
import { blueskyPosts, momentsPosts } from '../../src/reach/posts/post-networks.ts';
import { planMessages } from '../../src/reach/messages/ledger.sql.ts';
import { temporaryRecords, type TemporaryRecords } from '../support/records-store.ts';
import { message as planned } from '../support/rows.ts';
import { signedBySns, SNS_TEST_CERTIFICATE } from '../support/sns-certificate.ts';
import { aliyunFake, SMS_SECRET, tencentFake, twilioFake } from '../support/sms-fakes.ts';
import { startFakeServer, type FakeAnswer, type FakeServer, type SeenRequest } from './channel.contract.ts';

const NOW = new Date('2026-03-02T04:00:00.000Z');
const now = (): Date => NOW;
const timeoutMs = 400;
const PEM = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const TROUBLES = [
  'silence',
  'hang-up',
  'half',
  'trickle',
  { status: 429, headers: { 'retry-after': '7' }, body: 'slow down' },
  { status: 500, body: 'oops' },
  { status: 503, body: 'busy' },
  { status: 200, body: '<html>maintenance</html>' },
] as const;

const message = {
  messageId: 'msg_1',
  programmeId: 'p',
  personId: 'mei',
  address: 'o1',
  addressKey: 'k1',
  endpoint: { provider: 'x', details: {} },
  lang: 'zh',
  unsubscribeUrl: '',
  now: NOW,
  expiresAt: new Date(NOW.getTime() + 3_600_000),
} as const;
const wechat = (channel: 'wechat_mini' | 'wechat_service' | 'wecom'): Outgoing<'wechat'> => ({
  ...message,
  kind: 'wechat',
  channel,
  fields: channel === 'wecom' ? { text: '好久不见', data: {} } : { wechatTemplateId: 'TM1', data: { thing1: '好' } },
});
const post = { postId: 'spring', language: 'zh', text: '春', url: null, createdAt: NOW } as const;
const corp = (baseUrl: string) => parseConnection('wecom', { corpId: 'ww1', corpSecret: 's', baseUrl, timeoutMs });
const app = (baseUrl: string) => ({ appId: 'wx1', appSecret: 's', baseUrl, timeoutMs });

/** Everything that needs a token or a session before it may speak. */
const BEARERS: readonly {
  readonly name: string;
  readonly isToken: (request: SeenRequest) => boolean;
  readonly send: (url: string) => Promise<SendOutcome>;
}[] = [
  {
    name: 'FCM',
    isToken: ({ path }) => path === '/token',
    send: (url) => {
      const account = parseServiceAccount(
        JSON.stringify({
          type: 'service_account',
          project_id: 'shop',
          private_key_id: 'kid',
          private_key: PEM,
          client_email: 'push@shop.example',
          token_uri: `${url}/token`,
        }),
      );
      const told = { siteUrl: () => 'https://shop.example', receiptOf: (id: string) => id };
      return fcmChannel({ account, told, apiUrl: url, timeoutMs, now }).send({
        ...message,
        kind: 'push',
        channel: 'app_push',
        fields: { title: '好久不见', body: '', url: 'https://shop.example' },
      });
    },
  },
  {
    name: 'mini program',
    isToken: ({ path }) => path === '/cgi-bin/token',
    send: (url) => miniProgramChannel(parseConnection('wechat_mini', app(url)), { now }).send(wechat('wechat_mini')),
  },
  {
    name: 'service account',
    isToken: ({ path }) => path === '/cgi-bin/token',
    send: (url) =>
      serviceAccountChannel(parseConnection('wechat_service', app(url)), { now }).send(wechat('wechat_service')),
  },
  {
    name: 'WeCom',
    isToken: ({ path }) => path === '/cgi-bin/gettoken',
    send: (url) => wecomChannel(wecomApi(corp(url), { now }), () => Promise.resolve(0)).send(wechat('wecom')),
  },
  {
    name: 'WeCom Moments',
    isToken: ({ path }) => path === '/cgi-bin/gettoken',
    send: (url) => momentsPosts(wecomApi(corp(url), { now }), corp(url))(post),
  },
  {
    name: 'Bluesky',
    isToken: ({ path }) => path.endsWith('createSession'),
    send: (baseUrl) =>
      blueskyPosts(
        parseConnection('bluesky', { baseUrl, identifier: 'me', appPassword: 'pass', timeoutMs }),
        now,
      )(post),
  },
  {
    name: 'Google Data Manager',
    isToken: ({ path }) => path === '/token',
    send: async (baseUrl) => {
      const serviceAccount = {
        client_email: 'svc@x',
        private_key: PEM,
        private_key_id: 'k',
        token_uri: `${baseUrl}/token`,
      };
      const network = googleAudiences(
        parseConnection('google', { serviceAccount, accountId: '77', baseUrl, timeoutMs }),
        now,
      );
      const ada = NETWORKS.google.identifiers({ personId: 'ada', email: 'ada@gmail.com', phone: undefined });
      return (await network.apply({ remoteId: 'A1', name: 'N', batchId: 'b', rows: [ada], action: 'add' })).outcome;
    },
  },
];

let server: FakeServer | undefined;
afterEach(() => server?.close());

describe.each(BEARERS)('$name without its token', ({ isToken, send }) => {
  it.each(TROUBLES)('after %j has certainly not sent, and may be tried again', async (trouble) => {
    server = await startFakeServer(() => ({ status: 200, body: '{}' }), isToken);
    server.trouble = trouble;
    const outcome = await send(server.url);
    expect(['unavailable', 'deferred']).toContain(outcome.kind);
    expect(server.seen.length).toBeGreaterThan(0);
    expect(server.seen.filter((request) => !isToken(request))).toEqual([]);
  });
});

describe('what became of a text', () => {
  const COMMON = { keySecret: SMS_SECRET, signature: '山楂小铺', homeCountry: 'CN', timeoutMs };
  const provider = (settings: object) =>
    smsProvider(parseSmsSettings({ ...COMMON, ...settings }), {
      now,
      nonce: () => 'nonce1',
      hookUrl: 'https://m.shop.example/hooks/sms/x/token',
      lookupAfterMs: [5],
    });
  const text = { messageId: 'msg_1', phone: '+8613810000001', claimedAt: NOW };

  it.each(TROUBLES)('阿里云, Twilio and 腾讯云 tell when they can be heard again, after %j', async (trouble) => {
    const detail = {
      PhoneNum: '13810000001',
      SendStatus: 3,
      OutId: 'msg_1',
      ErrCode: 'DELIVERED',
      SendDate: '2026-03-02 12:00:01',
      ReceiveDate: '2026-03-02 12:00:09',
    };
    const delivered = {
      sid: 'SM1',
      to: '+8613810000001',
      status: 'delivered',
      body: '',
      date_created: NOW.toUTCString(),
    };
    const report = {
      UserReceiveTime: NOW.getTime() / 1000,
      PhoneNumber: '+8613810000001',
      SerialNo: '5000:1',
      ReportStatus: 'SUCCESS',
      Description: 'DELIVRD',
      SessionContext: 'msg_1',
    };
    // What a queue hands over is gone from it, so a broken line is one that the request did not reach.
    const queue: unknown[] = [];
    const all = [
      [aliyunFake({ details: [detail], code: 'OK' }, now), { provider: 'aliyun', keyId: 'LTAI-key' }, null],
      [
        twilioFake({ error: undefined, messages: [delivered] }),
        { provider: 'twilio', keyId: 'AC123', from: '+15005550006' },
        'SM1',
      ],
      [
        tencentFake({ code: 'Ok', queue, replies: [] }, now),
        { provider: 'tencent', keyId: 'AKID-key', appId: '1400006666' },
        null,
      ],
    ] as const;
    for (const [fake, settings, providerId] of all) {
      server = await startFakeServer(fake);
      const { ask, pull, channel } = provider({ ...settings, baseUrl: server.url });
      const heard = async () => [...(await ask([{ ...text, providerId }])), ...(await pull()).reports];
      queue.length = 0;
      server.trouble = trouble;
      expect({ settings, heard: await heard() }).toEqual({ settings, heard: [] });
      server.trouble = 'none';
      queue.push(report);
      expect({ settings, heard: await heard() }).toMatchObject({ settings, heard: [{ messageId: 'msg_1' }] });
      await channel.close();
      await server.close();
    }
  });
});

describe('what became of a WeCom message', () => {
  let store: TemporaryRecords;
  beforeAll(async () => {
    store = await temporaryRecords('pglite');
  });
  afterAll(() => store?.close());
  beforeEach(() => store.clear());

  /** Two hand-overs of one employee each, both let go. */
  const fake = (request: SeenRequest): FakeAnswer => {
    const { msgid = '' } = (request.body === '' ? {} : JSON.parse(request.body)) as { msgid?: string };
    const answer = {
      '/cgi-bin/gettoken': { access_token: 't', expires_in: 7_200 },
      '/cgi-bin/externalcontact/get_groupmsg_task': { task_list: [{ userid: 'zhang', status: 2 }] },
      '/cgi-bin/externalcontact/get_groupmsg_send_result': {
        send_list: [{ external_userid: `wm-${msgid}`, userid: 'zhang', status: 1, send_time: NOW.getTime() / 1000 }],
      },
    }[request.path];
    return { status: 200, body: JSON.stringify({ errcode: answer === undefined ? 40_035 : 0, errmsg: '', ...answer }) };
  };
  const sent = async (...ids: readonly string[]): Promise<void> => {
    const { db } = store.records;
    await planMessages(
      db,
      ids.map((id) =>
        planned('mei', NOW, { message_id: id, run_id: id, channel: 'wecom', address: `wm-${id}`, address_key: id }),
      ),
    );
    for (const id of ids)
      await db
        .updateTable('messages')
        .set({ state: 'sent', sent_at: NOW, claimed_at: NOW, provider_id: id })
        .where('message_id', '=', id)
        .execute();
  };
  const receipts = async () =>
    store.records.db.selectFrom('receipts').select(['message_id', 'kind']).orderBy('message_id').execute();
  const questions = (): number => server!.seen.filter(({ path }) => path !== '/cgi-bin/gettoken').length;
  const BUSY = [
    // Their own words for "not now": busy, and too many calls.
    { status: 200, body: '{"errcode":-1,"errmsg":"system busy"}' },
    { status: 200, body: '{"errcode":45009,"errmsg":"reach max api daily quota limit"}' },
    { status: 200, body: '{"errcode":0,"task_list":"none"}' },
    { status: 200, body: '{"errcode":0,"errmsg":"ok","task_list":null}' },
  ] as const;

  it.each([...TROUBLES, ...BUSY])(
    'is asked once in a round that is not heard, and again in the next, after %j',
    async (trouble) => {
      await sent('m1', 'm2', 'm3');
      server = await startFakeServer(fake, ({ path }) => path !== '/cgi-bin/gettoken');
      const { call, close } = wecomApi(corp(server.url), { now });
      try {
        server.trouble = trouble;
        // Three messages that each waited for its own time-out would hold up everything else of the worker.
        expect(await pollWecom(store.records.db, { call, close }, NOW)).toBe(0);
        expect(questions()).toBe(1);
        expect(await receipts()).toEqual([]);
        server.trouble = 'none';
        expect(await pollWecom(store.records.db, { call, close }, NOW)).toBe(3);
        expect(await receipts()).toEqual(['m1', 'm2', 'm3'].map((message_id) => ({ message_id, kind: 'delivered' })));
      } finally {
        close();
      }
    },
  );

  it.each(TROUBLES)('waits for a token that cannot be had, after %j', async (trouble) => {
    await sent('m1', 'm2');
    server = await startFakeServer(fake, ({ path }) => path === '/cgi-bin/gettoken');
    const { call, close } = wecomApi(corp(server.url), { now });
    try {
      server.trouble = trouble;
      expect(await pollWecom(store.records.db, { call, close }, NOW)).toBe(0);
      expect(questions()).toBe(0);
      server.trouble = 'none';
      expect(await pollWecom(store.records.db, { call, close }, NOW)).toBe(2);
    } finally {
      close();
    }
  });

  it('of which nothing is known does not keep the others from being heard of', async () => {
    await sent('m1', 'm2');
    server = await startFakeServer((request) =>
      request.path.endsWith('get_groupmsg_task') && request.body.includes('m1')
        ? { status: 200, body: '{"errcode":41047,"errmsg":"invalid msgid"}' }
        : fake(request),
    );
    const { call, close } = wecomApi(corp(server.url), { now });
    try {
      expect(await pollWecom(store.records.db, { call, close }, NOW)).toBe(1);
      expect(await receipts()).toEqual([{ message_id: 'm2', kind: 'delivered' }]);
    } finally {
      close();
    }
  });
});

describe('the certificate by which reports of Amazon SNS are proved', () => {
  const AT = new Date('2026-12-20T12:00:00.000Z');
  const report = signedBySns({ Message: JSON.stringify({ eventType: 'Send', mail: { messageId: 'ses-1' } }) });
  const confirmation = signedBySns({
    Type: 'SubscriptionConfirmation',
    Token: 't',
    SubscribeURL: 'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t',
  });
  /** Amazon's own hosts stand on the loopback interface. */
  const opened = (url: string) =>
    mailProvider(
      parseMailProvider({
        provider: 'ses',
        keyId: 'x',
        keySecret: 'k',
        region: 'eu-west-1',
        topicArn: 'arn:aws:sns:eu-west-1:123456789012:ses',
      }),
      {
        now: () => AT,
        secret: 's',
        dkimKeys: [],
        fetchText: (address) => fetchText(`${url}${new URL(address).pathname}`, timeoutMs),
      },
    );
  const isCertificate = ({ path }: SeenRequest): boolean => path.endsWith('.pem');
  const amazon = (): FakeAnswer => ({ status: 200, body: SNS_TEST_CERTIFICATE });
  const ENDLESS = { status: 200, body: 'x'.repeat(70_000) };
  const ELSEWHERE = { status: 302, headers: { location: 'http://127.0.0.1:9/other.pem' }, body: '' };

  it.each([...TROUBLES, ENDLESS, ELSEWHERE])(
    'is read again with the next report when it could not be, after %j',
    async (trouble) => {
      server = await startFakeServer(amazon, isCertificate);
      const provider = opened(server.url);
      server.trouble = trouble;
      expect(await provider.read(report, AT)).toEqual({ ok: false, error: 'unproven' });
      server.trouble = 'none';
      expect(await provider.read(report, AT)).toEqual({ ok: true, value: [] });
    },
  );

  it.each(TROUBLES.filter((trouble) => typeof trouble === 'string' || trouble.status !== 200))(
    'and a subscription that could not be confirmed is confirmed when it is asked again, after %j',
    async (trouble) => {
      server = await startFakeServer(amazon, (request) => !isCertificate(request));
      const provider = opened(server.url);
      server.trouble = trouble;
      expect(await provider.read(confirmation, AT)).toEqual({ ok: false, error: 'unproven' });
      server.trouble = 'none';
      expect(await provider.read(confirmation, AT)).toEqual({ ok: true, value: [] });
    },
  );

  it('is read once, however many reports wait for it', async () => {
    server = await startFakeServer(amazon);
    const provider = opened(server.url);
    const read = await Promise.all(Array.from({ length: 20 }, () => provider.read(report, AT)));
    expect(read.every(({ ok }) => ok)).toBe(true);
    expect(server.seen).toHaveLength(1);
  });
});
