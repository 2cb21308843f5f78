// The steering API on a real app, in process: one case per documented status of every operation. The last test holds the cases complete.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp, type App } from '../../src/app.ts';
import { configOf } from '../../src/config.ts';
import { accountEndpoints } from '../../src/http/api/accounts.routes.ts';
import { apiEndpoints } from '../../src/http/api.routes.ts';
import { refusalsOf, type Endpoint } from '../../src/http/api/endpoint.ts';
import { sql } from '../../src/kernel/sql.ts';
import { reserveGrants } from '../../src/decide/offers/grants.sql.ts';
import { recoverPrivacyRuns, workPrivacyRuns } from '../../src/http/privacy-runs.service.ts';
import { httpRoutes } from '../../src/http/server.ts';
import { saveTemplate } from '../../src/reach/templates/templates.service.ts';
import { virtualClock } from '../../src/kernel/clock.ts';
import { ERRORS } from '../../src/kernel/errors.ts';
import { addPeople } from '../support/rows.ts';
import { httpRecommender } from '../../src/understand/recommend/http-engine.service.ts';
import { openRecommendations } from '../../src/understand/recommend/recommendations.service.ts';
import { ownRecommender } from '../../src/understand/recommend/recommender.service.ts';
import { eventRow } from '../support/events-store.ts';
import { copyRecords } from '../support/records-template.ts';

const LOCAL = 'local-secret';
const EMPTY_DNS = {
  txt: () => Promise.resolve([]),
  addresses: () => Promise.resolve([]),
  mailHosts: () => Promise.resolve([]),
};
const PROGRAMME = {
  programmeId: 'win-back',
  name: 'Win back',
  audience: { policyId: 'shop', stages: ['dormant', 'lost'] },
  entry: { mode: 'once' },
  controlShare: 0,
  steps: [{ kind: 'message', channel: 'email', variants: [{ key: 'a', templateId: 'nostalgic' }] }],
  goal: { withinDays: 28 },
};
const OFFER = {
  offerId: 'ten',
  name: 'Ten off',
  terms: { kind: 'coupon', percentOff: 10, maxDiscountCents: 1_000, validDays: 14 },
  budgetCents: 10_000,
  capacity: 10,
};

const folder = mkdtempSync(join(tmpdir(), 'rekindle-api-'));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

let app: App;
let routes: ReturnType<typeof httpRoutes>;
const covered = new Set<string>();

type Answer = { readonly status: number; readonly json: Record<string, unknown> };

