// What the product asks people by itself, on the real app with a virtual clock: whether it may write again after it has stopped, and whether it was
// they who signed up.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../src/collect/keys.service.ts';
import { explainContact } from '../../src/reach/arbiter/explain.service.ts';
import { addressesOf } from '../../src/reach/channels/addresses.sql.ts';
import { parseMail } from '../../src/reach/channels/email/sink.ts';
import { suppress } from '../../src/reach/consent/consent.service.ts';
import { recordConsents } from '../../src/reach/consent/consent.service.ts';
import { keepEvaluated } from '../../src/understand/dormancy/keep-evaluated.service.ts';
import { withWindow } from '../../src/understand/dormancy/policy.ts';
import { PRESETS } from '../../src/understand/dormancy/presets.ts';
import { personStates } from '../../src/understand/dormancy/states.sql.ts';
import { consent } from '../support/rows.ts';
import { linksOf, openShop, type Delivered, type Shop } from '../support/shop.ts';

const HOUR = 3_600_000;
/** Longer than a sender goes by what it knew of a person. */
const STALE_MS = 400;

const apiOf = async (shop: Shop) => {
  const { key } = await createKey(shop.app.records.db, 'secret', 'test', shop.clock.now());
  return async (method: string, path: string, body?: object): Promise<{ status: number; json: unknown }> => {
    const response = await shop.fetch(`/api${path}`, {
      method,
      headers: { authorization: `Bearer ${key}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, json: await response.json() };
  };
};
const subjectOf = async (mail: Delivered): Promise<string> => (await parseMail(mail.raw)).subject ?? '';
/** The link behind the one button. */
async function questionIn(mail: Delivered): Promise<string> {
  const { html, clicks, pixel } = await linksOf(mail);
  // Asked without being watched: no pixel, and the button leads straight to the page.
  expect(pixel).toBe('');
  const link = /https:\/\/shop\.example\/d\/[\w-]{42}/.exec(html)?.[0];
  expect(link).toBeDefined();
  expect(clicks.join(' ')).not.toContain('/d/');
  return link!;
}
const consentsOf = (shop: Shop, personId: string) =>
  shop.app.records.db
    .selectFrom('consents')
    .select(['status', 'basis', 'source', 'text_version', 'proof', 'decided_at'])
    .where('person_id', '=', personId)
    .where('channel', '=', 'email')
    .orderBy('decided_at')
    .execute();
async function answerOn(shop: Shop, personId: string, channel: 'email' | 'sms') {
  const { app, clock } = shop;
  const addresses = (await addressesOf(app.records.db, [personId], [channel], app.secrets.address)).get(personId);
  const [answer] = await explainContact(
    app.records.db,
    { person_id: personId, purpose: 'marketing', programme_id: null },
    new Map([[channel, addresses?.get(channel)?.addressKey ?? null]]),
    app.rules.rules,
    clock.now(),
  );
  return answer!;
}
const refusalsOn = async (shop: Shop, personId: string, channel: 'email' | 'sms'): Promise<readonly string[]> =>
  (await answerOn(shop, personId, channel)).refusals.map(({ code }) => code);

describe('after a sunset', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop?.close());

  const stageOf = async (personId: string): Promise<string | undefined> =>
    (await personStates(shop.app.events, personId)).find(({ policyId }) => policyId === 'shop')?.stage;
  const aDay = async (): Promise<void> => {
    shop.days(1);
    const { records, events, business } = shop.app;
    await keepEvaluated({ records, events, timeZone: business.timeZone }, shop.clock.now());
    await shop.app.tick();
  };
  const openSunsets = () =>
    shop.app.records.db
      .selectFrom('sunsets')
      .select(['person_id', 'since_on', 'contacts', 'channels'])
      .where('ended_on', 'is', null)
      .orderBy('person_id')
      .execute();

  it('stops one kind of contact, asks once, and hears whoever answers', { timeout: 240_000 }, async () => {
    const api = await apiOf(shop);
    const rule = { contacts: 2, days: 10, channels: ['email'] };
    const policy = { ...withWindow(PRESETS.shop, 20), sunset: { ...rule, askAgain: {} } };
    expect(await api('POST', '/policies', { ...policy, sunset: { ...rule, channels: ['pigeon'] } })).toMatchObject({
      status: 422,
      json: { code: 'invalid', title: expect.stringContaining('there is no channel "pigeon"') as string },
    });
    expect(
      await api('POST', '/policies', { ...policy, sunset: { ...rule, askAgain: { templateId: 'nowhere' } } }),
    ).toMatchObject({ status: 404 });
    expect((await api('POST', '/policies', policy)).status).toBe(201);

    const people = ['answers', 'comes', 'silent'];
    await shop.addPerson('answers', { language: 'zh' });
    await shop.addPerson('comes');
    // Her clock is the test's own.
    await shop.addPerson('silent', { phone: '+12125550123', country: 'US', timezone: 'UTC' });
    await recordConsents(shop.app.records.db, [consent('silent', { channel: 'sms' })]);
    const step = { kind: 'message', channel: 'email', variants: [{ key: 'a', templateId: 'nostalgic' }] };
    await shop.addProgramme({
      programmeId: 'wake',
      entry: { mode: 'recurring', everyDays: 1, reentryAfterDays: 365 },
      steps: [step, { kind: 'wait', days: 3 }, step, { kind: 'wait', days: 12 }, step],
    });
    // Ordered on day 0, dormant after 20 silent days; mailed twice, three days apart; given up ten days after the second.
    shop.days(19);
    for (let day = 19; day < 40 && (await openSunsets()).length === 0; day++) await aDay();
    const sunsets = (await openSunsets()).filter(({ person_id }) => people.includes(person_id));
    const sentOn = async (personId: string): Promise<readonly string[]> => {
      const rows = await shop.app.records.db
        .selectFrom('messages')
        .select(['sent_at', 'purpose'])
        .where('person_id', '=', personId)
        .where('state', '=', 'sent')
        .orderBy('sent_at')
        .execute();
      return rows.map((row) => `${row.purpose} ${row.sent_at?.toISOString().slice(0, 10)}`);
    };
    const [first = '', second = ''] = await sentOn('silent');
    const day = (text: string, days: number): string =>
      new Date(Date.parse(text.slice(-10)) + days * 24 * HOUR).toISOString().slice(0, 10);
    expect(second.slice(-10)).toBe(day(first, 3));
    expect(sunsets).toEqual(
      people.map((person_id) => ({ person_id, since_on: day(second, 10), contacts: 2, channels: ['email'] })),
    );
    for (const person of people) expect(await stageOf(person)).toBe('sunset');

    // The question went out in the same round, once, in her language and with who asks in it.
    await aDay();
    await aDay();
    for (const person of people) expect(shop.mailsTo(`${person}@example.com`)).toHaveLength(3);
    expect(await sentOn('silent')).toEqual([first, second, `re_permission ${day(second, 11)}`]);
    const [asked, chinese] = ['silent', 'answers'].map((person) => shop.mailsTo(`${person}@example.com`).at(-1)!);
    expect([await subjectOf(asked!), await subjectOf(chinese!)]).toEqual([
      'May Shop go on writing to you?',
      '还希望收到 Shop 的邮件吗？',
    ]);
    expect((await linksOf(asked!)).oneClick).toContain('https://shop.example/u/');

    // What a programme still had in mind is refused by its own code, and told in words; the other channel stays open.
    for (let more = 0; more < 4; more++) await aDay();
    const decisions = await shop.app.records.db
      .selectFrom('decisions')
      .select(['outcome', 'codes'])
      .where('person_id', '=', 'silent')
      .where('programme_id', '=', 'wake')
      .where('outcome', '=', 'refused')
      .execute();
    expect(decisions).toEqual([{ outcome: 'refused', codes: ['sunset'] }]);
    expect(await refusalsOn(shop, 'silent', 'email')).toEqual(['sunset']);
    expect(await refusalsOn(shop, 'silent', 'sms')).toEqual([]);
    expect((await answerOn(shop, 'silent', 'email')).sentence).toEqual({
      en: 'E-mail: no (has not reacted to anything for long, so we have stopped writing).',
      zh: '电子邮件：不能联系。原因：长期没有任何回应，已停止触达。',
    });

    // A robot that opens the link says nothing; she does, and is reachable again.
    const link = await questionIn(chinese!);
    expect(await (await shop.fetch(link)).text()).toContain('我同意 Shop 继续通过电子邮件向我发送');
    expect(await refusalsOn(shop, 'answers', 'email')).toEqual(['sunset']);
    expect((await shop.fetch(link, { method: 'POST' })).status).toBe(200);
    expect((await consentsOf(shop, 'answers')).at(-1)).toMatchObject({
      status: 'granted',
      basis: 'express',
      source: 're-permission',
      text_version: 're-permission@1',
      decided_at: shop.clock.now(),
      proof: {
        policyId: 'shop',
        sunsetOn: day(second, 10),
        askedIn: expect.stringMatching(/^msg_/) as string,
        confirmedBy: { how: 'button' },
      },
    });
    await shop.order('comes', { order_id: 'again' });
    await aDay();
    expect([await stageOf('answers'), await stageOf('comes'), await stageOf('silent')]).toEqual([
      'repermissioned',
      'repermissioned',
      'sunset',
    ]);
    expect([await refusalsOn(shop, 'answers', 'email'), await refusalsOn(shop, 'comes', 'email')]).toEqual([[], []]);

    // Who does not answer stays off and is not asked again; her link ends.
    for (let more = 0; more < 60; more += 15) {
      shop.days(14);
      await aDay();
    }
    expect(await stageOf('silent')).toBe('sunset');
    expect(shop.mailsTo('silent@example.com')).toHaveLength(3);
    const late = await shop.fetch(await questionIn(asked!), { method: 'POST' });
    expect(late.status).toBe(410);
    expect(await refusalsOn(shop, 'silent', 'email')).toEqual(['sunset']);
    expect(shop.errors).toEqual([]);
  });
});

describe('who comes back before her stage says so', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop?.close());

  it(
    'is not asked: neither when the question is still to be written, nor when it waits or has been claimed',
    { timeout: 240_000 },
    async () => {
      const { app, clock } = shop;
      const { db } = app.records;
      const api = await apiOf(shop);
      const sunset = { contacts: 1, days: 5, channels: ['email'], askAgain: {} };
      expect((await api('POST', '/policies', { ...withWindow(PRESETS.shop, 20), sunset })).status).toBe(201);
      const people = ['before', 'claimed', 'silent', 'waiting'];
      for (const person of people) await shop.addPerson(person);
      await shop.addProgramme({
        programmeId: 'wake',
        entry: { mode: 'recurring', everyDays: 1, reentryAfterDays: 365 },
        steps: [{ kind: 'message', channel: 'email', variants: [{ key: 'a', templateId: 'nostalgic' }] }],
      });
      const evaluate = () =>
        keepEvaluated({ records: app.records, events: app.events, timeZone: app.business.timeZone }, clock.now());
      const sunsets = () =>
        db
          .selectFrom('sunsets')
          .select(['person_id', 'end_cause', (eb) => eb.cast<string | null>('ended_on', 'text').as('ended_on')])
          .where('person_id', 'in', people)
          .orderBy('person_id')
          .execute();
      // Evaluated first, so that the day on which they are given up is seen before anybody is asked.
      shop.days(19);
      for (let day = 19; day < 40; day++) {
        shop.days(1);
        await evaluate();
        if ((await sunsets()).length > 0) break;
        await app.tick();
      }
      expect((await sunsets()).map((row) => [row.person_id, row.ended_on])).toEqual(people.map((each) => [each, null]));
      const today = clock.now().toISOString().slice(0, 10);
      const questions = async () =>
        (
          await db
            .selectFrom('messages')
            .select(['person_id', 'state', 'code'])
            .where('purpose', '=', 're_permission')
            .orderBy('person_id')
            .execute()
        ).map((row) => [row.person_id, row.state, row.code]);

      await shop.order('before', { order_id: 'again' });
      await app.plan();
      expect(await questions()).toEqual(['claimed', 'silent', 'waiting'].map((each) => [each, 'planned', null]));
      await shop.order('waiting', { order_id: 'again' });
      expect((await questions()).at(-1)).toEqual(['waiting', 'cancelled', 'returned']);
      // She orders while her mail is being handed over: the server has her address, and takes its time before it wants the mail.
      let ordered: Promise<void> | undefined;
      shop.server.beforeReply = async (recipient) => {
        if (recipient !== 'claimed@example.com') return;
        await (ordered ??= shop.order('claimed', { order_id: 'again' }));
        await delay(STALE_MS);
      };
      await app.sender.sendDue();
      expect(ordered).toBeDefined();
      expect(await questions()).toEqual([
        ['claimed', 'cancelled', 'returned'],
        ['silent', 'sent', null],
        ['waiting', 'cancelled', 'returned'],
      ]);
      expect(people.map((person) => shop.mailsTo(`${person}@example.com`).length)).toEqual([1, 1, 2, 1]);
      const back = { end_cause: 'returned', ended_on: today };
      expect(await sunsets()).toEqual(
        people.map((person_id) => ({
          person_id,
          ...(person_id === 'silent' ? { end_cause: null, ended_on: null } : back),
        })),
      );
      // The next evaluation agrees, and the question is not asked again.
      await evaluate();
      await app.tick();
      const stages = await Promise.all(
        people.map(async (person) =>
          (await personStates(app.events, person)).find(({ policyId }) => policyId === 'shop'),
        ),
      );
      expect(stages.map((state) => state?.stage)).toEqual([
        'repermissioned',
        'repermissioned',
        'sunset',
        'repermissioned',
      ]);
      expect(people.map((person) => shop.mailsTo(`${person}@example.com`).length)).toEqual([1, 1, 2, 1]);
      expect(shop.errors).toEqual([]);
    },
  );
});

describe('a sign-up that must be confirmed', () => {
  let shop: Shop;
  let api: Awaited<ReturnType<typeof apiOf>>;
  beforeAll(async () => {
    shop = await openShop();
    api = await apiOf(shop);
    const policy = { channels: ['email'], validDays: 7, resendAfterHours: 24, mailsMax: 3, withinDays: 30 };
    const saved = await api('PUT', '/consent-policy', { doubleOptIn: policy });
    if (saved.status !== 200) throw new Error(JSON.stringify(saved.json));
  });
  afterAll(() => shop?.close());

  const join = async (personId: string, traits: object = {}): Promise<void> => {
    await shop.post([{ type: 'identify', userId: personId, traits: { email: `${personId}@example.com`, ...traits } }]);
  };
  const signUp = (personId: string, more: object = {}) =>
    api('POST', '/consents', {
      entries: [{ personId, channel: 'email', basis: 'express', source: 'form', proof: { ip: '192.0.2.7' }, ...more }],
    });
  const mailsOf = (personId: string): readonly Delivered[] => shop.mailsTo(`${personId}@example.com`);
  const none = { already: 0, askedRecently: 0, askedOften: 0, noAddress: 0 };

  it('is asked about by one mail in her language, and counts from her own click with its proof', async () => {
    await join('mei', { language: 'zh-CN' });
    // In the middle of the night: she has just pressed the button of a form.
    shop.clock.advanceMs(14 * HOUR);
    expect(await signUp('mei')).toEqual({ status: 201, json: { recorded: 0, asked: 1, notAsked: none } });
    expect(await refusalsOn(shop, 'mei', 'email')).toEqual(['no_consent']);
    await shop.app.tick();
    await shop.app.tick();
    expect(mailsOf('mei')).toHaveLength(1);
    const [mail] = mailsOf('mei');
    const parsed = await parseMail(mail!.raw);
    expect([parsed.subject, parsed.from]).toEqual([
      '请确认：接收 Shop 的邮件',
      expect.objectContaining({ name: 'Shop', address: 'hi@shop.example' }),
    ]);
    const row = await shop.app.records.db
      .selectFrom('messages')
      .select(['message_id', 'purpose', 'state', 'programme_id'])
      .where('person_id', '=', 'mei')
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({ purpose: 'confirmation', state: 'sent', programme_id: 'rekindle.confirmation' });
    const link = await questionIn(mail!);
    expect((await shop.fetch(link)).status).toBe(200);
    expect(await consentsOf(shop, 'mei')).toEqual([]);
    shop.clock.advanceMs(HOUR);
    expect(await (await shop.fetch(link, { method: 'POST' })).text()).toContain('谢谢，已确认。');
    expect(await consentsOf(shop, 'mei')).toMatchObject([
      {
        status: 'granted',
        basis: 'double_opt_in',
        source: 'form',
        text_version: 'sign-up@1',
        proof: { ip: '192.0.2.7', askedIn: row.message_id, confirmedBy: { how: 'button' } },
      },
    ]);
    // It was no marketing: the first real mail needs to keep no distance from it.
    shop.clock.advanceMs(9 * HOUR);
    expect(await answerOn(shop, 'mei', 'email')).toMatchObject({ permitted: true });
    expect(await signUp('mei')).toMatchObject({ json: { asked: 0, notAsked: { ...none, already: 1 } } });
  });

  it('is asked about again only within the limits, however many ask at once', async () => {
    await join('slow');
    const answers = await Promise.all(Array.from({ length: 5 }, () => signUp('slow')));
    expect(answers.map(({ json }) => (json as { asked: number }).asked).filter((asked) => asked === 1)).toHaveLength(1);
    await shop.app.tick();
    expect(mailsOf('slow')).toHaveLength(1);
    shop.clock.advanceMs(23 * HOUR);
    const request = { personId: 'slow', channel: 'email', textVersion: 'sign-up@1' };
    expect(await api('POST', '/consent-requests', request)).toMatchObject({
      status: 429,
      json: { code: 'asked_already' },
    });
    const mailed = { mailed: true, confirmed: false };
    for (const [wait, expected] of [
      [2, mailed],
      [25, mailed],
      [25, { code: 'asked_already', what: 'asked_often' }],
      [24 * 30, mailed],
    ] as const) {
      shop.clock.advanceMs(wait * HOUR);
      const { json } = await api('POST', '/consent-requests', request);
      expect({ wait, json }).toMatchObject({ wait, json: expected });
      await shop.app.tick();
    }
    expect(mailsOf('slow')).toHaveLength(4);
    // Links of a week ago and more are over; the last one works.
    const [first, last] = [mailsOf('slow')[0]!, mailsOf('slow').at(-1)!];
    expect((await shop.fetch(await questionIn(first), { method: 'POST' })).status).toBe(410);
    expect(await consentsOf(shop, 'slow')).toEqual([]);
    expect((await shop.fetch(await questionIn(last), { method: 'POST' })).status).toBe(200);
    expect(await consentsOf(shop, 'slow')).toMatchObject([{ basis: 'double_opt_in', source: 'api' }]);
  });

  it('may take back her own no, and nobody else’s; what was agreed before is recorded as it was', async () => {
    const { db } = shop.app.records;
    const now = shop.clock.now();
    for (const personId of ['left', 'angry', 'shy', 'old', 'nomail']) await join(personId);
    await db.updateTable('people').set({ email: null, email_key: null }).where('person_id', '=', 'nomail').execute();
    const keyOf = async (personId: string): Promise<string> =>
      (await db.selectFrom('people').select('email_key').where('person_id', '=', personId).executeTakeFirstOrThrow())
        .email_key!;
    await recordConsents(db, [consent('left', { status: 'withdrawn', decidedAt: now })]);
    await suppress(
      db,
      [
        { kind: 'address', key: await keyOf('left'), channel: 'email', reason: 'unsubscribed' },
        { kind: 'address', key: await keyOf('angry'), channel: '*', reason: 'complained' },
      ],
      now,
    );
    await db
      .insertInto('reach_profiles')
      .values({
        person_id: 'shy',
        objected_at: now,
        paused_until: null,
        frequency: null,
        best_hours: null,
        updated_at: now,
      })
      .execute();
    shop.clock.advanceMs(HOUR);
    for (const personId of ['left', 'angry', 'shy'])
      expect(await signUp(personId)).toMatchObject({ json: { asked: 1 } });
    expect(await signUp('nomail')).toMatchObject({ json: { asked: 0, notAsked: { ...none, noAddress: 1 } } });
    expect(await signUp('old', { decidedAt: '2025-01-01T00:00:00Z' })).toMatchObject({ json: { recorded: 1 } });
    await shop.app.tick();
    const fates = await db
      .selectFrom('messages')
      .select(['person_id', 'state', 'code'])
      .where('person_id', 'in', ['left', 'angry', 'shy', 'old'])
      .orderBy('person_id')
      .execute();
    expect(fates).toEqual([
      { person_id: 'angry', state: 'refused', code: 'suppressed_address' },
      { person_id: 'left', state: 'sent', code: null },
      { person_id: 'shy', state: 'refused', code: 'objected' },
    ]);
    expect((await shop.fetch(await questionIn(mailsOf('left')[0]!), { method: 'POST' })).status).toBe(200);
    expect(await refusalsOn(shop, 'left', 'email')).toEqual([]);
    expect(shop.errors).toEqual([]);
  });
});
