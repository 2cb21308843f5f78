// The real app on a virtual clock: messages that wait in a person's inbox until she opens the site. Every rule is asked over HTTP, because what
// is kept in memory must never be older than the wish or the return that changed it.
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey, revokeKey } from '../../src/collect/keys.service.ts';
import { erasePerson, mergePeople } from '../../src/collect/people/people.service.ts';
import { moveProgramme } from '../../src/decide/programmes/programmes.service.ts';
import { sha256Hex } from '../../src/kernel/hash.ts';
import { signPersonToken } from '../../src/reach/inbox/person-token.ts';
import { recordConsents, suppress } from '../../src/reach/consent/consent.service.ts';
import { planMessages } from '../../src/reach/messages/ledger.sql.ts';
import { personAddress } from '../../src/reach/channels/addresses.sql.ts';
import { saveTemplate } from '../../src/reach/templates/templates.service.ts';
import { newId } from '../../src/kernel/ids.ts';
import { closeWave, openWave } from '../../src/understand/surveys/surveys.service.ts';
import { consent, message } from '../support/rows.ts';
import { openShop, type Shop } from '../support/shop.ts';

const HOUR_MS = 3_600_000;

type Shown = {
  readonly messageId: string;
  readonly receipt: string;
  readonly title: string;
  readonly body: string;
  readonly isAd: boolean;
  readonly layout: string;
  readonly actions: readonly { readonly label: string; readonly url: string }[];
  readonly optOutPath: string;
  readonly surveyPath?: string;
};

