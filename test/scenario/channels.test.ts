// The real app on a virtual clock: one programme on every channel. What has no provider lands in the preview mailbox.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordConsents } from '../../src/reach/consent/consent.service.ts';
import {
  CHANNEL_KEYS,
  CHANNELS,
  CONSENT_CHANNELS,
  type ChannelKey,
  type TemplateKind,
} from '../../src/reach/channels/channels.ts';
import { registerEndpoint } from '../../src/reach/channels/endpoints.service.ts';
import { saveTemplate } from '../../src/reach/templates/templates.service.ts';
import { consent } from '../support/rows.ts';
import { openShop, type Shop } from '../support/shop.ts';

const BY_KIND: Readonly<Record<Exclude<TemplateKind, 'email'>, object>> = {
  sms: { text: '{{ person.first_name }}, look: {{ brand.url }}' },
  push: { title: 'Hello', body: 'Come back', url: '{{ brand.url }}' },
  in_app: { title: 'Welcome back', body: 'Good to see you' },
  wechat: { text: 'Come back' },
  webhook: { event: 'win-back', data: { code: '{{ coupon.code }}' } },
};
/** What everybody gets alike, by a word that nothing else says. */
const GENERIC: typeof BY_KIND = {
  sms: { text: 'For everybody: {{ brand.url }}' },
  push: { title: 'Hello', body: 'For everybody', url: '{{ brand.url }}' },
  in_app: { title: 'Welcome back', body: 'For everybody' },
  wechat: { text: 'For everybody' },
  webhook: { event: 'win-back', data: { words: 'For everybody' } },
};
const NO_MAIL: readonly ChannelKey[] = CHANNEL_KEYS.filter((key) => key !== 'email');

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  // Noon where the phones are.
  shop.clock.advanceMs(16 * 3_600_000);
  const now = shop.clock.now();
  for (const kind of Object.keys(BY_KIND) as (keyof typeof BY_KIND)[]) {
    const words = { personal: BY_KIND[kind], generic: GENERIC[kind] };
    await saveTemplate(shop.app.records.db, { key: `t-${kind}`, kind, versions: { en: words, zh: words } }, now);
  }
});
afterAll(() => shop?.close());

const messagesOf = (personId: string) =>
  shop.app.records.db
    .selectFrom('messages')
    .select(['channel', 'state', 'code', 'address', 'message_id'])
    .where('person_id', '=', personId)
    .orderBy('step')
    .execute();
const step = (channel: ChannelKey) => {
  const kind = CHANNELS[channel].template;
  return {
    kind: 'message',
    channel,
    variants: [{ key: 'a', templateId: kind === 'email' ? 'question' : `t-${kind}` }],
  };
};

