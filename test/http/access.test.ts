// Accounts on a real app, in process: who gets in, who does not, what each role may do, and what is written down about it.
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { en } from '../../console/src/pages/settings/operations.en.ts';
import { zh } from '../../console/src/pages/settings/operations.zh.ts';
import { openApp, type App } from '../../src/app.ts';
import { configOf } from '../../src/config.ts';
import { accountEndpoints } from '../../src/http/api/accounts.routes.ts';
import { changes, refusalsOf, type Endpoint } from '../../src/http/api/endpoint.ts';
import { apiEndpoints } from '../../src/http/api.routes.ts';
import { PERMISSIONS, permissionsOf, ROLES } from '../../src/http/access/permissions.ts';
import { makeLink } from '../../src/http/access/links.service.ts';
import { ACCOUNT_FAILURES_MAX } from '../../src/http/access/sign-in-guard.sql.ts';
import type { Role } from '../../src/http/contract/permissions.ts';
import { httpRoutes } from '../../src/http/server.ts';
import { ERRORS } from '../../src/kernel/errors.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { addMs } from '../../src/kernel/days.ts';
import {
  keepPreview,
  listPreviewMails,
  readPreviewMail,
} from '../../src/reach/channels/email/preview-mailbox.service.ts';
import { copyRecords } from '../support/records-template.ts';

const ORIGIN = 'http://localhost:8420';
const OWNER = { name: 'Mei', email: 'mei@shop.example', password: 'a long enough secret', language: 'en' };

const folder = mkdtempSync(join(tmpdir(), 'rekindle-access-'));
let app: App;
let routes: ReturnType<typeof httpRoutes>;
let shiftMs = 0;

type Jar = { cookies: Map<string, string> };
const jar = (): Jar => ({ cookies: new Map() });
type Answer = { readonly status: number; readonly json: Record<string, unknown> };