describe('the inbox', () => {
  let shop: Shop;
  let made = 0;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop?.close());

  const now = () => shop.clock.now();
  const tokenOf = (personId: string, seconds = 3_600): string =>
    signPersonToken(shop.app.secrets.token, personId, new Date(now().getTime() + seconds * 1000));
  const ask = (token: string) => shop.fetch('/v1/inbox', { headers: { authorization: `Bearer ${token}` } });
  const inbox = async (personId: string): Promise<readonly Shown[]> => {
    const response = await ask(tokenOf(personId));
    expect(response.status).toBe(200);
    return ((await response.json()) as { messages: readonly Shown[] }).messages;
  };
  const titles = async (personId: string): Promise<string[]> => (await inbox(personId)).map(({ title }) => title);
  const template = async (key: string, fields: object): Promise<void> => {
    const words = { personal: fields, generic: { title: 'Hello', body: 'Come and see' } };
    await saveTemplate(shop.app.records.db, { key, kind: 'in_app', versions: { en: words, zh: words } }, now());
  };
  /** A person of her own with one message of this template placed, beyond any programme. */
  const placed = async (fields: object = {}, more: object = {}): Promise<string> => {
    const personId = `in${++made}`;
    await shop.addPerson(personId);
    return place(personId, fields, more);
  };
  const place = async (personId: string, fields: object = {}, more: object = {}): Promise<string> => {
    const key = `t${++made}`;
    await template(key, { title: key, body: 'Come and see', ...fields });
    const { address, addressKey } = personAddress(shop.app.secrets.address, personId);
    await planMessages(shop.app.records.db, [
      message(personId, now(), {
        message_id: newId('msg', now()),
        run_id: key,
        channel: 'in_app',
        address,
        address_key: addressKey,
        template_id: key,
        template_version: 1,
        ...more,
      }),
    ]);
    await shop.app.sender.sendDue();
    return personId;
  };
  const tell = async (personId: string, what: string, shown: Shown): Promise<void> =>
    shop.post([
      {
        type: 'track',
        event: `In-App Message ${what}`,
        userId: personId,
        messageId: `tell-${++made}`,
        timestamp: now().toISOString(),
        sentAt: now().toISOString(),
        properties: { message_id: shown.messageId, receipt: shown.receipt },
      },
    ]);
  const receipts = async (messageId: string): Promise<string[]> =>
    (
      await shop.app.records.db
        .selectFrom('receipts')
        .select('kind')
        .where('message_id', '=', messageId)
        .orderBy('receipt_id')
        .execute()
    ).map(({ kind }) => kind);

  it('holds what a programme sends, is `sent` when it lies there, and shows it with everything the page needs', async () => {
    await shop.addPerson('mei', { locale: 'zh-CN' });
    await template('hello', {
      title: '{{ person.first_name }}, hello',
      body: 'Look: {{ brand.name }}',
      layout: 'modal',
      buttons: [{ label: 'See', url: '{{ brand.url }}' }],
    });
    shop.days(120);
    await shop.addProgramme({
      programmeId: 'call',
      entry: { mode: 'once' },
      steps: [{ kind: 'message', channel: 'in_app', variants: [{ key: 'a', templateId: 'hello' }] }],
    });
    expect(await inbox('mei')).toEqual([]);
    await shop.app.tick();
    const [shown] = await inbox('mei');
    expect(shown).toMatchObject({
      title: 'Mia, hello',
      body: 'Look: Shop',
      layout: 'modal',
      lang: 'zh',
      isAd: true,
      actions: [{ label: 'See', url: expect.stringMatching(/^https:\/\/shop\.example\/c\/[\w-]{40}$/) }],
    });
    const row = await shop.app.records.db
      .selectFrom('messages')
      .select(['state', 'provider_id'])
      .where('message_id', '=', shown!.messageId)
      .executeTakeFirst();
    expect(row).toEqual({ state: 'sent', provider_id: `inbox:${shown!.messageId}` });
  });

  it('is empty within the very request that brought her back, while a welcome begins there', async () => {
    await template('welcome', { title: 'Welcome back', body: 'Good to see you', moment: 'welcome_back' });
    await shop.addProgramme({
      programmeId: 'welcome',
      entry: { mode: 'once' },
      steps: [{ kind: 'message', channel: 'in_app', variants: [{ key: 'a', templateId: 'welcome' }] }],
    });
    shop.days(2);
    await shop.app.tick();
    expect(await titles('mei')).toEqual(['Mia, hello']);
    await shop.order('mei', { order_id: 'back' });
    expect(await titles('mei')).toEqual(['Welcome back']);
  });

  it('holds nothing for the control group', async () => {
    for (let i = 0; i < 12; i++) await shop.addPerson(`half${i}`);
    shop.days(120);
    await shop.addProgramme({
      programmeId: 'halves',
      controlShare: 0.5,
      entry: { mode: 'once' },
      steps: [{ kind: 'message', channel: 'in_app', variants: [{ key: 'a', templateId: 'hello' }] }],
    });
    await shop.app.tick();
    const members = await shop.app.records.db
      .selectFrom('members')
      .select(['person_id', 'arm'])
      .where('programme_id', '=', 'halves')
      .execute();
    expect(new Set(members.map(({ arm }) => arm))).toEqual(new Set(['treated', 'control']));
    for (const { person_id, arm } of members)
      expect([person_id, (await titles(person_id)).length]).toEqual([person_id, arm === 'treated' ? 1 : 0]);
  });

  it('shows a programme’s messages only while it runs', async () => {
    const member = (await shop.app.records.db
      .selectFrom('members')
      .select('person_id')
      .where('programme_id', '=', 'halves')
      .where('arm', '=', 'treated')
      .executeTakeFirst())!.person_id;
    expect(await titles(member)).toHaveLength(1);
    await moveProgramme(shop.app.records, 'halves', 'pause', now());
    expect(await titles(member)).toEqual([]);
    await moveProgramme(shop.app.records, 'halves', 'start', now());
    expect(await titles(member)).toHaveLength(1);
  });

  it.each([
    [
      'withdrawn consent',
      (id: string) =>
        recordConsents(shop.app.records.db, [
          consent(id, { channel: 'in_app', status: 'withdrawn', decidedAt: now() }),
        ]),
    ],
    [
      'suppressed person',
      (id: string) =>
        suppress(shop.app.records.db, [{ kind: 'person', key: id, channel: '*', reason: 'asked' }], now()),
    ],
    [
      'suppressed address',
      (id: string) =>
        suppress(
          shop.app.records.db,
          [
            {
              kind: 'address',
              key: personAddress(shop.app.secrets.address, id).addressKey,
              channel: 'in_app',
              reason: 'asked',
            },
          ],
          now(),
        ),
    ],
  ])('is empty at once after: %s', async (_, wish) => {
    const id = await placed();
    expect(await titles(id)).toHaveLength(1);
    await wish(id);
    expect(await titles(id)).toEqual([]);
  });

  it('carries its own way out, in force before its answer', async () => {
    const id = await placed();
    const [shown] = await inbox(id);
    expect((await shop.fetch(shown!.optOutPath)).status).toBe(200);
    expect(await titles(id)).toHaveLength(1);
    expect((await shop.fetch(shown!.optOutPath, { method: 'POST' })).status).toBe(200);
    expect(await titles(id)).toEqual([]);
  });

  it('ends with a consent that runs out, without anybody saying so', async () => {
    const id = await placed();
    const expiresAt = new Date(now().getTime() + 2 * HOUR_MS);
    await recordConsents(shop.app.records.db, [consent(id, { channel: 'in_app', decidedAt: now(), expiresAt })]);
    expect(await titles(id)).toHaveLength(1);
    shop.clock.advanceMs(2 * HOUR_MS);
    expect(await titles(id)).toEqual([]);
  });

  it('closes once and for all; seen, clicked and closed are receipts, each once', async () => {
    const id = await placed({ frequency: { shows: 5, everyHours: 0 } });
    const [shown] = await inbox(id);
    await tell(id, 'Seen', shown!);
    expect(await titles(id)).toHaveLength(1);
    const closing = {
      type: 'track',
      event: 'In-App Message Closed',
      userId: id,
      messageId: 'close-once',
      properties: { receipt: shown!.receipt },
    };
    await shop.post([closing, closing]);
    await shop.post([closing]);
    expect(await titles(id)).toEqual([]);
    expect(await receipts(shown!.messageId)).toEqual(['delivered', 'closed']);
    const clicked = await placed();
    const [other] = await inbox(clicked);
    await tell(clicked, 'Clicked', other!);
    expect([await titles(clicked), await receipts(other!.messageId)]).toEqual([[], ['clicked']]);
  });

  it('believes no report without the message’s own token', async () => {
    const id = await placed();
    const [shown] = await inbox(id);
    const forged = ['', 'x'.repeat(40), shown!.optOutPath.slice(3)];
    for (const receipt of forged) await tell(id, 'Closed', { ...shown!, receipt });
    expect([await titles(id), await receipts(shown!.messageId)]).toEqual([[shown!.title], []]);
  });

  it('shows a message so often and no more, with a pause between', async () => {
    const id = await placed({ frequency: { shows: 2, everyHours: 12 } });
    const [shown] = await inbox(id);
    await tell(id, 'Seen', shown!);
    expect(await titles(id)).toEqual([]);
    shop.clock.advanceMs(12 * HOUR_MS - 1);
    expect(await titles(id)).toEqual([]);
    shop.clock.advanceMs(1);
    expect(await titles(id)).toHaveLength(1);
    await tell(id, 'Seen', shown!);
    shop.clock.advanceMs(12 * HOUR_MS);
    expect(await titles(id)).toEqual([]);
  });

  it('ends with the message’s own time', async () => {
    const id = await placed({}, { expires_at: new Date(now().getTime() + HOUR_MS) });
    expect(await titles(id)).toHaveLength(1);
    shop.clock.advanceMs(HOUR_MS);
    expect(await titles(id)).toEqual([]);
  });

  it('lets go of what could be shown no more for a month', async () => {
    const count = async (personId: string): Promise<number> =>
      (await shop.app.records.db.selectFrom('inbox').select('message_id').where('person_id', '=', personId).execute())
        .length;
    const id = await placed({}, { expires_at: new Date(now().getTime() + HOUR_MS) });
    shop.days(30);
    await placed();
    expect(await count(id)).toBe(1);
    shop.days(1);
    await placed();
    expect(await count(id)).toBe(0);
  });

  it('puts the most urgent first, and of equals the latest', async () => {
    const id = await placed({ title: 'first' }, { priority: 1 });
    for (const [title, priority] of [
      ['second', 1],
      ['urgent', 9],
    ] as const) {
      shop.days(8);
      await place(id, { title }, { priority });
    }
    expect(await titles(id)).toEqual(['urgent', 'second', 'first']);
  });

  it('reminds of what she looked at and did not buy', async () => {
    const id = `in${++made}`;
    await shop.addPerson(id);
    const product = (product_id: string) => ({
      product_id,
      name: `Cup ${product_id}`,
      price: 20,
      url: `https://shop.example/${product_id}`,
      image_url: `https://shop.example/${product_id}.jpg`,
    });
    const look = (product_id: string) => ({
      type: 'track',
      event: 'Product Viewed',
      userId: id,
      messageId: `look-${++made}`,
      properties: product(product_id),
      timestamp: now().toISOString(),
      sentAt: now().toISOString(),
    });
    await shop.post([look('red')]);
    shop.clock.advanceMs(1000);
    await shop.post([
      { ...look('blue'), userId: undefined, anonymousId: 'laptop' },
      { type: 'identify', userId: id, anonymousId: 'laptop', messageId: `link-${made}` },
    ]);
    shop.clock.advanceMs(1000);
    await shop.post([look('green')]);
    shop.clock.advanceMs(1000);
    await shop.order(id, { order_id: `green-${id}`, products: [product('green')] });
    await place(id, {
      body: '{% for item in browsed %}{{ item.name }};{% endfor %}',
      imageUrl: '{{ browsed[0].image_url }}',
      buttons: [{ label: 'Back to it', url: '{{ browsed[0].url }}' }],
    });
    const [shown] = await inbox(id);
    expect(shown).toMatchObject({ body: 'Cup blue;Cup red;', imageUrl: 'https://shop.example/blue.jpg' });
    const followed = await shop.fetch(new URL(shown!.actions[0]!.url).pathname);
    expect(followed.headers.get('location')).toMatch(/^https:\/\/shop\.example\/blue/);
  });

  it('asks a survey in the message, and takes the answer while the wave is open', async () => {
    await openWave(shop.app.records.db, { surveyId: 'why', kind: 'reason', name: 'Why' }, now());
    shop.clock.advanceMs(1000);
    const id = await placed({ surveyUrl: '{{ survey_url }}' });
    const [shown] = await inbox(id);
    const path = shown!.surveyPath!;
    expect(await (await shop.fetch(path)).json()).toMatchObject({
      question: 'What kept you away?',
      options: expect.arrayContaining([{ answer: 'privacy', label: 'I worry about my data' }]),
    });
    const answer = (body: unknown) =>
      shop.fetch(path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
    expect((await answer({ answer: 'privacy' })).status).toBe(200);
    expect((await answer({ answer: 'privacy', text: 'Too many mails' })).status).toBe(200);
    expect([
      (await answer({ answer: 'everything' })).status,
      (await answer('{')).status,
      (await answer('"' + 'x'.repeat(20_000) + '"')).status,
    ]).toEqual([422, 400, 413]);
    const rows = await shop.app.records.db
      .selectFrom('survey_answers')
      .select(['person_id', 'answer', 'free_text'])
      .execute();
    expect(rows).toEqual([{ person_id: id, answer: 'privacy', free_text: 'Too many mails' }]);
    shop.clock.advanceMs(1000);
    await closeWave(shop.app.records.db, 'why', now());
    shop.clock.advanceMs(1000);
    expect([(await shop.fetch(path)).status, (await answer({ answer: 'forgot' })).status]).toEqual([410, 410]);
    expect((await shop.fetch('/v1/surveys/' + 'x'.repeat(40))).status).toBe(400);
  });

  it('follows a merge, and ends with an erasure', async () => {
    const id = await placed();
    await shop.addPerson('other');
    const stores = { records: shop.app.records, events: shop.app.events, addressSecret: shop.app.secrets.address };
    expect(await titles(id)).toHaveLength(1);
    await mergePeople(stores, id, 'other', now());
    expect(await titles('other')).toHaveLength(1);
    expect(await titles(id)).toHaveLength(1);
    await erasePerson(stores, 'other', now());
    expect([await titles('other'), await titles(id)]).toEqual([[], []]);
    const left = await shop.app.records.db
      .selectFrom('inbox')
      .select('message_id')
      .where('person_id', 'in', ['other', id])
      .execute();
    expect(left).toEqual([]);
  });

  describe('the person token', () => {
    it('is minted over the API, or by the shop’s own server with a secret key and any JWT library', async () => {
      const id = await placed();
      const { keyId, key } = await createKey(shop.app.records.db, 'secret', 'shop', now());
      const answer = await shop.fetch(`/api/people/${id}/token`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
        body: '{"expiresInSeconds":600}',
      });
      const minted = (await answer.json()) as { token: string; expiresAt: string };
      expect(new Date(minted.expiresAt).getTime() - now().getTime()).toBe(600_000);
      const own = await new SignJWT({})
        .setProtectedHeader({ alg: 'HS256', kid: keyId })
        .setSubject(id)
        .setAudience('rekindle:inbox')
        .setExpirationTime(Math.floor(now().getTime() / 1000) + 300)
        .sign(new TextEncoder().encode(sha256Hex(key)));
      for (const token of [minted.token, own]) expect((await ask(token)).status).toBe(200);
      await revokeKey(shop.app.records.db, keyId, now());
    });

    it('opens nothing when missing, forged, expired, too long-lived, for something else, or signed with a write key', async () => {
      const write = await createKey(shop.app.records.db, 'write', 'x', now());
      const inSeconds = (seconds: number): Date => new Date(now().getTime() + seconds * 1000);
      const good = tokenOf('mei');
      const [header, claims, signature] = good.split('.') as [string, string, string];
      const recoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const cases: Record<string, string> = {
        forged: signPersonToken('another secret', 'mei', inSeconds(60)),
        'of somebody else’s key': signPersonToken('x', 'mei', inSeconds(60), 'key_none'),
        'without algorithm': `${recoded({ alg: 'none', kid: 'rekindle' })}.${claims}.`,
        altered: `${header}.${recoded({ sub: 'other', aud: 'rekindle:inbox', exp: inSeconds(60).getTime() / 1000 })}.${signature}`,
        expired: tokenOf('mei', -120),
        'valid for two days': tokenOf('mei', 2 * 86_400),
        'of a write key': signPersonToken(sha256Hex(write.key), 'mei', inSeconds(60), write.keyId),
        'no token': 'x',
      };
      const answers = await Promise.all(
        Object.entries(cases).map(async ([what, token]) => {
          const response = await ask(token);
          return [what, response.status, ((await response.json()) as { code: string }).code];
        }),
      );
      expect(answers).toEqual(Object.keys(cases).map((what) => [what, 401, 'person_token_invalid']));
      expect((await shop.fetch('/v1/inbox')).status).toBe(401);
      expect((await ask(good)).status).toBe(200);
    });
  });

  describe('a test', () => {
    const trial = async (to: string, key: string): Promise<{ status: number; json: object }> => {
      const response = await shop.fetch('/api/templates/test-send', {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
        body: JSON.stringify({ templateId: 'tried', channel: 'in_app', to, lang: 'en' }),
      });
      return { status: response.status, json: (await response.json()) as object };
    };

    it('lies in the tester’s own inbox, marked, until it expires, and is counted nowhere', async () => {
      const { db } = shop.app.records;
      await template('tried', { title: 'Hello', body: 'Look', moment: 'welcome_back' });
      const { key } = await createKey(db, 'secret', 'tests', now());
      for (const personId of ['tess', 'other']) await shop.addPerson(personId);
      await shop.post([{ type: 'identify', userId: 'tess', anonymousId: 'phone-1' }]);
      const counts = async () => [
        (await db.selectFrom('messages').select('message_id').where('person_id', '=', 'tess').execute()).length,
        (await db.selectFrom('receipts').select('receipt_id').execute()).length,
        (await db.selectFrom('sink_messages').select('sink_id').execute()).length,
      ];
      const before = await counts();
      expect(await inbox('tess')).toEqual([]);
      expect(await trial('tess', key)).toMatchObject({
        status: 200,
        json: { via: 'inbox', outcome: { kind: 'sent' } },
      });
      const [shown, ...others] = await inbox('tess');
      expect(others).toEqual([]);
      expect(shown).toMatchObject({ title: '[Test] Hello', isTest: true, receipt: '' });
      // There is no message to opt out of; what an app tells of it is no receipt.
      expect(shown).not.toHaveProperty('optOutPath');
      await shop.post([
        {
          type: 'track',
          userId: 'tess',
          event: 'In-App Message Clicked',
          properties: { message_id: shown?.messageId, receipt: shown?.receipt },
        },
      ]);
      expect(await inbox('other')).toEqual([]);
      expect(await counts()).toEqual(before);

      // By another id she goes by, and by her own token.
      expect((await trial('anon:phone-1', key)).status).toBe(200);
      expect((await trial(tokenOf('tess'), key)).status).toBe(200);
      expect(await titles('tess')).toEqual(['[Test] Hello', '[Test] Hello', '[Test] Hello']);
      shop.clock.advanceMs(HOUR_MS);
      expect(await inbox('tess')).toEqual([]);
    });

    it('is refused for nobody we know, for a token of nobody, and for whoever is suppressed', async () => {
      const { db } = shop.app.records;
      const { key } = await createKey(db, 'secret', 'tests', now());
      expect(await trial('nobody-we-know', key)).toMatchObject({ status: 404, json: { code: 'not_found' } });
      expect(await trial(tokenOf('nobody-we-know'), key)).toMatchObject({ status: 404 });
      expect(
        await trial(signPersonToken('another secret', 'tess', new Date(now().getTime() + 60_000)), key),
      ).toMatchObject({
        status: 401,
        json: { code: 'person_token_invalid' },
      });
      await suppress(db, [{ kind: 'person', key: 'other', channel: '*', reason: 'unsubscribed' }], now());
      expect(await trial('other', key)).toMatchObject({ status: 409, json: { code: 'conflict' } });
      // Erasing her takes her tests too.
      expect((await trial('tess', key)).status).toBe(200);
      await erasePerson(
        { records: shop.app.records, events: shop.app.events, addressSecret: shop.app.secrets.address },
        'tess',
        now(),
      );
      expect(await db.selectFrom('inbox').select('message_id').where('person_id', '=', 'tess').execute()).toEqual([]);
    });
  });
});
