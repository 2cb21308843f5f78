// Webhook, mini program, service account and WeCom against local servers that check each request as the real receiver would: the signature is
// recomputed from what arrived, required fields and documented limits are held, refusals are the documented codes.
import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Channel, SendOutcome } from '../../src/reach/channels/channel.ts';
import type { Outgoing } from '../../src/reach/channels/outgoing.ts';
import { webhookChannel } from '../../src/reach/channels/webhook/webhook-channel.ts';
import {
  miniProgramChannel,
  serviceAccountChannel,
  wecomApi,
  wecomChannel,
} from '../../src/reach/channels/wechat/wechat-channels.ts';
import { parseConnection } from '../../src/reach/connections/connections.ts';
import {
  channelContract,
  startFakeServer,
  type FakeAnswer,
  type FakeServer,
  type SeenRequest,
} from './channel.contract.ts';

const NOW = new Date('2026-03-02T04:00:00.000Z');
const now = (): Date => NOW;
const json = (status: number, body: unknown): FakeAnswer => ({ status, body: JSON.stringify(body) });

// ---- Webhook

const KEY = Buffer.from('a-key-of-more-than-twenty-four-bytes');
const WEBHOOK_SECRET = `whsec_${KEY.toString('base64')}`;

const call = (n: number): Outgoing<'webhook'> => ({
  kind: 'webhook',
  channel: 'webhook',
  messageId: `msg_${n}`,
  programmeId: 'win-back',
  personId: `p${n}`,
  address: `p${n}`,
  addressKey: `k${n}`,
  endpoint: undefined,
  lang: 'zh',
  fields: { event: 'customer.dormant', data: { words: '好久不见' } },
  unsubscribeUrl: 'https://m.shop.example/u/x',
  now: NOW,
  expiresAt: new Date(NOW.getTime() + 3_600_000),
});

/** Standard Webhooks 1.0: base64 HMAC-SHA256 of `id.timestamp.body`; CloudEvents 1.0: four attributes are required. */
function webhookFake(request: SeenRequest): FakeAnswer {
  const header = (name: string): string => request.headers[name] ?? '';
  const id = header('webhook-id');
  const signature = createHmac('sha256', KEY)
    .update(`${id}.${header('webhook-timestamp')}.${request.body}`)
    .digest('base64');
  if (header('webhook-signature') !== `v1,${signature}`) return json(401, { error: 'signature' });
  if (Math.abs(Number(header('webhook-timestamp')) * 1000 - NOW.getTime()) > 300_000)
    return json(401, { error: 'old' });
  if (!header('content-type').startsWith('application/cloudevents+json')) return json(415, {});
  const event = JSON.parse(request.body) as Record<string, unknown>;
  if (event['specversion'] !== '1.0' || event['id'] !== id) return json(400, { error: 'event' });
  for (const attribute of ['source', 'type'])
    if (typeof event[attribute] !== 'string' || event[attribute] === '') return json(400, { error: attribute });
  return { status: 204, body: '' };
}
const webhook = (url: string, timeoutMs = 1_000): Channel<Outgoing<'webhook'>> =>
  webhookChannel(parseConnection('webhook', { url, secret: WEBHOOK_SECRET, timeoutMs }), {
    source: () => 'https://m.shop.example',
    now,
  });

channelContract({
  name: 'webhook',
  now: NOW,
  open: webhook,
  message: call,
  fake: (request) => {
    const answer = webhookFake(request);
    // The suite halves a body; a 204 has none.
    return answer.status === 204 ? { status: 200, body: '{"ok":true}' } : answer;
  },
  statusIsTheAnswer: 'Standard Webhooks: any 2xx is a success, whatever the body',
  secrets: [WEBHOOK_SECRET, KEY.toString('base64')],
});

// ---- WeChat

const SECRET = 'the-secret-of-the-app';
type WechatState = { tokens: number; valid: string; code: number; failList: string[] };
const state: WechatState = { tokens: 0, valid: '', code: 0, failList: [] };

/** As api.weixin.qq.com: a token by appid and secret, each new one ending the last; 40001 for any other. */
function token(request: SeenRequest, idName: string, secretName: string): FakeAnswer {
  if (request.query.get(idName) !== 'wx1' || request.query.get(secretName) !== SECRET)
    return json(200, { errcode: 40_013, errmsg: 'invalid appid' });
  state.valid = `token-${++state.tokens}`;
  return json(200, { errcode: 0, errmsg: 'ok', access_token: state.valid, expires_in: 7_200 });
}
const THING_MAX = 20;

