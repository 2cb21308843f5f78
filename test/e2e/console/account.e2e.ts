// Coming in and one's own account in a browser: every screen in both languages, light and dark, on a desk and on a phone, with words as long as
// they come. No error, nothing wider than the screen, nothing serious for axe. The pictures are left in test-results/console for the eye.
import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp, type App } from '../../../src/app.ts';
import { configOf } from '../../../src/config.ts';
import { makeLink } from '../../../src/http/access/links.service.ts';
import { startServer, type RunningServer } from '../../../src/http/server.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { chromiumAbsent, startChromium, type Browser } from '../../support/chromium.ts';
import {
  accessibilityProblems,
  DESKTOP,
  lookName,
  LOOKS,
  PHONE,
  settled,
  type Look,
} from '../../support/console-stage.ts';
import { copyRecords } from '../../support/records-template.ts';

const FOLDER = join(import.meta.dirname, '../../../test-results/console');
const OWNER = {
  name: 'Donaudampfschifffahrtsgesellschaftskapitänin',
  email: 'rindfleischetikettierungsueberwachung@donaudampfschifffahrt.example',
  password: 'a long enough secret',
};
const BRANDS = { en: 'Donaudampfschifffahrtsgesellschaft', zh: '重庆市火锅底料与川渝风味食品批发零售连锁经营有限公司' };

/** RFC 6238 with SHA-1, 30 s and six digits. */
function totp(secret: string, atMs: number): string {
  const bits = Array.from(secret, (letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  ).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / 30_000)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const offset = digest[19]! & 15;
  return String((digest.readUInt32BE(offset) & 0x7f_ff_ff_ff) % 1_000_000).padStart(6, '0');
}

