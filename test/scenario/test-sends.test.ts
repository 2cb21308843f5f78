// A test of a template goes where the real message would: to the account that is connected, with what is known of the address; without an account
// it lies in the preview mailbox.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createKey } from '../../src/collect/keys.service.ts';
import { registerEndpoint } from '../../src/reach/channels/endpoints.service.ts';
import { saveTemplate } from '../../src/reach/templates/templates.service.ts';
import { startFakeServer, type FakeServer } from '../contract/channel.contract.ts';
import { openShop, type Shop } from '../support/shop.ts';

const TEMPLATES = {
  sms: { text: '好久不见' },
  push: { title: '好久不见', body: '回来看看', url: 'https://shop.example/home' },
  wechat: { text: '好久不见' },
  filed: { wechatTemplateId: 'TM1', data: { thing1: '回来看看吧' } },
  webhook: { event: 'win-back', data: { words: 'hello' } },
} as const;

let shop: Shop;
let away: FakeServer;
let test: (template: keyof typeof TEMPLATES, channel: string, to: string) => Promise<{ status: number; json: unknown }>;
beforeAll(async () => {
  shop = await openShop();
  const { app, clock } = shop;
  away = await startFakeServer((request) => ({
    status: 200,
    body: JSON.stringify(
      request.path.includes('token')
        ? { errcode: 0, access_token: 't', expires_in: 7_200 }
        : { errcode: 0, errmsg: 'ok', msgid: 'away-1', id: 'away-1', fail_list: [] },
    ),
  }));
  for (const [key, fields] of Object.entries(TEMPLATES)) {
    const kind = key === 'filed' ? 'wechat' : key;
    await saveTemplate(
      app.records.db,
      { key, kind, versions: { zh: { personal: fields, generic: fields } } },
      clock.now(),
    );
  }
  await shop.addPerson('mei');
  for (const [channel, provider, address, details] of [
    ['wecom', 'wecom:ww1', 'wm-mei', { sender: 'zhang' }],
    ['web_push', 'webpush', 'https://nowhere.example/push/1', { p256dh: 'BA', auth: 'aa' }],
    ['app_push', 'fcm', 'device-1', {}],
  ] as const)
    await registerEndpoint(
      app.records.db,
      { personId: 'mei', channel, provider, address, details },
      app.secrets.address,
      clock.now(),
    );
  const { key } = await createKey(app.records.db, 'secret', 'test', clock.now());
  test = async (templateId, channel, to) => {
    away.seen.length = 0;
    const response = await shop.fetch('/api/templates/test-send', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ templateId, channel, to, lang: 'zh' }),
    });
    return { status: response.status, json: await response.json() };
  };
});
afterAll(async () => {
  await shop?.close();
  await away?.close();
});

const sunk = async (): Promise<readonly string[]> =>
  (await shop.app.records.db.selectFrom('sink_messages').select('channel').orderBy('sink_id').execute()).map(
    ({ channel }) => channel,
  );
const CASES = [
  ['sms', 'sms', '+8613900139000'],
  ['filed', 'wechat_mini', 'o-mine'],
  ['filed', 'wechat_service', 'o-mine'],
  ['wechat', 'wecom', 'mei'],
  ['webhook', 'webhook', 'mei'],
] as const;

it('lies in the preview mailbox while nothing is connected', async () => {
  for (const [template, channel, to] of CASES)
    expect(await test(template, channel, to)).toMatchObject({
      status: 200,
      json: { outcome: { kind: 'sent', providerId: expect.stringMatching(/^sink:/) as string } },
    });
  // An app's device has a provider that is not set up.
  expect(await test('push', 'app_push', 'mei')).toMatchObject({
    json: { outcome: { providerId: expect.stringMatching(/^sink:/) as string } },
  });
  expect(await sunk()).toEqual([...CASES.map(([, channel]) => channel), 'app_push']);
  expect(away.seen).toEqual([]);
});

it('goes out through each account that is connected', async () => {
  const { sms, connections } = shop.app;
  await sms.change({
    provider: 'http',
    signature: '山楂小铺',
    keySecret: 'k',
    http: {
      url: `${away.url}/sms`,
      headers: { Authorization: 'Bearer {{secret}}' },
      body: '{"to":"{{to}}","text":"{{text}}"}',
      success: { status: [200] },
      idPath: 'id',
    },
  });
  const account = { baseUrl: away.url };
  await connections.change('wechat_mini', { appId: 'wx1', appSecret: 's', ...account });
  await connections.change('wechat_service', { appId: 'wx2', appSecret: 's', ...account });
  await connections.change('wecom', { corpId: 'ww1', corpSecret: 's', ...account });
  await connections.change('webhook', {
    url: `${away.url}/hook`,
    secret: `whsec_${Buffer.from('a-key-of-more-than-twenty-four-bytes').toString('base64')}`,
  });
  const before = await sunk();
  const seen: Record<string, unknown> = {};
  for (const [template, channel, to] of CASES) {
    const { json } = await test(template, channel, to);
    expect({ channel, json }).toMatchObject({ channel, json: { outcome: { kind: 'sent' } } });
    const request = away.seen.at(-1)!;
    seen[channel] = [request.path, JSON.parse(request.body)];
  }
  expect(seen).toMatchObject({
    sms: ['/sms', { to: '+8613900139000', text: expect.stringContaining('[测试] 好久不见') as string }],
    wechat_mini: ['/cgi-bin/message/subscribe/send', { touser: 'o-mine', template_id: 'TM1' }],
    wechat_service: ['/cgi-bin/message/template/send', { touser: 'o-mine', template_id: 'TM1' }],
    // A person's id is enough: her address and the employee who writes are known.
    wecom: [
      '/cgi-bin/externalcontact/add_msg_template',
      {
        external_userid: ['wm-mei'],
        sender: 'zhang',
        text: { content: '[测试] 好久不见\n不想再收到：https://shop.example/u/sample' },
      },
    ],
    webhook: ['/hook', { data: expect.anything() as unknown }],
  });
  expect(await sunk()).toEqual(before);
});

it('sends a push to a device and nowhere else', async () => {
  // The real channel has looked at the subscription: it belongs to no push service.
  expect(await test('push', 'web_push', 'mei')).toMatchObject({
    status: 200,
    json: { outcome: { kind: 'rejected', class: 'address' } },
  });
  expect(await test('push', 'web_push', 'nobody')).toMatchObject({ status: 404, json: { code: 'not_found' } });
});