async function call(
  who: Jar,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await routes.request(`${ORIGIN}/api${path}`, {
    method,
    headers: {
      host: 'localhost:8420',
      origin: ORIGIN,
      cookie: [...who.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  for (const set of response.headers.getSetCookie()) {
    const [pair = ''] = set.split(';');
    const at = pair.indexOf('=');
    if (/max-age=0/i.test(set)) who.cookies.delete(pair.slice(0, at));
    else who.cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }
  cover(method, path, response.status);
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

const nameOf = (operation: Endpoint): string => `${operation.method.toUpperCase()} ${operation.path}`;
const covered = new Set<string>();
/** Notes that an operation of accounts answered with a status. */
function cover(method: string, path: string, status: number): void {
  const found = accountEndpoints(app)
    .filter((each) => each.method === method.toLowerCase())
    .toSorted((a, b) => a.path.split('{').length - b.path.split('{').length)
    .find(({ path: pattern }) =>
      new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path.replace(/\?.*$/, '')),
    );
  if (found !== undefined) covered.add(`${nameOf(found)} ${status}`);
}

const signIn = async (email: string, password: string, code?: string): Promise<[Jar, Answer]> => {
  const who = jar();
  return [who, await call(who, 'POST', '/session', { email, password, ...(code === undefined ? {} : { code }) })];
};

const tokenIn = (link: string): string => link.slice(link.indexOf('#') + 1);

/** RFC 6238 with SHA-1, 30 s and six digits, from the `otpauth` address an authenticator app reads. */
function totp(uri: string, atMs: number): string {
  const secret = new URL(uri).searchParams.get('secret') ?? '';
  const bits = Array.from(secret.replaceAll('=', ''), (letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  ).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / 30_000)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = digest[19]! & 15;
  return String((digest.readUInt32BE(offset) & 0x7f_ff_ff_ff) % 1_000_000).padStart(6, '0');
}

let owner: Jar;
const members = new Map<Role, Jar>();

beforeAll(async () => {
  await copyRecords(join(folder, 'data'));
  app = await openApp(
    configOf({ REKINDLE_DATA_DIR: join(folder, 'data'), REKINDLE_HOST: '0.0.0.0' }),
    { now: () => addMs(systemClock.now(), shiftMs) },
    { business: { publicUrl: ORIGIN, brand: 'Lumen' } },
  );
  routes = httpRoutes(app, (error) => console.error(error), { localSecret: 'local' });
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the first owner', () => {
  it('is asked for on an empty installation, and made once, however many try at once', async () => {
    expect((await call(jar(), 'GET', '/session')).json).toEqual({ state: 'new', needsToken: true });
    for (const token of [undefined, 'guessed', ''])
      expect((await call(jar(), 'POST', '/setup', { ...OWNER, token })).json).toMatchObject({
        status: 403,
        code: 'setup_token_wrong',
      });
    const token = app.setupToken;
    expect((await call(jar(), 'POST', '/setup', { ...OWNER, token, password: 'short' })).status).toBe(422);
    const tries = [jar(), jar(), jar()];
    const answers = await Promise.all(
      tries.map((who, at) => call(who, 'POST', '/setup', { ...OWNER, token, email: `mei${at || ''}@shop.example` })),
    );
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409, 409]);
    owner = tries[answers.findIndex(({ status }) => status === 200)]!;
    expect((await call(jar(), 'POST', '/setup', { ...OWNER, token })).json).toMatchObject({ code: 'conflict' });
    const { json } = await call(owner, 'GET', '/session');
    expect(json).toMatchObject({ state: 'signed_in', me: { role: 'owner' }, business: { brand: 'Lumen' } });
    OWNER.email = (json['me'] as { email: string }).email;
    expect((await call(jar(), 'GET', '/session')).json).toEqual({
      state: 'signed_out',
      brand: 'Lumen',
      singleSignOn: null,
    });
  });
  it('has a password that is kept as a scrypt hash', async () => {
    const rows = await sql<{ password: string }>`SELECT password FROM account_credentials`.execute(app.records.db);
    expect(rows.rows[0]?.password).toMatch(/^[0-9a-f]{32}:[0-9a-f]{128}$/);
  });
  it('keeps a session in a cookie that scripts cannot read and other sites do not send', async () => {
    const response = await routes.request(`${ORIGIN}/api/session`, {
      method: 'POST',
      headers: { origin: ORIGIN },
      body: JSON.stringify({ email: OWNER.email, password: OWNER.password }),
    });
    const cookie = response.headers.getSetCookie().find((each) => each.includes('session_token'));
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Strict/i);
  });
});

describe('members', () => {
  it('come by an invitation that is good once', async () => {
    for (const role of ROLES.filter((each) => each !== 'owner')) {
      const email = `${role}@shop.example`;
      const { status, json } = await call(owner, 'POST', '/members/invitations', { email, role, language: 'zh' });
      expect({ role, status, mailed: json['mailed'] }).toEqual({ role, status: 201, mailed: 'preview' });
      const token = tokenIn(String(json['link']));
      expect((await call(jar(), 'POST', '/invitations/look', { token })).json).toEqual({ email, role, brand: 'Lumen' });
      const who = jar();
      const accept = { token, name: role, password: `${role} long secret` };
      expect((await call(who, 'POST', '/invitations/accept', accept)).status).toBe(200);
      expect((await call(jar(), 'POST', '/invitations/accept', accept)).json).toMatchObject({ code: 'link_spent' });
      expect((await call(who, 'GET', '/session')).json).toMatchObject({
        me: { role, permissions: permissionsOf(role) },
      });
      members.set(role, who);
    }
    const [mail] = await listPreviewMails(app.records.db, 1);
    const read = await readPreviewMail(app.records.db, mail!.mailId);
    expect(read?.subject).toContain('邀请您加入 Lumen');
    expect(read?.text).toMatch(/\/console\/join#[\w-]{43}/);
  });
  it('may be invited twice, which spends the first link; and an invitation can be withdrawn', async () => {
    const invite = async () =>
      (await call(owner, 'POST', '/members/invitations', { email: 'new@shop.example', role: 'reader' })).json;
    const first = await invite();
    const second = await invite();
    const spent = await call(jar(), 'POST', '/invitations/look', { token: tokenIn(String(first['link'])) });
    expect(spent.json).toMatchObject({ code: 'link_spent', status: 410 });
    const open = (await call(owner, 'GET', '/members')).json['invitations'] as { email: string }[];
    expect(open.map(({ email }) => email)).toEqual(['new@shop.example']);
    const withdrawn = `/members/invitations/${String(second['linkId'])}`;
    expect((await call(owner, 'DELETE', withdrawn)).status).toBe(200);
    expect((await call(owner, 'DELETE', withdrawn)).json).toMatchObject({ code: 'not_found' });
    const taken = await call(owner, 'POST', '/members/invitations', { email: 'READER@shop.example', role: 'owner' });
    expect(taken.json).toMatchObject({ code: 'conflict' });
  });
  it('get a link for a new password from the owner, by mail and in her hand; it is good once', async () => {
    const { json } = await call(owner, 'GET', '/members');
    const [reader] = (json['members'] as { memberId: string; role: Role; email: string }[]).filter(
      ({ role }) => role === 'reader',
    );
    const path = `/members/${reader!.memberId}/reset`;
    expect((await call(members.get('marketer')!, 'POST', path, {})).json).toMatchObject({ code: 'forbidden' });
    expect((await call(owner, 'POST', '/members/nobody/reset', {})).json).toMatchObject({ code: 'not_found' });
    const made = await call(owner, 'POST', path, { language: 'en' });
    expect(made).toMatchObject({ status: 201, json: { mailed: 'preview' } });
    const [mail] = await listPreviewMails(app.records.db, 1);
    expect(mail).toMatchObject({ recipient: reader!.email, subject: 'A new password for Lumen' });
    const read = await readPreviewMail(app.records.db, mail!.mailId);
    expect(read?.text).toContain(String(made.json['link']));
    expect(read?.html).toContain(`href="${String(made.json['link'])}"`);
    const names = read?.headers.map(({ key }) => key) ?? [];
    expect(names).toContain('auto-submitted');
    expect(names.filter((name) => name.startsWith('list-') || name === 'feedback-id')).toEqual([]);
    const body = { token: tokenIn(String(made.json['link'])), password: 'reader long secret' };
    expect((await call(jar(), 'POST', '/password/reset', body)).status).toBe(200);
    expect((await call(jar(), 'POST', '/password/reset', body)).json).toMatchObject({ code: 'link_spent' });
    // A new password ends every session.
    const who = members.get('reader')!;
    expect((await call(who, 'GET', '/account')).status).toBe(401);
    const again = { email: reader!.email, password: body.password };
    expect((await call(who, 'POST', '/session', again)).json).toMatchObject({ state: 'signed_in' });
  });
  it('are written to by the provider that is set, and told where it refuses', async () => {
    const asked: { url: string; body: Record<string, unknown> }[] = [];
    let answer = { status: 200, body: { ErrorCode: 0, Message: 'OK', MessageID: 'theirs-1' } as object };
    const provider = createServer((request, response) => {
      const reply = async (): Promise<void> => {
        asked.push({ url: request.url ?? '', body: JSON.parse(await text(request)) as Record<string, unknown> });
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
      };
      void reply();
    });
    await new Promise<void>((done) => provider.listen(0, '127.0.0.1', done));
    const { port } = provider.address() as AddressInfo;
    await app.mail.change({ provider: 'postmark', keySecret: 'k', baseUrl: `http://127.0.0.1:${port}` });
    try {
      const invitation = { email: 'by-provider@shop.example', role: 'reader', language: 'en' };
      const first = await call(owner, 'POST', '/members/invitations', invitation);
      expect(first.json).toMatchObject({ mailed: 'sent' });
      expect(asked).toHaveLength(1);
      expect(asked[0]).toMatchObject({ url: '/email', body: { To: 'by-provider@shop.example' } });
      expect(asked[0]!.body['TextBody']).toContain(String(first.json['link']));
      expect(JSON.stringify(asked[0]!.body['Headers'])).not.toMatch(/unsubscribe/i);
      answer = { status: 422, body: { ErrorCode: 405, Message: 'Not allowed to send' } };
      const second = await call(owner, 'POST', '/members/invitations', invitation);
      expect(second.json).toMatchObject({
        mailed: 'refused',
        link: expect.stringContaining('/console/join#') as string,
      });
      await call(owner, 'DELETE', `/members/invitations/${String(second.json['linkId'])}`);
    } finally {
      await app.mail.change(null);
      provider.close();
    }
  });
  it('get another role with their next request; the last owner stays', async () => {
    const { json } = await call(owner, 'GET', '/members');
    const rows = json['members'] as { memberId: string; role: Role }[];
    const idOf = (role: Role): string => rows.find((row) => row.role === role)!.memberId;
    expect((await call(owner, 'PATCH', `/members/${idOf('owner')}`, { role: 'reader' })).json).toMatchObject({
      code: 'conflict',
    });
    expect((await call(owner, 'DELETE', `/members/${idOf('owner')}`)).json).toMatchObject({ code: 'conflict' });
    const reader = members.get('reader')!;
    expect((await call(reader, 'GET', '/members')).status).toBe(403);
    await call(owner, 'PATCH', `/members/${idOf('reader')}`, { role: 'owner' });
    expect((await call(reader, 'GET', '/members')).status).toBe(200);
    await call(owner, 'PATCH', `/members/${idOf('reader')}`, { role: 'reader' });
    expect((await call(reader, 'GET', '/members')).status).toBe(403);
    expect((await call(owner, 'PATCH', '/members/nobody', { role: 'reader' })).status).toBe(404);
  });
});

describe('permissions', () => {
  it('are declared by every operation, and those open to all are few', () => {
    const open = apiEndpoints(app).filter((each) => each.need === 'none');
    expect(open.map(({ method, path }) => `${method.toUpperCase()} ${path}`).sort()).toEqual([
      'DELETE /session',
      'GET /session',
      'POST /invitations/accept',
      'POST /invitations/look',
      'POST /password/forgotten',
      'POST /password/reset',
      'POST /session',
      'POST /session/link',
      'POST /session/single-sign-on',
      'POST /setup',
    ]);
    for (const { need } of apiEndpoints(app)) expect(['none', 'member', ...PERMISSIONS]).toContain(need);
  });
  it('every role is let in exactly where the table says', async () => {
    for (const role of ROLES) {
      const who = role === 'owner' ? owner : members.get(role)!;
      const held = permissionsOf(role);
      for (const operation of apiEndpoints(app)) {
        const { need, method } = operation;
        if (need === 'none' || need === 'member') continue;
        const path = operation.path.replaceAll(/\{\w+\}/g, 'nobody');
        // Nothing must really happen where the role is let in: a body that is no JSON, and queries nobody knows.
        const harmless = operation.body !== undefined || operation.query !== undefined;
        if (held.includes(need) && !harmless && method !== 'get') continue;
        const answer = await call(
          who,
          method.toUpperCase(),
          `${path}${operation.query === undefined ? '' : '?nope=1'}`,
          operation.body === undefined ? undefined : '{"a":',
        );
        expect({
          role,
          operation: `${method} ${operation.path}`,
          refused: answer.json['code'] === 'forbidden',
        }).toEqual({
          role,
          operation: `${method} ${operation.path}`,
          refused: !held.includes(need),
        });
      }
    }
  });
  it('an analyst is not the support desk', () => {
    expect(permissionsOf('analyst')).not.toContain('people.contact_data');
    expect(permissionsOf('reader').every((each) => each.endsWith('.read'))).toBe(true);
    expect(permissionsOf('marketer')).not.toContain('people.erase');
    expect(permissionsOf('owner')).toEqual(PERMISSIONS);
  });
  it('a change from another site, or from a browser that does not say from where, is refused', async () => {
    const patch = { brand: 'Stolen' };
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { origin: '' }] as const)
      expect((await call(owner, 'PATCH', '/business', patch, headers)).json).toMatchObject({ code: 'forbidden' });
    expect((await call(owner, 'PATCH', '/business', { brand: 'Lumen' })).status).toBe(200);
    expect(app.business.brand).toBe('Lumen');
  });
});

