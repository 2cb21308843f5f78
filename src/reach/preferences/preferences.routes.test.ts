// The preference centre and the confirmation of a consent, in process on a real records store: what a link shows, what it may never do, and what
// a saved form leaves behind. The arbiter is asked, so that "in force" means in force.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Records } from '../../stores/records/records.ts';
import { newRecords } from '../../../test/support/records-template.ts';
import { addPeople, consent, message } from '../../../test/support/rows.ts';
import { judge } from '../arbiter/arbiter.sql.ts';
import type { ReachRules } from '../arbiter/rules.ts';
import { recordConsents, suppress } from '../consent/consent.service.ts';
import { doubleOptInRoutes } from '../consent/double-opt-in.routes.ts';
import { requestConsent } from '../consent/double-opt-in.service.ts';
import { saveConsentText } from '../consent/texts.service.ts';
import { planMessages } from '../messages/ledger.sql.ts';
import { signToken } from '../tracking/token.ts';
import { newPreferenceLink } from './preference-links.service.ts';
import { preferenceRoutes } from './preferences.routes.ts';
import { saveTopic } from './topics.service.ts';

const SECRET = 'a secret for tests';
const NOW = new Date('2026-05-10T12:00:00Z');
const DAY = 86_400_000;
const RULES: ReachRules = {
  caps: [],
  gapHours: 0,
  quiet: null,
  defaultTimeZone: 'UTC',
  globalControlBuckets: 0,
  programmes: { g1: { topic: 'sales' } },
};
let now = NOW;
let records: Records;
let messageId: string;
let objections: [string, boolean][] = [];

const refusing = (error: Error): Response => {
  if (error instanceof RekindleError) return new Response(error.code, { status: error.status });
  throw error;
};
const centre = () =>
  preferenceRoutes(
    {
      db: records.db,
      tokenSecret: SECRET,
      timeZone: () => 'UTC',
      brand: () => 'Fern & <Field>',
      onObjection: async (personId, objects) => void objections.push([personId, objects]),
    },
    () => now,
  ).onError(refusing);
const tokenOf = (id = messageId, secret = SECRET): string => signToken(secret, { kind: 'preferences', messageId: id });
const get = (token = tokenOf(), method = 'GET', query = '') => centre().request(`/p/${token}${query}`, { method });
const post = (fields: readonly (readonly [string, string])[], token = tokenOf()) =>
  centre().request(`/p/${token}`, {
    method: 'POST',
    body: new URLSearchParams([...fields].map(([name, value]): [string, string] => [name, value])),
  });
/** The form as it is when nothing was touched, but for what is left out and added. */
const save = (change: {
  readonly without?: readonly string[];
  readonly add?: readonly (readonly [string, string])[];
}) =>
  post([
    ...(
      [
        ['action', 'save'],
        ['channel', 'email'],
        ['topic', 'email:sales'],
        ['topic', 'email:news'],
        ['pause', '0'],
        ['frequency', 'normal'],
        ['personal', '1'],
      ] as const
    ).filter(
      // prettier-ignore
      ([name, value]) => !(change.without ?? []).some((each) => each === name || each === value),
    ),
    ...(change.add ?? []),
  ]);
const verdict = async (more: object = {}) =>
  (
    await judge(
      records.db,
      [
        {
          key: 'k',
          person_id: 'p1',
          channel: 'email',
          purpose: 'marketing',
          address_key: 'key-p1@example.com',
          programme_id: 'g1',
          ...more,
        },
      ],
      RULES,
      now,
    )
  )[0]!;
const everything = async (): Promise<unknown> => ({
  consents: await records.db.selectFrom('consents').selectAll().orderBy('consent_id').execute(),
  profiles: await records.db.selectFrom('reach_profiles').selectAll().execute(),
  topics: await records.db.selectFrom('topic_preferences').selectAll().execute(),
  suppressions: await records.db.selectFrom('suppressions').selectAll().execute(),
  requests: await records.db.selectFrom('consent_requests').selectAll().execute(),
  messages: await records.db.selectFrom('messages').select(['message_id', 'state']).execute(),
});
const planned = async (): Promise<string | undefined> =>
  (await records.db.selectFrom('messages').select('state').where('message_id', '=', messageId).executeTakeFirst())
    ?.state;