it('sends on every channel, each to its own address, and shows all of it in the preview mailbox', async () => {
  const { app, clock } = shop;
  // Bea wants nothing that is made for her.
  await shop.addPerson('mei', { phone: '+8613800138000' });
  await shop.addPerson('bea', { phone: '+8613800138001' });
  const people = ['mei', 'bea'];
  await recordConsents(app.records.db, [
    ...people.flatMap((person) => CONSENT_CHANNELS.map((channel) => consent(person, { channel }))),
    consent('bea', { channel: '*', purpose: 'profiling', status: 'withdrawn', decidedAt: clock.now() }),
  ]);
  for (const personId of people)
    for (const channel of NO_MAIL)
      if (CHANNELS[channel].address === 'endpoint')
        await registerEndpoint(
          app.records.db,
          { personId, channel, provider: 'test', address: `${channel}-of-${personId}`, details: {} },
          app.secrets.address,
          clock.now(),
        );
  // Each WeChat subscription is good for one message.
  await app.records.db
    .insertInto('channel_quotas')
    .values(
      people.flatMap((person_id) =>
        NO_MAIL.map((channel) => ({
          person_id,
          channel,
          provider_template_id: 't-wechat',
          remaining: 1,
          updated_at: clock.now(),
        })),
      ),
    )
    .execute();
  shop.days(120);
  // One message a day is the default cap.
  await shop.addProgramme({
    programmeId: 'everywhere',
    steps: CHANNEL_KEYS.flatMap((channel) => [step(channel), { kind: 'wait', days: 12 }]),
  });
  for (let round = 0; round <= CHANNEL_KEYS.length; round++) {
    await app.tick();
    shop.days(12);
  }
  const sent = await messagesOf('mei');
  expect(sent.map(({ channel, state, code }) => `${channel} ${state} ${code ?? ''}`.trim())).toEqual(
    CHANNEL_KEYS.map((channel) => `${channel} sent`),
  );
  expect(Object.fromEntries(sent.map(({ channel, address }) => [channel, address]))).toMatchObject({
    email: 'mei@example.com',
    sms: '+8613800138000',
    web_push: 'web_push-of-mei',
    in_app: 'mei',
    wecom: 'wecom-of-mei',
  });
  const sunkOf = (personId: string) =>
    app.records.db
      .selectFrom('sink_messages')
      .select(['channel', 'fields', 'message_id'])
      .where('person_id', '=', personId)
      .orderBy('sink_id')
      .execute();
  const sunk = await sunkOf('mei');
  // An in-app message lies in her inbox, which needs no provider.
  expect(sunk.map(({ channel }) => channel)).toEqual(NO_MAIL.filter((key) => key !== 'in_app'));
  const sms = sunk.find(({ channel }) => channel === 'sms')!;
  const link = /^【Shop】Mia, look: (https:\/\/shop\.example\/c\/[\w-]+)，拒收请回复R$/.exec(
    String(sms.fields['text']),
  )?.[1];
  expect(link).toBeDefined();
  const click = await shop.fetch(link!);
  expect([click.status, click.headers.get('location')]).toEqual([302, 'https://shop.example/home']);
  // By channel, what she was told; all of it says to Bea what it says to everybody, and nothing does to Mei.
  const toldTo = async (personId: string): Promise<Readonly<Record<string, string>>> => {
    const inbox = await app.records.db.selectFrom('inbox').select('fields').where('person_id', '=', personId).execute();
    return {
      email: shop
        .mailsTo(`${personId}@example.com`)
        .map(({ raw }) => raw.toString())
        .join(),
      in_app: JSON.stringify(inbox),
      ...Object.fromEntries((await sunkOf(personId)).map(({ channel, fields }) => [channel, JSON.stringify(fields)])),
    };
  };
  const [toMei, toBea] = [await toldTo('mei'), await toldTo('bea')];
  for (const channel of CHANNEL_KEYS) {
    const marks = channel === 'email' ? 'Mia' : 'For everybody';
    expect([channel, toMei[channel]?.includes(marks), toBea[channel]?.includes(marks)]).toEqual([
      channel,
      channel === 'email',
      channel !== 'email',
    ]);
  }
  const page = await (await shop.fetch('/mailbox')).text();
  for (const words of ['Mia, look:', 'win-back', 'Web push', '+8613800138000']) expect(page).toContain(words);
});

it('falls back to the next channel, and records why the first was not possible', async () => {
  const { app } = shop;
  // Noon at the shop, where people without a phone are thought to be.
  shop.clock.advanceMs(8 * 3_600_000);
  await shop.addPerson('noph');
  await shop.addPerson('none');
  await recordConsents(app.records.db, [consent('none', { status: 'withdrawn', decidedAt: shop.clock.now() })]);
  shop.days(120);
  await shop.addProgramme({
    programmeId: 'ladder',
    audience: { policyId: 'shop', stages: ['dormant', 'lost'] },
    steps: [
      {
        kind: 'message',
        channels: ['sms', 'email'],
        variants: [{ key: 'a', templateId: 'question', templateIds: { sms: 't-sms' } }],
      },
    ],
  });
  await app.tick();
  expect((await messagesOf('noph')).map(({ channel, state }) => [channel, state])).toEqual([['email', 'sent']]);
  const decisions = await app.records.db
    .selectFrom('decisions')
    .select(['person_id', 'outcome', 'channel', 'codes'])
    .where('programme_id', '=', 'ladder')
    .where('person_id', 'in', ['noph', 'none'])
    .orderBy('person_id')
    .orderBy('channel', 'desc')
    .execute();
  expect(decisions).toEqual([
    { person_id: 'none', outcome: 'refused', channel: 'sms', codes: ['no_address', 'no_consent'] },
    { person_id: 'none', outcome: 'refused', channel: 'email', codes: ['consent_withdrawn'] },
    { person_id: 'noph', outcome: 'contact', channel: 'email', codes: [] },
  ]);
});

it('refuses a programme whose template is of another kind', async () => {
  await expect(
    shop.addProgramme({
      programmeId: 'wrong',
      steps: [{ kind: 'message', channel: 'sms', variants: [{ key: 'a', templateId: 'question' }] }],
    }),
  ).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('sms takes a template of kind sms') as string,
  });
});