describe('keys', () => {
  it('do what their scopes say, until they expire', async () => {
    const { json } = await call(owner, 'POST', '/keys', {
      kind: 'secret',
      label: 'dashboard',
      scopes: ['results.read', 'people.read'],
      expiresInDays: 1,
    });
    const bearer = { authorization: `Bearer ${String(json['key'])}` };
    expect((await call(jar(), 'GET', '/people?query=x', undefined, bearer)).status).toBe(200);
    expect((await call(jar(), 'GET', '/business', undefined, bearer)).json).toMatchObject({ code: 'forbidden' });
    expect((await call(jar(), 'GET', '/account', undefined, bearer)).json).toMatchObject({ code: 'forbidden' });
    shiftMs = 25 * 3_600_000;
    expect((await call(jar(), 'GET', '/people?query=x', undefined, bearer)).json).toMatchObject({
      code: 'unauthorised',
    });
    shiftMs = 0;
    const { keys } = (await call(owner, 'GET', '/keys')).json as { keys: { label: string; scopes: string[] }[] };
    expect(keys.find(({ label }) => label === 'dashboard')?.scopes).toEqual(['people.read', 'results.read']);
  });
});

describe('what people are called', () => {
  it('is masked for those who need not know', async () => {
    const { json } = await call(owner, 'POST', '/keys', { kind: 'write', label: 'shop' });
    const traits = { email: 'ada@shop.example', phone: '+447700900123', firstName: 'Ada', city: 'Bath' };
    const sent = await routes.request('/v1/identify', {
      method: 'POST',
      headers: { authorization: `Bearer ${String(json['key'])}` },
      body: JSON.stringify({ userId: 'p1', traits }),
    });
    expect(sent.status).toBe(200);
    const seen = async (who: Jar) => JSON.stringify((await call(who, 'GET', '/people/p1')).json);
    for (const role of ['marketer', 'support', 'approver'] as const)
      expect(await seen(members.get(role)!)).toContain('ada@shop.example');
    for (const role of ['analyst', 'reader'] as const) {
      const text = await seen(members.get(role)!);
      expect(text).toContain('a•••@shop.example');
      expect(text).toContain('•••0123');
      expect(text).not.toMatch(/ada@|7700|"Ada"|Bath/);
      expect((await call(members.get(role)!, 'GET', '/people/p1/export')).status).toBe(403);
    }
  });
});