beforeAll(async () => {
  records = await newRecords();
  await saveTopic(records.db, { topicId: 'sales', en: 'Offers <b>', zh: '优惠', position: 0 }, NOW);
  await saveTopic(records.db, { topicId: 'news', en: 'News', zh: '新品', position: 1 }, NOW);
});
afterAll(() => records.close());
beforeEach(async () => {
  now = NOW;
  objections = [];
  const { db } = records;
  for (const table of [
    'consents',
    'suppressions',
    'reach_profiles',
    'topic_preferences',
    'consent_requests',
    'messages',
    'people',
  ] as const)
    await db.deleteFrom(table).execute();
  await addPeople(db, [{ id: 'p1' }]);
  await recordConsents(db, [consent('p1')]);
  messageId = newId('msg', NOW);
  await planMessages(db, [message('p1', NOW, { message_id: messageId, language: 'zh' })]);
});

describe('the preference centre', () => {
  it('shows what is, in the language of the message, and changes nothing however it is opened', async () => {
    const before = await everything();
    for (const method of ['GET', 'HEAD']) {
      const response = await get(tokenOf(), method);
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('set-cookie')).toBeNull();
    }
    const html = await (await get()).text();
    expect(html).toContain('lang="zh-CN"');
    expect(html).toContain('管理接收内容');
    expect(html).toMatch(/name="channel" value="email" checked/);
    expect(html).toContain('p…@example.com');
    expect(html).not.toContain('p1@example.com');
    const english = await (await get(tokenOf(), 'GET', '?lang=en')).text();
    expect(english).toContain('Offers &lt;b&gt;');
    expect(await everything()).toEqual(before);
  });

  it('knows only its own links', async () => {
    const right = tokenOf();
    for (const wrong of [
      '',
      right.slice(1),
      `${right.slice(0, -1)}~`,
      tokenOf(messageId, 'another secret'),
      'x'.repeat(42),
    ]) {
      const response = await centre().request(`/p/${wrong || '-'}`, {
        method: 'POST',
        body: new URLSearchParams([['action', 'stop']]),
      });
      expect([wrong, response.status]).toEqual([wrong, 400]);
    }
    // A link of another kind opens nothing here.
    expect((await get(signToken(SECRET, { kind: 'click', messageId }))).status).toBe(400);
    expect((await verdict()).refusals).toEqual([]);
  });

  it('turns a channel off in force, and on again by her own word only', async () => {
    expect((await save({ without: ['email', 'channel'] })).status).toBe(200);
    expect((await verdict()).refusals).toEqual(['consent_withdrawn', 'suppressed_address']);
    expect(await planned()).toBe('cancelled');
    const [line] = await records.db.selectFrom('consents').selectAll().where('status', '=', 'withdrawn').execute();
    expect(line).toMatchObject({
      source: 'preference-centre',
      proof: { messageId },
      text_version: 'preference-centre-2',
    });
    now = new Date(NOW.getTime() + 1_000);
    await save({});
    expect((await verdict()).refusals).toEqual([]);
    // What bounced stays suppressed, whatever she ticks.
    await suppress(
      records.db,
      [{ kind: 'address', key: 'key-p1@example.com', channel: 'email', reason: 'bounced' }],
      now,
    );
    now = new Date(NOW.getTime() + 2_000);
    await save({});
    expect((await verdict()).refusals).toEqual(['suppressed_address']);
  });

  it('declines one topic on one channel', async () => {
    await save({ without: ['email:sales'] });
    expect((await verdict()).refusals).toEqual(['topic_declined']);
    expect((await verdict({ programme_id: 'g2' })).refusals).toEqual([]);
    expect(await (await get()).text()).toMatch(/value="email:sales"(?! checked)/);
    await save({});
    expect((await verdict()).refusals).toEqual([]);
  });

  it.each([30, 60, 90])('pauses for %d days, keeps the pause, ends it', async (days) => {
    await save({ without: ['pause'], add: [['pause', String(days)]] });
    const until = new Date(NOW.getTime() + days * DAY);
    expect(await verdict()).toMatchObject({ defer_codes: ['paused'], deferred_until: until });
    now = new Date(NOW.getTime() + 5 * DAY);
    await save({ without: ['pause'], add: [['pause', 'keep']] });
    expect(await verdict()).toMatchObject({ deferred_until: until });
    await save({});
    expect((await verdict()).defer_codes).toEqual([]);
  });

  it('writes less often', async () => {
    await records.db
      .updateTable('messages')
      .set({ state: 'sent', claimed_at: new Date(NOW.getTime() - 3 * DAY) })
      .execute();
    await save({ without: ['frequency'], add: [['frequency', 'monthly']] });
    expect(await verdict()).toMatchObject({
      defer_codes: ['less_often'],
      deferred_until: new Date(NOW.getTime() + 27 * DAY),
    });
  });

  it.each([
    ['en', 'You have the right to object to our marketing', 'Object'],
    ['zh', '您有权随时免费反对我们的营销', '反对'],
  ])('tells of the right to object apart from every other choice, in %s', async (lang, right, word) => {
    const html = await (await get(tokenOf(), 'GET', `?lang=${lang}`)).text();
    const section = /<form method="post" class="stop" id="object">[\s\S]*?<\/form>/.exec(html)?.[0] ?? '';
    expect(section).toContain(right);
    expect(section).toContain('name="action" value="object"');
    expect(section).not.toContain('checkbox');
    expect(html.replace(section, '')).not.toMatch(new RegExp(word, 'i'));
  });

  it('objects: everything ends, scoring is told, and a tick beside it revives nothing', async () => {
    expect(await (await post([['action', 'object']])).text()).toContain('您的反对现已生效');
    expect((await verdict()).refusals).toEqual(['consent_withdrawn', 'objected']);
    expect(await planned()).toBe('cancelled');
    expect(objections).toEqual([['p1', true]]);
    const said = await records.db
      .selectFrom('consents')
      .select(['channel', 'purpose', 'status'])
      .where('basis', '=', 'objection')
      .execute();
    expect(new Set(said.map((each) => `${each.channel} ${each.purpose} ${each.status}`))).toEqual(
      new Set(['email marketing withdrawn', '* profiling withdrawn', 'ads ads_audience withdrawn']),
    );
    expect((await verdict({ channel: 'ads', purpose: 'ads_audience' })).refusals).toEqual([
      'consent_withdrawn',
      'objected',
    ]);
    now = new Date(NOW.getTime() + 1_000);
    await save({ add: [['channel', 'email'], ['object', '1']] }); // prettier-ignore
    expect((await verdict()).refusals).toEqual(['consent_withdrawn', 'objected']);
    // Saving the other choices takes nothing back: only its own button does.
    await save({ add: [['channel', 'email']] });
    expect((await verdict()).refusals).toEqual(['consent_withdrawn', 'objected']);
    expect(await (await get()).text()).toMatch(/您已于 2026年.{1,8} 提出反对/);
    now = new Date(NOW.getTime() + 2_000);
    expect(await (await post([['action', 'no-objection']])).text()).toContain('反对已撤回');
    expect((await verdict()).refusals).toEqual(['consent_withdrawn']);
    await save({ add: [['channel', 'email']] });
    expect((await verdict()).refusals).toEqual([]);
    expect(objections).toEqual([['p1', true], ['p1', false]]); // prettier-ignore
  });

  it('unsubscribes from everything with one button, for channels to come as well', async () => {
    const response = await post([['action', 'stop']]);
    expect(await response.text()).toContain('role="status"');
    expect((await verdict()).refusals).toEqual(['consent_withdrawn', 'suppressed_person', 'suppressed_address']);
    expect(await planned()).toBe('cancelled');
    expect((await verdict({ channel: 'sms', address_key: 'x' })).refusals).toContain('suppressed_person');
  });

  it('refuses what it does not offer, and changes nothing then', async () => {
    const before = await everything();
    for (const wrong of [
      [
        ['action', 'save'],
        ['channel', 'pigeon'],
      ],
      [
        ['action', 'save'],
        ['channel', 'email'],
        ['topic', 'email:secrets'],
      ],
      [
        ['action', 'save'],
        ['pause', '45'],
      ],
      [
        ['action', 'save'],
        ['frequency', 'hourly'],
      ],
      [['action', 'explode']],
      [],
    ] as const)
      // prettier-ignore
      expect([wrong, (await post(wrong)).status]).toEqual([wrong, 422]);
    expect(await everything()).toEqual(before);
  });

  it('opens by a link of its own until that expires', async () => {
    const { path, expiresAt } = await newPreferenceLink({ db: records.db, tokenSecret: SECRET }, 'p1', 30, NOW);
    const token = path.slice(3);
    expect((await get(token)).status).toBe(200);
    expect((await post([['action', 'save'], ['channel', 'email']], token)).status).toBe(200); // prettier-ignore
    now = expiresAt;
    expect((await get(token)).status).toBe(410);
    const before = await everything();
    expect((await post([['action', 'stop']], token)).status).toBe(410);
    expect(await everything()).toEqual(before);
  });
});