function wechatFake(request: SeenRequest): FakeAnswer {
  const refuse = (errcode: number, errmsg: string): FakeAnswer => json(200, { errcode, errmsg });
  if (request.path === '/cgi-bin/token')
    return request.query.get('grant_type') === 'client_credential'
      ? token(request, 'appid', 'secret')
      : refuse(40_002, 'invalid grant_type');
  if (request.path === '/cgi-bin/gettoken') return token(request, 'corpid', 'corpsecret');
  if (request.query.get('access_token') !== state.valid) return refuse(40_001, 'invalid credential');
  const body = JSON.parse(request.body) as Record<string, unknown>;
  if (request.path === '/cgi-bin/externalcontact/add_msg_template') {
    const ids = body['external_userid'] as string[];
    const text = body['text'] as { content: string };
    if (body['chat_type'] !== 'single' || ids.length === 0 || Buffer.byteLength(text.content) > 4_000)
      return refuse(40_058, 'invalid Request Parameter');
    if (state.code !== 0) return refuse(state.code, 'refused');
    return json(200, { errcode: 0, errmsg: 'ok', fail_list: state.failList, msgid: `task-${ids[0]}` });
  }
  if (typeof body['touser'] !== 'string' || body['touser'] === 'o-stranger') return refuse(40_003, 'invalid openid');
  if (body['template_id'] !== 'TM1') return refuse(40_037, 'invalid template_id');
  const data = body['data'] as Record<string, { value: string }>;
  for (const [slot, { value }] of Object.entries(data))
    if (/^thing\d+$/.test(slot) && Array.from(value).length > THING_MAX)
      return refuse(47_003, `argument invalid! data.${slot}.value invalid`);
  if (state.code !== 0) return refuse(state.code, 'refused');
  if (request.path === '/cgi-bin/message/subscribe/send') {
    if (!['formal', 'trial', 'developer'].includes(String(body['miniprogram_state']))) return refuse(47_001, 'state');
    // Larger than a JavaScript number holds exactly.
    return { status: 200, body: '{"errcode":0,"errmsg":"ok","msgid":3500067012345678901}' };
  }
  if (request.path === '/cgi-bin/message/template/send') {
    if (String(body['client_msg_id']).length > 32) return refuse(47_001, 'client_msg_id');
    return { status: 200, body: '{"errcode":0,"errmsg":"ok","msgid":200228332}' };
  }
  return { status: 404, body: '' };
}
const isWechatSend = (request: SeenRequest): boolean => !request.path.includes('token');

const wechat = (
  n: number,
  more: Partial<Outgoing<'wechat'>['fields']> = {},
  address = `o${n}`,
): Outgoing<'wechat'> => ({
  kind: 'wechat',
  channel: 'wechat_mini',
  messageId: `msg_${n}`,
  programmeId: 'win-back',
  personId: `p${n}`,
  address,
  addressKey: `k${n}`,
  endpoint: { provider: 'wechat:wx1', details: {} },
  lang: 'zh',
  fields: { wechatTemplateId: 'TM1', data: { thing1: '为您留了九折', time2: '2026-03-09' }, ...more },
  unsubscribeUrl: 'https://m.shop.example/u/x',
  now: NOW,
  expiresAt: new Date(NOW.getTime() + 3_600_000),
});
const freeText = (n: number, text = `好久不见 ${n}`): Outgoing<'wechat'> => ({
  ...wechat(n),
  channel: 'wecom',
  address: `wm${n}`,
  fields: { data: {}, text },
});

const app = { appId: 'wx1', appSecret: SECRET };
const mini = (baseUrl: string, timeoutMs = 1_000) =>
  miniProgramChannel(parseConnection('wechat_mini', { ...app, baseUrl, timeoutMs }), { now });
const service = (baseUrl: string, timeoutMs = 1_000) =>
  serviceAccountChannel(parseConnection('wechat_service', { ...app, baseUrl, timeoutMs }), { now });
const wecom = (baseUrl: string, timeoutMs = 1_000, wait = 0) =>
  wecomChannel(
    wecomApi(parseConnection('wecom', { corpId: 'wx1', corpSecret: SECRET, baseUrl, timeoutMs }), { now }),
    () => Promise.resolve(wait),
  );

