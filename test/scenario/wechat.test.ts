// WeChat and webhooks on the real app: one acceptance is one message, receipts come back, and what a person takes back is deleted.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { registerEndpoint } from '../../src/reach/channels/endpoints.service.ts';
import { recordConsents } from '../../src/reach/consent/consent.service.ts';
import { saveTemplate } from '../../src/reach/templates/templates.service.ts';
import { startFakeServer, type FakeServer } from '../contract/channel.contract.ts';
import { consent } from '../support/rows.ts';
import { openShop, type Shop } from '../support/shop.ts';

const TOKEN = 'callback-token';
let shop: Shop;
let weChat: FakeServer;
let sendResults: object[] = [];
let ids = 0;
/** What WeChat answers a message, taking it unless told. */
let refusal: { readonly errcode: number; readonly errmsg: string } | undefined;

beforeAll(async () => {
  shop = await openShop();
  weChat = await startFakeServer((request) => {
    const answer = (body: object) => ({ status: 200, body: JSON.stringify({ errcode: 0, errmsg: 'ok', ...body }) });
    if (request.path.includes('token')) return answer({ access_token: 't', expires_in: 7_200 });
    if (request.path.endsWith('add_msg_template')) return answer({ msgid: 'task-1', fail_list: [] });
    if (request.path.endsWith('get_groupmsg_task')) return answer({ task_list: [{ userid: 'zhang' }] });
    if (request.path.endsWith('get_groupmsg_send_result')) return answer({ send_list: sendResults, next_cursor: '' });
    return answer(refusal ?? { msgid: ++ids });
  });
  const { connections } = shop.app;
  const common = { baseUrl: weChat.url, token: TOKEN };
  await connections.change('wechat_mini', { appId: 'wx1', appSecret: 's', ...common });
  await connections.change('wechat_service', { appId: 'wx2', appSecret: 's', ...common });
  await connections.change('wecom', { corpId: 'ww1', corpSecret: 's', ...common });
  const filled = { wechatTemplateId: 'TM1', data: { thing1: '回来看看吧' } };
  const words = { text: '好久不见' };
  await saveTemplate(
    shop.app.records.db,
    { key: 'mini', kind: 'wechat', versions: { zh: { personal: filled, generic: filled } } },
    shop.clock.now(),
  );
  await saveTemplate(
    shop.app.records.db,
    { key: 'wecom', kind: 'wechat', versions: { zh: { personal: words, generic: words } } },
    shop.clock.now(),
  );
});
afterAll(async () => {
  await shop?.close();
  await weChat?.close();
});
beforeEach(() => {
  refusal = undefined;
  weChat.seen.length = 0;
});