describe('the preview mailbox', () => {
  const look = (who: Jar | undefined, path = '/mailbox', headers: Readonly<Record<string, string>> = {}) =>
    routes.request(`${ORIGIN}${path}`, {
      headers: {
        ...(who === undefined
          ? {}
          : { cookie: [...who.cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
        ...headers,
      },
    });

  it('opens for whoever may see people’s addresses, and tells nobody else what is in it', async () => {
    const raw = Buffer.from('From: a@b.example\r\nTo: mei@shop.example\r\nSubject: Her secret wish\r\n\r\nHello');
    await keepPreview(
      app.records.db,
      { envelopeFrom: 'a@b.example', envelopeTo: ['mei@shop.example'], raw },
      systemClock.now(),
    );
    const [mail] = await listPreviewMails(app.records.db, 1);
    for (const path of ['/mailbox', `/mailbox/${mail!.mailId}`, '/mailbox/999999']) {
      const nobody = await look(undefined, path);
      expect([path, nobody.status, nobody.headers.get('cache-control')]).toEqual([path, 401, 'no-store']);
      expect(await nobody.text()).not.toContain('Her secret wish');
      for (const role of ROLES) {
        const answer = await look(role === 'owner' ? owner : members.get(role)!, path);
        const may = permissionsOf(role).includes('people.contact_data');
        expect([path, role, answer.status]).toEqual([path, role, may ? (path.endsWith('999999') ? 404 : 200) : 403]);
        expect((await answer.text()).includes('Her secret wish')).toBe(may && !path.endsWith('999999'));
      }
    }
    expect((await look(undefined, '/mailbox', { authorization: 'Bearer local' })).status).toBe(200);
    expect(await (await look(undefined, '/mailbox', { 'accept-language': 'zh-CN' })).text()).toContain(
      '请先登录控制台',
    );
  });

  it('asks nobody in the demo on one’s own machine', async () => {
    const open = httpRoutes(app, () => undefined, { isMailboxOpen: true });
    const answer = await open.request('/mailbox');
    expect([answer.status, (await answer.text()).includes('Her secret wish')]).toEqual([200, true]);
  });
});

describe('guessing', () => {
  it('is locked out after a few failures, for the right password too, and stays so in a new process', async () => {
    const email = 'analyst@shop.example';
    for (let at = 0; at < ACCOUNT_FAILURES_MAX; at++)
      expect((await signIn(email, 'wrong'))[1].json).toMatchObject({ code: 'credentials_wrong', status: 401 });
    const [, locked] = await signIn(email, 'analyst long secret');
    expect(locked.json).toMatchObject({ code: 'busy', status: 429 });
    expect(Number(locked.json['seconds'])).toBeGreaterThan(800);
    routes = httpRoutes(app, (error) => console.error(error), { localSecret: 'local' });
    expect((await signIn(email, 'analyst long secret'))[1].status).toBe(429);
    expect((await signIn(OWNER.email, OWNER.password))[1].status).toBe(200);
    shiftMs = 31 * 60_000;
    expect((await signIn(email, 'analyst long secret'))[1].status).toBe(200);
    shiftMs = 0;
  });
  it('is told the same whether there is such an account or not', async () => {
    const [, unknown] = await signIn('nobody@shop.example', 'wrong wrong wrong');
    const [, known] = await signIn('support@shop.example', 'wrong wrong wrong');
    expect(unknown.json).toEqual(known.json);
    const forgotten = { language: 'en', email: 'nobody@shop.example' };
    expect((await call(jar(), 'POST', '/password/forgotten', forgotten)).json).toEqual({ done: true });
  });
});

describe('one’s own account', () => {
  it('has a second factor: a code from an app, or a backup code once', async () => {
    const who = members.get('support')!;
    const email = 'support@shop.example';
    const password = 'support long secret';
    expect((await call(who, 'POST', '/account/second-factor', { password: 'wrong' })).json).toMatchObject({
      code: 'credentials_wrong',
    });
    const begun = (await call(who, 'POST', '/account/second-factor', { password })).json as {
      uri: string;
      backupCodes: string[];
    };
    expect(begun.uri).toMatch(/^otpauth:\/\/totp\/Rekindle/);
    expect((await signIn(email, password))[1].json).toEqual({ state: 'signed_in' });
    const wrong = await call(who, 'POST', '/account/second-factor/confirm', { code: '000000' });
    expect(wrong.json).toMatchObject({ code: 'credentials_wrong' });
    const code = () => totp(begun.uri, Date.now());
    expect((await call(who, 'POST', '/account/second-factor/confirm', { code: code() })).status).toBe(200);
    expect((await call(who, 'GET', '/account')).json).toMatchObject({ hasSecondFactor: true });
    const [stopped, needed] = await signIn(email, password);
    expect(needed.json).toEqual({ state: 'code_needed' });
    expect((await call(stopped, 'GET', '/session')).json).toMatchObject({ state: 'signed_out' });
    expect((await signIn(email, password, '123'))[1].json).toMatchObject({ code: 'credentials_wrong' });
    const [inside, entered] = await signIn(email, password, code());
    expect(entered.json).toEqual({ state: 'signed_in' });
    expect((await call(inside, 'GET', '/session')).json).toMatchObject({ state: 'signed_in' });
    const [backup] = begun.backupCodes;
    expect((await signIn(email, password, backup))[1].json).toEqual({ state: 'signed_in' });
    expect((await signIn(email, password, backup))[1].json).toMatchObject({ code: 'credentials_wrong' });
    expect((await call(inside, 'POST', '/account/second-factor/end', { password })).status).toBe(200);
    expect((await signIn(email, password))[1].json).toEqual({ state: 'signed_in' });
  });
  it('lists its sessions and ends them', async () => {
    const [here] = await signIn('marketer@shop.example', 'marketer long secret');
    const [there] = await signIn('marketer@shop.example', 'marketer long secret');
    const { sessions } = (await call(here, 'GET', '/account')).json as {
      sessions: { sessionId: string; isThis: boolean }[];
    };
    expect(sessions.filter(({ isThis }) => isThis)).toHaveLength(1);
    expect(JSON.stringify(sessions)).not.toMatch(/token/);
    expect((await call(here, 'DELETE', '/account/sessions')).json).toEqual({ ended: sessions.length - 1 });
    expect((await call(there, 'GET', '/session')).json).toMatchObject({ state: 'signed_out' });
    const own = sessions.find(({ isThis }) => isThis)!.sessionId;
    expect((await call(here, 'DELETE', `/account/sessions/${own}`)).json).toEqual({ ended: 1 });
    expect((await call(here, 'DELETE', `/account/sessions/${own}`)).status).toBe(401);
  });
  it('gets a new password: by the old one, or by a link that is good once and ends every session', async () => {
    const email = 'approver@shop.example';
    const who = members.get('approver')!;
    const change = { currentPassword: 'approver long secret', newPassword: 'another long secret' };
    expect((await call(who, 'POST', '/account/password', { ...change, currentPassword: 'no' })).status).toBe(401);
    expect((await call(who, 'POST', '/account/password', change)).status).toBe(200);
    expect((await signIn(email, change.currentPassword))[1].status).toBe(401);
    const [inside] = await signIn(email, change.newPassword);
    await call(jar(), 'POST', '/password/forgotten', { email, language: 'en' });
    const [mail] = await listPreviewMails(app.records.db, 1);
    const read = await readPreviewMail(app.records.db, mail!.mailId);
    const token = /reset#([\w-]{43})/.exec(read?.text ?? '')?.[1];
    expect(token).toBeDefined();
    const reset = { token, password: 'a third long secret' };
    expect((await call(jar(), 'POST', '/password/reset', reset)).status).toBe(200);
    expect((await call(jar(), 'POST', '/password/reset', reset)).json).toMatchObject({ code: 'link_spent' });
    expect((await call(inside, 'GET', '/session')).json).toMatchObject({ state: 'signed_out' });
    const [again, entered] = await signIn(email, reset.password);
    expect(entered.status).toBe(200);
    members.set('approver', again);
  });
  it('can be entered by a link of this machine’s owner, once', async () => {
    const { token } = await makeLink(
      app.records.db,
      { kind: 'sign_in', email: OWNER.email, createdBy: '' },
      new Date(),
    );
    const who = jar();
    expect((await call(who, 'POST', '/session/link', { token })).status).toBe(200);
    expect((await call(who, 'GET', '/session')).json).toMatchObject({ me: { role: 'owner' } });
    expect((await call(jar(), 'POST', '/session/link', { token })).json).toMatchObject({ code: 'link_spent' });
    expect((await call(who, 'DELETE', '/session')).json).toEqual({ state: 'signed_out' });
    expect((await call(who, 'GET', '/session')).json).toMatchObject({ state: 'signed_out' });
  });
});

describe('the audit log', () => {
  it('says who changed what, with before and after, and holds neither secrets nor addresses of people', async () => {
    await call(owner, 'PATCH', '/business', { brand: 'Lumen & Co' });
    const { entries } = (await call(owner, 'GET', '/audit?limit=200')).json as {
      entries: { action: string; actorName: string; before: Record<string, unknown>; after: Record<string, unknown> }[];
    };
    expect(entries[0]).toMatchObject({
      action: 'PATCH /business',
      actorName: 'Mei',
      before: { brand: 'Lumen' },
      after: { brand: 'Lumen & Co' },
    });
    const actions = new Set(entries.map(({ action }) => action));
    for (const action of ['POST /members/invitations', 'PATCH /members/{memberId}', 'POST /keys'])
      expect(actions).toContain(action);
    expect(JSON.stringify(entries)).not.toMatch(/long secret|rk[sw]_[\w-]{10}|ada@|\/console\/join#/);
    expect((await call(members.get('approver')!, 'GET', '/audit')).status).toBe(200);
    expect((await call(members.get('reader')!, 'GET', '/audit')).status).toBe(403);
  });
  it('only grows', async () => {
    await expect(app.records.db.deleteFrom('audit_log').execute()).rejects.toThrow('only grows');
    await expect(app.records.db.updateTable('audit_log').set({ action: 'x' }).execute()).rejects.toThrow('only grows');
  });
});

describe('what the audit log writes down', () => {
  it('has words in both languages for every operation, and for no other', () => {
    const audited = [
      ...apiEndpoints(app)
        .filter(changes)
        .map(({ method, path }) => `${method.toUpperCase()} ${path}`),
      // A run exports people one by one, each an entry of its own.
      'GET /people/{personId}/export',
    ];
    expect(Object.keys(en).toSorted()).toEqual([...new Set(audited)].map((action) => `did_${action}`).toSorted());
    for (const words of Object.values(en)) expect(words).toMatch(/^[A-Z][a-z]/);
    for (const words of Object.values(zh)) expect(words).toMatch(/^[\u4e00-\u9fff]+$/);
  });
});

describe('the operations of accounts', () => {
  it('refuse what is refused everywhere', async () => {
    const large = JSON.stringify({ text: 'x'.repeat(5 * 1024 * 1024) });
    const { key } = (await call(owner, 'POST', '/keys', { kind: 'write' })).json as { key: string };
    const where = (operation: Endpoint): readonly [string, string] => [
      operation.method.toUpperCase(),
      operation.path.replaceAll(/\{\w+\}/g, 'nobody'),
    ];
    for (const operation of accountEndpoints(app).filter(({ need }) => need !== 'none')) {
      const [method, path] = where(operation);
      expect((await call(jar(), method, path)).status).toBe(401);
      expect((await call(jar(), method, path, undefined, { authorization: `Bearer ${key}` })).status).toBe(403);
    }
    for (const operation of accountEndpoints(app).filter(({ query }) => query !== undefined)) {
      const [method, path] = where(operation);
      expect((await call(owner, method, `${path}?nope=1`)).status).toBe(422);
    }
    for (const operation of accountEndpoints(app).filter(({ body }) => body !== undefined)) {
      const [method, path] = where(operation);
      expect((await call(owner, method, path, '{"a":')).json).toMatchObject({ code: 'body_not_json' });
      expect((await call(owner, method, path, large)).json).toMatchObject({ code: 'too_large' });
      expect((await call(owner, method, path, { nope: 1 })).json).toMatchObject({ code: 'invalid' });
    }
  });
  it('refuse what only they can', async () => {
    expect((await call(jar(), 'POST', '/session/single-sign-on')).status).toBe(404);
    expect((await call(owner, 'DELETE', '/account/sessions/nobody')).status).toBe(404);
    expect((await call(owner, 'DELETE', '/members/nobody')).status).toBe(404);
    const { token } = await makeLink(
      app.records.db,
      { kind: 'invitation', email: OWNER.email, role: 'reader', createdBy: '' },
      new Date(),
    );
    const accept = { token, name: 'Twice', password: 'twice a long secret' };
    expect((await call(jar(), 'POST', '/invitations/accept', accept)).json).toMatchObject({ code: 'conflict' });
    const forgotten = { email: 'flood@shop.example', language: 'en' };
    for (let at = 0; at < ACCOUNT_FAILURES_MAX; at++) await call(jar(), 'POST', '/password/forgotten', forgotten);
    expect((await call(jar(), 'POST', '/password/forgotten', forgotten)).status).toBe(429);
    const change = { currentPassword: 'wrong', newPassword: 'another long secret' };
    const who = members.get('analyst')!;
    for (let at = 0; at < ACCOUNT_FAILURES_MAX; at++)
      expect((await call(who, 'POST', '/account/password', change)).json).toMatchObject({ code: 'credentials_wrong' });
    expect((await call(who, 'POST', '/account/password', change)).status).toBe(429);
    const rows = (await call(owner, 'GET', '/members')).json['members'] as { memberId: string; role: Role }[];
    const analyst = rows.find(({ role }) => role === 'analyst')!.memberId;
    expect((await call(owner, 'DELETE', `/members/${analyst}`)).status).toBe(200);
    expect((await call(who, 'GET', '/session')).json).toMatchObject({ state: 'signed_out' });
  });
  it('have been seen answering in every way that is documented', () => {
    const documented = accountEndpoints(app).flatMap((operation) =>
      [...new Set([operation.status, ...refusalsOf(operation).map((code) => ERRORS[code].status)])].map(
        (status) => `${nameOf(operation)} ${status}`,
      ),
    );
    // Needs an identity provider, and no test stands in for one yet.
    const missing = documented.filter((each) => !covered.has(each) && each !== 'POST /session/single-sign-on 200');
    expect(missing).toEqual([]);
  });
});