const wechatSubject = { fake: wechatFake, isSend: isWechatSend, secrets: [SECRET] };
channelContract({ name: 'mini program', open: mini, message: (n) => wechat(n), now: NOW, ...wechatSubject });
channelContract({ name: 'service account', open: service, message: (n) => wechat(n), now: NOW, ...wechatSubject });
channelContract({ name: 'WeCom', open: wecom, message: (n) => freeText(n), now: NOW, ...wechatSubject });

describe('what each of them refuses', () => {
  let server: FakeServer | undefined;
  const channels: Channel<never>[] = [];
  afterEach(async () => {
    await Promise.all(channels.splice(0).map((channel) => channel.close()));
    await server?.close();
    Object.assign(state, { tokens: 0, valid: '', code: 0, failList: [] });
  });
  const sent = async <Message>(
    fake: (request: SeenRequest) => FakeAnswer,
    open: (url: string) => Channel<Message>,
    messages: readonly Message[],
  ): Promise<SendOutcome[]> => {
    server = await startFakeServer(fake);
    const channel = open(server.url);
    channels.push(channel);
    return Promise.all(messages.map((message) => channel.send(message)));
  };

  it.each([
    [410, { kind: 'rejected', class: 'account' }],
    [302, { kind: 'rejected', class: 'account' }],
    [400, { kind: 'rejected', class: 'content' }],
    [500, { kind: 'unknown' }],
    [503, { kind: 'deferred' }],
  ] as const)('a receiver that answers %i', async (status, expected) => {
    const [outcome] = await sent(() => ({ status, body: '' }), webhook, [call(1)]);
    expect(outcome).toMatchObject(expected);
  });

  it('a webhook carries the message’s id, so that its receiver knows one it has seen', async () => {
    await sent(webhookFake, webhook, [call(7), call(7)]);
    expect(server!.seen.map(({ headers }) => headers['webhook-id'])).toEqual(['msg_7', 'msg_7']);
    const event = JSON.parse(server!.seen[0]!.body) as Record<string, unknown>;
    expect(event).toMatchObject({ type: 'customer.dormant', subject: 'p7', time: '2026-03-02T04:00:00.000Z' });
  });

  it('asks for one access token however many messages leave at once', async () => {
    const outcomes = await sent(
      wechatFake,
      mini,
      Array.from({ length: 20 }, (_, n) => wechat(n)),
    );
    expect(outcomes.every(({ kind }) => kind === 'sent')).toBe(true);
    expect(outcomes[0]).toMatchObject({ providerId: '3500067012345678901' });
    expect(state.tokens).toBe(1);
  });

  it('says how to refuse in every WeCom message, once, and leaves words that say it alone', async () => {
    const contents: string[] = [];
    const listening = (request: SeenRequest): FakeAnswer => {
      const said = /"content":("(?:[^"\\]|\\.)*")/.exec(request.body)?.[1];
      if (said !== undefined) contents.push(String(JSON.parse(said)));
      return wechatFake(request);
    };
    const unsubscribeUrl = 'https://m.shop.example/u/token';
    await sent(listening, (url) => wecom(url), [
      { ...freeText(1), unsubscribeUrl },
      { ...freeText(2), unsubscribeUrl, lang: 'en' },
      { ...freeText(3, '好久不见\nhttps://m.shop.example/p/token#object'), unsubscribeUrl },
    ]);
    expect(contents).toEqual([
      `好久不见 1\n不想再收到：${unsubscribeUrl}`,
      `好久不见 2\nNo more of these: ${unsubscribeUrl}`,
      '好久不见\nhttps://m.shop.example/p/token#object',
    ]);
  });

  it('renews a token that WeChat has taken back, once for all who find out', async () => {
    server = await startFakeServer(wechatFake);
    const channel = mini(server.url);
    channels.push(channel);
    await channel.send(wechat(1));
    state.valid = 'somebody else asked';
    const outcomes = await Promise.all([2, 3, 4].map((n) => channel.send(wechat(n))));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['sent', 'sent', 'sent']);
    expect(state.tokens).toBe(2);
  });

  it('gives up when a fresh token is refused as well', async () => {
    const [outcome] = await sent(
      (request) => (isWechatSend(request) ? json(200, { errcode: 40_001, errmsg: 'no' }) : wechatFake(request)),
      mini,
      [wechat(1)],
    );
    expect(outcome).toMatchObject({ kind: 'rejected', class: 'account', code: '40001' });
    expect(server!.seen.filter(isWechatSend)).toHaveLength(2);
  });

  it.each([
    // Hers, for now: only the first of them says that nothing she has accepted is left.
    [43_101, { kind: 'rejected', class: 'mailbox', permanent: false, code: '43101', noneLeft: true }],
    [43_004, { kind: 'rejected', class: 'mailbox', permanent: false }],
    [50_005, { kind: 'rejected', class: 'mailbox', permanent: false }],
    [45_015, { kind: 'rejected', class: 'mailbox', permanent: false }],
    [45_047, { kind: 'rejected', class: 'mailbox', permanent: false }],
    // Ours: the words.
    [47_003, { kind: 'rejected', class: 'content' }],
    [45_168, { kind: 'rejected', class: 'content' }],
    [87_014, { kind: 'rejected', class: 'content' }],
    // Ours: the account, which waits until somebody has mended it.
    [48_001, { kind: 'rejected', class: 'account' }],
    [43_107, { kind: 'rejected', class: 'account' }],
    [40_243, { kind: 'rejected', class: 'account' }],
    // Later: the whole account, or this message alone.
    [45_009, { kind: 'deferred', of: 'account', retryAfterSeconds: 1_800 }],
    [45_011, { kind: 'deferred', of: 'account' }],
    [-1, { kind: 'deferred' }],
    [43_108, { kind: 'deferred' }],
  ] as const)('WeChat’s %i', async (code, expected) => {
    state.code = code;
    for (const open of [mini, service]) {
      const outcomes = await sent(wechatFake, open, [wechat(1)]);
      expect(outcomes[0]).toMatchObject(expected);
      const isNone = outcomes[0]?.kind === 'rejected' && outcomes[0].noneLeft === true;
      expect(isNone).toBe(code === 43_101);
      await server?.close();
    }
  });

  it.each([
    [84_061, { kind: 'rejected', class: 'address', permanent: true }],
    [40_096, { kind: 'rejected', class: 'address', permanent: true }],
    [41_048, { kind: 'rejected', class: 'mailbox', permanent: false }],
    [40_058, { kind: 'rejected', class: 'content' }],
    [60_011, { kind: 'rejected', class: 'account' }],
    [84_074, { kind: 'rejected', class: 'account' }],
    [45_033, { kind: 'deferred', of: 'account' }],
  ] as const)('WeCom’s %i', async (code, expected) => {
    state.code = code;
    const outcomes = await sent(wechatFake, (url) => wecom(url), [freeText(1)]);
    expect(outcomes[0]).toMatchObject(expected);
  });

  it('a slot of kind thing holds 20 characters, and not one more', async () => {
    const outcomes = await sent(wechatFake, mini, [
      wechat(1, { data: { thing1: '好'.repeat(20) } }),
      wechat(2, { data: { thing1: '好'.repeat(21) } }),
      wechat(3, {}, 'o-stranger'),
    ]);
    expect(outcomes[0]).toMatchObject({ kind: 'sent' });
    expect(outcomes[1]).toMatchObject({ kind: 'rejected', class: 'content', code: '47003' });
    expect(outcomes[2]).toMatchObject({ kind: 'rejected', class: 'address', permanent: true, code: '40003' });
  });

  it('a WeCom task that leaves her out is a refusal; a full month is waited for; a long text never leaves', async () => {
    state.failList = ['wm1'];
    const outcomes = await sent(wechatFake, (url) => wecom(url), [
      freeText(1),
      freeText(2),
      freeText(3, '长'.repeat(1_334)),
    ]);
    expect(outcomes[0]).toMatchObject({ kind: 'rejected', class: 'address', permanent: false, code: 'fail_list' });
    expect(outcomes[1]).toMatchObject({ kind: 'sent', providerId: 'task-wm2' });
    expect(outcomes[2]).toMatchObject({ kind: 'rejected', class: 'content', code: 'too_long' });
    const full = wecom(server!.url, 1_000, 3_600);
    channels.push(full);
    expect(await full.send(freeText(4))).toMatchObject({
      kind: 'deferred',
      code: 'month_full',
      retryAfterSeconds: 3_600,
    });
  });
});
