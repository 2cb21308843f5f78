// The browser SDK on a shop's page in a real browser, against the real server on another origin.
import { createECDH } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openApp, type App } from '../../src/app.ts';
import { createKey } from '../../src/collect/keys.service.ts';
import { configOf } from '../../src/config.ts';
import { startServer, type RunningServer } from '../../src/http/server.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { p, sql } from '../../src/kernel/sql.ts';
import type { InAppMessage } from '../../sdk/src/message.ts';
import type { PushPayload } from '../../sdk/src/push-payload.ts';
import { newId } from '../../src/kernel/ids.ts';
import { personAddress } from '../../src/reach/channels/addresses.sql.ts';
import { signPersonToken } from '../../src/reach/inbox/person-token.ts';
import { planMessages } from '../../src/reach/messages/ledger.sql.ts';
import { saveTemplate } from '../../src/reach/templates/templates.service.ts';
import { addPeople, message } from '../support/rows.ts';
import { chromiumAbsent, startChromium, type Browser } from '../support/chromium.ts';
import { copyRecords } from '../support/records-template.ts';
import { buildSdk, type BuiltSdk } from '../support/sdk-build.ts';

describe.skipIf(chromiumAbsent !== '')(`the SDK in Chromium${chromiumAbsent}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-sdk-e2e-'));
  let sdk: BuiltSdk;
  let app: App;
  let server: RunningServer;
  let shopServer: Server;
  let shopUrl: string;
  let browser: Browser;
  let page: Page;
  let writeKey: string;
  let html = '';
  const errors: Error[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    sdk = buildSdk();
    await copyRecords(folder);
    app = await openApp({ ...configOf({}), dataDir: folder, port: 0 }, systemClock);
    server = await startServer(app, (error) => errors.push(error), 0, { sdkFolder: sdk.folder });
    writeKey = (await createKey(app.records.db, 'write', 'test', new Date())).key;
    shopServer = createServer((request, response) => {
      if (request.url?.startsWith('/rekindle-sw.js') === true) {
        response.writeHead(200, { 'content-type': 'text/javascript' });
        response.end(`importScripts('${server.url}/sw.js')`);
        return;
      }
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        // A careful shop: scripts and connections only where it says, and no style but its own.
        'content-security-policy': `default-src 'self'; script-src 'self' 'unsafe-inline' ${server.url}; connect-src ${server.url}`,
      });
      response.end(html);
    });
    await new Promise<void>((done) => shopServer.listen(0, '127.0.0.1', done));
    shopUrl = `http://localhost:${(shopServer.address() as AddressInfo).port}`;
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    shopServer?.close();
    await server?.close();
    await app?.close();
    sdk?.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    page = await browser.context.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) complaints.push(message.text());
    });
  });
  afterEach(async () => {
    html = '<!doctype html>';
    await page.goto(`${shopUrl}/blank`).catch(() => undefined);
    await page.evaluate('localStorage.clear()').catch(() => undefined);
    await page.close();
    const troubles = [...complaints.splice(0), ...errors.splice(0).map(String)];
    if (troubles.length > 0) throw new Error(`the page or the server complained: ${troubles.join('\n')}`);
  });

  const snippet = (options: object, calls = ''): string => `<!doctype html><html lang="en"><title>Shop</title>
    <main><h1>Shop</h1><button id="buy">Buy</button></main>
    <script>
      window.rekindle = [];
      for (const name of ['load','identify','track','page','group','alias','reset','consent','token'])
        rekindle[name] = (...given) => rekindle.push([name, ...given]);
      rekindle.load(${JSON.stringify({ host: server.url, writeKey, ...options })});
      ${calls}
    </script><script async src="${server.url}/sdk.js"></script>`;
  const ready = () => page.waitForFunction('!Array.isArray(window.rekindle)');
  const flush = () => page.evaluate('rekindle.flush()');
  const anonymous = async (): Promise<string> => `anon:${await page.evaluate<string>('rekindle.anonymousId()')}`;
  const waitingCalls = () =>
    page.evaluate(`Object.keys(localStorage).filter((key) => key.startsWith('rekindle:q:')).length`);
  type Row = { readonly name: string; readonly actor_id: string; readonly properties: Record<string, unknown> };
  const eventsOf = async (...actors: string[]): Promise<Row[]> => {
    const rows = await app.events.rows<{ name: string; actor_id: string; properties: string }>(
      sql`SELECT name, actor_id, properties FROM events WHERE actor_id IN ${p.texts(actors)} ORDER BY occurred_at, message_id`,
    );
    return rows.map((row) => ({ ...row, properties: JSON.parse(row.properties) as Record<string, unknown> }));
  };
  const namesOf = async (...actors: string[]): Promise<string[]> => (await eventsOf(...actors)).map((row) => row.name);

  describe('as a snippet', () => {
    it('makes up for the calls before it was loaded, in order, and joins the visitor to the person', async () => {
      html = snippet(
        {},
        `rekindle.track('Viewed', { sku: 7 }); rekindle.identify('s1', { email: 's1@shop.example' }); rekindle.group('g1');`,
      );
      await page.goto(`${shopUrl}/a?utm_source=x`);
      await ready();
      await flush();
      const visitor = await anonymous();
      const rows = await eventsOf(visitor, 's1');
      expect(rows.map(({ name, actor_id }) => [name, actor_id])).toEqual([
        ['page', visitor],
        ['Viewed', visitor],
        ['identify', 's1'],
        ['group', 's1'],
      ]);
      expect(rows[0]!.properties).toMatchObject({
        path: '/a',
        search: '?utm_source=x',
        title: 'Shop',
        url: `${shopUrl}/a?utm_source=x`,
      });
      expect(rows[1]!.properties).toEqual({ sku: 7 });
      const links = await app.events.rows(
        sql`SELECT person_id FROM person_links FINAL WHERE actor_id = ${p.text(visitor)}`,
      );
      expect(links).toEqual([{ person_id: 's1' }]);
      const person = await app.records.db
        .selectFrom('people')
        .select(['email', 'language', 'time_zone'])
        .where('person_id', '=', 's1')
        .executeTakeFirst();
      expect(person).toMatchObject({ email: 's1@shop.example', language: 'en-US', time_zone: expect.any(String) });
    });

    it('starts somebody new after reset, and joins two ids by alias', async () => {
      html = snippet({ autoPage: false }, `rekindle.identify('s2');`);
      await page.goto(shopUrl);
      await ready();
      const first = await anonymous();
      await page.evaluate(`rekindle.reset(); rekindle.track('Viewed'); rekindle.alias('s3')`);
      await flush();
      const second = await anonymous();
      expect(second).not.toBe(first);
      expect(await namesOf('s2')).toEqual(['identify']);
      expect(await namesOf(second, 's3')).toEqual(['Viewed', 'alias']);
      const links = await app.events.rows(
        sql`SELECT person_id FROM person_links FINAL WHERE actor_id = ${p.text(second)}`,
      );
      expect(links).toEqual([{ person_id: 's3' }]);
    });
  });

  describe('consent', () => {
    it('pending: stores nothing and sends nothing; given: starts from here, with who she is; withdrawn: forgets everything', async () => {
      const requests: string[] = [];
      page.on('request', (request) => {
        if (request.url().startsWith(`${server.url}/v1`)) requests.push(request.url());
      });
      html = snippet({ consent: 'pending' }, `rekindle.identify('c1'); rekindle.track('Before');`);
      await page.goto(shopUrl);
      await ready();
      await page.waitForTimeout(800); // Longer than a queue would wait.
      expect(requests).toEqual([]);
      expect(await page.evaluate('[localStorage.length, sessionStorage.length, document.cookie]')).toEqual([0, 0, '']);
      expect(await page.evaluate('rekindle.anonymousId()')).toBeUndefined();

      await page.evaluate('rekindle.consent(true)');
      await flush();
      expect(await namesOf('c1')).toEqual(['identify', 'page']);
      // The next page load knows.
      html = snippet({ consent: 'pending' });
      await page.goto(`${shopUrl}/next`);
      await ready();
      await flush();
      expect(await namesOf('c1')).toEqual(['identify', 'page', 'page']);

      await page.evaluate(`rekindle.track('Last'); rekindle.consent(false); rekindle.track('After')`);
      await flush();
      expect(await page.evaluate('localStorage.length')).toBe(0);
      await page.waitForTimeout(800);
      expect(await namesOf('c1')).toHaveLength(3);
      expect(await page.evaluate('localStorage.length')).toBe(0);
    });
  });

  describe('a refusal', () => {
    it('is remembered where nobody waits for a yes, sends nothing that waits, and holds in the other tabs', async () => {
      html = snippet({ autoPage: false });
      await page.goto(shopUrl);
      await ready();
      const visitor = await anonymous();
      const other = await browser.context.newPage();
      await other.goto(`${shopUrl}/other`);
      await other.waitForFunction('!Array.isArray(window.rekindle)');
      await other.evaluate(`rekindle.track('Other tab')`);
      await other.evaluate('rekindle.flush()');
      await page.evaluate(`rekindle.track('Waits'); rekindle.consent(false)`);
      expect(await page.evaluate('Object.entries(localStorage)')).toEqual([['rekindle:consent', '0']]);
      await expect.poll(() => other.evaluate('rekindle.anonymousId()'), { timeout: 10_000 }).toBeUndefined();
      await other.evaluate(`rekindle.track('After')`);
      await other.evaluate('rekindle.flush()');
      await other.close();
      await page.goto(`${shopUrl}/again`);
      await ready();
      await page.evaluate(`rekindle.track('Again')`);
      await flush();
      expect(await page.evaluate('[rekindle.anonymousId(), Object.keys(localStorage).length]')).toEqual([undefined, 1]);
      expect(await namesOf(visitor)).toEqual(['Other tab']);
      await page.evaluate(`rekindle.consent(true); rekindle.track('Agreed')`);
      await flush();
      expect(await namesOf(await anonymous())).toEqual(['Agreed']);
    });
  });

  it('is made once however often a page makes it, and a page put away sends what waits', async () => {
    html = `${snippet({})}<script type="module">
      import { createRekindle } from '${server.url}/sdk.mjs';
      for (const n of [1, 2]) createRekindle({ host: '${server.url}/', writeKey: '${writeKey}' }).track('Made');
      window.again = true;
    </script>`;
    await page.goto(shopUrl);
    await ready();
    await expect.poll(() => page.evaluate('window.again'), { timeout: 10_000 }).toBe(true);
    await page.evaluate(`history.pushState({}, '', '/next')`);
    await page.waitForTimeout(20);
    await flush();
    await expect.poll(waitingCalls, { timeout: 10_000 }).toBe(0);
    const visitor = await anonymous();
    const names = await namesOf(visitor);
    expect(names.toSorted()).toEqual(['Made', 'Made', 'page', 'page']);
    // As a phone does it: hidden, and nothing more is heard of the page.
    // As a phone does it: no timer runs any more, the page is hidden, and nothing more is heard of it.
    await page.evaluate(`window.setTimeout = () => 0; rekindle.track('Hidden');
      Object.defineProperty(document, 'hidden', { value: true });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))`);
    await expect.poll(() => namesOf(visitor), { timeout: 10_000 }).toContain('Hidden');
  });

  describe('a bad connection', () => {
    it('is not held up by what cannot be sent, and the page sees no error', async () => {
      html = snippet({ autoPage: false });
      await page.goto(shopUrl);
      await ready();
      await page.evaluate(`localStorage.setItem('rekindle:q:000000000', '{"type":"tra');
        const circle = {}; circle.self = circle; rekindle.track('Circle', circle); rekindle.track('Next')`);
      await flush();
      expect(await waitingCalls()).toBe(0);
      expect(await namesOf(await anonymous())).toEqual(['Next']);
    });

    it('keeps what happened offline over a reload, and delivers it once', async () => {
      html = snippet({ autoPage: false });
      await page.goto(shopUrl);
      await ready();
      await browser.context.setOffline(true);
      await page.evaluate(`rekindle.track('One'); rekindle.track('Two')`);
      await flush();
      const visitor = await anonymous();
      expect(await namesOf(visitor)).toEqual([]);
      expect(await waitingCalls()).toBe(2);
      await browser.context.setOffline(false);
      await page.goto(`${shopUrl}/later`);
      await ready();
      await expect.poll(() => namesOf(visitor), { timeout: 10_000 }).toEqual(['One', 'Two']);
      await expect.poll(waitingCalls).toBe(0);
    });

    it('tries again after 503, not before Retry-After, and gives up on a refusal', async () => {
      html = snippet({ autoPage: false });
      await page.goto(shopUrl);
      await ready();
      const asked: number[] = [];
      const answers = [503, 429];
      await page.route('**/v1/b', async (route) => {
        asked.push(Date.now());
        const status = answers.shift();
        const headers = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'Retry-After' };
        if (status === undefined) await route.continue();
        else await route.fulfill({ status, headers: status === 429 ? { ...headers, 'retry-after': '2' } : headers });
      });
      await page.evaluate(`rekindle.track('Patient')`);
      const visitor = await anonymous();
      await expect.poll(() => namesOf(visitor), { timeout: 10_000 }).toEqual(['Patient']);
      expect(asked).toHaveLength(3);
      expect(asked[2]! - asked[1]!).toBeGreaterThanOrEqual(2_000);

      answers.push(400);
      await page.evaluate(`rekindle.track('Refused')`);
      await flush();
      expect(await waitingCalls()).toBe(0);
      await page.evaluate(`rekindle.track('Next')`);
      await flush();
      expect(await namesOf(visitor)).toEqual(['Patient', 'Next']);
    });

    it('sends what waits when the page goes away', async () => {
      html = snippet({ autoPage: false });
      await page.goto(shopUrl);
      await ready();
      const visitor = await anonymous();
      await page.evaluate(`rekindle.track('Parting')`);
      await page.goto('about:blank');
      await expect.poll(() => namesOf(visitor), { timeout: 10_000 }).toEqual(['Parting']);
    });
  });

  describe('an app of one page', () => {
    it('is a page at every change of address, and at none that is no change', async () => {
      html = snippet({});
      await page.goto(`${shopUrl}/list`);
      await ready();
      const visitor = await anonymous();
      await page.evaluate(`history.pushState({}, '', '/item?id=1'); document.title = 'Item'`);
      await page.waitForTimeout(20);
      await page.evaluate(
        `history.replaceState({ scroll: 3 }, '', '/item?id=1'); history.pushState({}, '', '/item?id=1#reviews')`,
      );
      await page.waitForTimeout(20);
      await page.evaluate(`history.pushState({}, '', '/#/hash/route')`);
      await page.waitForTimeout(20);
      await page.goBack();
      await page.waitForTimeout(50);
      await flush();
      const rows = await eventsOf(visitor);
      expect(rows.map((row) => [row.name, row.properties['path'], row.properties['title']])).toEqual([
        ['page', '/list', 'Shop'],
        ['page', '/item', 'Item'],
        ['page', '/', 'Item'],
        ['page', '/item', 'Item'],
      ]);
      expect(rows[1]!.properties['referrer']).toBe(`${shopUrl}/list`);
    });
  });

  it('is an ES module too', async () => {
    html = `<!doctype html><title>Module</title><script type="module">
      import { createRekindle } from '${server.url}/sdk.mjs';
      window.rekindle = createRekindle({ host: '${server.url}/', writeKey: '${writeKey}' });
      rekindle.track('From a module');
    </script>`;
    await page.goto(shopUrl);
    await page.waitForFunction('window.rekindle');
    await flush();
    expect(await namesOf(await anonymous())).toEqual(['page', 'From a module']);
  });

  describe('a message on the page', () => {
    const card = (more: Partial<InAppMessage> = {}): InAppMessage => ({
      messageId: 'msg_1',
      receipt: 'r1',
      layout: 'modal',
      lang: 'en',
      title: 'Welcome back, Mei',
      body: 'We kept your basket.\n<img src=x onerror=alert(1)>',
      isAd: true,
      optOutPath: '/u/token',
      actions: [{ label: 'See it', url: '/basket' }],
      ...more,
    });
    let waiting: readonly InAppMessage[] = [];
    const tokens: (string | undefined)[] = [];
    const open = async (): Promise<void> => {
      html = snippet({ token: 'person-token' });
      await page.route('**/v1/inbox', (route) => {
        const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'authorization' };
        if (route.request().method() !== 'OPTIONS') tokens.push(route.request().headers()['authorization']);
        return route.fulfill({ json: { messages: waiting }, headers: cors });
      });
      await page.goto(`${shopUrl}/home`);
      await ready();
    };
    const told = async (): Promise<string[]> => {
      await flush();
      const rows = await eventsOf(await anonymous());
      return rows
        .filter((row) => row.name.startsWith('In-App'))
        .map((row) => `${row.name} ${String(row.properties['receipt'])}`);
    };
    const axe = async (): Promise<unknown[]> => {
      const source = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
      await page.addScriptTag({ path: source });
      const result = (await page.evaluate(
        `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] })`,
      )) as {
        violations: { id: string; nodes: { html: string }[] }[];
      };
      return result.violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]);
    };

    it('asks with the person token; a modal holds the focus, says it is an ad, and takes text for text', async () => {
      waiting = [card()];
      tokens.length = 0;
      await open();
      const dialog = page.getByRole('dialog', { name: 'Welcome back, Mei' });
      await dialog.waitFor();
      expect(tokens).toEqual(['Bearer person-token']);
      expect(await dialog.getByText('Ad', { exact: true }).isVisible()).toBe(true);
      expect(await dialog.getByText('onerror=alert').isVisible()).toBe(true);
      expect(
        await page.evaluate(`document.querySelector('rekindle-message').shadowRoot.querySelectorAll('img').length`),
      ).toBe(0);
      // Tab goes round inside: whatever has the focus is in the dialog (or it is with the browser itself), never on the page behind.
      const held: unknown[] = [];
      for (let press = 0; press < 6; press++) {
        await page.keyboard.press('Tab');
        held.push(await page.evaluate(`document.activeElement.localName`));
      }
      expect(held.filter((name) => name !== 'rekindle-message' && name !== 'body')).toEqual([]);
      expect(held).toContain('rekindle-message');
      await page.evaluate(`document.getElementById('buy').focus()`);
      expect(await page.evaluate(`document.activeElement.id`)).not.toBe('buy');
      expect(await told()).toEqual(['In-App Message Seen r1']);
    });

    it.each(['banner', 'modal', 'card', 'splash'] as const)(
      'a %s has a visible close sign at once; one click closes for good',
      async (layout) => {
        waiting = [card({ layout }), card({ messageId: 'msg_2', receipt: 'r2', title: 'Second' })];
        await open();
        const closer = page.getByRole('button', { name: 'Close' });
        await closer.waitFor();
        const box = (await closer.boundingBox())!;
        expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(24); // WCAG 2.2, 2.5.8.
        expect(await axe()).toEqual([]);
        await closer.click();
        expect(await page.locator('rekindle-message').count()).toBe(0);
        expect(await told()).toEqual(['In-App Message Seen r1', 'In-App Message Closed r1']);
        // Not again on this page, neither this one nor another.
        await page.evaluate('rekindle.checkInbox()');
        expect(await page.locator('rekindle-message').count()).toBe(0);
        // On the next page what was closed stays closed, though the server does not know it yet.
        await page.goto(`${shopUrl}/next`);
        await page.getByRole('dialog', { name: 'Second' }).waitFor();
        expect(await page.getByText('Welcome back').count()).toBe(0);
      },
    );

    it('closes by Escape and gives the focus back', async () => {
      waiting = [];
      await open();
      await page.focus('#buy');
      waiting = [card({ lang: 'zh', title: '欢迎回来', body: '好久不见', actions: [] })];
      await page.evaluate(`rekindle.token('person-token')`);
      await page.getByRole('dialog', { name: '欢迎回来' }).waitFor();
      expect(await page.getByRole('button', { name: '关闭' }).isVisible()).toBe(true);
      expect(await page.getByText('广告', { exact: true }).isVisible()).toBe(true);
      await page.keyboard.press('Escape');
      expect(await page.locator('rekindle-message').count()).toBe(0);
      expect(await page.evaluate(`document.activeElement.id`)).toBe('buy');
      expect(await told()).toEqual(['In-App Message Seen r1', 'In-App Message Closed r1']);
    });

    it('follows a link, reports it, and follows none that is a script', async () => {
      waiting = [
        card({
          layout: 'card',
          actions: [
            { label: 'Run', url: 'javascript:alert(1)' },
            { label: 'See it', url: '/basket' },
          ],
        }),
      ];
      await open();
      const shownCard = page.getByRole('dialog', { name: 'Welcome back, Mei' });
      await shownCard.waitFor();
      expect(await shownCard.getByRole('link').allTextContents()).toEqual(['See it', 'No more of these']);
      const visitor = await anonymous();
      await shownCard.getByRole('link', { name: 'See it' }).click();
      await page.waitForURL(`${shopUrl}/basket`);
      await expect.poll(() => namesOf(visitor)).toContain('In-App Message Clicked');
    });

    it('asks a question: a tap is the answer, words may follow', async () => {
      waiting = [
        card({
          layout: 'card',
          title: '',
          body: '',
          isAd: false,
          actions: [],
          surveyPath: '/v1/surveys/token',
        }),
      ];
      const answers: unknown[] = [];
      await page.route('**/v1/surveys/token', (route) => {
        if (route.request().method() === 'POST') answers.push(route.request().postDataJSON());
        return route.fulfill({
          json: {
            question: 'What kept you away?',
            options: [
              { answer: 'forgot', label: 'I forgot' },
              { answer: 'privacy', label: 'Privacy' },
            ],
          },
          headers: { 'access-control-allow-origin': '*' },
        });
      });
      await open();
      const shownCard = page.getByRole('dialog', { name: 'What kept you away?' });
      await shownCard.waitFor();
      expect(await axe()).toEqual([]);
      await shownCard.getByRole('button', { name: 'Privacy' }).click();
      await shownCard.getByText('Thank you.').waitFor();
      await shownCard.getByRole('textbox').fill('Too many mails');
      await shownCard.getByRole('button', { name: 'Send' }).click();
      expect(await page.locator('rekindle-message').count()).toBe(0);
      await expect
        .poll(() => answers)
        .toEqual([
          { answer: 'privacy', text: '' },
          { answer: 'privacy', text: 'Too many mails' },
        ]);
      expect(await told()).toEqual(['In-App Message Seen r1', 'In-App Message Answered r1']);
    });
  });

  describe('with the real inbox', () => {
    it('shows what lies there for who holds the token, and what she does with it is in the ledger', async () => {
      const { db } = app.records;
      const now = new Date();
      await app.ingest.drained();
      await addPeople(db, [{ id: 'real' }]);
      const words = { title: 'For you', body: 'We kept it', buttons: [{ label: 'See', url: `${shopUrl}/kept` }] };
      const generic = { title: 'Hello', body: 'Come and see' };
      await saveTemplate(db, { key: 'real', kind: 'in_app', versions: { en: { personal: words, generic } } }, now);
      const address = personAddress(app.secrets.address, 'real');
      const messageId = newId('msg', now);
      await planMessages(db, [
        message('real', now, {
          message_id: messageId,
          channel: 'in_app',
          address: address.address,
          address_key: address.addressKey,
          template_id: 'real',
          template_version: 1,
        }),
      ]);
      await db
        .updateTable('messages')
        .set({ state: 'sending', claimed_at: now })
        .where('message_id', '=', messageId)
        .execute();
      await db
        .insertInto('inbox')
        .values({
          message_id: messageId,
          person_id: 'real',
          language: 'en',
          fields: JSON.stringify({
            ...words,
            layout: 'card',
            closable: true,
            adLabel: true,
            moment: 'open',
            frequency: { shows: 3, everyHours: 0 },
          }),
          placed_at: now,
          expires_at: new Date(now.getTime() + 3_600_000),
        })
        .execute();
      await db
        .updateTable('messages')
        .set({ state: 'sent', sent_at: now })
        .where('message_id', '=', messageId)
        .execute();
      const token = signPersonToken(app.secrets.token, 'real', new Date(now.getTime() + 600_000));
      html = snippet({ token }, `rekindle.identify('real');`);
      await page.goto(`${shopUrl}/home`);
      const card = page.getByRole('dialog', { name: 'For you' });
      await card.waitFor();
      await card.getByRole('button', { name: 'Close' }).click();
      const kinds = async (): Promise<string[]> =>
        (
          await db
            .selectFrom('receipts')
            .select('kind')
            .where('message_id', '=', messageId)
            .orderBy('receipt_id')
            .execute()
        ).map(({ kind }) => kind);
      await expect.poll(kinds, { timeout: 10_000 }).toEqual(['delivered', 'closed']);
      const asked = page.waitForResponse(
        (response) => response.url().endsWith('/v1/inbox') && response.status() === 200,
      );
      await page.evaluate('localStorage.removeItem("rekindle:closed")');
      await page.goto(`${shopUrl}/other`);
      expect(await (await asked).json()).toEqual({ messages: [] });
    });
  });

  describe('web push', () => {
    it('signs this browser on with the server’s key, shows what arrives and reports it', async () => {
      await addPeople(app.records.db, [{ id: 'pushed' }]);
      html = snippet({ autoPage: false }, `rekindle.identify('pushed');`);
      await browser.context.grantPermissions(['notifications'], { origin: shopUrl });
      await page.goto(`${shopUrl}/push`);
      await ready();
      await flush();
      // The push service itself is out of reach here: its half of `subscribe` is played, everything else is real.
      const ecdh = createECDH('prime256v1');
      const keys = { p256dh: ecdh.generateKeys('base64url'), auth: Buffer.alloc(16, 3).toString('base64url') };
      const endpoint = 'https://fcm.googleapis.com/fcm/send/e2e';
      await page.evaluate(`PushManager.prototype.subscribe = async function (options) {
        window.askedWith = [...new Uint8Array(options.applicationServerKey)];
        return { toJSON: () => (${JSON.stringify({ endpoint, expirationTime: null, keys })}) };
      }`);
      expect(await page.evaluate('rekindle.enablePush()')).toBe('subscribed');
      expect(Buffer.from(await page.evaluate<number[]>('askedWith')).toString('base64url')).toBe(app.vapidPublicKey);
      const device = await app.records.db
        .selectFrom('endpoints')
        .select(['person_id', 'provider', 'address', 'details'])
        .execute();
      expect(device).toEqual([{ person_id: 'pushed', provider: 'webpush', address: endpoint, details: keys }]);

      const devtools = await browser.context.newCDPSession(page);
      const registered = new Promise<string>((resolve) => {
        devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
          const ours = registrations.find(({ scopeURL }) => scopeURL.startsWith(shopUrl));
          if (ours) resolve(ours.registrationId);
        });
      });
      await devtools.send('ServiceWorker.enable');
      const payload: PushPayload = {
        title: 'Still thinking?',
        body: 'It is here',
        url: `${shopUrl}/kept`,
        messageId: 'msg_e2e',
        receipt: 'r',
        userId: 'pushed',
      };
      // A headless browser has nowhere to show a notification: what it was asked to show is noted instead.
      const worker = browser.context.serviceWorkers().find((each) => each.url().startsWith(shopUrl))!;
      await worker.evaluate(`self.told = []; ServiceWorkerRegistration.prototype.showNotification = async function (title, { body, data }) {
        if (data.messageId === 'msg_e2e') self.told.push(title + ': ' + body);
      }`);
      await devtools.send('ServiceWorker.deliverPushMessage', {
        origin: shopUrl,
        registrationId: await registered,
        data: JSON.stringify(payload),
      });
      const told = () => worker.evaluate('self.told');
      await expect.poll(told, { timeout: 10_000 }).toEqual(['Still thinking?: It is here']);
      await expect.poll(() => namesOf('pushed'), { timeout: 10_000 }).toContain('passive:Push Notification Received');
    });
  });
});
