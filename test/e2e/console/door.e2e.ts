// From an empty installation to the console in a browser: the first account, the kind of business, the demo shop, an invitation.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp, type App } from '../../../src/app.ts';
import { configOf } from '../../../src/config.ts';
import { startServer, type RunningServer } from '../../../src/http/server.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { chromiumAbsent, startChromium, type Browser } from '../../support/chromium.ts';
import { accessibilityProblems, PHONE } from '../../support/console-stage.ts';
import { copyRecords } from '../../support/records-template.ts';

const FOLDER = join(import.meta.dirname, '../../../test-results/console');

describe.skipIf(chromiumAbsent !== '')(`the door${chromiumAbsent}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-door-'));
  let app: App;
  let server: RunningServer;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    await copyRecords(folder);
    app = await openApp(configOf({ REKINDLE_DATA_DIR: folder, REKINDLE_PORT: '0' }), systemClock);
    server = await startServer(app, (error) => errors.push(error.message), 0);
    await app.changeBusiness({ publicUrl: server.url });
    browser = await startChromium();
    page = await browser.context.newPage();
    await page.addInitScript(() => {
      if (localStorage.getItem('rekindle.language') === null) localStorage.setItem('rekindle.language', 'zh');
    });
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('opens with the first account, on a phone too', async () => {
    await page.goto(server.url);
    await page.getByRole('heading', { level: 1 }).filter({ hasText: '欢迎' }).waitFor();
    await page.screenshot({ path: join(FOLDER, 'door-zh-light-desktop.png') });
    await page.setViewportSize(PHONE);
    await page.screenshot({ path: join(FOLDER, 'door-zh-light-phone.png') });
    await page.setViewportSize({ width: 1440, height: 900 });
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByLabel('您的姓名').fill('梅');
    await page.getByLabel('邮箱').fill('mei@shop.example');
    await page.getByLabel('密码').fill('a long enough secret');
    await page.getByRole('button', { name: '创建账号' }).click();
    await page.getByRole('heading', { name: '您的业务属于哪一类？' }).waitFor();
    await page.screenshot({ path: join(FOLDER, 'first-run-zh-light-desktop.png'), fullPage: true });
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('shows the demo shop without a further choice', async () => {
    await page.getByRole('button', { name: /电商/ }).click();
    await page.getByRole('button', { name: '载入演示商店' }).click();
    await page.getByText('当前休眠用户').waitFor({ timeout: 110_000 });
    expect(errors).toEqual([]);
  });

  it('keeps what was typed when the session ends, and goes on after signing in again', async () => {
    await signIn();
    await page.goto(`${server.url}/console/settings/business`);
    const brand = page.getByLabel('品牌');
    await brand.fill('蕨山家居');
    await endSessionBefore('PATCH', '/api/business');
    await page.getByRole('button', { name: '保存' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('登录已过期').waitFor();
    await dialog.getByLabel('密码').fill('a long enough secret');
    await dialog.getByRole('button', { name: '登录' }).click();
    await page.getByText('已保存').waitFor();
    expect(app.business.brand).toBe('蕨山家居');
  });

  const endSession = (): Promise<unknown> => app.records.db.deleteFrom('account_sessions').execute();
  /** The next such call is the one that finds out: nothing that the page asks by itself is faster, and no dialog is in the way of the click. */
  const endSessionBefore = (method: string, path: string): Promise<unknown> => {
    let hasEnded = false;
    return page.route(`**${path}`, async (route) => {
      if (!hasEnded && route.request().method() === method) {
        hasEnded = true;
        await endSession();
      }
      await route.continue();
    });
  };
  const signInAgain = async (): Promise<void> => {
    const dialog = page.getByRole('dialog').filter({ hasText: '登录已过期' });
    await dialog.getByLabel('密码').fill('a long enough secret');
    await dialog.getByRole('button', { name: '登录' }).click();
    await dialog.waitFor({ state: 'hidden' });
  };
  /** Whichever way the case before ended, each begins signed in. */
  const signIn = async (): Promise<void> => {
    const answer = await page.request.post(`${server.url}/api/session`, {
      headers: { origin: server.url },
      data: { email: 'mei@shop.example', password: 'a long enough secret' },
    });
    expect(answer.status()).toBe(200);
  };

  it('loses nothing of a segment, a template or a programme when the session ends while it is edited', async () => {
    await signIn();
    await page.goto(`${server.url}/console/segments/new`);
    await page.getByRole('combobox', { name: '添加条件…' }).click();
    await page.locator('.ant-select-dropdown:visible').getByText('阶段', { exact: true }).click();
    await page.getByRole('textbox', { name: '名称' }).fill('安静的人');
    await page.getByRole('textbox', { name: /^ID/ }).fill('quiet-ones');
    await endSessionBefore('POST', '/api/segments');
    await page
      .getByRole('button', { name: /保\s?存$/ })
      .last()
      .click();
    await signInAgain();
    await page.waitForURL(/segments\/quiet-ones$/);
    const segments = await app.records.db.selectFrom('segments').select('name').execute();
    expect(segments.map(({ name }) => name)).toContain('安静的人');

    await page.goto(`${server.url}/console/templates/new/sms`);
    const words = '好久不见，回来看看吧。拒收请回复R';
    await page.locator('#template-key').fill('come-by');
    // The check that follows the typing finds out; whoever signs in goes on where she was.
    await endSession();
    await page.getByLabel('正文').fill(words);
    await signInAgain();
    await expect.poll(() => page.getByLabel('正文').inputValue()).toBe(words);
    expect(await page.locator('#template-key').inputValue()).toBe('come-by');

    await page.goto(`${server.url}/console/programmes`);
    await page.getByRole('article').first().getByRole('button').click();
    await page.getByRole('dialog').getByRole('button', { name: '建为草稿' }).click();
    await page.waitForURL(/\/edit$/);
    const name = page.getByRole('textbox', { name: '名称' });
    // What is asked without her doing anything has its answer: nothing but her typing can find out that the session has ended.
    await page.getByText('草稿没有问题。').waitFor();
    await endSession();
    await name.fill('春天再见');
    // Whoever comes back to the tab later is asked for anew: that the session has ended must not close her page.
    const asked = page.waitForResponse((response) => new URL(response.url()).pathname === '/api/session');
    const comesBack = setInterval(() => {
      page.evaluate("window.dispatchEvent(new Event('visibilitychange'))").catch(() => undefined);
    }, 1_000);
    await asked.finally(() => clearInterval(comesBack));
    await signInAgain();
    await page.getByRole('button', { name: '保存草稿' }).click();
    await page.waitForURL(/programmes\/[^/]+$/);
    await page.getByRole('heading', { level: 1 }).filter({ hasText: '春天再见' }).waitFor();
  });

  it('finds again what was typed when the page is closed in the middle', async () => {
    await signIn();
    await page.goto(`${server.url}/console/segments/new`);
    await page.getByRole('textbox', { name: '名称' }).fill('没存完的人群');
    await page.goto(`${server.url}/console/settings`);
    await page.goto(`${server.url}/console/segments/new`);
    await page.getByText('已恢复').first().waitFor();
    await expect.poll(() => page.getByRole('textbox', { name: '名称' }).inputValue()).toBe('没存完的人群');
  });

  it('tells the second of two who edit one thing', async () => {
    await signIn();
    await page.goto(`${server.url}/console/settings/business`);
    const brand = page.getByLabel('品牌');
    await brand.fill('Mine');
    await app.changeBusiness({ brand: 'Changed by another' });
    await page.getByRole('button', { name: '保存' }).click();
    await page.getByText('他人已修改此内容').waitFor();
    expect(await brand.inputValue()).toBe('Mine');
    expect(app.business.brand).toBe('Changed by another');
    await page.getByRole('button', { name: '用我的版本覆盖' }).click();
    await page.getByText('已保存').waitFor();
    expect(app.business.brand).toBe('Mine');
  });
});
