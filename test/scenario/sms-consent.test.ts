// Consent by SMS on the real app: a word that comes back gives back what was given, and makes up nothing.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { resolveText, takeTexts, type SmsReplies } from '../../src/reach/channels/sms/sms-replies.service.ts';
import { recordConsents } from '../../src/reach/consent/consent.service.ts';
import { requestConsent } from '../../src/reach/consent/double-opt-in.service.ts';
import { saveConsentText } from '../../src/reach/consent/texts.service.ts';
import { consent } from '../support/rows.ts';
import { openShop, type Shop } from '../support/shop.ts';

let shop: Shop;
let replies: SmsReplies;

beforeAll(async () => {
  shop = await openShop();
  const { records, secrets } = shop.app;
  replies = {
    db: records.db,
    addressSecret: secrets.address,
    brand: () => 'Shop',
    reply: () => Promise.resolve(false),
  };
});
afterAll(() => shop?.close());

const text = (phone: string, words: string, dedupeKey: string, at = shop.clock.now()): Promise<void> =>
  takeTexts(replies, 'http', [{ phone, text: words, to: '', at, dedupeKey, isAnswered: false }], shop.clock.now());
const consentsOf = (id: string) =>
  replies.db
    .selectFrom('consents')
    .selectAll()
    .where('person_id', '=', id)
    .where('channel', '=', 'sms')
    .orderBy('consent_id')
    .execute();
const statuses = async (id: string): Promise<string[]> => (await consentsOf(id)).map(({ status }) => status);
const textOf = (key: string) =>
  replies.db
    .selectFrom('sms_inbound')
    .select(['inbound_id', 'meaning', 'review'])
    .where('dedupe_key', '=', key)
    .executeTakeFirstOrThrow();

it('changes nothing for who never went: her yes was an answer to something else, and a human reads it', async () => {
  // Never asked, never given.
  const phone = '+8613900000001';
  await shop.addPerson('never', { phone, email: undefined });
  await text(phone, 'YES', 'yes');
  expect(await statuses('never')).toEqual([]);
  expect(await textOf('yes')).toMatchObject({ meaning: 'free_text', review: 'waiting' });
  // Her no is not followed by more than there was before it.
  await text(phone, 'STOP', 'stop');
  shop.clock.advanceMs(60_000);
  await text(phone, 'START', 'start');
  expect(await statuses('never')).toEqual(['withdrawn']);
  expect(await textOf('start')).toMatchObject({ meaning: 'start', review: 'none' });
  // Given, and never taken back.
  const granted = '+8613900000002';
  await shop.addPerson('granted', { phone: granted, email: undefined });
  await recordConsents(replies.db, [consent('granted', { channel: 'sms' })]);
  await text(granted, 'Yes', 'yes-granted');
  expect(await statuses('granted')).toEqual(['granted']);
  expect(await textOf('yes-granted')).toMatchObject({ meaning: 'free_text', review: 'waiting' });
});

it('gives back what was given when a human reads that she wants it, with her words as the proof', async () => {
  const phone = '+8613900000003';
  await shop.addPerson('read', { phone, email: undefined });
  await text(phone, 'yes please, text me your offers', 'words');
  await resolveText(replies, (await textOf('words')).inbound_id, 'start', shop.clock.now());
  expect(await consentsOf('read')).toMatchObject([
    { status: 'granted', proof: { text: 'yes please, text me your offers', read: 'by a person' } },
  ]);
});

it('takes her back who had said stop, once for each no', async () => {
  const phone = '+8613900000004';
  await shop.addPerson('back', { phone, email: undefined });
  await recordConsents(replies.db, [consent('back', { channel: 'sms' })]);
  await text(phone, '退订', 'back-stop');
  shop.clock.advanceMs(60_000);
  for (let time = 0; time < 2; time++) await text(phone, '订阅', 'back-start');
  await text(phone, '订阅', 'back-again');
  expect(await statuses('back')).toEqual(['granted', 'withdrawn', 'granted']);
  expect(await textOf('back-again')).toMatchObject({ meaning: 'free_text' });
  // A no that comes again, because our answer was lost, is the old one.
  await text(phone, '退订', 'back-stop');
  expect(await statuses('back')).toEqual(['granted', 'withdrawn', 'granted']);
});

it('confirms what was asked of her number, while that is open', async () => {
  const phone = '+8613900000005';
  await shop.addPerson('asked', { phone, email: undefined });
  const { version } = await saveConsentText(
    replies.db,
    { textId: 'sms-yes', en: 'Texts?', zh: '短信？' },
    shop.clock.now(),
  );
  const textVersion = `sms-yes@${version}`;
  const ask = () =>
    requestConsent(
      { db: replies.db, tokenSecret: 'x' },
      { personId: 'asked', channel: 'sms', textVersion, language: 'en', source: 'form', proof: {} },
      shop.clock.now(),
    );
  await text(phone, 'YES', 'before-asked');
  await ask();
  shop.days(31);
  await text(phone, 'YES', 'too-late');
  expect(await consentsOf('asked')).toEqual([]);
  await ask();
  shop.clock.advanceMs(60_000);
  for (let time = 0; time < 2; time++) await text(phone, 'YES', 'in-time');
  expect(await consentsOf('asked')).toMatchObject([
    { status: 'granted', source: 'form', text_version: textVersion, proof: { confirmedBy: { text: 'YES' } } },
  ]);
});

it('gives the consent back to who has the number now, and lets a no prevail over a word that it overtook', async () => {
  const phone = '+8613900000006';
  await shop.addPerson('former', { phone, email: undefined });
  await shop.addPerson('heir', { phone, email: undefined });
  for (const id of ['former', 'heir']) await recordConsents(replies.db, [consent(id, { channel: 'sms' })]);
  shop.clock.advanceMs(60_000);
  await text(phone, 'STOP', 'heir-stop');
  expect([(await statuses('former')).at(-1), (await statuses('heir')).at(-1)]).toEqual(['withdrawn', 'withdrawn']);
  await replies.db
    .updateTable('people')
    .set({ phone: null, phone_key: null })
    .where('person_id', '=', 'former')
    .execute();
  await text(phone, 'START', 'overtaken', new Date(shop.clock.now().getTime() - 1_000));
  expect((await statuses('heir')).at(-1)).toBe('withdrawn');
  shop.clock.advanceMs(60_000);
  await text(phone, 'START', 'heir-start');
  expect([(await statuses('former')).at(-1), (await statuses('heir')).at(-1)]).toEqual(['withdrawn', 'granted']);
});

it('gives nothing back to who shares the number and had said no elsewhere', async () => {
  const phone = '+8613900000007';
  for (const id of ['sharing', 'withdrew']) {
    await shop.addPerson(id, { phone, email: undefined });
    await recordConsents(replies.db, [consent(id, { channel: 'sms' })]);
  }
  const elsewhere = { channel: 'sms', status: 'withdrawn', source: 'preference-centre', proof: { page: 'p' } } as const;
  await recordConsents(replies.db, [consent('withdrew', { ...elsewhere, decidedAt: shop.clock.now() })]);
  shop.clock.advanceMs(60_000);
  await text(phone, 'STOP', 'shared-stop');
  shop.clock.advanceMs(60_000);
  await text(phone, 'START', 'shared-start');
  expect([(await statuses('sharing')).at(-1), (await statuses('withdrew')).at(-1)]).toEqual(['granted', 'withdrawn']);
});
