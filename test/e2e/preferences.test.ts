// The preference centre in a real browser, on a phone's width, without scripts, in both languages: it can be read, reached by keyboard, and what
// is saved holds. SCREENSHOTS names a folder to keep pictures in.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp, type App } from '../../src/app.ts';
import { upsertPeople } from '../../src/collect/people/people.sql.ts';
import { configOf } from '../../src/config.ts';
import { startServer, type RunningServer } from '../../src/http/server.ts';
import { addressKey } from '../../src/kernel/address.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { recordConsents } from '../../src/reach/consent/consent.service.ts';
import { newPreferenceLink } from '../../src/reach/preferences/preference-links.service.ts';
import { preferencesOf } from '../../src/reach/preferences/preferences.service.ts';
import { saveTopic } from '../../src/reach/preferences/topics.service.ts';
import { chromiumAbsent, startChromium, type Browser } from '../support/chromium.ts';
import { copyRecords } from '../support/records-template.ts';
import { consent } from '../support/rows.ts';

const AXE = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const PHONE = { width: 375, height: 812 };

describe.skipIf(chromiumAbsent !== '')(`the preference centre in Chromium${chromiumAbsent}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-preferences-'));
  const now = systemClock.now();
  let app: App;
  let server: RunningServer;
  let plain: Browser;
  let path: string;

  beforeAll(async () => {
    await copyRecords(folder);
    app = await openApp({ ...configOf({}), dataDir: folder, port: 0 }, systemClock);
    server = await startServer(app, () => undefined, 0);
    const { db } = app.records;
    await upsertPeople(db, [
      {
        person_id: 'p1',
        email: 'mei@shop.example',
        phone: '+8613800138000',
        email_key: addressKey(app.secrets.address, 'mei@shop.example'),
        phone_key: addressKey(app.secrets.address, '+8613800138000'),
        first_name: 'Mei',
        language: 'zh',
        country: 'CN',
        time_zone: null,
        traits: {},
        own_cluster: 'p1',
        at: now,
      },
    ]);
    await recordConsents(db, [consent('p1'), consent('p1', { channel: 'sms' })]);
    for (const [position, [topicId, en, zh]] of [
      ['sales', 'Offers', '优惠活动'],
      ['news', 'New arrivals', '新品上市'],
    ].entries())
      // prettier-ignore
      await saveTopic(db, { topicId: topicId!, en: en!, zh: zh!, position }, now);
    path = (await newPreferenceLink(app.tracking, 'p1', 60, now)).path;
    plain = await startChromium({ javaScriptEnabled: false });
  });

  afterAll(async () => {
    await plain.close();
    await server.close();
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['zh', '管理接收内容'],
    ['en', 'Choose what you receive'],
  ])('can be read on a phone in %s, and breaks no rule of accessibility', async (lang, title) => {
    const scripted = await startChromium();
    const page = await scripted.context.newPage();
    await page.setViewportSize(PHONE);
    await page.goto(`${server.url}${path}?lang=${lang}`);
    expect(await page.locator('h1').textContent()).toBe(title);
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    const shots = process.env['SCREENSHOTS'];
    if (shots !== undefined) await page.screenshot({ path: join(shots, `preferences-${lang}.png`), fullPage: true });
    // The page forbids every script; the checker is put in past its policy.
    const session = await scripted.context.newCDPSession(page);
    await session.send('Page.setBypassCSP', { enabled: true });
    await page.reload();
    await page.evaluate(AXE);
    const found = (await page.evaluate('axe.run()')) as { violations: { id: string; nodes: { html: string }[] }[] };
    expect(found.violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
    await scripted.close();
  });

  it('is filled in by keyboard alone, and holds', async () => {
    const page = await plain.context.newPage();
    await page.setViewportSize(PHONE);
    await page.goto(`${server.url}${path}`);
    const reached: string[] = [];
    for (let i = 0; i < 40 && reached.at(-1) !== 'save'; i++) {
      await page.keyboard.press('Tab');
      const value = (await page.locator(':focus').getAttribute('value')) ?? '';
      reached.push(value);
      if (['sms', 'email:sales'].includes(value)) await page.keyboard.press('Space');
    }
    expect(reached).toEqual(expect.arrayContaining(['email', 'email:sales', 'sms', 'save']));
    await page.keyboard.press('Enter');
    await page.locator('[role=status]').waitFor();
    expect(await page.locator('[role=status]').textContent()).toBe('已保存，您的选择现已生效。');
    expect((await preferencesOf(app.records.db, 'p1', systemClock.now())).channels).toMatchObject([
      { channel: 'email', on: true, declinedTopics: ['sales'] },
      { channel: 'sms', on: false, declinedTopics: [] },
    ]);
    await page.locator('button[value=stop]').click();
    expect(await page.locator('[role=status]').textContent()).toBe('您已退订全部消息，现已生效。');
    expect((await preferencesOf(app.records.db, 'p1', systemClock.now())).channels.some((each) => each.on)).toBe(false);
    await page.close();
  });
});