async function call(method: string, path: string, body?: unknown, key: string | null = LOCAL): Promise<Answer> {
  const response = await routes.request(`/api${path}`, {
    method,
    headers: key === null ? {} : { Authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

const cover = (operation: string, status: number): void => void covered.add(`${operation} ${status}`);

/** Somebody else has changed it since: nothing happens. */
async function staleChange(path: string, body: unknown): Promise<void> {
  const response = await routes.request(`/api${path}`, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${LOCAL}`, 'If-Match': '"somebody-else"' },
    body: JSON.stringify(body),
  });
  expect([path, response.status]).toEqual([path, 412]);
  cover(`PUT ${path}`, 412);
}

/** Calls, expects a status (and a problem's code) and notes that the operation answered so. */
async function answers(
  operation: string,
  expected: number | keyof typeof ERRORS,
  body?: unknown,
  fill: Readonly<Record<string, string>> = {},
  query = '',
): Promise<Answer['json']> {
  const [method, template] = operation.split(' ') as [string, string];
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(fill[name] ?? 'nobody'));
  const { status, json } = await call(method, path + query, body);
  const wanted = typeof expected === 'number' ? expected : ERRORS[expected].status;
  expect({ operation, status, json }).toMatchObject({
    operation,
    status: wanted,
    ...(typeof expected === 'number' ? {} : { json: { code: expected } }),
  });
  cover(operation, status);
  return json;
}

const sendFile = async (
  name: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const response = await routes.request(`/api/imports/uploads?name=${encodeURIComponent(name)}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${LOCAL}`, 'Accept-Language': 'zh-CN', ...headers },
    body,
  });
  cover('POST /imports/uploads', response.status);
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
};
const upload = async (name: string, body: string | Uint8Array<ArrayBuffer>): Promise<string> => {
  const { status, json } = await sendFile(name, body);
  expect([status, json]).toMatchObject([201, { name, run: { state: 'waiting' } }]);
  return String(json['uploadId']);
};

const nameOf = (operation: Endpoint): string => `${operation.method.toUpperCase()} ${operation.path}`;
/** Accounts have cases of their own, with people who sign in: access.test.ts. */
const isOfAccounts = (operation: Endpoint): boolean =>
  accountEndpoints(app).some((each) => nameOf(each) === nameOf(operation));
const pathOf = (operation: Endpoint): string => operation.path.replaceAll(/\{\w+\}/g, 'nobody');

beforeAll(async () => {
  await copyRecords(join(folder, 'data'));
  app = await openApp(
    configOf({ REKINDLE_DATA_DIR: join(folder, 'data') }),
    virtualClock(new Date('2026-06-01T12:00:00Z')),
    { business: { globalControlBuckets: 0 }, mailDns: { lookup: EMPTY_DNS, bulkFrom: 0 } },
  );
  routes = httpRoutes(app, () => undefined, { localSecret: LOCAL });
  const { json } = await call('POST', '/keys', { kind: 'write', label: 'shop' });
  const people = ['ada', 'bob', 'cyd', 'dan'];
  const batch = people.flatMap((userId) => [
    {
      type: 'identify',
      messageId: `i-${userId}`,
      userId,
      traits: { email: `${userId}@example.com`, firstName: userId },
    },
    {
      type: 'track',
      messageId: `t-${userId}`,
      userId,
      event: 'Order Completed',
      timestamp: '2026-01-10T10:00:00Z',
      properties: { revenue: 20 },
    },
  ]);
  const sent = await routes.request('/v1/batch', {
    method: 'POST',
    headers: { Authorization: `Bearer ${String(json['key'])}` },
    body: JSON.stringify({ batch }),
  });
  if (sent.status !== 200) throw new Error(`the shop's history was not taken: ${await sent.text()}`);
});

afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('who may call', () => {
  it('nobody without a key, nobody with a write key', async () => {
    const write = (await call('POST', '/keys', { kind: 'write' })).json['key'] as string;
    for (const operation of apiEndpoints(app).filter((each) => each.need !== 'none')) {
      const path = pathOf(operation);
      const method = operation.method.toUpperCase();
      const codes = [];
      for (const key of [null, 'rks_unknown', write])
        codes.push((await call(method, path, undefined, key)).json['code']);
      expect({ name: nameOf(operation), codes }).toMatchObject({
        codes: ['unauthorised', 'unauthorised', 'forbidden'],
      });
      cover(nameOf(operation), 401);
      cover(nameOf(operation), 403);
    }
  });
  it('a secret key, until it is revoked', async () => {
    const made = (await call('POST', '/keys', { kind: 'secret' })).json as { keyId: string; key: string };
    expect((await call('GET', '/business', undefined, made.key)).status).toBe(200);
    await answers('DELETE /keys/{keyId}', 200, undefined, { keyId: made.keyId });
    await answers('DELETE /keys/{keyId}', 'not_found', undefined, { keyId: made.keyId });
  });
});

describe('what is refused everywhere', () => {
  it('bodies that are no JSON, too large, or of the wrong shape; queries with an unknown name', async () => {
    const large = JSON.stringify({ text: 'x'.repeat(5 * 1024 * 1024) });
    for (const operation of apiEndpoints(app).filter((each) => each.body !== undefined && !isOfAccounts(each))) {
      const name = nameOf(operation);
      await answers(name, 'body_not_json', '{"a":');
      await answers(name, 'too_large', large);
      await answers(name, 422, { nope: 1 });
    }
    for (const operation of apiEndpoints(app).filter((each) => each.query !== undefined)) {
      const json = await answers(nameOf(operation), 'invalid', undefined, {}, '?nope=1');
      expect(json['title']).toContain('there is no field "nope"');
    }
  });
  it('pages that are not there', async () => {
    expect((await call('GET', '/nothing')).json).toMatchObject({ code: 'not_found', status: 404 });
  });
});

describe('steering', () => {
  it('health and business', async () => {
    expect(await answers('GET /health', 200)).toMatchObject({
      records: { kind: 'pglite', upkeep: null },
      events: { kind: 'chdb' },
    });
    // Nobody has said an address: none is shown, and an empty one is no address.
    expect(await answers('GET /business', 200)).toMatchObject({ globalControlBuckets: 0, postalAddress: '' });
    await answers('PATCH /business', 'invalid', { postalAddress: '' });
    const changed = await answers('PATCH /business', 200, { brand: 'Lumen', timeZone: 'Asia/Shanghai' });
    expect(changed).toMatchObject({ business: { brand: 'Lumen' }, restartFor: ['timeZone'] });
    expect(app.business).toMatchObject({ brand: 'Lumen', timeZone: 'UTC' });
    await answers('PATCH /business', 200, { timeZone: 'UTC' });
  });

  it('session', async () => {
    expect((await call('GET', '/session')).json).toMatchObject({ state: 'signed_in', me: { role: 'owner' } });
    expect((await call('GET', '/session', undefined, null)).json).toMatchObject({ state: 'new' });
    expect((await call('GET', '/session', undefined, 'rks_unknown')).status).toBe(401);
  });

  it('the first run', async () => {
    expect(await answers('GET /overview', 200)).toMatchObject({ state: 'unread', kind: null });
    await answers('POST /first-run/kind', 200, { kind: 'social' });
    expect(await answers('GET /overview', 200)).toMatchObject({ state: 'unread', kind: 'social' });
    // There is data: the demo shop would mix with it.
    await answers('POST /first-run/sample-shop', 'conflict');
    expect(await answers('GET /first-run/sample-shop', 200)).toEqual({ state: 'none' });
    await answers('DELETE /first-run/sample-shop', 200);
    await answers('GET /first-run/live', 'invalid');
    const live = await routes.request('/api/first-run/live', {
      headers: { Authorization: `Bearer ${LOCAL}`, Accept: 'text/event-stream' },
    });
    expect(live.headers.get('content-type')).toBe('text/event-stream');
    await live.body?.cancel();
    cover('GET /first-run/live', live.status);
    // Whoever was not listening when the first events came hears of them all the same.
    const since = await routes.request('/api/first-run/live?since=1970-01-01T00:00:00Z', {
      headers: { Authorization: `Bearer ${LOCAL}`, Accept: 'text/event-stream' },
    });
    const reader = since.body!.pipeThrough(new TextDecoderStream()).getReader();
    let told = '';
    while (!told.includes('\n\n')) told += (await reader.read()).value ?? '';
    await reader.cancel();
    expect(told).toContain('"personId"');
  });

  it('keys', async () => {
    await answers('POST /keys', 201, { kind: 'write', label: 'web' });
    const { keys } = (await answers('GET /keys', 200)) as { keys: { label: string }[] };
    expect(keys.map((key) => key.label)).toContain('web');
    expect(JSON.stringify(keys)).not.toMatch(/rk[ws]_|key_hash/);
  });

  it('policies', async () => {
    const { presets } = (await answers('GET /policies/presets', 200)) as {
      presets: { preset: string; policy: object }[];
    };
    const { policy } = presets.find((each) => each.preset === 'shop')!;
    expect(await answers('POST /policies', 201, policy)).toMatchObject({ version: 1, active: true });
    await answers('POST /policies', 'invalid', { ...policy, activity: ['Order Complete'] });
    const sunset = { contacts: 3, days: 60 };
    await answers('POST /policies', 'invalid', { ...policy, sunset: { ...sunset, channels: ['pigeon'] } });
    await answers('POST /policies', 'not_found', {
      ...policy,
      sunset: { ...sunset, askAgain: { templateId: 'none' } },
    });
    expect(await answers('GET /policies', 200)).toMatchObject({ policies: [{ version: 1, evaluatedUntil: null }] });
    expect(await answers('POST /policies/{policyId}/evaluate', 200, {}, { policyId: 'shop' })).toMatchObject({
      asOf: '2026-05-31',
      stages: [{ stage: 'dormant', people: 4 }],
    });
    await answers('POST /policies/{policyId}/evaluate', 'conflict', { asOf: '2026-05-01' }, { policyId: 'shop' });
    await answers('POST /policies/{policyId}/evaluate', 'not_found', {});
    await answers('POST /policies/{policyId}/evaluate', 'invalid', { asOf: '2026-02-30' }, { policyId: 'shop' });
    await answers('GET /policies/{policyId}', 200, undefined, { policyId: 'shop' });
    await answers('GET /policies/{policyId}', 'not_found', undefined, { policyId: 'shop' }, '?version=9');
    await answers('POST /policies/{policyId}/activate', 200, { version: 1 }, { policyId: 'shop' });
    await answers('POST /policies/{policyId}/activate', 'not_found', { version: 9 }, { policyId: 'shop' });
    const picture = await answers('GET /policies/{policyId}/picture', 200, undefined, { policyId: 'shop' });
    expect(picture).toMatchObject({ people: 4, dormantPeople: 4, asOf: '2026-05-31' });
    await answers('GET /policies/{policyId}/picture', 'not_found');
    await answers(
      'GET /policies/{policyId}/picture',
      'not_enough_data',
      undefined,
      { policyId: 'shop' },
      '?asOf=2020-01-01',
    );
    expect(await answers('POST /policies/preview', 200, { policy, asOf: '2026-05-31' })).toMatchObject({ people: 4 });
    await answers('POST /policies/preview', 'not_enough_data', { policy, asOf: '2020-01-01' });
    const on = ['2026-05-31', '2020-01-01'];
    expect(await answers('POST /policies/backtest', 200, { policy, on })).toMatchObject({
      days: [
        { asOf: '2020-01-01', people: 0, outcome: { kind: 'nobody' } },
        { asOf: '2026-05-31', people: 4, dormantPeople: 4, outcome: { kind: 'not_yet' } },
      ],
    });
    await answers('POST /policies/backtest', 'invalid', { policy, on: [] });
    await answers('POST /policies/{policyId}/backtest', 200, { on, horizonDays: 30 }, { policyId: 'shop' });
    await answers('POST /policies/{policyId}/backtest', 'not_found', { on });
    const stages = 'GET /policies/{policyId}/people/{personId}/stages';
    expect(await answers(stages, 200, undefined, { policyId: 'shop', personId: 'nobody' })).toEqual({ changes: [] });
    await answers(stages, 'not_found', undefined, { personId: 'nobody' });

    const shop = { policyId: 'shop' };
    const curve = 'GET /policies/{policyId}/curve';
    expect(await answers(curve, 200, undefined, shop, '?by=orders')).toMatchObject({ leftOut: 0 });
    await answers(curve, 'invalid', undefined, shop, '?by=trait');
    await answers(curve, 'not_enough_data', undefined, shop, '?asOf=2020-01-01');
    await answers(curve, 'not_found');
    expect(await answers('POST /policies/curve', 200, { policy, by: 'trait', trait: 'tier' })).toMatchObject({
      groups: [{ group: '', label: { en: 'none' } }],
    });
    await answers('POST /policies/curve', 'invalid', { policy, trait: 'tier' });
    await answers('POST /policies/curve', 'not_enough_data', { policy, asOf: '2020-01-01' });
    const model = await answers('GET /policies/{policyId}/model', 200, undefined, shop);
    expect(model).toMatchObject({ policyId: 'shop', asOf: '2026-05-31', returns: { kind: 'none', people: 4 } });
    await answers('GET /policies/{policyId}/model', 'not_found');
    const score = 'GET /policies/{policyId}/people/{personId}/score';
    await answers(score, 'not_found', undefined, { policyId: 'shop', personId: 'nobody' });
    const [known] = await app.events.rows<{ person_id: string }>(sql`SELECT person_id FROM person_states LIMIT 1`);
    expect(await answers(score, 200, undefined, { policyId: 'shop', personId: known!.person_id })).toMatchObject({
      probability: null,
      reasons: [],
    });
  });

  it('templates and offers', async () => {
    const starters = [
      'nostalgic',
      'offer',
      'question',
      'sms-nostalgic',
      'sms-offer',
      'sms-question',
      'push-nostalgic',
      'push-offer',
      'push-question',
      'in-app-welcome',
      'in-app-browsed',
      'confirm-sign-up',
      're-permission',
    ];
    const { library } = await answers('GET /templates', 200);
    expect(library).toContainEqual({ templateId: 'sms-offer', kind: 'sms', languages: ['en', 'zh'] });
    const add = 'POST /templates/starters';
    await answers(add, 'not_found', { templateIds: ['nothing'] });
    await answers(add, 'invalid', { templateIds: 'offer' });
    await answers(add, 'body_not_json', '{');
    await answers(add, 'too_large', ' '.repeat(5 * 1024 * 1024 + 1));
    expect(await answers(add, 200, { templateIds: [] })).toEqual({ added: [] });
    expect(await answers('POST /templates/starters', 200)).toEqual({ added: starters });
    expect(await answers('POST /templates/starters', 200)).toEqual({ added: [] });
    expect(await answers('GET /templates', 200)).toMatchObject({ starters: [] });
    const { template } = (await answers('GET /templates/{templateId}', 200, undefined, { templateId: 'offer' })) as {
      template: { versions: { en: object } };
    };
    await answers('GET /templates/{templateId}', 'not_found');
    expect(await answers('POST /templates', 201, template)).toEqual({ templateId: 'offer', version: 1 });
    const put = 'PUT /templates/{templateId}';
    const offer = { templateId: 'offer' };
    const saveAs = async (ifMatch: string, body: object, id = 'offer') => {
      const response = await routes.request(`/api/templates/${id}`, {
        method: 'PUT',
        headers: { Authorization: `Bearer ${LOCAL}`, 'If-Match': ifMatch },
        body: JSON.stringify(body),
      });
      return [response.status, ((await response.json()) as { version?: number; code?: string }).version];
    };
    const other = { ...template, versions: { en: { ...template.versions.en, subject: 'Another subject' } } };
    expect(await saveAs('"1"', other)).toEqual([200, 2]);
    // Whoever still looks at version 1 is told, and a new name must be new.
    expect(await saveAs('"1"', template)).toEqual([412, undefined]);
    expect(await saveAs('"0"', template)).toEqual([412, undefined]);
    cover(put, 412);
    expect(await saveAs('"0"', { ...template, key: 'fresh' }, 'fresh')).toEqual([200, 1]);
    expect(await answers(put, 200, template, offer)).toEqual({ templateId: 'offer', version: 3 });
    await answers(put, 'invalid', template, { templateId: 'question' });
    await answers(put, 'template_invalid', {}, offer);
    await answers(put, 'body_not_json', '{', offer);
    await answers(put, 'too_large', ' '.repeat(5 * 1024 * 1024 + 1), offer);
    expect(await answers('GET /templates/{templateId}', 200, undefined, offer)).toMatchObject({
      version: 3,
      versions: [{ version: 3, active: true }, { version: 2, active: false }, { version: 1 }],
    });
    const broken = {
      ...template,
      versions: { en: { ...template.versions.en, mjml: '<mjml>{{ person.nickname }}</mjml>' } },
    };
    await answers('POST /templates', 'template_invalid', broken);
    expect(await answers('POST /templates/lint', 200, broken)).toMatchObject({ sendable: false });
    expect(await answers('POST /templates/lint', 200, template)).toMatchObject({ sendable: true });
    const preview = await answers('POST /templates/preview', 200, {
      templateId: 'nostalgic',
      person: { firstName: 'Ada' },
      lang: 'en',
    });
    expect(preview['subject']).toContain('Ada');
    // Nobody's products stand for hers: in the language of the mail and the money of the business.
    const nobodys = await answers('POST /templates/preview', 200, { templateId: 'nostalgic', lang: 'zh' });
    expect(nobodys['text']).toContain('示例商品 1');
    await answers('POST /templates/preview', 'not_found', { templateId: 'nothing' });
    await answers('POST /templates/preview', 'not_found', { templateId: 'nostalgic', personId: 'nobody' });
    const hers = await answers('POST /templates/preview', 200, { templateId: 'nostalgic', personId: 'bob' });
    expect(hers['subject']).toContain('bob');
    // What she would read, with its signature, its way out, and what it costs.
    expect(
      await answers('POST /templates/preview', 200, { templateId: 'sms-question', lang: 'zh', personId: 'ada' }),
    ).toMatchObject({
      finished: {
        mainland: { text: expect.stringMatching(/^【Lumen】ada，.*，拒收请回复R$/), alphabet: 'mainland' },
        abroad: { text: expect.stringMatching(/^Lumen: .* Reply STOP to opt out$/), alphabet: 'ucs2' },
      },
    });
    await app.records.db
      .insertInto('consents')
      .values({
        consent_id: 'c-bob',
        person_id: 'bob',
        channel: '*',
        purpose: 'profiling',
        status: 'withdrawn',
        basis: 'objection',
        text_version: '',
        source: 'test',
        proof: '{}',
        decided_at: app.clock.now(),
        expires_at: null,
      })
      .execute();
    expect(await answers('POST /templates/preview', 200, { templateId: 'nostalgic', personId: 'bob' })).toMatchObject({
      variant: 'generic',
    });
    await app.records.db.deleteFrom('consents').where('consent_id', '=', 'c-bob').execute();
    await answers('POST /offers', 201, OFFER);
    await answers('POST /offers', 'conflict', OFFER);
    // Its budget is a number of dollars.
    await answers('PATCH /business', 'conflict', { currency: 'EUR' });
    expect(await answers('GET /vocabulary', 200)).toMatchObject({
      stage: { dormant: { en: 'Dormant', zh: '休眠' } },
      consent_basis: { express: { en: 'said yes', zh: '明示同意' } },
      template: { nostalgic: { en: 'We miss you', zh: '好久不见' } },
    });
    expect(await answers('GET /offers', 200)).toMatchObject({ offers: [{ offer: { offerId: 'ten' }, granted: 0 }] });
    const kinds = (await answers('GET /offer-kinds', 200))['kinds'] as { kind: string }[];
    expect(kinds.map(({ kind }) => kind)).toEqual(['coupon', 'points', 'benefit', 'trial', 'exclusive']);
    const ten = { offerId: 'ten' };
    await answers('GET /offers/{offerId}', 'not_found');
    await answers('GET /offers/{offerId}/grants', 'not_found');
    await answers('POST /offers/{offerId}/close', 'not_found');
    expect(await answers('GET /offers/{offerId}', 200, undefined, ten)).toMatchObject({ open: 0, redemptions: [] });
    const [grant] = await app.records.db.transaction().execute((tx) =>
      reserveGrants(tx, {
        offerId: 'ten',
        programmeId: 'p',
        runId: 'r',
        personIds: ['ada'],
        timeZone: 'UTC',
        now: app.clock.now(),
      }),
    );
    const code = { code: grant!.code };
    expect(await answers('GET /offers/{offerId}/grants', 200, undefined, ten)).toMatchObject({ grants: [code] });
    expect(await answers('GET /grants/{code}', 200, undefined, code)).toMatchObject({ isGood: true });
    await answers('GET /grants/{code}', 'not_found');
    await answers('POST /grants/{code}/redeem', 'not_found', { orderId: 'o1' });
    expect(await answers('POST /grants/{code}/redeem', 200, { orderId: 'o1', costCents: 90 }, code)).toMatchObject({
      grant: { state: 'redeemed', costCents: 90 },
    });
    await answers('POST /grants/{code}/redeem', 'conflict', { orderId: 'o2' }, code);
    await answers('POST /grants/{code}/redeem', 'invalid', { orderId: '' }, code);
    await answers('GET /offers/{offerId}/grants', 'invalid', undefined, ten, '?limit=0');
    expect(await answers('POST /offers/{offerId}/close', 200, undefined, ten)).toMatchObject({
      redeemed: 1,
      spentCents: 90,
      closedAt: expect.any(String),
    });
  });

  it('sends one marked test, and none to whoever refused', async () => {
    const operation = 'POST /templates/test-send';
    const test = { templateId: 'sms-question', channel: 'sms', to: '+8613900139000', lang: 'zh' };
    expect(await answers(operation, 200, test)).toMatchObject({ outcome: { kind: 'sent' } });
    const sunk = await app.records.db
      .selectFrom('sink_messages')
      .select(['recipient', 'fields'])
      .orderBy('sink_id', 'desc')
      .executeTakeFirst();
    expect(sunk).toMatchObject({ recipient: '+8613900139000', fields: { text: expect.stringContaining('[测试] ') } });
    const mail = { templateId: 'nostalgic', channel: 'email', to: 'me@example.com', lang: 'en' };
    expect(await answers(operation, 200, mail)).toMatchObject({ outcome: { kind: 'sent' } });
    const { subject } = await app.records.db
      .selectFrom('sink_mails')
      .select('subject')
      .orderBy('mail_id', 'desc')
      .executeTakeFirstOrThrow();
    expect(subject).toMatch(/^\[Test\] /);
    expect((await call('GET', '/messages')).json).toMatchObject({ messages: [] });
    await call('POST', '/suppressions', { email: 'me@example.com', reason: 'asked' });
    await answers(operation, 'conflict', mail);
    await app.records.db.deleteFrom('suppressions').where('reason', '=', 'asked').execute();
    await answers(operation, 'invalid', { ...mail, to: 'me@example.com\r\nBcc: you@example.com' });
    await answers(operation, 'invalid', { ...test, to: '12' });
    await answers(operation, 'person_token_invalid', {
      templateId: 'in-app-welcome',
      channel: 'in_app',
      to: `${'x'.repeat(20)}.y.${'z'.repeat(40)}`,
    });
    await answers(operation, 'invalid', { ...test, channel: 'email', to: 'x@example.com' });
    await answers(operation, 'template_invalid', { ...mail, templateId: undefined, template: { key: 'x' } });
    await answers(operation, 'not_found', { ...mail, templateId: 'nothing' });
    await answers(operation, 'body_not_json', '{');
    await answers(operation, 'too_large', ' '.repeat(5 * 1024 * 1024 + 1));
  });

  it('the first mail, to oneself: only with a name on it, and never against a no', async () => {
    const operation = 'POST /channels/email/first-mail';
    const mine = { to: 'Founder@example.com', language: 'en', firstName: 'Fia' };
    await answers(operation, 'profile_unfinished', mine);
    const { brand, postalAddress, websiteUrl, fromAddress } = app.business;
    await answers('PATCH /business', 200, {
      brand: 'Lumen Goods',
      postalAddress: '1 Main Street',
      websiteUrl: 'https://lumen.example',
      fromAddress: 'hi@lumen.example',
    });
    await answers(operation, 'invalid', { ...mine, to: 'nobody' });
    await answers(operation, 'not_found', { ...mine, templateId: 'nothing' });
    expect(await answers(operation, 200, mine)).toMatchObject({
      state: 'sent',
      advice: null,
      server: 'preview',
      isPreview: true,
      from: 'Lumen Goods <hi@lumen.example>',
    });
    const { subject } = await app.records.db
      .selectFrom('sink_mails')
      .select('subject')
      .orderBy('mail_id', 'desc')
      .executeTakeFirstOrThrow();
    expect(subject).toBe('It has been a while, Fia');
    const personId = 'founder@example.com';
    await answers('POST /consents/withdraw', 200, { personId, channel: 'email' });
    await answers(operation, 'conflict', mine);
    for (const table of ['messages', 'consents', 'people'] as const)
      await app.records.db.deleteFrom(table).where('person_id', '=', personId).execute();
    await answers('PATCH /business', 200, { brand, postalAddress, websiteUrl, fromAddress });
  });

  it('the arbiter’s rules, in force at once', async () => {
    const before = (await answers('GET /reach-rules', 200)) as { version: number; rules: Record<string, unknown> };
    expect(before).toMatchObject({ version: 0, rules: { gapHours: 20 }, warnings: [] });
    const put = (rules: object, more: object = {}): object => ({ rules, ...more });
    const preview = 'POST /reach-rules/preview';
    expect(await answers(preview, 200, put({ quiet: null, caps: [], gapHours: 0 }))).toMatchObject({
      days: 7,
      oneIn: 1,
      after: { held: 0, byCode: {} },
    });
    // Mornings end before it is lawful on every clock of the United States: told where they are tried, before anybody saves them.
    const mornings = [{ country: 'US', channel: 'sms', from: '09:00', to: '13:00' }];
    expect(await answers(preview, 200, put({ hours: mornings }))).toMatchObject({
      warnings: [{ country: 'US', channel: 'sms', en: expect.stringContaining('timezone') as string }],
    });
    await answers(preview, 'invalid', put({ quiet: { from: '09:00', to: '08:00' }, hours: [], gap: 3 }));
    await answers(preview, 'invalid', put({ programmes: { nobody: { priority: 1 } } }));
    await answers(preview, 'body_not_json', '{');
    await answers(preview, 'too_large', ' '.repeat(5 * 1024 * 1024 + 1));
    expect(await answers('GET /reach-rules', 200, undefined, {}, '?version=0')).toMatchObject({ version: 0 });
    await answers('GET /reach-rules', 'not_found', undefined, {}, '?version=999');
    await answers('GET /reach-rules', 'invalid', undefined, {}, '?version=new');
    await answers('PUT /reach-rules', 'invalid', put({ gapHours: -1 }));
    await answers('PUT /reach-rules', 'invalid', put({ gap: 3 }));
    await answers('PUT /reach-rules', 'invalid', put({ programmes: { nobody: { priority: 1 } } }));
    await answers(
      'PUT /reach-rules',
      'invalid',
      put({ caps: [{ kind: 'rolling', topic: 'nothing', days: 7, max: 1 }] }),
    );
    const hours = { country: 'CN', channel: 'sms', from: '07:00', to: '20:00' };
    await answers('PUT /reach-rules', 'invalid', put({ hours: [hours] }));
    await answers(
      'PUT /reach-rules',
      'invalid',
      put({ quiet: { from: '20:00', to: '19:00' }, hours: [{ ...hours, from: '09:00', to: '12:00' }] }),
    );
    expect(await answers('PUT /reach-rules', 200, put({ gapHours: 5 }, { note: 'shorter' }))).toMatchObject({
      version: 1,
    });
    expect(app.rules.rules.gapHours).toBe(5);
    expect(app.programmes.rules.gapHours).toBe(5);
    await answers('PUT /reach-rules', 'conflict', put({}, { replaces: 0 }));
    await answers('PUT /reach-rules', 200, put(before.rules, { replaces: 1 }));
    expect(await answers('GET /reach-rules', 200)).toMatchObject({ version: 2, versions: [{}, { note: 'shorter' }] });
  });
  it('topics, the words of a consent, and what one person wants', async () => {
    await addPeople(app.records.db, [{ id: 'ann' }, { id: 'dot' }]);
    const topic = { topicId: 'sales', en: 'Offers', zh: '优惠' };
    await answers('POST /topics', 201, topic);
    await answers('POST /topics', 'invalid', { ...topic, topicId: 'No Spaces' });
    await answers('POST /topics', 201, { topicId: 'old', en: 'Old', zh: '旧' });
    await answers('DELETE /topics/{topicId}', 200, undefined, { topicId: 'old' });
    await answers('DELETE /topics/{topicId}', 'not_found', undefined, { topicId: 'old' });
    expect(await answers('GET /topics', 200)).toEqual({ topics: [{ ...topic, position: 0 }] });

    const text = { textId: 'newsletter', en: 'Yes, write to me.', zh: '同意接收。' };
    expect(await answers('POST /consent-texts', 201, text)).toMatchObject({ version: 1 });
    expect(await answers('POST /consent-texts', 201, text)).toMatchObject({ version: 1 });
    expect(await answers('POST /consent-texts', 201, { ...text, en: 'Yes, do.' })).toMatchObject({ version: 2 });
    await answers('POST /consent-texts', 'invalid', { ...text, fr: 'Oui' });
    expect(await answers('GET /consent-texts', 200)).toMatchObject({ texts: [{ version: 2 }, { version: 1 }] });

    const ask = { personId: 'ann', channel: 'email', textVersion: 'newsletter@2' };
    const asked = (await answers('POST /consent-requests', 201, ask)) as { url: string };
    expect(asked.url).toMatch(/\/d\/[\w-]{42}$/);
    await answers('POST /consent-requests', 'not_found', { ...ask, textVersion: 'newsletter@9' });
    await answers('POST /consent-requests', 'not_found', { ...ask, personId: 'nobody' });
    await answers('POST /consent-requests', 'conflict', { ...ask, channel: 'sms' });

    // Where the policy asks for it the product mails the question itself, and nobody but the reader of the mailbox has the link.
    const usual = await answers('GET /consent-policy', 200);
    expect(usual).toEqual({
      doubleOptIn: {
        channels: [],
        templateId: 'confirm-sign-up',
        validDays: 7,
        resendAfterHours: 24,
        mailsMax: 3,
        withinDays: 30,
      },
    });
    const confirmed = { doubleOptIn: { channels: ['email'], resendAfterHours: 1, withinDays: 1, mailsMax: 2 } };
    await answers('PUT /consent-policy', 'not_found', { doubleOptIn: { templateId: 'nowhere' } });
    await answers('PUT /consent-policy', 'invalid', { doubleOptIn: { channels: ['pigeon'] } });
    expect(await answers('PUT /consent-policy', 200, confirmed)).toMatchObject(confirmed);
    // The link asked for above counts: it was a question to the same mailbox a moment ago.
    await answers('POST /consent-requests', 'asked_already', ask);
    const newcomer = { ...ask, personId: 'dot' };
    expect(await answers('POST /consent-requests', 201, newcomer)).toEqual({ mailed: true, confirmed: false });
    await answers('POST /consent-requests', 'asked_already', newcomer);
    await answers('PUT /consent-policy', 200, usual);

    const ann = { personId: 'ann' };
    expect(await answers('GET /people/{personId}/preferences', 200, undefined, ann)).toMatchObject({
      channels: [{ channel: 'email', on: false, hint: 'a…@example.com' }],
      personal: true,
      objectedAt: null,
    });
    await answers('GET /people/{personId}/preferences', 'not_found');
    const patch = (change: object) => answers('PATCH /people/{personId}/preferences', 200, change, ann);
    expect(await patch({ pauseDays: 30, frequency: 'monthly', personal: false })).toMatchObject({
      pausedUntil: '2026-07-01T12:00:00.000Z',
      frequency: 'monthly',
      personal: false,
    });
    expect(await patch({ objects: true })).toMatchObject({ objectedAt: '2026-06-01T12:00:00.000Z' });
    expect(await patch({ objects: false, pauseDays: 0, frequency: null })).toMatchObject({
      objectedAt: null,
      pausedUntil: null,
      frequency: null,
    });
    await answers('PATCH /people/{personId}/preferences', 'invalid', { channels: { pigeon: true } }, ann);
    await answers(
      'PATCH /people/{personId}/preferences',
      'invalid',
      { topics: [{ channel: 'email', topicId: 'x', wanted: true }] },
      ann,
    );
    await answers('PATCH /people/{personId}/preferences', 'not_found', { personal: true });
    const link = (await answers('POST /people/{personId}/preference-link', 201, {}, ann)) as { url: string };
    expect((await routes.request(new URL(link.url).pathname)).status).toBe(200);
    await answers('POST /people/{personId}/preference-link', 'not_found', {});
    const gift = { key: 'e1', personId: 'ann', channel: 'wechat_mini' };
    const gifts = [{ ...gift, wechatTemplateId: 'TM1' }];
    expect(await answers('POST /quotas', 201, { gifts })).toEqual({ added: 1 });
    expect(await answers('POST /quotas', 201, { gifts })).toEqual({ added: 0 });
    // A template of ours stands for the one that it fills; of one that fills two nobody can tell which she accepted.
    const filling = (id: string) => ({ wechatTemplateId: id, data: { thing1: 'x' } });
    const both = (id: string) => ({ personal: filling(id), generic: filling(id) });
    for (const [key, zh, en] of [
      ['mini-one', 'TM1', 'TM1'],
      ['mini-two', 'TM1', 'TM2'],
    ] as const)
      await saveTemplate(
        app.records.db,
        { key, kind: 'wechat', versions: { zh: both(zh), en: both(en) } },
        app.clock.now(),
      );
    const own = (templateId: string) => ({ gifts: [{ ...gift, key: templateId, templateId }] });
    expect(await answers('POST /quotas', 201, own('mini-one'))).toEqual({ added: 1 });
    await answers('POST /quotas', 'invalid', own('mini-two'));
    await answers('POST /quotas', 'not_found', own('mini-none'));
    await answers('POST /quotas', 'invalid', { gifts: [{ ...gift, wechatTemplateId: 'TM1', templateId: 'mini-one' }] });
    expect(
      await app.records.db
        .selectFrom('channel_quotas')
        .select(['provider_template_id', 'remaining'])
        .where('person_id', '=', 'ann')
        .execute(),
    ).toEqual([{ provider_template_id: 'TM1', remaining: 2 }]);
    await app.records.db.deleteFrom('templates').where('template_id', 'like', 'mini-%').execute();
    await answers('POST /quotas', 'not_found', { gifts: [{ ...gifts[0], personId: 'nobody' }] });
    await answers('POST /quotas', 'invalid', { gifts: [{ ...gifts[0], channel: 'email' }] });
    for (const table of ['consents', 'reach_profiles', 'channel_quotas', 'people', 'messages'] as const)
      await app.records.db.deleteFrom(table).where('person_id', 'in', ['ann', 'dot']).execute();
  });
  it('opt-outs of another tool first, then consents, and their proofs out again', async () => {
    await addPeople(app.records.db, [{ id: 'old' }]);
    const part = {
      columns: [
        'Email Address',
        'Phone',
        'Unsubscribed from all email',
        'Accepts SMS Marketing',
        'CONFIRM_TIME',
        'OPTIN_IP',
        'Status',
      ],
      rows: [
        ['una@example.com', '', 'TRUE', '', '', '', 'subscribed'],
        ['vic@example.com', '+8613800138001', '', 'yes', '2026-05-01 10:00:00', '192.0.2.7', 'subscribed'],
        ['wes@example.com', '', '', '', '2026-07-01 10:00:00', '', 'subscribed'],
        ['', '', '', 'yes', '', '', ''],
        ['xia@example.com', '', '', '', '', '', 'perhaps'],
      ],
      source: 'mailchimp',
    };
    const rejected = [
      { row: 4, reason: { en: 'agreed in the future', zh: '同意时间在将来' } },
      { row: 5, reason: { en: 'no id, e-mail address or number', zh: '没有用户编号、邮箱或手机号' } },
      { row: 6, reason: { en: 'unclear "perhaps" in Status', zh: 'Status 列的“perhaps”含义不明' } },
    ];
    expect(await answers('POST /consents/import', 200, { ...part, phase: 'optOuts' })).toMatchObject({
      suppressed: 1,
      created: 0,
      rejected,
    });
    expect(await answers('POST /consents/import', 200, part)).toMatchObject({ granted: 2, created: 2, rejected });
    await answers('POST /consents/import', 'columns_unclear', { columns: ['a', 'b'], rows: [] });
    await answers('POST /consents/import', 'invalid', { ...part, columns: [] });
    expect(await answers('GET /people/{personId}/why', 200, undefined, { personId: 'una@example.com' })).toMatchObject({
      refusals: [{ code: 'consent_withdrawn' }, { code: 'suppressed_address' }],
      channels: expect.arrayContaining([expect.objectContaining({ channel: 'sms', permitted: false })]),
    });
    // Said here after the file was made: the file's yes does not answer it.
    await answers('POST /consents/withdraw', 200, { personId: 'vic@example.com', channel: 'sms' });
    expect(await answers('POST /consents/import', 200, part)).toMatchObject({
      granted: 1,
      created: 0,
      keptWithdrawn: 1,
    });

    const body = JSON.stringify({ phones: ['+86 138 0013 8001'], channel: 'sms' });
    const headers = { Authorization: `Bearer ${LOCAL}` };
    const bundle = await (await routes.request('/api/consents/export', { method: 'POST', headers, body })).text();
    const lines = bundle
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toMatchObject([
      {
        personId: 'vic@example.com',
        phone: '+8613800138001',
        status: 'granted',
        decidedAt: '2026-05-01T10:00:00.000Z',
        proof: { OPTIN_IP: '192.0.2.7' },
      },
      { status: 'withdrawn', source: 'api' },
    ]);
    const csv = await routes.request('/api/consents/export', { method: 'POST', headers, body: '{"format":"csv"}' });
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect((await csv.text()).split('\r\n')[0]).toContain('consentId,personId,email,phone,channel');
    cover('POST /consents/export', 200);
    await answers('POST /consents/export', 'invalid', { phones: ['138'] });
    await answers('POST /consents/export', 'invalid', { format: 'xml' });
    for (const table of ['consents', 'people'] as const)
      await app.records.db
        .deleteFrom(table)
        .where('person_id', 'in', ['una@example.com', 'vic@example.com', 'old'])
        .execute();
    await app.records.db.deleteFrom('suppressions').execute();

    const months = { emailMonths: 24, smsMonths: 12, webPushMonths: 3, appPushMonths: 3, inAppMonths: 12, wechatMonths: 12, webhookMonths: 12 }; // prettier-ignore
    expect(await answers('GET /retention', 200)).toEqual(months);
    expect(await answers('GET /retention/explained', 200)).toHaveProperty(
      'explained.1',
      expect.objectContaining({ timer: 'smsMonths', channels: ['sms'], monthsMin: 6 }),
    );
    await answers('PUT /retention', 'invalid', { smsMonths: 5 });
    await answers('PUT /retention', 'invalid', { faxMonths: 5 });
    expect(await answers('PUT /retention', 200, { smsMonths: 6 })).toEqual({ ...months, smsMonths: 6 });
  });
  it('a consent that cannot be', async () => {
    const entry = { personId: 'ada', channel: 'email', basis: 'express' };
    const refused = (more: object) => answers('POST /consents', 'invalid', { entries: [{ ...entry, ...more }] });
    await refused({ decidedAt: '2026-06-01T12:00:01Z' });
    await refused({ expiresAt: '2026-06-01T11:59:59Z' });
    await refused({ purpose: 'ads_audience' });
    await refused({ purpose: 'world_peace' });
    await refused({ channel: 'ads' });
    await refused({ channel: 'pigeon' });
    // Misspelt, it would not end after two years.
    await refused({ basis: 'implied_purchasse' });
    await refused({ basis: 'Express' });
    await answers('POST /consents', 'not_found', { entries: [{ ...entry, textVersion: 'newsletter@77' }] });
  });
  it('consents and suppressions', async () => {
    const entries = ['ada', 'bob', 'cyd'].map((personId) => ({ personId, channel: 'email', basis: 'express' }));
    // A proof from a form of somebody else's may hold what no store takes as text; it is kept without that.
    const odd = { ...entries[0], proof: { page: 'x\0\ud800"y\n' } };
    expect(await answers('POST /consents', 201, { entries: [odd, ...entries.slice(1)] })).toEqual({ recorded: 3 });
    await answers('POST /consents', 'not_found', { entries: [...entries, { ...entries[0], personId: 'nobody' }] });
    expect(await answers('POST /consents/withdraw', 200, { personId: 'bob', channel: 'email' })).toMatchObject({
      withdrawn: true,
    });
    await answers('POST /consents/withdraw', 'not_found', { personId: 'nobody', channel: 'email' });
    await answers('POST /suppressions', 201, { email: 'Cyd@Example.com ', reason: 'asked by phone' });
    await answers('POST /suppressions', 'invalid', { email: 'not an address' });
    await answers('POST /suppressions', 'invalid', { email: 'a@example.com', personId: 'ada' });
    const { suppressions } = (await answers('GET /suppressions', 200)) as { suppressions: object[] };
    expect(suppressions).toMatchObject([{ kind: 'address', reason: 'asked by phone' }]);
    expect(JSON.stringify(suppressions)).not.toContain('example.com');
    const find = async (search: string) =>
      (await answers('GET /suppressions', 200, undefined, {}, `?search=${encodeURIComponent(search)}`))['suppressions'];
    expect(await find('CYD@example.com')).toMatchObject([{ reason: 'asked by phone' }]);
    expect(await find('ada@example.com')).toEqual([]);
    const [{ createdAt: _since, reason: _reason, ...entry }] = suppressions as [Record<string, string>];
    const lift = 'POST /suppressions/lift';
    // What she said herself is not taken back for her.
    await app.records.db.updateTable('suppressions').set({ reason: 'unsubscribed' }).execute();
    await answers(lift, 'conflict', { ...entry, note: 'a mistake' });
    await app.records.db.updateTable('suppressions').set({ reason: 'asked by phone' }).execute();
    await answers(lift, 'invalid', { ...entry, note: 'a mistake', channel: 'pigeon' });
    await answers(lift, 'invalid', entry);
    await answers(lift, 'body_not_json', '{');
    await answers(lift, 'too_large', ' '.repeat(5 * 1024 * 1024 + 1));
    expect(await answers(lift, 200, { ...entry, note: 'she called and asked for it' })).toEqual({ lifted: true });
    expect(JSON.stringify(await app.records.db.selectFrom('audit_log').select('after').execute())).toContain(
      'she called and asked for it',
    );
    expect((await answers('GET /suppressions', 200))['suppressions']).toEqual([]);
    await answers('POST /suppressions', 201, { email: 'cyd@example.com', reason: 'asked by phone' });
  });

  it('people', async () => {
    expect(await answers('GET /people', 200, undefined, {}, '?query=ADA%40example.com')).toMatchObject({
      people: [{ personId: 'ada' }],
    });
    const rows = async (query: string) =>
      (await answers('GET /people/table', 200, undefined, {}, query)) as {
        rows: { personId: string }[];
        total: number;
      };
    const everybody = await rows('?pageSize=200');
    // The four of the shop, and those that other cases brought, of whom no policy says anything.
    expect(everybody.total).toBe(everybody.rows.length);
    expect(everybody.rows.slice(0, 4).map(({ personId }) => personId)).toEqual(['ada', 'bob', 'cyd', 'dan']);
    expect(everybody.rows[0]).toMatchObject({
      firstName: 'ada',
      email: 'ada@example.com',
      stage: 'dormant',
      lastOn: '2026-01-10',
      spentCents: 2_000,
    });
    expect(everybody.rows.slice(4).every((row) => 'stage' in row && row.stage === null)).toBe(true);
    const second = await rows('?pageSize=1&page=2&sort=spent&stage=dormant');
    expect([second.total, second.rows.map(({ personId }) => personId)]).toEqual([4, ['bob']]);
    expect((await rows('?search=ADA%40example.com')).rows.map(({ personId }) => personId)).toEqual(['ada']);
    expect((await rows('?search=cy&stage=dormant')).rows.map(({ personId }) => personId)).toEqual(['cyd']);
    expect((await rows('?stage=lost')).total).toBe(0);
    await answers('GET /people/table', 'invalid', undefined, {}, '?page=900000');
    await answers('GET /people/table', 'not_found', undefined, {}, '?policyId=none');
    await answers('GET /people/table', 'not_found', undefined, {}, '?segmentId=none');
    expect(await answers('GET /people/{personId}', 200, undefined, { personId: 'ada' })).toMatchObject({
      personId: 'ada',
      states: [{ stage: 'dormant', spentCents: 2_000 }],
      consents: [{ status: 'granted' }],
    });
    await answers('GET /people/{personId}', 'not_found');
    const why = async (personId: string) =>
      answers('GET /people/{personId}/why', 200, undefined, { personId }, '?programmeId=win-back');
    expect(await why('ada')).toMatchObject({ permitted: true, refusals: [] });
    expect(await why('bob')).toMatchObject({
      permitted: false,
      refusals: [{ code: 'consent_withdrawn', text: { zh: '已撤回同意' } }],
    });
    expect(await why('cyd')).toMatchObject({ refusals: [{ code: 'suppressed_address' }] });
    expect(await why('dan')).toMatchObject({ refusals: [{ code: 'no_consent' }] });
    await answers('GET /people/{personId}/why', 'not_found');
    const story = await answers('GET /people/{personId}/story', 200, undefined, { personId: 'bob' });
    expect(story).toMatchObject({
      personId: 'bob',
      identity: { ids: ['bob'], email: 'bob@example.com', firstName: 'bob', knownSince: '2026-01-10' },
      states: [{ stage: 'dormant', label: { zh: '休眠' }, causeLabel: { en: 'Silence' } }],
    });
    expect((story['totals'] as object[])[0]).toEqual(
      expect.objectContaining({ name: 'Order Completed', amountCents: 2_000 }),
    );
    expect((story['events'] as object[]).at(-1)).toMatchObject({ at: '2026-01-10T10:00:00Z', name: 'Order Completed' });
    expect(story['consents']).toHaveLength(2);
    // New on the day of the order, active after 30 days, cooling after 45, dormant after 90.
    expect(
      (story['stageChanges'] as { changedOn: string; to: string }[]).map(({ changedOn, to }) => [changedOn, to]),
    ).toEqual([
      ['2026-04-10', 'dormant'],
      ['2026-02-24', 'cooling'],
      ['2026-02-09', 'active'],
      ['2026-01-10', 'new'],
    ]);
    expect((story['contact'] as { channel: string; refusals: object[] }[])[0]).toMatchObject({
      channel: 'email',
      permitted: false,
      refusals: [{ code: 'consent_withdrawn', text: { zh: '已撤回同意' } }],
    });
    expect(JSON.stringify(story)).not.toMatch(/_key/);
    await answers('GET /people/{personId}/story', 'not_found');
    // What she did can be read to its beginning, page by page: every event once, in one order, two of one moment included.
    const moment = '2026-02-02 12:00:00.000';
    await app.events.insert(
      'events',
      [1, 2, 3].map((n) => ({
        ...eventRow('paged', `Page ${n}`, '2026-02-02'),
        occurred_at: n === 3 ? moment.replace('12:00:00.000', '12:00:00.001') : moment,
      })),
    );
    type Page = { readonly events: readonly { readonly name: string }[]; readonly before: string | null };
    const page = async (query: string): Promise<Page> =>
      (await answers('GET /people/{personId}/events', 200, undefined, { personId: 'paged' }, query)) as Page;
    const whole = await page('');
    expect(whole.before).toBeNull();
    expect(whole.events.map(({ name }) => name)).toEqual(['Page 3', 'Page 1', 'Page 2']);
    const read: string[] = [];
    let before: string | null = '';
    for (let pages = 0; before !== null && pages < 5; pages++) {
      const next: Page = await page(`?limit=1${before === '' ? '' : `&before=${encodeURIComponent(before)}`}`);
      read.push(...next.events.map(({ name }) => name));
      before = next.before;
    }
    expect(read).toEqual(whole.events.map(({ name }) => name));
    await answers('GET /people/{personId}/events', 'invalid', undefined, { personId: 'paged' }, '?before=yesterday');
    const exported = await answers('GET /people/{personId}/export', 200, undefined, { personId: 'ada' });
    expect(exported['events']).toHaveLength(2);
    await answers('GET /people/{personId}/export', 'not_found');
  });

  it('programmes', async () => {
    expect(await answers('POST /programmes', 201, PROGRAMME)).toMatchObject({ state: 'draft' });
    await answers('POST /programmes', 'conflict', PROGRAMME);
    await answers('POST /programmes', 'not_found', {
      ...PROGRAMME,
      audience: { policyId: 'none', stages: ['dormant'] },
    });
    await answers('GET /programmes', 200);
    const id = { programmeId: 'win-back' };
    expect(await answers('POST /programmes/check', 200, PROGRAMME)).toEqual({ problem: null });
    expect(await answers('POST /programmes/check', 200, { ...PROGRAMME, steps: [] })).toMatchObject({
      problem: { where: 'programme.steps' },
    });
    expect(
      await answers('POST /programmes/check', 200, { ...PROGRAMME, audience: { policyId: 'none', stages: ['lost'] } }),
    ).toMatchObject({ problem: { what: expect.stringContaining('none') } });
    // Of four people one agreed and is reachable; the dry run says so and writes nothing.
    const dry = await answers('POST /programmes/dry-run', 200, { ...PROGRAMME, programmeId: 'other', controlShare: 0 });
    expect(dry).toMatchObject({ considered: 4, treated: 1, control: 0, smallestLift: null });
    expect(
      new Map((dry['refused'] as { code: string; people: number }[]).map((row) => [row.code, row.people])),
    ).toEqual(
      new Map([
        ['consent_withdrawn', 1],
        ['suppressed_address', 1],
        ['no_consent', 1],
      ]),
    );
    expect(await app.records.db.selectFrom('members').select('person_id').execute()).toEqual([]);
    await answers('POST /programmes/dry-run', 'not_found', {
      ...PROGRAMME,
      audience: { policyId: 'none', stages: ['dormant'] },
    });
    await answers('POST /programmes/dry-run', 'invalid', { ...PROGRAMME, steps: [] });
    expect(await answers('GET /programme-choices', 200)).toMatchObject({ policies: [{ policyId: 'shop' }] });
    const gallery = (await answers('GET /programme-gallery', 200))['entries'] as { key: string }[];
    expect(gallery.map(({ key }) => key)).toContain('ladder');
    const idea = { programmeId: 'our-ladder', name: 'Our ladder', policyId: 'shop' };
    expect(await answers('POST /programme-gallery/{key}', 201, idea, { key: 'ladder' })).toMatchObject({
      state: 'draft',
      programme: { programmeId: 'our-ladder' },
    });
    await answers('POST /programme-gallery/{key}', 'conflict', idea, { key: 'ladder' });
    await answers('POST /programme-gallery/{key}', 'not_found', idea);
    await answers('POST /programme-gallery/{key}', 'invalid', { ...idea, policyId: 7 }, { key: 'ladder' });
    const draft = { ...PROGRAMME, programmeId: 'our-ladder', name: 'Ours' };
    const ours = { programmeId: 'our-ladder' };
    const change = 'PATCH /programmes/{programmeId}';
    expect(await answers(change, 200, draft, ours)).toMatchObject({ version: 2, programme: { name: 'Ours' } });
    await answers(change, 'invalid', PROGRAMME, ours);
    await answers(change, 'not_found', { ...draft, programmeId: 'nobody' });
    const at = (version: string) =>
      routes.request('/api/programmes/our-ladder', {
        method: 'PATCH',
        headers: { Authorization: `Bearer ${LOCAL}`, 'If-Match': version },
        body: JSON.stringify(draft),
      });
    const stale = await at('"1"');
    expect([stale.status, ((await stale.json()) as { code: string }).code]).toEqual([412, 'changed_elsewhere']);
    cover(change, 412);
    const saved = await at('"2"');
    expect([saved.status, saved.headers.get('etag')]).toEqual([200, '"3"']);
    expect((await at('yesterday')).status).toBe(412);
    expect(await answers('DELETE /programmes/{programmeId}', 200, undefined, ours)).toEqual({ removed: 'our-ladder' });
    await answers('DELETE /programmes/{programmeId}', 'not_found', undefined, ours);
    await answers('GET /programmes/{programmeId}/progress', 'not_found');
    expect(await answers('GET /programmes/{programmeId}/progress', 200, undefined, id)).toMatchObject({
      state: 'draft',
      active: 0,
      incrementalReturns: null,
    });
    await answers('POST /programmes/{programmeId}/run', 'conflict', undefined, id);
    await answers('POST /programmes/{programmeId}/run', 'not_found');
    const moves = async (move: string): Promise<void> => {
      await answers(`POST /programmes/{programmeId}/${move}`, 200, undefined, id);
      await answers(`POST /programmes/{programmeId}/${move}`, 'conflict', undefined, id);
      await answers('PATCH /programmes/{programmeId}', 'conflict', PROGRAMME, id);
      await answers('DELETE /programmes/{programmeId}', 'conflict', undefined, id);
      await answers(`POST /programmes/{programmeId}/${move}`, 'not_found');
    };
    await moves('start');
    expect(await answers('POST /programmes/{programmeId}/run', 200, undefined, id)).toMatchObject({
      entered: { considered: 4, treated: 1, refused: { consent_withdrawn: 1, suppressed_address: 1, no_consent: 1 } },
      sent: { sent: 1 },
    });
    await moves('pause');
    await answers('GET /programmes/{programmeId}', 200, undefined, id);
    await answers('GET /programmes/{programmeId}', 'not_found');
    expect(await answers('GET /programmes/{programmeId}/report', 200, undefined, id)).toMatchObject({
      considered: 4,
      treated: { people: 1, contacted: 1 },
      currency: 'USD',
    });
    await answers('GET /programmes/{programmeId}/report', 'not_found');
    expect(await answers('GET /programmes/{programmeId}/results', 200, undefined, id)).toMatchObject({
      overTime: expect.any(Array),
    });
    await answers('GET /programmes/{programmeId}/results', 'not_found');
    const { decisions } = (await answers('GET /programmes/{programmeId}/decisions', 200, undefined, id)) as {
      decisions: object[];
    };
    expect(decisions).toHaveLength(4);
    await answers('GET /programmes/{programmeId}/decisions', 'not_found');
    await moves('end');
  });

  it('reasons', async () => {
    const { reasons, signals } = (await answers('GET /reasons', 200)) as { reasons: object[]; signals: object[] };
    expect(reasons).toHaveLength(7);
    expect(signals.length).toBeGreaterThan(10);
    await answers('GET /policies/{policyId}/reasons', 'not_found');
    await answers('POST /policies/{policyId}/reasons', 'not_found');
    const told = await answers('POST /policies/{policyId}/reasons', 200, undefined, { policyId: 'shop' });
    expect(await answers('GET /policies/{policyId}/reasons', 200, undefined, { policyId: 'shop' })).toEqual(told);
    const groups = 'POST /policies/{policyId}/reasons/groups';
    const byMonth = await answers(groups, 200, { by: 'first_month' }, { policyId: 'shop' });
    expect(byMonth).toMatchObject({ groups: [{ group: '2026-01', people: 4 }] });
    await answers(groups, 'invalid', { by: 'shoe_size' }, { policyId: 'shop' });
    await answers(groups, 'not_found', { by: 'rfm' });
    const evidence = 'GET /policies/{policyId}/reasons/evidence';
    // None of the four left a trace, or said anything: all of one reason, whichever it is.
    expect(await answers(evidence, 200, undefined, { policyId: 'shop' })).toMatchObject({
      reasons: [{ people: 4 }],
    });
    await answers(evidence, 'not_found');
    const drift = 'GET /policies/{policyId}/reasons/drift';
    // Dormant from April 10 on; nobody left a trace, so nothing moved but the silence.
    expect(await answers(drift, 200, undefined, { policyId: 'shop' }, '?since=2026-04-30')).toMatchObject({
      since: '2026-04-30',
      asOf: '2026-05-31',
      people: { since: 4, now: 4 },
    });
    await answers(drift, 'not_enough_data', undefined, { policyId: 'shop' }, '?since=2026-03-01');
    await answers(drift, 'invalid', undefined, { policyId: 'shop' }, '?since=2026-06-01');
    await answers(drift, 'not_found', undefined, {}, '?since=2026-04-30');
  });

  it('segments', async () => {
    const order = { kind: 'did', event: 'Order Completed' };
    const vocabulary = await answers('GET /segments/vocabulary', 200);
    expect(vocabulary).toMatchObject({ policies: [{ policyId: 'shop' }] });
    const events = vocabulary['events'] as { name: string; people: number }[];
    expect(events.find(({ name }) => name === 'Order Completed')!.people).toBeGreaterThanOrEqual(4);
    const traits = vocabulary['traits'] as { name: string; types: string[]; values: string[] }[];
    expect(traits.find(({ name }) => name === 'firstName')).toMatchObject({ types: ['String'] });
    const operators = vocabulary['operators'] as { kind: string; fields: { properties: object } }[];
    expect(operators.find(({ kind }) => kind === 'did')!.fields.properties).toHaveProperty('withinDays');
    const narrowed = await answers('GET /segments/vocabulary', 200, undefined, {}, '?search=order');
    expect((narrowed['events'] as object[]).length).toBeLessThan(events.length);

    const counted = await answers('POST /segments/count', 200, { segment: order });
    expect(counted).toMatchObject({ people: 4, asOf: '2026-06-01', evaluatedUntil: {} });
    expect(counted['of']).toBeGreaterThanOrEqual(4);
    expect(await answers('POST /segments/count', 200, { segment: { kind: 'stage', in: ['dormant'] } })).toMatchObject({
      people: 4,
      evaluatedUntil: { shop: '2026-05-31' },
    });
    await answers('POST /segments/count', 'invalid', { segment: { ...order, event: 'Order Complete' } });
    await answers('POST /segments/count', 'not_found', { segment: { kind: 'segment', id: 'none' } });
    const both = { kind: 'and', of: [order, { kind: 'trait', name: 'firstName', equals: 'ada' }] };
    expect(await answers('POST /segments/explain', 200, { segment: both })).toMatchObject({
      people: 1,
      conditions: [
        { place: 'segment.of.0', people: 4 },
        { place: 'segment.of.1', people: 1, words: { en: 'firstName is "ada"' } },
      ],
    });
    await answers('POST /segments/explain', 'not_found', { segment: { kind: 'segment', id: 'none' } });
    const shown = await answers('POST /segments/examples', 200, { segment: both, limit: 3 });
    expect(shown).toEqual({ examples: [{ personId: 'ada', firstName: 'ada', email: 'ada@example.com' }] });
    await answers('POST /segments/examples', 'not_found', { segment: { kind: 'segment', id: 'none' } });

    const definition = { segmentId: 'buyers', name: 'Buyers', segment: order };
    expect(await answers('POST /segments', 201, definition)).toMatchObject({ version: 1, active: true, watched: true });
    await answers('POST /segments', 'conflict', definition);
    await answers('POST /segments', 'not_found', {
      ...definition,
      segmentId: 'x',
      segment: { kind: 'segment', id: 'y' },
    });
    await answers('POST /segments', 201, {
      ...definition,
      segmentId: 'others',
      segment: { kind: 'not', of: { kind: 'segment', id: 'buyers' } },
    });
    expect(await answers('GET /segments', 200)).toMatchObject({
      segments: [{ segmentId: 'buyers' }, { segmentId: 'others' }],
    });
    const change = { segment: both, name: 'Ada' };
    expect(await answers('PATCH /segments/{segmentId}', 200, change, { segmentId: 'buyers' })).toMatchObject({
      version: 2,
      name: 'Ada',
      watched: true,
    });
    await answers('PATCH /segments/{segmentId}', 'not_found', change);
    const saved = await answers('GET /segments/{segmentId}', 200, undefined, { segmentId: 'buyers' });
    expect(saved['versions']).toMatchObject([{ version: 2 }, { version: 1, active: false }]);
    await answers('GET /segments/{segmentId}', 'not_found');
    expect(await answers('GET /segments/{segmentId}/count', 200, undefined, { segmentId: 'buyers' })).toMatchObject({
      people: 1,
    });
    await answers('GET /segments/{segmentId}/count', 'not_found');

    const lines = async (method: string, path: string, accept: string, body?: object): Promise<string> => {
      const response = await routes.request(`/api${path}`, {
        method,
        headers: { Authorization: `Bearer ${LOCAL}`, Accept: accept },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      expect(response.status).toBe(200);
      cover(`${method} ${path.replace('buyers', '{segmentId}')}`, 200);
      return response.text();
    };
    expect(await lines('POST', '/segments/members', 'application/x-ndjson', { segment: both })).toBe(
      '{"personId":"ada"}\n',
    );
    await answers('POST /segments/members', 'not_found', { segment: { kind: 'segment', id: 'none' } });
    expect(await lines('GET', '/segments/buyers/members', 'text/csv')).toBe('person_id\r\nada\r\n');
    await answers('GET /segments/{segmentId}/members', 'not_found');

    const snapshot = await answers('POST /segments/{segmentId}/snapshots', 201, undefined, { segmentId: 'buyers' });
    expect(snapshot).toMatchObject({ segmentId: 'buyers', version: 2, people: 1, asOf: '2026-06-01' });
    await answers('POST /segments/{segmentId}/snapshots', 'not_found');
    const frozen = await answers('GET /segments/{segmentId}/snapshots', 200, undefined, { segmentId: 'buyers' });
    expect(frozen).toMatchObject({ snapshots: [{ snapshotId: snapshot['snapshotId'] }] });
    await answers('GET /segments/{segmentId}/snapshots', 'not_found');

    expect(await answers('GET /people/table', 200, undefined, {}, '?segmentId=buyers')).toMatchObject({
      total: 1,
      rows: [{ personId: 'ada' }],
    });
    const moved = await answers(
      'GET /segments/{segmentId}/movement',
      200,
      undefined,
      { segmentId: 'buyers' },
      '?days=3',
    );
    expect(moved).toMatchObject({ entered: 0, left: 0 });
    expect((moved['days'] as { day: string }[]).map(({ day }) => day)).toEqual([
      '2026-05-30',
      '2026-05-31',
      '2026-06-01',
    ]);
    await answers('GET /segments/{segmentId}/movement', 'not_found');
    // Whoever looks at version 2 is told when it is no longer the latest.
    const seen = await routes.request('/api/segments/buyers', { headers: { Authorization: `Bearer ${LOCAL}` } });
    expect(seen.headers.get('etag')).toBe('"2"');
    const late = await routes.request('/api/segments/buyers', {
      method: 'PATCH',
      headers: { Authorization: `Bearer ${LOCAL}`, 'If-Match': '"1"' },
      body: JSON.stringify({ name: 'Late' }),
    });
    expect([late.status, ((await late.json()) as { code: string }).code]).toEqual([412, 'changed_elsewhere']);

    // Two who were shown the same version save at once: one is told, and nothing of hers is half-written over the other's.
    for (const [path, field] of [
      ['/segments/buyers', 'name'],
      ['/business', 'brand'],
    ] as const) {
      const at = await routes.request(`/api${path}`, { headers: { Authorization: `Bearer ${LOCAL}` } });
      const names = Array.from({ length: 6 }, (_, i) => `Editor ${i}`);
      const saved = await Promise.all(
        names.map(async (name) => {
          const response = await routes.request(`/api${path}`, {
            method: 'PATCH',
            headers: { Authorization: `Bearer ${LOCAL}`, 'If-Match': at.headers.get('etag') ?? '' },
            body: JSON.stringify({ [field]: name }),
          });
          return { name, status: response.status };
        }),
      );
      expect(saved.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412, 412, 412, 412, 412]);
      const winner = saved.find(({ status }) => status === 200)?.name;
      expect(JSON.stringify((await call('GET', path)).json)).toContain(winner);
    }

    await answers('DELETE /segments/{segmentId}', 'conflict', undefined, { segmentId: 'buyers' });
    await answers('DELETE /segments/{segmentId}', 200, undefined, { segmentId: 'others' });
    await answers('DELETE /segments/{segmentId}', 'not_found', undefined, { segmentId: 'others' });
  });

  it('surveys', async () => {
    const wave = { surveyId: 'spring', kind: 'reason', name: 'Spring' };
    await answers('POST /surveys', 201, wave);
    await answers('POST /surveys', 'conflict', { ...wave, surveyId: 'second' });
    expect(await answers('GET /surveys', 200)).toMatchObject({ surveys: [{ surveyId: 'spring', answered: 0 }] });
    await answers('POST /surveys/{surveyId}/results', 200, {}, { surveyId: 'spring' });
    await answers('POST /surveys/{surveyId}/results', 'not_found', {});
    await answers('POST /surveys/{surveyId}/close', 200, undefined, { surveyId: 'spring' });
    await answers('POST /surveys/{surveyId}/close', 'not_found');
  });

  it('the overview, once there is a policy', async () => {
    expect(await answers('POST /first-run/analysis', 200)).toEqual({ policyId: 'shop', asOf: '2026-05-31' });
    expect(await answers('GET /overview', 200)).toMatchObject({
      state: 'ready',
      policy: { policyId: 'shop' },
      people: 4,
      programmes: [{ programmeId: 'win-back', treated: 1 }],
    });
  });

  it('the analysis of what is here', async () => {
    const analysis = await answers('GET /analysis', 200);
    expect(analysis).toMatchObject({
      policy: { policyId: expect.any(String) },
      asOf: expect.any(String),
      hasMoney: true,
    });
    const stages = analysis['stages'] as { people: number }[];
    // Everybody stands in exactly one stage.
    expect(stages.reduce((sum, { people }) => sum + people, 0)).toBe(analysis['people']);
  });

  it('analytics', async () => {
    const { dimensions } = (await answers('GET /analytics/dimensions', 200)) as { dimensions: object[] };
    expect(dimensions).toContainEqual({ by: 'trait', label: { en: 'Trait', zh: '用户属性' }, needs: 'trait' });
    const order = { events: ['Order Completed'] };
    const funnel = { steps: [order, order], windowDays: 30, from: '2026-01-01', to: '2026-01-31' };
    expect(await answers('POST /analytics/funnel', 200, funnel)).toMatchObject({
      steps: [
        { people: 4, ofFirst: 1 },
        { people: 0, ofPrevious: 0 },
      ],
    });
    await answers('POST /analytics/funnel', 'invalid', { ...funnel, to: '2025-12-31' });
    const lost = { segment: { kind: 'stage', in: ['lost'] }, policyId: 'never' };
    await answers('POST /analytics/funnel', 'not_found', { ...funnel, ...lost });
    expect(await answers('POST /analytics/retention', 200, { asOf: '2026-01-31' })).toMatchObject({
      cohorts: [{ cohort: '2026-01-01', people: 4, cells: [{ period: 0, share: 1, spentCents: 8_000, isOver: true }] }],
    });
    await answers('POST /analytics/retention', 'not_enough_data', { activity: ['Danced'] });
    await answers('POST /analytics/retention', 'not_found', lost);
    const shop = { policyId: 'shop' };
    const flow = await answers('GET /policies/{policyId}/flow', 200, undefined, shop, '?from=2026-03-01');
    expect(flow).toMatchObject({
      columns: ['2026-03-31', '2026-04-30', '2026-05-31'],
      links: [
        { source: '2026-03-31/cooling', target: '2026-04-30/dormant', people: 4 },
        { source: '2026-04-30/dormant', target: '2026-05-31/dormant', people: 4 },
      ],
    });
    expect(await answers('GET /policies/{policyId}/dormancy', 200, undefined, shop, '?from=2026-03-01')).toMatchObject({
      periods: [{ dormantPeople: 0 }, { dormantPeople: 4, becameDormant: 4 }, { dormantPeople: 4 }],
    });
    expect(await answers('GET /policies/{policyId}/risk', 200, undefined, shop, '?by=first_month')).toMatchObject({
      total: { people: 4, dormantPeople: 4, paceCents: 1_973 },
      groups: [{ group: '2026-01', dormantShare: 1 }],
    });
    await answers('GET /policies/{policyId}/risk', 'invalid', undefined, shop, '?by=shoe_size');
    for (const path of ['flow', 'dormancy', 'risk']) await answers(`GET /policies/{policyId}/${path}`, 'not_found');
  });

  it('catalogue', async () => {
    const mug = { itemId: 'mug', name: 'Mug', category: 'Cups', priceCents: 1_250, available: false };
    expect(await answers('POST /catalogue', 200, { items: [mug] })).toEqual({ imported: 1 });
    await answers('POST /catalogue', 'invalid', { items: [{ ...mug, priceCents: -1 }] });
    await answers('POST /catalogue', 'invalid', { items: [mug, mug] });
    expect(await answers('GET /catalogue', 200, undefined, {}, '?query=CUP')).toMatchObject({ items: [mug] });
    const products = file(
      'products.csv',
      'SKU,Title,Price,Availability\nmug,Mug,"€1.299,50",in stock\nlid,Lid,free,yes\n',
    );
    expect(await answers('POST /catalogue/files', 200, { path: products })).toEqual({
      mapping: { itemId: 'SKU', name: 'Title', price: 'Price', available: 'Availability' },
      imported: 1,
      rejected: 1,
      rejects: [{ line: 3, reason: { en: 'price: "free" is no amount', zh: '价格“free”不是有效金额' } }],
    });
    expect(await answers('GET /catalogue', 200, undefined, {}, '?query=mug')).toMatchObject({
      items: [{ itemId: 'mug', category: 'Cups', priceCents: 129_950, available: true }],
    });
    await answers('POST /catalogue/files', 'file_missing', { path: join(folder, 'no-products.csv') });
    await answers('POST /catalogue/files', 'columns_unclear', { path: file('nameless.csv', 'a,b\n1,2\n') });
    await answers('POST /catalogue/files', 'invalid', { path: products, map: 'itemId=Nothing' });
    const sent = async (text: string) => ({ uploadId: await upload('products.csv', text) });
    expect(
      await answers('POST /catalogue/uploads/{uploadId}', 200, undefined, await sent('SKU,Title\nhat,Hat\n,None\n')),
    ).toMatchObject({
      imported: 1,
      rejected: 1,
      rejects: [{ line: 3, reason: { zh: '没有商品编号，或编号超过 500 个字符' } }],
    });
    await answers('POST /catalogue/uploads/{uploadId}', 'columns_unclear', undefined, await sent('a,b\n1,2\n'));
    await answers('POST /catalogue/uploads/{uploadId}', 'not_found');
    expect((await answers('GET /catalogue', 200))['counts']).toMatchObject({ total: 2, available: 2, categories: 1 });
    expect((await answers('GET /imports', 200))['uploads']).toEqual([]);
  });

  it('recommendations', async () => {
    const ask = { userId: 'ada', numResults: 3 };
    expect(await answers('GET /recommender', 200)).toMatchObject({ engine: 'own', model: null, items: 0 });
    await answers('POST /recommender/train', 'not_enough_data');
    expect(await answers('POST /recommendations', 200, ask)).toMatchObject({ itemList: [] });
    await app.events.insert('events', [
      {
        ...eventRow('ada', 'Order Completed', '2026-01-11', 500),
        products: [{ product_id: 'tea', name: 'Green tea', category: 'Tea', brand: '', quantity: 1, price_cents: 500 }],
      },
    ]);
    expect(await answers('POST /recommender/train', 200)).toMatchObject({
      engine: 'own',
      model: 'ease',
      trainedAsOf: '2026-05-31',
      items: 1,
      peopleScored: 1,
    });
    expect(await answers('POST /recommendations', 200, ask)).toMatchObject({
      itemList: [{ itemId: 'tea', reason: { kind: 'again', zh: '您买过' } }],
    });
    await answers('POST /recommendations', 'invalid', { ...ask, filterArn: 'no-such-filter' });
    await answers('POST /recommendations', 'not_found', { ...ask, itemId: 'nothing' });
    const ranking = { userId: 'ada', inputList: ['unheard-of', 'tea'] };
    expect(await answers('POST /personalize-ranking', 200, ranking)).toMatchObject({
      personalizedRanking: [{ itemId: 'tea' }],
    });
    const list = 'GET /people/{personId}/recommendations';
    expect(await answers(list, 200, undefined, { personId: 'ada' }, '?list=again&count=2')).toMatchObject({
      personId: 'ada',
      list: { name: 'again', en: 'Buy again' },
      products: [{ itemId: 'tea', name: 'Green tea', priceCents: 500, available: true }],
    });
    await answers(list, 'invalid', undefined, { personId: 'ada' }, '?list=best');
  });

  it('an engine by URL that is not there: asked for, it is told; the status says so afterwards', async () => {
    const { events, clock } = app;
    const url = 'http://127.0.0.1:9/';
    const recommendations = openRecommendations({
      events,
      own: ownRecommender({ events, timeZone: 'UTC', now: clock.now }),
      external: { engine: httpRecommender({ url, key: undefined }), host: new URL(url).host },
      now: clock.now,
    });
    const own = routes;
    routes = httpRoutes({ ...app, recommendations }, () => undefined, { localSecret: LOCAL });
    try {
      await answers('POST /recommendations', 'engine_unavailable', { userId: 'ada' });
      await answers('POST /personalize-ranking', 'engine_unavailable', { userId: 'ada', inputList: ['tea'] });
      await answers('GET /people/{personId}/recommendations', 'engine_unavailable');
      const lists = await recommendations.recommendationsFor(['ada']);
      expect(lists.get('ada')).toMatchObject([{ itemId: 'tea' }]);
      expect(await answers('GET /recommender', 200)).toMatchObject({
        engine: 'http',
        host: '127.0.0.1:9',
        lastTrouble: { at: clock.now().toISOString() },
      });
    } finally {
      routes = own;
    }
  });

  it('messages and dropped events', async () => {
    expect(await answers('GET /messages', 200, undefined, {}, '?state=unknown')).toEqual({
      byState: { sent: 1 },
      total: 0,
      messages: [],
    });
    for (const [query, total, shown] of [
      ['?code=hard_bounce', 0, 0],
      ['?since=2026-06-02', 0, 0],
      ['?until=2026-05-31', 0, 0],
      ['?since=2026-06-01&until=2026-06-01', 1, 1],
      ['?page=2', 1, 0],
    ] as const) {
      const answer = await answers('GET /messages', 200, undefined, {}, query);
      expect([query, answer['total'], (answer['messages'] as object[]).length]).toEqual([query, total, shown]);
    }
    expect(await answers('GET /messages', 200, undefined, {}, '?personId=ada')).toMatchObject({
      messages: [{ state: 'sent' }],
    });
    await answers('GET /messages', 'invalid', undefined, {}, '?state=lost');
    await answers('GET /messages', 'invalid', undefined, {}, '?since=yesterday');
    await answers('GET /events/dropped', 200);
  });

  it('merging and erasing', async () => {
    await answers('POST /people/{personId}/merge', 200, { into: 'cyd' }, { personId: 'dan' });
    await answers('POST /people/{personId}/merge', 200, { into: 'cyd' }, { personId: 'dan' });
    await answers('POST /people/{personId}/merge', 'conflict', { into: 'cyd' }, { personId: 'cyd' });
    await answers('POST /people/{personId}/merge', 'not_found', { into: 'cyd' });
    expect(await answers('DELETE /people/{personId}', 200, undefined, { personId: 'cyd' })).toMatchObject({
      events: 4,
    });
    await answers('DELETE /people/{personId}', 'not_found', undefined, { personId: 'cyd' });
  });

  it('imports: planned, run, run again, refused whole', async () => {
    const orders = file(
      'orders.csv',
      'customer_id,order_date,amount,email,marketing_consent\neve,2026-03-01,10.50,eve@example.com,yes\nfay,2026-03-02,4,fay@example.com,no\n',
    );
    const empty = file('empty.csv', '');
    const odd = file('odd.csv', 'a,b\n1,2\n3,4\n');
    const plan = await answers('POST /imports/plan', 200, { paths: [orders] });
    expect(plan).toMatchObject({ plans: [{ kind: 'orders', preview: [{ person: 'eve' }, { person: 'fay' }] }] });
    for (const operation of ['POST /imports/plan', 'POST /imports']) {
      await answers(operation, 'file_missing', { paths: [join(folder, 'nothing.csv')] });
      await answers(operation, 'file_empty', { paths: [empty] });
      await answers(operation, 'columns_unclear', { paths: [orders, odd] });
      await answers(operation, 'invalid', { paths: ['relative.csv'] });
    }
    const run = async () => (await answers('POST /imports', 200, { paths: [orders] }))['results'];
    expect(await run()).toMatchObject([{ events: { added: 2, known: 0 }, people: 2 }]);
    expect(await run()).toMatchObject([{ events: { added: 0, known: 2 } }]);
    const consents = await app.records.db
      .selectFrom('consents')
      .select(['person_id', 'status'])
      .where('source', '=', 'import')
      .orderBy('person_id')
      .execute();
    expect(consents).toEqual([
      { person_id: 'eve', status: 'granted' },
      { person_id: 'fay', status: 'withdrawn' },
    ]);
    const { imports } = (await answers('GET /imports', 200)) as {
      imports: { eventsAdded: number; eventsKnown: number }[];
    };
    // The virtual clock stands still, so both finished at the same moment.
    expect(new Set(imports.map((each) => `${each.eventsAdded} added, ${each.eventsKnown} known`))).toEqual(
      new Set(['2 added, 0 known', '0 added, 2 known']),
    );
  });

  it('tells the progress of an import line by line, and a refusal as the last line', async () => {
    const lines = async (path: string): Promise<Record<string, unknown>[]> => {
      const response = await routes.request('/api/imports', {
        method: 'POST',
        headers: { Authorization: `Bearer ${LOCAL}`, Accept: 'application/x-ndjson' },
        body: JSON.stringify({ paths: [path] }),
      });
      return (await response.text())
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    };
    const told = await lines(join(folder, 'orders.csv'));
    expect(told[0]).toMatchObject({ progress: { phase: 'reading' } });
    expect(told.at(-1)).toHaveProperty('results');
    expect(await lines(join(folder, 'empty.csv'))).toMatchObject([{ problem: { code: 'file_empty' } }]);
  });

  /** Follows an import over server-sent events until it stops. */
  const followed = async (uploadId: string): Promise<{ states: string[]; last: Record<string, unknown> }> => {
    const response = await routes.request('/api/imports/live', {
      headers: { Authorization: `Bearer ${LOCAL}`, Accept: 'text/event-stream' },
    });
    cover('GET /imports/live', response.status);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const states: string[] = [];
    let text = '';
    for (let reads = 0; reads < 500; reads++) {
      const { value = '' } = await reader.read();
      text += value;
      for (const match of text.matchAll(/event: upload\ndata: (.*)\n\n/g)) {
        const row = JSON.parse(match[1]!) as { uploadId: string; run: Record<string, unknown> & { state: string } };
        if (row.uploadId !== uploadId) continue;
        states.push(row.run.state === 'running' ? String(row.run['phase']) : row.run.state);
        if (row.run.state !== 'running' && row.run.state !== 'waiting') {
          await reader.cancel();
          return { states, last: row.run };
        }
      }
      text = text.slice(text.lastIndexOf('\n\n') + 2);
    }
    throw new Error(`the import did not end: ${states.join(', ')}`);
  };
  const ORDERS = [
    'who,order_date,amount,note',
    'gus,2026-03-01,10.50,a',
    'hal,2026-03-02,-4,b',
    'ida,someday,7,c',
    'jon,2026-03-04,8,d',
  ].join('\n');

  it('uploads: a file is planned with a mapping that may change, run with its progress told, kept in the list', async () => {
    const uploadId = await upload('our orders.csv', ORDERS);
    const plan = (body: object, expected: number | keyof typeof ERRORS = 200) =>
      answers('POST /imports/uploads/{uploadId}/plan', expected, body, { uploadId });
    // Nobody calls a person "who": the file asks for the column, and shows its rows meanwhile.
    const asked = await plan({});
    expect(asked).toMatchObject({ missing: ['person'], plan: null, columns: ['who', 'order_date', 'amount', 'note'] });
    expect(asked['rows']).toEqual(
      ORDERS.split('\n')
        .slice(1)
        .map((line) => line.split(',')),
    );
    const column = (name: string) => ({ kind: 'column', column: name });
    const mapping = { person: column('who'), time: column('order_date'), amount: column('amount') };
    await plan({ mapping: { ...mapping, order: column('nothing') } }, 'invalid');
    expect(await plan({ mapping })).toMatchObject({
      missing: [],
      plan: {
        kind: 'orders',
        unused: ['note'],
        preview: [{ person: 'gus', amount: 10.5 }, {}, { problem: 'bad_time' }, {}],
      },
    });
    await answers('POST /imports/uploads/{uploadId}/run', 200, { mapping }, { uploadId });
    await answers('POST /imports/uploads/{uploadId}/run', 'conflict', { mapping }, { uploadId });
    await answers('DELETE /imports/uploads/{uploadId}', 'conflict', undefined, { uploadId });
    const { states, last } = await followed(uploadId);
    expect(states.at(-1)).toBe('done');
    await answers('DELETE /imports/uploads/{uploadId}/run', 'conflict', undefined, { uploadId });
    const { imports, uploads: kept, uploadBytesMax } = await answers('GET /imports', 200);
    const row = (imports as Record<string, unknown>[]).find((each) => each['importId'] === last['importId']);
    // A negative amount takes money back and is a return; a day that is none is rejected; two lines are orders.
    expect(row).toMatchObject({
      fileName: 'our orders.csv',
      rowsRead: 4,
      rowsRejected: 1,
      hasRejects: true,
      outcome: {
        rowsKept: 2,
        rejectReasons: [{ reason: 'bad_time', count: 1 }],
        excluded: [{ reason: 'returned', count: 1 }],
      },
    });
    expect(uploadBytesMax).toBe(1024 ** 3);
    expect(kept).toMatchObject([{ uploadId, run: { state: 'done' } }]);
    const importId = String(last['importId']);
    expect(await answers('GET /imports/{importId}/rejects', 200, undefined, { importId })).toEqual({
      rejects: [{ line: 4, reason: 'bad_time', row: 'ida, someday, 7, c' }],
    });
    const csv = await routes.request(`/api/imports/${importId}/rejects`, {
      headers: { Authorization: `Bearer ${LOCAL}`, Accept: 'text/csv' },
    });
    expect((await csv.text()).split('\n').slice(0, 2)).toEqual([
      'line,reason,who,order_date,amount,note',
      '4,bad_time,ida,someday,7,c',
    ]);

    const again = await upload('our orders.csv', ORDERS);
    await answers('POST /imports/uploads/{uploadId}/run', 200, { mapping }, { uploadId: again });
    const second = await followed(again);
    const listed = ((await answers('GET /imports', 200))['imports'] as Record<string, unknown>[]).find(
      (each) => each['importId'] === second.last['importId'],
    );
    expect(listed).toMatchObject({ eventsAdded: 0, rowsRead: 4 });
    await answers('DELETE /imports/uploads/{uploadId}', 200, undefined, { uploadId: again });
  });

  it('uploads: cancelled before anything is written, and thrown away', async () => {
    const uploadId = await upload('cancelled.csv', ORDERS.replaceAll('2026', '2025'));
    const mapping = {
      person: { kind: 'column', column: 'who' },
      time: { kind: 'column', column: 'order_date' },
      amount: { kind: 'column', column: 'amount' },
    };
    const before = (await answers('GET /imports', 200))['imports'];
    await answers('POST /imports/uploads/{uploadId}/run', 200, { mapping }, { uploadId });
    await answers('DELETE /imports/uploads/{uploadId}/run', 200, undefined, { uploadId });
    expect((await followed(uploadId)).last).toEqual({ state: 'cancelled' });
    expect((await answers('GET /imports', 200))['imports']).toEqual(before);
    await answers('DELETE /imports/uploads/{uploadId}', 200, undefined, { uploadId });
    for (const [method, tail] of [
      ['POST', '/plan'],
      ['POST', '/run'],
      ['DELETE', ''],
      ['DELETE', '/run'],
    ] as const)
      await answers(`${method} /imports/uploads/{uploadId}${tail}`, 'not_found', method === 'POST' ? {} : undefined, {
        uploadId,
      });
    await answers('GET /imports/{importId}/rejects', 'not_found', undefined, { importId: 'i_nothing' });
    await answers('GET /imports/live', 'invalid');
  });

  it('uploads: refuses what cannot be imported in the words of whoever sent it, and leaves nothing behind', async () => {
    const png = Uint8Array.from(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'));
    expect(await sendFile('empty.csv', '')).toMatchObject({
      status: 422,
      json: { code: 'file_empty', title: 'empty.csv 是空文件。' },
    });
    expect(await sendFile('../../shot.png', png)).toMatchObject({
      status: 422,
      json: { code: 'file_unreadable', title: expect.stringMatching(/^shot\.png：这是图片（PNG）/) },
    });
    expect(await sendFile('big.csv', 'a', { 'Content-Length': String(2 * 1024 ** 3) })).toMatchObject({
      status: 413,
      json: { code: 'too_large', title: 'big.csv超过上限 1 GB。' },
    });
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        controller.enqueue(new TextEncoder().encode('person,time\n1,2026'));
        controller.error(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
      },
    });
    const cut = await routes.request('/api/imports/uploads?name=cut.csv', {
      method: 'POST',
      headers: { Authorization: `Bearer ${LOCAL}` },
      body: broken,
      duplex: 'half',
    } as RequestInit);
    expect(cut.status).toBe(400);
    await answers('POST /imports/uploads', 'invalid');
    const kept = readdirSync(join(app.config.dataDir, 'uploads')).filter((name) => name !== 'rejects');
    expect(kept).toEqual([]);
    // What looks like a table and is none is refused when it is planned.
    const uploadId = await upload('words.csv', 'hello\nworld\n');
    await answers('POST /imports/uploads/{uploadId}/plan', 'columns_unclear', {}, { uploadId });
    await answers('POST /imports/uploads/{uploadId}/run', 200, {}, { uploadId });
    expect((await followed(uploadId)).last).toMatchObject({ state: 'failed', code: 'columns_unclear' });
    await answers('DELETE /imports/uploads/{uploadId}', 200, undefined, { uploadId });
  });
});

describe('channels', () => {
  it('lists them with who delivers them', async () => {
    const { channels } = await answers('GET /channels', 200);
    expect(channels).toContainEqual(
      expect.objectContaining({ channel: 'sms', template: 'sms', address: 'phone', provider: 'sink' }),
    );
  });

  it('tries a channel, and says where the test went', async () => {
    const test = 'POST /channels/{channel}/test';
    const on = (channel: string) => ({ channel });
    const mail = { to: 'tester@example.com', lang: 'zh' };
    expect(await answers(test, 200, mail, on('email'))).toMatchObject({ outcome: { kind: 'sent' }, via: 'sink' });
    const newest = await app.records.db
      .selectFrom('sink_mails')
      .select(['recipient', 'subject'])
      .orderBy('mail_id', 'desc')
      .executeTakeFirst();
    expect(newest).toEqual({ recipient: 'tester@example.com', subject: expect.stringContaining('[测试] ') });
    await answers(test, 'invalid', { to: 'nobody' }, on('email'));
    await answers(test, 'invalid', { to: '12' }, on('sms'));
    expect(await answers(test, 200, { to: '+8613900139111' }, on('sms'))).toMatchObject({ via: 'sink' });
    expect(await answers(test, 200, { to: 'ada' }, on('in_app'))).toMatchObject({ via: 'inbox' });
    await answers(test, 'not_found', { to: 'nobody-we-know' }, on('in_app'));
    await answers(test, 'person_token_invalid', { to: `${'x'.repeat(20)}.y.${'z'.repeat(40)}` }, on('in_app'));
    expect(await answers(test, 200, { to: 'ada' }, on('webhook'))).toMatchObject({ via: 'sink' });
    // A filed template is needed, a device is not there, a channel is none.
    await answers(test, 'invalid', { to: 'openid' }, on('wechat_mini'));
    await answers(test, 'not_found', { to: 'ada' }, on('web_push'));
    await answers(test, 'not_found', { to: 'ada' }, on('pigeon'));
    await answers(test, 'body_not_json', '{', on('email'));
    await answers(test, 'too_large', ' '.repeat(5 * 1024 * 1024 + 1), on('email'));
    await answers('POST /suppressions', 201, { email: 'tester@example.com', reason: 'asked' });
    await answers(test, 'conflict', mail, on('email'));
    await app.records.db.deleteFrom('suppressions').where('reason', '=', 'asked').execute();
    // Through the account that is connected: a call that is refused is told as such, not as sent.
    const settings = { url: 'http://127.0.0.1:1/hook', secret: `whsec_${'A'.repeat(32)}` };
    await answers('PUT /connections/{connection}', 200, { settings }, { connection: 'webhook' });
    expect(await answers(test, 200, { to: 'ada' }, on('webhook'))).toMatchObject({
      outcome: { kind: 'unavailable' },
      via: 'webhook',
    });
    await answers('PUT /connections/{connection}', 200, { settings: null }, { connection: 'webhook' });
  });

  it('registers, shows and disables an endpoint', async () => {
    const phone = { channel: 'app_push', provider: 'fcm', address: 'token-1' };
    const { endpointId } = await answers('POST /endpoints', 201, { personId: 'ada', ...phone });
    await answers('POST /endpoints', 'not_found', { personId: 'nobody', ...phone });
    await answers('POST /endpoints', 'invalid', { personId: 'ada', ...phone, channel: 'email' });
    await answers('POST /endpoints', 'body_not_json', '{');
    await answers('POST /endpoints', 'too_large', ' '.repeat(5 * 1024 * 1024 + 1));
    expect(await answers('GET /people/{personId}/endpoints', 200, undefined, { personId: 'ada' })).toMatchObject({
      personId: 'ada',
      endpoints: [{ endpointId, address: 'token-1', disabledAt: null }],
    });
    expect(await answers('POST /endpoints/disable', 200, phone)).toEqual({ disabled: 1 });
    expect(await answers('POST /endpoints/disable', 200, phone)).toEqual({ disabled: 0 });
    await answers('POST /endpoints/disable', 'invalid', { ...phone, provider: 'with space' });
    await answers('POST /endpoints/disable', 'body_not_json', '{');
    await answers('POST /endpoints/disable', 'too_large', ' '.repeat(5 * 1024 * 1024 + 1));
  });
});

describe('texts', () => {
  it('posts', async () => {
    const body = { postId: 'spring', networks: ['mastodon', 'wecom_moments'], text: { en: 'Spring', zh: '春天' } };
    expect(await answers('POST /posts', 201, body)).toMatchObject({
      posts: [
        { network: 'mastodon', state: 'planned' },
        { network: 'wecom_moments', state: 'planned' },
      ],
    });
    await answers('POST /posts', 'conflict', body);
    await answers('POST /posts', 'invalid', { ...body, postId: 'long', text: { en: 'x'.repeat(501) } });
    await answers('POST /posts', 'body_not_json', '{');
    await answers('POST /posts', 'too_large', ' '.repeat(5 * 1024 * 1024 + 1));
    expect((await answers('GET /posts', 200))['posts']).toHaveLength(2);
    const cancel = 'POST /posts/{postId}/cancel';
    await answers(cancel, 'not_found');
    expect(await answers(cancel, 200, undefined, { postId: 'spring' })).toMatchObject({
      posts: [{ state: 'cancelled' }, { state: 'cancelled' }],
    });
    await answers(cancel, 'conflict', undefined, { postId: 'spring' });
    const test = 'POST /posts/networks/{network}/test';
    await answers(test, 'not_found', undefined, { network: 'friendster' });
    await answers(test, 'conflict', undefined, { network: 'webhook' });
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    // Nobody listens on the discard port of this machine.
    await app.connections.change('post_webhook', { url: 'http://127.0.0.1:9/posts', secret });
    expect(await answers(test, 200, undefined, { network: 'webhook' })).toMatchObject({
      outcome: { kind: 'unavailable' },
    });
    await app.connections.change('post_webhook', null);
  });

  it('audiences', async () => {
    const [create, show, sync, close] = [
      'POST /audiences',
      'GET /audiences/{audienceId}',
      'POST /audiences/{audienceId}/sync',
      'POST /audiences/{audienceId}/close',
    ];
    const fill = { audienceId: 'ads-1' };
    const body = {
      audienceId: 'ads-1',
      network: 'tiktok',
      name: 'Spring',
      source: { kind: 'programme', id: 'ads-programme' },
      use: 'target',
    };
    await answers(create, 'not_found', body);
    await answers('POST /programmes', 201, { ...PROGRAMME, programmeId: 'ads-programme' });
    expect(await answers(create, 201, body)).toMatchObject({ audienceId: 'ads-1', people: { wanted: 0 } });
    await answers(create, 'conflict', body);
    await answers(create, 'invalid', { ...body, name: 'Debt advice' });
    await answers(create, 'body_not_json', '{');
    await answers(create, 'too_large', ' '.repeat(5 * 1024 * 1024 + 1));
    expect(await answers('GET /audiences', 200)).toMatchObject({ audiences: [{ audienceId: 'ads-1' }] });
    expect(await answers(show, 200, undefined, fill)).toMatchObject({ batches: [], reasons: [] });
    await answers(show, 'not_found');
    await answers(sync, 'not_found');
    await answers(sync, 'conflict', undefined, fill);
    const settings = { accessToken: 'x', advertiserId: '1', baseUrl: 'http://127.0.0.1:1' };
    await answers('PUT /connections/{connection}', 200, { settings }, { connection: 'tiktok' });
    expect(await answers(sync, 200, undefined, fill)).toMatchObject({
      added: 0,
      audience: { trouble: { code: 'unavailable' } },
    });
    const file = 'POST /audiences/{audienceId}/file';
    await answers(file, 'not_found');
    const csv = await routes.request('/api/audiences/ads-1/file', {
      method: 'POST',
      headers: { Authorization: `Bearer ${LOCAL}` },
    });
    expect([csv.status, await csv.text()]).toEqual([200, 'Email_SHA256,Phone_SHA256\r\n']);
    cover(file, 200);
    // One kind alone, as mainland consoles take it.
    const alone = await routes.request('/api/audiences/ads-1/file?identifier=phone_md5', {
      method: 'POST',
      headers: { Authorization: `Bearer ${LOCAL}` },
    });
    expect([alone.status, await alone.text(), alone.headers.get('content-disposition')]).toEqual([
      200,
      '',
      'attachment; filename="ads-1-phone_md5.txt"',
    ]);
    await answers(file, 'invalid', undefined, fill, '?identifier=openid');
    await answers(file, 'invalid', undefined, fill, '?identifier=mac');
    await app.records.db
      .updateTable('audiences')
      .set({ busy_until: new Date('2026-06-01T13:00:00Z') })
      .execute();
    await answers(file, 'conflict', undefined, fill);
    await app.records.db.updateTable('audiences').set({ busy_until: null }).execute();
    await answers(close, 'not_found');
    expect(await answers(close, 200, undefined, fill)).toMatchObject({ closedAt: expect.any(String) });
    await answers('PUT /connections/{connection}', 200, { settings: null }, { connection: 'tiktok' });
  });

  it('connections', async () => {
    const { connections } = await answers('GET /connections', 200);
    expect(connections).toHaveLength(14);
    const put = 'PUT /connections/{connection}';
    const fill = { connection: 'wechat_mini' };
    const settings = { appId: 'wx1', appSecret: 'not-to-be-told', token: 'nor-this' };
    const set = await answers(put, 200, { settings }, fill);
    expect(set).toMatchObject({ settings: { appId: 'wx1', appSecret: '(set)', token: '(set)' } });
    expect(set['hookUrl']).toMatch(/\/hooks\/wechat\/wechat_mini$/);
    const all = JSON.stringify(await answers('GET /connections', 200));
    expect(all).not.toContain('not-to-be-told');
    expect(all).not.toContain('nor-this');
    // What is not handed in again stays, with its day; null takes it away.
    const [first, seen] = [set['secretsSince'] as Record<string, string>, 'GET /connections/{connection}'];
    expect(first).toEqual({ appSecret: expect.any(String), token: expect.any(String) });
    expect(await answers(put, 200, { settings: { appId: 'wx2', token: null } }, fill)).toMatchObject({
      source: 'saved',
      settings: { appId: 'wx2', appSecret: '(set)' },
      secretsSince: { appSecret: first['appSecret'] },
    });
    expect(Object.keys((await answers(seen, 200, undefined, fill))['secretsSince'] as object)).toEqual(['appSecret']);
    await answers(seen, 'not_found', undefined, { connection: 'fax' });
    expect(app.connections.of('wechat_mini')).toMatchObject({ appId: 'wx2', appSecret: 'not-to-be-told' });
    const stale = await routes.request('/api/connections/wechat_mini', {
      method: 'PUT',
      headers: { Authorization: `Bearer ${LOCAL}`, 'If-Match': '"somebody-else"' },
      body: JSON.stringify({ settings: { appId: 'wx3' } }),
    });
    expect([stale.status, app.connections.of('wechat_mini')?.appId]).toEqual([412, 'wx2']);
    cover(put, 412);
    await answers(put, 'invalid', { settings: { appId: 'wx1', appSecret: null } }, fill);
    await answers(
      put,
      'invalid',
      { settings: { privateKey: 'no key', keyId: 'K', teamId: 'T', topic: 'app' } },
      { connection: 'apns' },
    );
    const log = JSON.stringify(await app.records.db.selectFrom('audit_log').selectAll().execute());
    expect(log).not.toMatch(/not-to-be-told|nor-this|no key/);
    await answers(put, 'not_found', { settings }, { connection: 'fax' });
    await answers(put, 'body_not_json', '{', fill);
    await answers(put, 'too_large', ' '.repeat(5 * 1024 * 1024 + 1), fill);
    expect(await answers(put, 200, { settings: null }, fill)).toMatchObject({ settings: null });
  });

  it('shows and changes the provider, and never its secrets', async () => {
    expect(await answers('GET /channels/sms', 200)).toEqual({ provider: 'sink', source: 'none', secretsSince: {} });
    const settings = {
      provider: 'aliyun',
      keyId: 'LTAI',
      keySecret: 'not-to-be-told',
      signature: 'Shop',
      baseUrl: 'http://127.0.0.1:9',
    };
    const set = await answers('PUT /channels/sms', 200, { settings });
    expect(set).toMatchObject({ provider: 'aliyun', settings: { keyId: 'LTAI', keySecret: '(set)' } });
    expect(set['hookUrl']).toMatch(/\/hooks\/sms\/aliyun\/[\w-]{20}$/);
    expect(JSON.stringify([set, await answers('GET /channels/sms', 200)])).not.toContain('not-to-be-told');
    expect(JSON.stringify(await answers('GET /channels', 200))).toContain('"provider":"aliyun"');
    // A secret that is not handed in again stays; another provider's is none of its business.
    const { keySecret: _secret, ...rest } = settings;
    await answers('PUT /channels/sms', 200, { settings: { ...rest, signature: 'Stall' } });
    const kept = await app.records.db.selectFrom('settings').select('value').where('key', '=', 'sms').execute();
    expect(kept).toMatchObject([{ value: { keySecret: 'not-to-be-told', signature: 'Stall' } }]);
    await answers('PUT /channels/sms', 'invalid', { settings: { ...rest, provider: 'tencent', appId: '1' } });
    await answers('PUT /channels/sms', 200, { settings });
    await answers('PUT /channels/sms', 'invalid', { settings: { ...settings, signature: '【Shop】' } });
    expect(await answers('PUT /channels/sms', 200, { settings: { ...rest, keySecret: '(set)' } })).toMatchObject({
      source: 'saved',
      secretsSince: { keySecret: expect.any(String) },
    });
    await staleChange('/channels/sms', { settings: null });
    await answers('PUT /channels/sms', 'invalid', {});
    await answers('PUT /channels/sms', 'body_not_json', '{');
    await answers('PUT /channels/sms', 'too_large', ' '.repeat(5 * 1024 * 1024 + 1));
  });

  it('shows and changes the mail provider, and never its secrets', async () => {
    const none = { provider: 'sink', source: 'none', secretsSince: {}, dkim: [], from: app.business.fromAddress };
    expect(await answers('GET /channels/email', 200)).toEqual(none);
    const settings = {
      provider: 'mailgun',
      keySecret: 'not-to-be-told',
      domain: 'mg.shop.example',
      webhookKey: 'nor-this-one',
      baseUrl: 'http://127.0.0.1:9',
    };
    const set = await answers('PUT /channels/email', 200, { settings });
    expect(set).toMatchObject({ provider: 'mailgun', settings: { keySecret: '(set)', webhookKey: '(set)' } });
    expect(set['hookUrl']).toMatch(/\/hooks\/email\/mailgun\/[\w-]{20}$/);
    expect(JSON.stringify([set, await answers('GET /channels/email', 200)])).not.toMatch(/not-to-be-told|nor-this-one/);
    expect(JSON.stringify(await answers('GET /channels', 200))).toContain('"provider":"mailgun"');
    await answers('PUT /channels/email', 'invalid', { settings: { ...settings, domain: 'no domain' } });
    await answers('PUT /channels/email', 'invalid', {});
    await answers('PUT /channels/email', 'body_not_json', '{');
    await answers('PUT /channels/email', 'too_large', ' '.repeat(5 * 1024 * 1024 + 1));
    const { keySecret: _secret, ...rest } = settings;
    expect(await answers('PUT /channels/email', 200, { settings: { ...rest, webhookKey: null } })).toMatchObject({
      settings: { keySecret: '(set)', domain: 'mg.shop.example' },
      secretsSince: { keySecret: expect.any(String) },
    });
    await staleChange('/channels/email', { settings: null });
    // Another provider has no secret of this one.
    await answers('PUT /channels/email', 'invalid', { settings: { provider: 'postmark' } });
    const server = { provider: 'smtp', host: 'mail.shop.example', port: 465, user: 'me', keySecret: 'a b/c' };
    expect(await answers('PUT /channels/email', 200, { settings: server })).toMatchObject({
      provider: 'smtp',
      settings: { host: 'mail.shop.example', keySecret: '(set)' },
    });
    expect(app.mailUrl()).toBe('smtps://me:a%20b%2Fc@mail.shop.example:465?pool=5');
    expect(app.mailIsPreview()).toBe(false);
    await answers('PUT /channels/email', 'invalid', { settings: { ...server, port: 25, tls: 'off' } });
    expect(await answers('PUT /channels/email', 200, { settings: null })).toEqual(none);
    expect(app.mailIsPreview()).toBe(true);
  });

  it('takes a file of another tool’s consents and opt-outs', async () => {
    const bring = async (name: string, text: string): Promise<string> => {
      const sent = await routes.request(`/api/imports/uploads?name=${name}`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${LOCAL}` },
        body: text,
      });
      return ((await sent.json()) as { uploadId: string }).uploadId;
    };
    const upload = 'POST /consents/uploads/{uploadId}';
    const file = [
      '\ufeff用户ID,邮箱,是否订阅,退订',
      'ada,other@example.com,是,',
      'wen,wen@example.com,是,',
      'xia,xia@example.com,,是',
      ',,是,',
      '',
    ].join('\r\n');
    const uploadId = await bring('crm.csv', file);
    expect(await answers(upload, 200, undefined, { uploadId })).toMatchObject({
      suppressed: 1,
      granted: 2,
      created: 2,
      rejectedCount: 1,
      rejected: [{ row: 5, reason: { en: 'no id, e-mail address or number' } }],
    });
    // An address that is known is not replaced by a file's.
    expect(await answers('GET /people/{personId}', 200, undefined, { personId: 'ada' })).toMatchObject({
      person: { email: 'ada@example.com' },
    });
    await answers(upload, 'not_found', undefined, { uploadId });
    await answers(upload, 'columns_unclear', undefined, { uploadId: await bring('odd.csv', 'a,b\n1,2\n') });
    await answers(upload, 'file_empty', undefined, { uploadId: await bring('blank.csv', '\n\n') });
    await answers(upload, 'file_unreadable', undefined, {
      uploadId: await bring('lines.jsonl', '{"email":"a@b.c"}\n'),
    });
  });

  it('exports and erases many people by itself, stops when told, and goes on after its process died', async () => {
    const { db } = app.records;
    const begin = 'POST /privacy-runs';
    const runs = async () =>
      (await answers('GET /privacy-runs', 200))['runs'] as {
        runId: string;
        state: string;
        done: number;
        failed: number;
        failures: { asked: string; code: string }[];
      }[];
    const ended = (runId: unknown) =>
      expect.poll(async () => (await runs()).find((run) => run.runId === runId)?.state, { timeout: 20_000 });
    const { json } = await call('POST', '/keys', { kind: 'write', label: 'privacy' });
    const names = ['pia', 'pol', 'pam', 'pip'];
    const batch = names.map((userId) => ({
      type: 'identify',
      messageId: `i-${userId}`,
      userId,
      traits: { email: `${userId}@privacy.example` },
    }));
    const sent = await routes.request('/v1/batch', {
      method: 'POST',
      headers: { authorization: `Bearer ${String(json['key'])}`, 'content-type': 'application/json' },
      body: JSON.stringify({ batch }),
    });
    expect(sent.status).toBe(200);

    await answers(begin, 'invalid', { kind: 'export', entries: [] });
    await answers(begin, 'body_not_json', '{');
    await answers(begin, 'too_large', ' '.repeat(5 * 1024 * 1024 + 1));
    const entries = ['pia', 'POL@privacy.example', 'nobody-here', 'pia'];
    const { runId } = await answers(begin, 201, { kind: 'export', entries });
    await ended(runId).toBe('done');
    expect((await runs())[0]).toMatchObject({
      kind: 'export',
      total: 3,
      done: 2,
      failed: 1,
      files: 2,
      failures: [{ asked: 'nobody-here', code: 'not_found' }],
    });
    const file = 'GET /privacy-runs/{runId}/file';
    const held = await routes.request(`/api/privacy-runs/${String(runId)}/file`, {
      headers: { Authorization: `Bearer ${LOCAL}` },
    });
    cover(file, held.status);
    expect(((await held.json()) as { personId: string }[]).map(({ personId }) => personId)).toEqual(['pia', 'pol']);
    await answers(file, 'not_found');

    // What a process had begun when it died: erased, and not yet said so; and one that it had not come to.
    const left = {
      run_id: 'privacy_left',
      kind: 'erase',
      actor_kind: 'member',
      actor_id: 'm1',
      actor_name: 'Mei',
    } as const;
    await db
      .insertInto('privacy_runs')
      .values({ ...left, created_at: app.clock.now(), cancelled_at: null, finished_at: null })
      .execute();
    await db
      .insertInto('privacy_requests')
      .values(
        ['gone-already', 'pia@privacy.example', 'never-there'].map((asked, i) => ({
          run_id: left.run_id,
          position: i + 1,
          asked,
          state: i === 1 ? ('waiting' as const) : ('working' as const),
          attempts: i === 1 ? 0 : 1,
          claimed_at: i === 1 ? null : app.clock.now(),
          found: i === 0,
        })),
      )
      .execute();
    await recoverPrivacyRuns(app);
    await workPrivacyRuns(app);
    expect((await runs()).find((run) => run.runId === left.run_id)).toMatchObject({
      state: 'done',
      done: 2,
      failed: 1,
      // Whom nobody has ever known is not done by trying twice, and is told in the words that were typed.
      failures: [{ asked: 'never-there', code: 'not_found', problem: { en: 'There is no person never-there.' } }],
    });
    // Nothing of her is left: not what was typed, not the copy that was made for her.
    const typed = await db
      .selectFrom('privacy_requests')
      .select('asked')
      .where('run_id', '=', left.run_id)
      .orderBy('position')
      .execute();
    expect(typed.map(({ asked }) => asked)).toEqual([null, null, 'never-there']);
    const copies = await db.selectFrom('privacy_files').select('person_id').execute();
    expect(copies.map(({ person_id }) => person_id)).toEqual(['pol']);
    await answers('GET /people/{personId}', 'not_found', undefined, { personId: 'pia' });
    const { entries: log } = (await answers('GET /audit', 200)) as { entries: object[] };
    expect(log).toContainEqual(
      expect.objectContaining({ action: 'DELETE /people/{personId}', actorName: 'Mei', subject: { personId: 'pia' } }),
    );
    expect(JSON.stringify(log)).not.toContain('@privacy.example');

    const stop = 'DELETE /privacy-runs/{runId}';
    await answers(stop, 'not_found');
    await answers(stop, 'conflict', undefined, { runId: String(runId) });
    await db
      .insertInto('privacy_runs')
      .values({ ...left, run_id: 'privacy_stop', created_at: app.clock.now(), cancelled_at: null, finished_at: null })
      .execute();
    await db
      .insertInto('privacy_requests')
      .values({ run_id: 'privacy_stop', position: 1, asked: 'pam', state: 'waiting' })
      .execute();
    await answers(stop, 200, undefined, { runId: 'privacy_stop' });
    await workPrivacyRuns(app);
    await answers('GET /people/{personId}', 200, undefined, { personId: 'pam' });

    await answers('GET /privacy-runs/live', 'invalid');
    const live = await routes.request('/api/privacy-runs/live', {
      headers: { Authorization: `Bearer ${LOCAL}`, accept: 'text/event-stream' },
    });
    cover('GET /privacy-runs/live', live.status);
    const reader = live.body!.getReader();
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value)).toContain('privacy_stop');
    await reader.cancel();
  });

  it('shows what DNS says of the sending domain, and starts no mailing programme of a bulk sender that fails', async () => {
    expect(await answers('GET /reach/preflight', 200)).toMatchObject({ verdict: 'local' });
    const settings = { provider: 'postmark', keySecret: 'k', baseUrl: 'http://127.0.0.1:9' };
    await answers('PUT /channels/email', 200, { settings });
    expect(await answers('GET /reach/preflight', 200)).toMatchObject({
      verdict: 'fail',
      findings: [{ code: 'spf_provider' }, { code: 'dkim_unknown' }, { code: 'dmarc_missing' }],
    });
    await answers('POST /programmes', 201, { ...PROGRAMME, programmeId: 'unready' });
    const start = 'POST /programmes/{programmeId}/start';
    const check = 'GET /programmes/{programmeId}/start-check';
    await answers(check, 'not_found', undefined, { programmeId: 'nobody' });
    const { brand, postalAddress, websiteUrl, fromAddress, publicUrl } = app.business;
    expect(await answers(check, 200, undefined, { programmeId: 'unready' })).toEqual({
      missing: ['postalAddress', 'websiteUrl', 'fromAddress', 'publicUrl'],
      unfinished: [],
      previewed: [],
      unreached: [],
    });
    await answers(start, 'profile_unfinished', undefined, { programmeId: 'unready' });
    const finished = {
      brand: 'Lumen',
      postalAddress: '1 Quay Street',
      websiteUrl: 'https://lumen.example',
      fromAddress: 'hello@localhost.example',
    };
    // Where a server is started is no address from which a stranger can unsubscribe (RFC 8058: https), nor is one without https.
    for (const unreachable of ['http://127.0.0.1:8420', 'http://mail.lumen.example']) {
      await app.changeBusiness({ ...finished, publicUrl: unreachable });
      expect(await answers(check, 200, undefined, { programmeId: 'unready' })).toMatchObject({
        missing: ['publicUrl'],
      });
      await answers(start, 'profile_unfinished', undefined, { programmeId: 'unready' });
    }
    await app.changeBusiness({ ...finished, publicUrl: 'https://mail.lumen.example' });
    await answers(start, 'sender_not_ready', undefined, { programmeId: 'unready' });
    const override = 'POST /reach/preflight/override';
    await answers(override, 'invalid', { note: '' });
    await answers(override, 'body_not_json', '{');
    await answers(override, 'too_large', ' '.repeat(5 * 1024 * 1024 + 1));
    expect(await answers(override, 200, { note: 'DNS is on its way' })).toMatchObject({
      override: { note: 'DNS is on its way' },
    });
    await answers(start, 200, undefined, { programmeId: 'unready' });
    await answers('POST /programmes/{programmeId}/end', 200, undefined, { programmeId: 'unready' });
    await app.changeBusiness({ brand, postalAddress, websiteUrl, fromAddress, publicUrl });
    await answers('PUT /channels/email', 200, { settings: null });
  });

  it('shows the guard of the sending domain, and lets an operator change and release it', async () => {
    expect(await answers('GET /reach/guard', 200)).toMatchObject({ state: 'off', stops: [] });
    const rules = { enabled: true, ramp: { startPerDay: 50 } };
    expect(await answers('PUT /reach/guard', 200, { rules })).toMatchObject({ state: 'warming', cap: 50 });
    await answers('PUT /reach/guard', 'invalid', { rules: { complaints: { stop: 3 } } });
    await answers('PUT /reach/guard', 'body_not_json', '{');
    await answers('PUT /reach/guard', 'too_large', ' '.repeat(5 * 1024 * 1024 + 1));
    const release = 'POST /reach/guard/release';
    await answers(release, 'not_found', { kind: 'bounces', note: 'list cleaned' });
    await answers(release, 'invalid', { kind: 'weather', note: 'list cleaned' });
    await answers(release, 'body_not_json', '{');
    await answers(release, 'too_large', ' '.repeat(5 * 1024 * 1024 + 1));
    const today = new Date(app.clock.now()).toISOString().slice(0, 10);
    const { domain } = await answers('GET /reach/guard', 200);
    await app.records.db
      .insertInto('sender_days')
      .values({ domain: String(domain), day: today, sent: 1_000, complaints: 5 })
      .onConflict((conflict) => conflict.columns(['domain', 'day']).doUpdateSet({ sent: 1_000, complaints: 5 }))
      .execute();
    expect(await answers('GET /reach/guard', 200)).toMatchObject({ state: 'stopped' });
    expect(await answers(release, 200, { kind: 'complaints', note: 'list cleaned' })).toMatchObject({ stops: [] });
    await answers('PUT /reach/guard', 200, { rules: { enabled: false } });
  });

  it('lists texts that wait for a human, who decides once', async () => {
    const { hookUrl } = await answers('GET /channels/sms', 200);
    const text = {
      phone_number: '13800138000',
      content: 'a question',
      send_time: '2026-06-01 20:00:00',
      sequence_id: 1,
    };
    const pushed = await routes.request(new URL(String(hookUrl)).pathname, {
      method: 'POST',
      body: JSON.stringify([text]),
    });
    expect([pushed.status, await pushed.text()]).toEqual([200, '{"code":0,"msg":"成功"}']);
    const { texts } = await answers('GET /sms/inbound', 200);
    expect(texts).toMatchObject([
      { phone: '+8613800138000', text: 'a question', meaning: 'free_text', personId: null },
    ]);
    const inboundId = (texts as { inboundId: string }[])[0]!.inboundId;
    const resolve = 'POST /sms/inbound/{inboundId}/resolve';
    await answers(resolve, 'invalid', { resolution: 'shout' }, { inboundId });
    await answers(resolve, 'body_not_json', '{', { inboundId });
    await answers(resolve, 'too_large', ' '.repeat(5 * 1024 * 1024 + 1), { inboundId });
    await answers(resolve, 'not_found', { resolution: 'stop' });
    expect(await answers(resolve, 200, { resolution: 'stop' }, { inboundId })).toEqual({
      inboundId,
      resolution: 'stop',
    });
    await answers(resolve, 'conflict', { resolution: 'start' }, { inboundId });
    expect((await answers('GET /sms/inbound', 200))['texts']).toEqual([]);
    await answers('GET /sms/inbound', 'invalid', undefined, {}, '?waiting=perhaps');
    expect(await answers('PUT /channels/sms', 200, { settings: null })).toMatchObject({ provider: 'sink' });
  });
});

describe('person tokens', () => {
  it('are minted for a while, a day at most', async () => {
    const mint = 'POST /people/{personId}/token';
    const params = { personId: 'ada' };
    const { token, expiresAt } = (await answers(mint, 201, {}, params)) as { token: string; expiresAt: string };
    expect(new Date(expiresAt).getTime() - app.clock.now().getTime()).toBe(3_600_000);
    expect((await routes.request('/v1/inbox', { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    await answers(mint, 'invalid', { expiresInSeconds: 86_401 }, params);
    await answers(mint, 'body_not_json', '{', params);
    await answers(mint, 'too_large', ' '.repeat(5 * 1024 * 1024 + 1), params);
  });

  it('scopes of policies: anything but what follows from the policy itself, and of the past what is known of it', async () => {
    const { presets } = (await answers('GET /policies/presets', 200)) as {
      presets: { preset: string; policy: object }[];
    };
    const { policy } = presets.find((each) => each.preset === 'shop')!;
    const about = (scope: object) => ({ policy: { ...policy, policyId: 'writable', scope } });
    const reachable = {
      kind: 'or',
      of: [
        { kind: 'reachable', channel: 'email' },
        { kind: 'known_days', from: 0 },
      ],
    };
    const unknown = { kind: 'segment', id: 'none' };
    const own = { kind: 'stage', in: ['dormant'], policyId: 'writable' };
    const { people } = (await answers('POST /policies/preview', 200, { policy })) as { people: number };
    expect(await answers('POST /policies/preview', 200, about(reachable))).toMatchObject({ people });
    expect(await answers('POST /policies/curve', 200, about(reachable))).toMatchObject({ leftOut: 0 });
    for (const path of ['POST /policies/preview', 'POST /policies/curve', 'POST /policies/backtest']) {
      const day = path.endsWith('backtest') ? { on: ['2026-04-30'] } : { asOf: '2026-04-30' };
      await answers(path, 'past_unknown', { ...about(reachable), ...day });
      await answers(path, 'not_found', { ...about(unknown), ...day });
      await answers(path, 'scope_cycle', { ...about(own), ...day });
      await answers(path, 'invalid', { ...about({ kind: 'consent', channel: 'pigeon', is: 'granted' }), ...day });
      await answers(path, 'invalid', { ...about({ kind: 'did', event: 'Order Complete' }), ...day });
    }
    await answers('POST /policies', 'scope_cycle', about(own).policy);
    await answers('POST /policies', 201, about(reachable).policy);
    const writable = { policyId: 'writable' };
    await answers('POST /policies/{policyId}/evaluate', 200, {}, writable);
    await answers('POST /policies/{policyId}/backtest', 'past_unknown', { on: ['2026-04-30'] }, writable);
    await answers('GET /policies/{policyId}/picture', 'past_unknown', undefined, writable, '?asOf=2026-04-30');
    await answers('GET /policies/{policyId}/curve', 'past_unknown', undefined, writable, '?asOf=2026-04-30');
    // The first version may look at the shop's stages while those do not look at its own.
    await answers('POST /policies', 201, about({ kind: 'stage', in: ['dormant'], policyId: 'shop' }).policy);
    const looksBack = { ...policy, scope: { kind: 'stage', in: ['lost'], policyId: 'writable' } };
    await answers('POST /policies', 'scope_cycle', looksBack);
    await answers('POST /policies/{policyId}/activate', 200, { version: 1 }, writable);
    expect(await answers('POST /policies', 201, looksBack)).toMatchObject({ policy: { policyId: 'shop' } });
    await answers('POST /policies/{policyId}/activate', 'scope_cycle', { version: 2 }, writable);
    await answers('POST /policies/{policyId}/activate', 200, { version: 1 }, { policyId: 'shop' });
  });
});

describe('the document', () => {
  it('names every operation, and every status it documents has been seen', async () => {
    const { json } = await call('GET', '/openapi.json', undefined, null);
    const documented = Object.entries(json['paths'] as Record<string, Record<string, { responses: object }>>).flatMap(
      ([path, methods]) =>
        Object.entries(methods).flatMap(([method, { responses }]) =>
          Object.keys(responses).map((status) => `${method.toUpperCase()} ${path.replace(/^\/api/, '')} ${status}`),
        ),
    );
    const expected = apiEndpoints(app).flatMap((operation) =>
      [...new Set([operation.status, ...refusalsOf(operation).map((code) => ERRORS[code].status)])].map(
        (status) => `${nameOf(operation)} ${status}`,
      ),
    );
    expect(documented.sort()).toEqual(expected.sort());
    // A full disk is made in the contract tests of the stores, where there is a small one.
    const elsewhere = new Set(accountEndpoints(app).map(nameOf));
    const missing = documented.filter((each) => !covered.has(each) && !elsewhere.has(each.slice(0, -4)));
    // An empty installation stands in first-run.test.ts.
    const alone = [
      'POST /imports 507',
      'POST /imports/uploads 507',
      // More than a million products.
      'POST /catalogue/uploads/{uploadId} 413',
      'POST /first-run/analysis 422',
      'GET /analysis 422',
      'POST /first-run/sample-shop 200',
    ];
    expect(missing.filter((each) => !alone.includes(each))).toEqual([]);
  });
});