const push = (body: object, connection = 'wechat_mini', token = TOKEN): Promise<Response> => {
  const [timestamp, nonce] = ['1772424000', 'n'];
  const signature = createHash('sha1').update([token, timestamp, nonce].toSorted().join('')).digest('hex');
  return shop.fetch(`/hooks/wechat/${connection}?timestamp=${timestamp}&nonce=${nonce}&signature=${signature}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
};
const acceptance = (openid: string, at: number, status = 'accept') => ({
  FromUserName: openid,
  CreateTime: at,
  MsgType: 'event',
  Event: 'subscribe_msg_popup_event',
  List: [{ TemplateId: 'TM1', SubscribeStatusString: status, PopupScene: '0' }],
});
const remaining = async (personId: string): Promise<number> =>
  (
    await shop.app.records.db
      .selectFrom('channel_quotas')
      .select('remaining')
      .where('person_id', '=', personId)
      .executeTakeFirst()
  )?.remaining ?? 0;
const messageOf = (personId: string) =>
  shop.app.records.db
    .selectFrom('messages')
    .select(['message_id', 'state', 'code', 'provider_id'])
    .where('person_id', '=', personId)
    .executeTakeFirstOrThrow();
const receiptsOf = async (messageId: string): Promise<string[]> =>
  (await shop.app.records.db.selectFrom('receipts').select('kind').where('message_id', '=', messageId).execute()).map(
    (row) => row.kind,
  );

type Way = 'wechat_mini' | 'wechat_service' | 'wecom';
const PROVIDERS = { wechat_mini: 'wechat:wx1', wechat_service: 'wechat:wx2', wecom: 'wecom:ww1' } as const;

async function known(personId: string, channel: Way, openid: string, traits = {}): Promise<void> {
  await shop.addPerson(personId, { email: undefined, ...traits });
  await registerEndpoint(
    shop.app.records.db,
    { personId, channel, provider: PROVIDERS[channel], address: openid, details: {} },
    shop.app.secrets.address,
    shop.clock.now(),
  );
  await recordConsents(shop.app.records.db, [consent(personId, { channel: 'wechat' })]);
}
async function approached(personId: string, channel: Way, templateId: string, again = ''): Promise<void> {
  shop.days(110);
  await shop.addProgramme({
    programmeId: `p-${personId}${again}`,
    audience: { policyId: 'shop', stages: ['dormant', 'lost'] },
    steps: [{ kind: 'message', channel, variants: [{ key: 'a', templateId }] }],
  });
  await shop.app.tick();
}

it('one acceptance is one message, however often WeChat tells of it', async () => {
  await known('mia', 'wechat_mini', 'o-mia');
  for (let time = 0; time < 2; time++) {
    const answer = await push(acceptance('o-mia', 1));
    expect([answer.status, await answer.text()]).toEqual([200, 'success']);
  }
  await push(acceptance('o-mia', 2, 'reject'));
  await push(acceptance('o-nobody', 1));
  expect(await remaining('mia')).toBe(1);
  await approached('mia', 'wechat_mini', 'mini');
  const message = await messageOf('mia');
  expect(message).toMatchObject({ state: 'sent' });
  expect(await remaining('mia')).toBe(0);
  const [sent] = weChat.seen.filter((request) => request.path.endsWith('subscribe/send'));
  expect(JSON.parse(sent!.body)).toMatchObject({
    touser: 'o-mia',
    template_id: 'TM1',
    data: { thing1: { value: '回来看看吧' } },
  });
  const told = {
    Event: 'subscribe_msg_sent_event',
    CreateTime: 3,
    List: { MsgID: message.provider_id, ErrorCode: '0' },
  };
  await push(told);
  await push(told);
  expect(await receiptsOf(message.message_id)).toEqual(['delivered']);
});

it('a subscription is to WeChat’s template: whichever of ours fills it may use it, and all of them together only once', async () => {
  const fill = async (key: string, wechatTemplateId: string, thing1: string): Promise<void> => {
    const filled = { wechatTemplateId, data: { thing1 } };
    const versions = { zh: { personal: filled, generic: filled } };
    await saveTemplate(shop.app.records.db, { key, kind: 'wechat', versions }, shop.clock.now());
  };
  await known('ada', 'wechat_mini', 'o-ada');
  // Nothing of ours fills this one yet: she has agreed to it all the same.
  await push({
    ...acceptance('o-ada', 1),
    List: [{ TemplateId: 'TM9', SubscribeStatusString: 'accept', PopupScene: '0' }],
  });
  await fill('zz-other', 'TM9', '专属九折');
  await fill('zz-third', 'TM9', '新品上架');
  // The first by name of those that fill TM1 is no longer the only one that may be sent.
  await approached('ada', 'wechat_mini', 'zz-third');
  expect(await latestOf('ada')).toEqual({ state: 'sent', code: null });
  await approached('ada', 'wechat_mini', 'zz-other', '-2');
  expect([sentTo('o-ada'), await remaining('ada')]).toEqual([1, 0]);
  // She accepts once more; what WeChat then says of the one counts for the other.
  await push({
    ...acceptance('o-ada', 2),
    List: [{ TemplateId: 'TM9', SubscribeStatusString: 'accept', PopupScene: '0' }],
  });
  await push({
    ...acceptance('o-ada', 3),
    List: [{ TemplateId: 'TM9', SubscribeStatusString: 'accept', PopupScene: '0' }],
  });
  expect(await remaining('ada')).toBe(2);
  refusal = { errcode: 43_101, errmsg: 'user refuse to accept the msg' };
  await approached('ada', 'wechat_mini', 'zz-other', '-3');
  refusal = undefined;
  expect(await remaining('ada')).toBe(0);
  await approached('ada', 'wechat_mini', 'zz-third', '-4');
  expect(sentTo('o-ada')).toBe(2);
  // What ours fills from now on is another template: the subscriptions to the old one are none to it.
  await push({
    ...acceptance('o-ada', 4),
    List: [{ TemplateId: 'TM9', SubscribeStatusString: 'accept', PopupScene: '0' }],
  });
  await fill('zz-other', 'TM8', '专属九折');
  await approached('ada', 'wechat_mini', 'zz-other', '-5');
  expect(await latestOf('ada')).toEqual({ state: 'refused', code: 'no_quota' });
  expect(await remaining('ada')).toBe(1);
});

it('nothing is sent without an acceptance; what is switched off in WeChat is void', async () => {
  await known('noa', 'wechat_mini', 'o-noa');
  await push(acceptance('o-noa', 1));
  await push({
    FromUserName: 'o-noa',
    CreateTime: 2,
    Event: 'subscribe_msg_change_event',
    List: [{ TemplateId: 'TM1', SubscribeStatusString: 'reject' }],
  });
  expect(await remaining('noa')).toBe(0);
  await approached('noa', 'wechat_mini', 'mini');
  expect(weChat.seen.filter((request) => request.body.includes('o-noa'))).toEqual([]);
});

it('forgets what is taken back, and who has closed her account there', async () => {
  await known('pia', 'wechat_mini', 'o-pia', { phone: '+8613800138999', nickname: '皮亚' });
  const person = () =>
    shop.app.records.db.selectFrom('people').selectAll().where('person_id', '=', 'pia').executeTakeFirst();
  expect(await person()).toMatchObject({ phone: '+8613800138999' });
  await push({ OpenID: 'o-pia', CreateTime: 1, Event: 'user_authorization_revoke', RevokeInfo: '8' });
  expect(await person()).toMatchObject({ phone: null, phone_key: null, traits: { nickname: '皮亚' } });
  expect((await person())?.traits).not.toHaveProperty('phone');
  await push({ OpenID: 'o-pia', CreateTime: 2, Event: 'user_authorization_cancellation' });
  expect(await person()).toBeUndefined();
  // Whose mailbox may be written to is still a customer.
  await shop.addPerson('rea', { nickname: 'R' });
  await registerEndpoint(
    shop.app.records.db,
    { personId: 'rea', channel: 'wechat_mini', provider: 'wechat:wx1', address: 'o-rea', details: {} },
    shop.app.secrets.address,
    shop.clock.now(),
  );
  await push({ OpenID: 'o-rea', CreateTime: 3, Event: 'user_authorization_cancellation' });
  const rea = await shop.app.records.db
    .selectFrom('people')
    .selectAll()
    .where('person_id', '=', 'rea')
    .executeTakeFirst();
  expect(rea?.email).toBe('rea@example.com');
  expect(rea?.traits).not.toHaveProperty('nickname');
  expect(
    await shop.app.records.db.selectFrom('endpoints').select('address').where('person_id', '=', 'rea').execute(),
  ).toEqual([]);
});

it('a WeCom message is sent when its task exists, and what became of it is asked for', async () => {
  await known('sue', 'wecom', 'wm-sue');
  await approached('sue', 'wecom', 'wecom');
  const message = await messageOf('sue');
  expect(message).toMatchObject({ state: 'sent', provider_id: 'task-1' });
  sendResults = [{ external_userid: 'wm-sue', userid: 'zhang', status: 0 }];
  expect(await shop.app.pollWecom()).toBe(0);
  sendResults = [{ external_userid: 'wm-sue', userid: 'zhang', status: 1, send_time: 1_772_424_000 }];
  expect(await shop.app.pollWecom()).toBe(1);
  expect(await shop.app.pollWecom()).toBe(0);
  expect(await receiptsOf(message.message_id)).toEqual(['delivered']);
});

const sentTo = (openid: string): number =>
  weChat.seen.filter(({ path, body }) => path.endsWith('/send') && body.includes(`"${openid}"`)).length;
const latestOf = (personId: string) =>
  shop.app.records.db
    .selectFrom('messages')
    .select(['state', 'code'])
    .where('person_id', '=', personId)
    .orderBy('created_at', 'desc')
    .limit(1)
    .executeTakeFirst();

it('believes WeChat when it says that no subscription is left: she is not tried again before she accepts anew', async () => {
  await known('una', 'wechat_mini', 'o-una');
  for (const at of [1, 2, 3]) await push(acceptance('o-una', at));
  expect(await remaining('una')).toBe(3);
  refusal = { errcode: 43_101, errmsg: 'user refuse to accept the msg' };
  await approached('una', 'wechat_mini', 'mini');
  expect(await latestOf('una')).toEqual({ state: 'failed', code: 'mailbox:43101' });
  expect(await remaining('una')).toBe(0);
  await approached('una', 'wechat_mini', 'mini', '-2');
  expect(sentTo('o-una')).toBe(1);
  refusal = undefined;
  await push(acceptance('o-una', 4));
  await approached('una', 'wechat_mini', 'mini', '-3');
  expect(await latestOf('una')).toEqual({ state: 'sent', code: null });
  expect(await remaining('una')).toBe(0);
  // The switch in WeChat's settings, told twice: what she has accepted between the two stays hers.
  const off = {
    FromUserName: 'o-una',
    CreateTime: 5,
    Event: 'subscribe_msg_change_event',
    List: [{ TemplateId: 'TM1', SubscribeStatusString: 'reject' }],
  };
  await push(off);
  shop.days(1);
  await push(acceptance('o-una', 6));
  await push(off);
  expect(await remaining('una')).toBe(1);
});

it('a message that our words or account kept from being sent uses up no subscription of hers', async () => {
  await known('viv', 'wechat_mini', 'o-viv');
  await push(acceptance('o-viv', 1));
  refusal = { errcode: 47_003, errmsg: 'argument invalid! data.thing1.value invalid' };
  await approached('viv', 'wechat_mini', 'mini');
  expect(await latestOf('viv')).toEqual({ state: 'failed', code: 'content:47003' });
  expect(await remaining('viv')).toBe(1);
  // Too fast: it waits with the subscription it has taken, and gives it back when she comes by herself.
  refusal = { errcode: 45_009, errmsg: 'reach max api daily quota limit' };
  await approached('viv', 'wechat_mini', 'mini', '-2');
  expect(await latestOf('viv')).toMatchObject({ state: 'planned', code: '45009' });
  expect(await remaining('viv')).toBe(0);
  await shop.order('viv', { order_id: 'o-viv-2' });
  await shop.app.tick();
  expect(await latestOf('viv')).toEqual({ state: 'cancelled', code: 'returned' });
  expect(await remaining('viv')).toBe(1);
});

it('a template message needs no subscription; who refuses the template is not written to with it again', async () => {
  await known('wes', 'wechat_service', 'o-wes');
  await approached('wes', 'wechat_service', 'mini');
  expect(await latestOf('wes')).toEqual({ state: 'sent', code: null });
  refusal = { errcode: 43_101, errmsg: 'user refuse to accept the msg' };
  await approached('wes', 'wechat_service', 'mini', '-2');
  expect(await latestOf('wes')).toEqual({ state: 'failed', code: 'mailbox:43101' });
  refusal = undefined;
  await approached('wes', 'wechat_service', 'mini', '-3');
  // Nor with another of ours that fills it; one that fills another template may be sent.
  const version = (wechatTemplateId: string) => ({ wechatTemplateId, data: { thing1: '会员日' } });
  for (const [key, id] of [
    ['a-same', 'TM1'],
    ['a-second', 'TM2'],
  ] as const)
    await saveTemplate(
      shop.app.records.db,
      { key, kind: 'wechat', versions: { zh: { personal: version(id), generic: version(id) } } },
      shop.clock.now(),
    );
  await approached('wes', 'wechat_service', 'a-same', '-3b');
  expect(sentTo('o-wes')).toBe(2);
  await approached('wes', 'wechat_service', 'a-second', '-3c');
  expect(sentTo('o-wes')).toBe(3);
  // She lets it in again in WeChat's settings.
  await push(
    {
      FromUserName: 'o-wes',
      CreateTime: 7,
      Event: 'subscribe_msg_change_event',
      List: [{ TemplateId: 'TM1', SubscribeStatusString: 'accept' }],
    },
    'wechat_service',
  );
  await approached('wes', 'wechat_service', 'mini', '-4');
  expect(sentTo('o-wes')).toBe(4);
});

it('hears nobody but WeChat', async () => {
  expect((await push(acceptance('o-mia', 9), 'wechat_mini', 'guessed')).status).toBe(403);
  await shop.app.connections.change('wechat_service', null);
  expect((await push({}, 'wechat_service')).status).toBe(404);
  expect((await push({}, 'elsewhere')).status).toBe(404);
  const signature = createHash('sha1').update([TOKEN, '1', '2'].toSorted().join('')).digest('hex');
  const proof = await shop.fetch(`/hooks/wechat/wecom?timestamp=1&nonce=2&signature=${signature}&echostr=hello`);
  expect([proof.status, await proof.text()]).toEqual([200, 'hello']);
});