describe.skipIf(chromiumAbsent !== '')(`coming in${chromiumAbsent}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-account-'));
  let app: App;
  let server: RunningServer;
  let browser: Browser;
  let context: BrowserContext;
  let invitation = '';

  beforeAll(async () => {
    mkdirSync(FOLDER, { recursive: true });
    await copyRecords(folder);
    app = await openApp(configOf({ REKINDLE_DATA_DIR: folder, REKINDLE_PORT: '0' }), systemClock);
    server = await startServer(app, () => undefined, 0);
    await app.changeBusiness({ publicUrl: server.url, brand: BRANDS.en });
    await app.accounts.createMember({ ...OWNER, role: 'owner', isFounder: true });
    const { token } = await makeLink(
      app.records.db,
      { kind: 'invitation', email: 'neu@donaudampfschifffahrt.example', role: 'analyst', createdBy: '' },
      systemClock.now(),
    );
    invitation = token;
    browser = await startChromium();
    ({ context } = browser);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(path: string, look: Look): Promise<{ page: Page; errors: string[] }> {
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('console', (message) => {
      // The browser tells of every refused call; whoever is not signed in is refused once.
      if (message.type() === 'error' && !/the server responded with a status of 4\d\d/.test(message.text()))
        errors.push(message.text());
    });
    page.on('pageerror', (error) => errors.push(error.message));
    await page.addInitScript(
      ([language, theme]) => {
        localStorage.setItem('rekindle.language', language);
        localStorage.setItem('rekindle.theme', theme);
      },
      [look.language, look.theme] as const,
    );
    await page.goto(`${server.url}/console${path}`);
    await settled(page);
    return { page, errors };
  }

  /** Looks at it on a desk and on a phone. */
  async function isFine(page: Page, errors: readonly string[], name: string): Promise<void> {
    for (const [width, size] of [
      ['desktop', DESKTOP],
      ['phone', PHONE],
    ] as const) {
      await page.setViewportSize(size);
      await settled(page);
      await page.screenshot({ path: join(FOLDER, `account-${name}-${width}.png`), fullPage: true });
      expect({ name, width, problems: await accessibilityProblems(page) }).toEqual({ name, width, problems: [] });
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect({ name, width, overflow }).toEqual({ name, width, overflow: 0 });
    }
    expect(errors).toEqual([]);
  }

  const outside = [
    ['sign-in', '/'],
    ['refused', '/?refused'],
    ['forgotten', '/forgotten'],
    ['reset', '/reset#nothing'],
    ['join', '/join#invitation'],
    ['join-spent', '/join#spent'],
    ['enter-spent', '/enter#spent'],
  ] as const;

  it.each(LOOKS)('is fine outside, $language $theme', async (look) => {
    await app.changeBusiness({ brand: BRANDS[look.language] });
    for (const [name, path] of outside) {
      const { page, errors } = await open(path.replace('#invitation', `#${invitation}`), look);
      await isFine(page, errors, `${name}-${lookName(look)}`);
      await page.close();
    }
  });

  const signIn = async (page: Page, language: Look['language']): Promise<void> => {
    const [email, password, button] = language === 'zh' ? ['邮箱', '密码', '登录'] : ['E-mail', 'Password', 'Sign in'];
    await page.getByLabel(email!, { exact: true }).fill(OWNER.email);
    await page.getByLabel(password!, { exact: true }).fill(OWNER.password);
    await page.getByRole('button', { name: button!, exact: true }).click();
  };

  it('says what is wrong with a password, and asks for the code of a second factor', async () => {
    for (const look of LOOKS) {
      await context.clearCookies();
      const { page, errors } = await open('/', look);
      await page.getByLabel(look.language === 'zh' ? '邮箱' : 'E-mail', { exact: true }).fill('nobody@shop.example');
      await page.getByLabel(look.language === 'zh' ? '密码' : 'Password', { exact: true }).fill('something wrong');
      await page.getByRole('button', { name: look.language === 'zh' ? '登录' : 'Sign in', exact: true }).click();
      await page.getByRole('alert').waitFor();
      await isFine(page, errors, `wrong-${lookName(look)}`);
      await page.close();
    }
  });

  let secret = '';
  it.each(LOOKS)('is fine inside, $language $theme', async (look) => {
    await context.clearCookies();
    const { page: door, errors: atDoor } = await open('/', look);
    await signIn(door, look.language);
    if (secret !== '') {
      const code = door.getByLabel(look.language === 'zh' ? '六位验证码' : 'Six-digit code');
      await code.waitFor();
      await isFine(door, atDoor, `code-${lookName(look)}`);
      await code.fill(totp(secret, Date.now()));
      await door.getByRole('button', { name: look.language === 'zh' ? '登录' : 'Sign in', exact: true }).click();
    }
    await door.locator('#main, .door .ant-alert').first().waitFor();
    expect(await door.locator('.door .ant-alert').allTextContents()).toEqual([]);
    await door.close();
    for (const place of ['business', 'account', 'members', 'keys', 'audit']) {
      const { page, errors } = await open(`/settings/${place}`, look);
      await isFine(page, errors, `settings-${place}-${lookName(look)}`);
      if (place === 'account' && secret === '') {
        const [own, begin, on, label] =
          look.language === 'zh'
            ? ['密码', '开始设置', '开启', '六位验证码']
            : ['Password', 'Set it up', 'Turn it on', 'Six-digit code'];
        await page.getByLabel(own!, { exact: true }).fill(OWNER.password);
        await page.getByRole('button', { name: begin! }).click();
        const shown = page.locator('.factor code');
        await shown.waitFor();
        await isFine(page, errors, `second-factor-${lookName(look)}`);
        secret = ((await shown.textContent()) ?? '').trim();
        await page.getByLabel(label!).fill(totp(secret, Date.now()));
        await page.getByRole('button', { name: on! }).click();
        await page.locator('.factor').waitFor({ state: 'detached' });
        await isFine(page, errors, `second-factor-on-${lookName(look)}`);
      }
      await page.close();
    }
  });

  it('tells the second editor before anything is overwritten, and keeps what she typed', async () => {
    const { page } = await open('/settings/business', { language: 'en', theme: 'light' });
    const brand = page.getByLabel('Brand', { exact: true });
    await brand.fill('What the second editor typed');
    await app.changeBusiness({ brand: 'What the first editor saved' });
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'Save mine over it' }).waitFor();
    expect(await brand.inputValue()).toBe('What the second editor typed');
    expect(app.business.brand).toBe('What the first editor saved');
    await page.getByRole('button', { name: 'Load the current version' }).click();
    await expect.poll(() => brand.inputValue()).toBe('What the first editor saved');
    await brand.fill('What she typed then');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved').first().waitFor();
    expect(app.business.brand).toBe('What she typed then');
    await page.close();
  });

  it('keeps what is typed while the answer to a save is on its way', async () => {
    const { page } = await open('/settings/business', { language: 'en', theme: 'light' });
    const [brand, address] = [page.getByLabel('Brand', { exact: true }), page.getByLabel('Postal address')];
    const save = page.getByRole('button', { name: 'Save', exact: true });
    const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await page.route('**/api/business', async (route) => {
      if (route.request().method() === 'PATCH') {
        asked.resolve();
        await answered.promise;
      }
      await route.continue();
    });
    await brand.fill('Saved first');
    await save.click();
    await asked.promise;
    await brand.fill('Typed meanwhile');
    await address.fill('2 Test Road');
    answered.resolve();
    await page.getByText('Saved', { exact: true }).first().waitFor();
    expect(app.business.brand).toBe('Saved first');
    expect([await brand.inputValue(), await address.inputValue()]).toEqual(['Typed meanwhile', '2 Test Road']);
    await save.click();
    await expect.poll(() => app.business).toMatchObject({ brand: 'Typed meanwhile', postalAddress: '2 Test Road' });
    await page.close();
  });
});
