// Single sign-on against a provider that checks every request: discovery, authorisation with PKCE and state, the token, and who may come in.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openApp, type App } from '../../src/app.ts';
import { configOf } from '../../src/config.ts';
import { startServer, type RunningServer } from '../../src/http/server.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { startIdentityProvider, type IdentityProvider, type Person } from '../support/identity-provider.ts';
import { copyRecords } from '../support/records-template.ts';

const MEI: Person = { sub: 'p-1', email: 'mei@shop.example', name: 'Mei', emailVerified: true };

/** A browser that keeps cookies and follows nobody. */
class Browser {
  readonly cookies = new Map<string, string>();
  async ask(url: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(url, {
      redirect: 'manual',
      ...init,
      headers: {
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        origin: new URL(url).origin,
      },
    });
    for (const set of response.headers.getSetCookie()) {
      const [pair = ''] = set.split(';');
      const at = pair.indexOf('=');
      if (/max-age=0/i.test(set)) this.cookies.delete(pair.slice(0, at));
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }
}

describe.each([
  { who: 'whom nobody invited gets the role that is set', role: 'analyst' },
  { who: 'only the invited come in', role: undefined },
])('single sign-on: $who', ({ role }) => {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-oidc-'));
  let provider: IdentityProvider;
  let app: App;
  let server: RunningServer;

  beforeAll(async () => {
    provider = await startIdentityProvider(() => `${server.url}/api/auth/callback/oidc`);
    // The port is known only once something listens, and the address of the way back is settled when the app is built.
    const port = await freePort();
    await copyRecords(folder);
    app = await openApp(
      configOf({
        REKINDLE_DATA_DIR: folder,
        REKINDLE_PORT: String(port),
        REKINDLE_PUBLIC_URL: `http://127.0.0.1:${port}`,
        REKINDLE_OIDC_ISSUER: provider.issuer,
        REKINDLE_OIDC_CLIENT_ID: provider.clientId,
        REKINDLE_OIDC_CLIENT_SECRET: provider.clientSecret,
        ...(role === undefined ? {} : { REKINDLE_OIDC_ROLE: role }),
      }),
      systemClock,
    );
    server = await startServer(app, () => undefined, port);
    await app.accounts.createMember({
      email: 'owner@shop.example',
      name: 'Owner',
      password: 'a long enough secret',
      role: 'owner',
      isFounder: true,
    });
  });
  beforeEach(() => {
    provider.refusals.length = 0;
    provider.forge(undefined);
  });
  afterAll(async () => {
    await server.close();
    await app.close();
    await provider.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** From the button to the page she ends on. */
  async function comeIn(browser: Browser, person: Person | undefined): Promise<string> {
    provider.becomes(person);
    const begun = await browser.ask(`${server.url}/api/session/single-sign-on`, { method: 'POST', body: '{}' });
    expect(begun.status).toBe(200);
    const { url } = (await begun.json()) as { url: string };
    expect(url.startsWith(`${provider.issuer}/authorize?`)).toBe(true);
    const away = await fetch(url, { redirect: 'manual' });
    expect([away.status, provider.refusals]).toEqual([302, []]);
    const back = await browser.ask(away.headers.get('location') ?? '');
    return back.headers.get('location') ?? '';
  }
  const sessionOf = async (browser: Browser) =>
    (await (await browser.ask(`${server.url}/api/session`)).json()) as {
      state: string;
      me?: { email: string; role: string };
    };

  it('finds the provider, proves itself with PKCE and state, and exchanges the code once', async () => {
    await app.accounts.createMember({ ...MEI, password: 'a long enough secret', role: 'marketer', isFounder: false });
    const browser = new Browser();
    expect(await comeIn(browser, MEI)).toBe('/console/');
    expect(provider.asked).toEqual(expect.arrayContaining(['discovery', 'authorize', 'token']));
    expect(provider.refusals).toEqual([]);
    const query = provider.lastAuthorisation();
    expect(query.get('code_challenge_method')).toBe('S256');
    expect(query.get('nonce')).toMatch(/^[\w-]{16,}$/);
    expect(query.get('scope')?.split(' ').toSorted()).toEqual(['email', 'openid', 'profile']);
    // Whom an owner gave a role keeps it: the provider says who she is, not what she may do.
    expect(await sessionOf(browser)).toMatchObject({ state: 'signed_in', me: { email: MEI.email, role: 'marketer' } });
    expect(browser.cookies.has('rekindle.session_token')).toBe(true);
  });

  it('lets in whom nobody invited only where that is wanted, with the role that is set', async () => {
    const stranger = { sub: 'p-2', email: 'lin@shop.example', name: 'Lin', emailVerified: true };
    const browser = new Browser();
    const landed = await comeIn(browser, stranger);
    const session = await sessionOf(browser);
    const expected =
      role === undefined ? { state: 'signed_out' } : { state: 'signed_in', me: { email: stranger.email, role } };
    expect(landed.includes('refused')).toBe(role === undefined);
    expect(session).toMatchObject(expected);
  });

  it('tells her when the provider refuses', async () => {
    const browser = new Browser();
    const exchanged = provider.asked.filter((each) => each === 'token').length;
    expect(await comeIn(browser, undefined)).toMatch(/\/console\/\?refused=1/);
    expect(await sessionOf(browser)).toMatchObject({ state: 'signed_out' });
    expect(provider.asked.filter((each) => each === 'token')).toHaveLength(exchanged);
  });

  it('does not take an answer that another browser asked for, nor the same code twice', async () => {
    provider.becomes(MEI);
    const mine = new Browser();
    const begun = await mine.ask(`${server.url}/api/session/single-sign-on`, { method: 'POST', body: '{}' });
    const { url } = (await begun.json()) as { url: string };
    const back = (await fetch(url, { redirect: 'manual' })).headers.get('location') ?? '';
    const thief = new Browser();
    await thief.ask(back);
    expect(await sessionOf(thief)).toMatchObject({ state: 'signed_out' });
    const first = new Browser();
    expect(await comeIn(first, MEI)).toBe('/console/');
    const again = new Browser();
    await again.ask(back);
    expect(await sessionOf(again)).toMatchObject({ state: 'signed_out' });
  });

  it('does not join an address that the provider has not verified to an account that is there', async () => {
    const browser = new Browser();
    await comeIn(browser, { ...MEI, sub: 'p-evil', email: 'owner@shop.example', emailVerified: false });
    expect(await sessionOf(browser)).toMatchObject({ state: 'signed_out' });
  });

  it.each([
    ['of another issuer', { iss: 'https://evil.example' }],
    ['for another client', { aud: 'somebody-else' }],
    ['for another sign-in', { nonce: 'of another time' }],
  ])('refuses an id token %s', async (_what, claims) => {
    provider.forge(claims);
    const browser = new Browser();
    await comeIn(browser, MEI);
    expect(await sessionOf(browser)).toMatchObject({ state: 'signed_out' });
  });
});

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
