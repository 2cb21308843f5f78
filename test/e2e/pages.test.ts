// What people see, in a real browser: the unsubscribe page without scripts, the preview mailbox, and the offline report.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp, type App } from '../../src/app.ts';
import { upsertPeople } from '../../src/collect/people/people.sql.ts';
import { configOf } from '../../src/config.ts';
import { startServer, type RunningServer } from '../../src/http/server.ts';
import { addressKey } from '../../src/kernel/address.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { newId } from '../../src/kernel/ids.ts';
import { keepPreview } from '../../src/reach/channels/email/preview-mailbox.service.ts';
import { recordConsents } from '../../src/reach/consent/consent.service.ts';
import { planMessages } from '../../src/reach/messages/ledger.sql.ts';
import { signToken } from '../../src/reach/tracking/token.ts';
import { chromiumAbsent, startChromium, type Browser } from '../support/chromium.ts';
import { copyRecords } from '../support/records-template.ts';

describe.skipIf(chromiumAbsent !== '')(`pages in Chromium${chromiumAbsent}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-pages-'));
  let app: App;
  let server: RunningServer;
  let browser: Browser;
  const now = systemClock.now();
  const messageId = newId('msg', now);

  beforeAll(async () => {
    await copyRecords(folder);
    app = await openApp({ ...configOf({}), dataDir: folder, port: 0 }, systemClock);
    server = await startServer(app, () => undefined, 0, { localSecret: 'local' });
    const key = addressKey(app.secrets.address, 'mei@shop.example');
    const person = {
      phone: null,
      phone_key: null,
      first_name: 'Mei',
      language: 'zh',
      country: null,
      time_zone: null,
      traits: {},
      at: now,
    };
    await upsertPeople(app.records.db, [
      { ...person, person_id: 'p1', email: 'mei@shop.example', email_key: key, own_cluster: 'p1' },
    ]);
    await recordConsents(app.records.db, [
      {
        personId: 'p1',
        channel: 'email',
        purpose: 'marketing',
        status: 'granted',
        basis: 'express',
        textVersion: '1',
        source: 'test',
        proof: {},
        decidedAt: new Date(now.getTime() - 1000),
        expiresAt: null,
      },
    ]);
    await planMessages(app.records.db, [
      {
        message_id: messageId,
        programme_id: 'programme',
        run_id: 'run',
        step: 0,
        person_id: 'p1',
        channel: 'email',
        purpose: 'marketing',
        address: 'mei@shop.example',
        address_key: key,
        variant: 'a',
        template_id: 't',
        template_version: 1,
        language: 'zh',
        grant_id: null,
        content: {},
        priority: 0,
        due_at: now,
        expires_at: new Date(now.getTime() + 86_400_000),
        created_at: now,
        cost_cents: 0,
      },
    ]);
    browser = await startChromium({ javaScriptEnabled: false });
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const consentOf = async (): Promise<string | undefined> =>
    (
      await app.records.db
        .selectFrom('consents')
        .select('status')
        .where('person_id', '=', 'p1')
        .orderBy('decided_at', 'desc')
        .execute()
    )[0]?.status;

  it('unsubscribes in two looks and one click, in her language, without scripts', async () => {
    const page = await browser.context.newPage();
    const token = signToken(app.secrets.token, { kind: 'unsubscribe', messageId });
    await page.goto(`${server.url}/u/${token}`);
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    expect(await page.locator('h1').textContent()).toBe('不再接收此类消息？');
    expect(await consentOf(), 'looking changes nothing').toBe('granted');
    await page.locator('button').click();
    expect(await page.locator('h1').textContent()).toBe('您已成功退订。');
    expect(await consentOf()).toBe('withdrawn');
    const planned = await app.records.db
      .selectFrom('messages')
      .select(['state', 'code'])
      .where('message_id', '=', messageId)
      .executeTakeFirst();
    expect(planned?.state).toBe('cancelled');
    await page.close();
  });

  it('shows mails in the preview mailbox without running what is in them', async () => {
    const raw = Buffer.from(
      'From: a@b.example\r\nTo: mei@shop.example\r\nSubject: =?utf-8?B?5qyi6L+O5Zue5p2l?= <script>\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<h1>Hello</h1><script>top.document.title="owned"</script>',
    );
    await keepPreview(app.records.db, { envelopeFrom: 'a@b.example', envelopeTo: ['mei@shop.example'], raw }, now);
    const scripted = await startChromium();
    const page = await scripted.context.newPage();
    await page.setExtraHTTPHeaders({ Authorization: 'Bearer local' });
    await page.goto(`${server.url}/mailbox`);
    await page.locator('table a').first().click();
    expect(await page.locator('h1').first().textContent()).toBe('欢迎回来 <script>');
    expect(await page.frameLocator('iframe').locator('h1').textContent()).toBe('Hello');
    expect(await page.title()).toBe('欢迎回来 <script>');
    await scripted.close();
  });

  it('opens the report of an order file offline, in both languages, asking nobody for anything', async () => {
    const orders = join(folder, 'orders.csv');
    const rows = Array.from({ length: 400 }, (_, i) => {
      const day = new Date(Date.UTC(2025, 0, 1 + ((i * 37) % 500))).toISOString().slice(0, 10);
      return `c${i % 130},${day},${10 + (i % 40)}`;
    });
    writeFileSync(orders, ['customer_id,date,amount', ...rows].join('\n'));
    const report = join(folder, 'report.html');
    // A process of its own: chDB holds one data folder per process.
    await promisify(execFile)(process.execPath, [
      'src/cli/main.ts',
      'analyze',
      orders,
      '--out',
      report,
      '--lang',
      'en',
    ]);
    const scripted = await startChromium();
    const page = await scripted.context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`file://${report}`);
    expect(await page.locator('h1').first().innerText()).toBe('Dormancy picture');
    await page.getByRole('button', { name: '中文' }).click();
    expect(await page.locator('h1').first().innerText()).toBe('休眠画像');
    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(overflow).toBe(0);
    expect(asked).toEqual([`file://${report}`]);
    await scripted.close();
  });
});