describe('double opt-in', () => {
  const pages = () =>
    doubleOptInRoutes(
      { db: records.db, tokenSecret: SECRET },
      () => now,
      () => 'Fern',
    ).onError(refusing);
  const ask = async (): Promise<string> => {
    await records.db.deleteFrom('consents').execute();
    await saveConsentText(
      records.db,
      { textId: 'newsletter', en: 'Write to me <weekly>.', zh: '请每周写信给我。' },
      NOW,
    );
    const { path } = await requestConsent(
      { db: records.db, tokenSecret: SECRET },
      {
        personId: 'p1',
        channel: 'email',
        textVersion: 'newsletter@1',
        language: 'zh',
        source: 'form',
        proof: { ip: '192.0.2.1' },
      },
      NOW,
    );
    return path;
  };

  it('gives no right before the button, whoever opens the link', async () => {
    const path = await ask();
    const before = await everything();
    for (const method of ['GET', 'HEAD']) expect((await pages().request(path, { method })).status).toBe(200);
    expect(await (await pages().request(path)).text()).toContain('请每周写信给我。');
    expect(await (await pages().request(`${path}?lang=en`)).text()).toContain('Write to me &lt;weekly&gt;.');
    expect(await everything()).toEqual(before);
    expect((await verdict()).refusals).toEqual(['no_consent']);
  });

  it('confirms once, with its proof', async () => {
    const path = await ask();
    for (let i = 0; i < 2; i++) {
      now = new Date(NOW.getTime() + 60_000 * (i + 1));
      const response = await pages().request(path, { method: 'POST', headers: { 'user-agent': 'Browser' } });
      expect(await response.text()).toContain('谢谢，已确认。');
    }
    expect((await verdict()).refusals).toEqual([]);
    const lines = await records.db.selectFrom('consents').selectAll().execute();
    expect(lines).toMatchObject([
      {
        basis: 'double_opt_in',
        text_version: 'newsletter@1',
        source: 'form',
        proof: {
          ip: '192.0.2.1',
          requestedAt: NOW.toISOString(),
          confirmedBy: { how: 'button', userAgent: 'Browser' },
        },
        decided_at: new Date(NOW.getTime() + 60_000),
      },
    ]);
  });

  it('refuses a late button, a forged link, and an address that is no longer hers', async () => {
    const path = await ask();
    now = new Date(NOW.getTime() + 30 * DAY);
    for (const method of ['GET', 'POST']) expect((await pages().request(path, { method })).status).toBe(410);
    now = NOW;
    expect((await pages().request(`${path.slice(0, -1)}~`, { method: 'POST' })).status).toBe(400);
    expect((await pages().request(path.toUpperCase().replace('/D/', '/d/'), { method: 'POST' })).status).toBe(400);
    await records.db.updateTable('people').set({ email_key: 'key-other' }).execute();
    expect((await pages().request(path, { method: 'POST' })).status).toBe(400);
    expect((await verdict()).refusals).toEqual(['no_consent']);
  });
});
