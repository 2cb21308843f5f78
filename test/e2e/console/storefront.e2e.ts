// One afternoon of a dormant customer, played by hand in a real browser: she comes to the demo's shop, is reminded of what she looked at, opens
// her mail, uses the coupon in it, is welcomed back; and the product knows all of it.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configOf } from '../../../src/config.ts';
import { runDemo, type Demo } from '../../../src/demo/demo.service.ts';
import { p, sql } from '../../../src/kernel/sql.ts';
import { chromiumAbsent, startChromium, type Browser } from '../../support/chromium.ts';
import { accessibilityProblems, DESKTOP, PHONE } from '../../support/console-stage.ts';
import { copyRecords } from '../../support/records-template.ts';

const PEOPLE = 700;
const SEED = 7;
const FOLDER = join(import.meta.dirname, '../../../test-results/console');

describe.skipIf(chromiumAbsent !== '')(`the demo's shop${chromiumAbsent}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-storefront-'));
  let demo: Demo;
  let browser: Browser;
  let page: Page;
  let shopUrl: string;
  let consoleUrl: string;
  let beforeOpening: number;
  const errors: string[] = [];

  beforeAll(async () => {
    mkdirSync(FOLDER, { recursive: true });
    await copyRecords(folder);
    demo = await runDemo(configOf({ REKINDLE_DATA_DIR: folder, REKINDLE_PORT: '0' }), {
      seed: SEED,
      people: PEOPLE,
      onProgress: () => undefined,
      log: (error) => errors.push(error.message),
    });
    beforeOpening = (await fetch(`${demo.server.url}/shop`)).status;
    ({ shopUrl, consoleUrl } = await demo.openDoors());
    browser = await startChromium();
    page = await browser.context.newPage();
    watch(page);
    await page.setViewportSize(DESKTOP);
  });
  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function watch(each: Page): void {
    each.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    each.on('pageerror', (error) => errors.push(error.message));
    each.on('request', (request) => {
      if (!request.url().startsWith(demo.server.url) && !/^(?:data|blob|about):/.test(request.url()))
        errors.push(`asked ${request.url()}`);
    });
  }
  const shoot = (name: string) => page.screenshot({ path: join(FOLDER, `storefront-${name}.png`), fullPage: true });
  const doors = (lang: 'en' | 'zh') =>
    page.getByRole('button', { name: lang === 'en' ? /^Come in as/ : /的身份进店$/ });
  const eventNames = async (personId: string): Promise<string[]> =>
    (
      await demo.app.events.rows<{ name: string }>(
        sql`SELECT name FROM events WHERE actor_id = ${p.text(personId)} AND received_at > ${p.instant(openedAt)} ORDER BY occurred_at, message_id`,
      )
    ).map((row) => row.name);
  let openedAt: Date;
  let personId: string;
  let code: string;

  it('opens the console to its owner by a link that is good once', async () => {
    for (const isGood of [true, false]) {
      const guest = await browser.context.newPage();
      await guest.goto(consoleUrl);
      await guest
        .getByRole('heading', { level: 1, name: isGood ? 'How many are dormant' : 'This link does not open any more' })
        .waitFor();
      await guest.context().clearCookies();
      await guest.close();
    }
  });

  it('lets one choose whom to be, in both languages, on a phone too', async () => {
    openedAt = demo.app.clock.now();
    expect(beforeOpening).toBe(404);
    await page.goto(`${shopUrl}?lang=zh`);
    await doors('zh').first().waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.setViewportSize(PHONE);
    await shoot('door-zh-phone');
    expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
    await page.setViewportSize(DESKTOP);
    await page.goto(`${shopUrl}?lang=en`);
    await doors('en').first().waitFor();
    await shoot('door-en');
    expect(await doors('en').count()).toBeGreaterThan(1);
  });

  it('reminds her of what she looked at, and takes her there', async () => {
    await doors('en').first().click();
    const card = page.locator('rekindle-message');
    await card.getByRole('heading', { name: /still here|还在这里/ }).waitFor();
    personId = String(await page.evaluate(`JSON.parse(sessionStorage.getItem('shop.customer'))`));
    await shoot('looked-at');
    expect(await accessibilityProblems(page)).toEqual([]);
    await card.getByRole('link', { name: /Have another look|再看一眼/ }).click();
    await page.waitForURL(/#\/p\//);
    await page.getByRole('button', { name: 'Add to basket' }).click();
    await page.getByRole('status').filter({ hasText: 'In the basket.' }).waitFor();
  });

  it('leads from the mail in her mailbox back into the shop, with the code', async () => {
    await page
      .getByRole('navigation', { name: 'Behind the counter' })
      .getByRole('link', { name: /mailbox/i })
      .click();
    const mail = page.frameLocator('iframe');
    const opened = page.context().waitForEvent('page');
    await mail.getByRole('link', { name: /Use it now|立即使用/ }).click();
    const tab = await opened;
    await tab.waitForURL(/\/shop\?coupon=FERN-/);
    code = new URL(tab.url()).searchParams.get('coupon') ?? '';
    await page.close();
    page = tab;
    watch(page);
    await page.setViewportSize(DESKTOP);
  });

  it('gives the discount only to whom the code was given, and only for a real code', async () => {
    const products = (await (await page.request.get(`${shopUrl}/data`)).json()) as {
      products: { id: string; priceCents: number }[];
      customers: { personId: string }[];
    };
    const [product] = products.products;
    const till = async (who: string, text: string) =>
      (
        await page.request.post(`${shopUrl}/till`, {
          data: { personId: who, lines: [{ productId: product!.id, quantity: 1 }], code: text },
        })
      ).json() as Promise<{ refusal: string | null; discountCents: number }>;
    const other = products.customers.find((each) => each.personId !== personId)!;
    expect(await till(other.personId, code)).toMatchObject({ refusal: 'not_yours', discountCents: 0 });
    expect(await till(personId, 'FERN-NONES-UCH22')).toMatchObject({ refusal: 'unknown' });
    expect(await till(personId, code)).toMatchObject({
      refusal: null,
      discountCents: Math.min(6_000, Math.round(product!.priceCents * 0.2)),
    });
    const stranger = await page.request.post(`${shopUrl}/sign-in`, { data: { personId: 'c00001x' } });
    expect(stranger.status()).toBe(404);
  });

  it('redeems at the checkout, welcomes her back on the next page, and all of it is known', async () => {
    await page.goto(`${shopUrl}?lang=en&coupon=${code}`);
    await doors('en')
      .first()
      .or(page.getByRole('heading', { name: 'On the shelves' }))
      .first()
      .waitFor();
    // A new window is a new visit: she says again who she is.
    const shopData = (await (await page.request.get(`${shopUrl}/data`)).json()) as {
      customers: { personId: string; name: string }[];
    };
    const { name } = shopData.customers.find((each) => each.personId === personId)!;
    const again = page.getByRole('button', { name: `Come in as ${name}`, exact: true });
    if (await again.isVisible()) await again.click();
    await page.getByRole('heading', { name: 'On the shelves' }).waitFor();
    await page.locator('.shelf a').first().click();
    await page.getByRole('button', { name: 'Add to basket' }).click();
    await page.getByRole('link', { name: /^Basket \([12]\)$/ }).click();
    await expect.poll(() => page.getByLabel('Coupon code').inputValue()).toBe(code);
    await page.getByText('Discount').waitFor();
    await shoot('checkout');
    expect(await accessibilityProblems(page)).toEqual([]);
    const order = page.getByRole('button', { name: 'Place the order' });
    await order.dblclick();
    await page.getByRole('heading', { name: 'Thank you. Your order is in.' }).waitFor();
    await page.getByRole('link', { name: 'Go on shopping' }).click();
    await page
      .locator('rekindle-message')
      .getByRole('heading', { name: /[Ww]elcome back|欢迎回来/ })
      .waitFor();
    await shoot('welcome-back');
    await page.evaluate('window.rekindle.flush()');

    const names = await eventNames(personId);
    expect(names.filter((each) => each === 'Order Completed')).toHaveLength(1);
    expect(names).toEqual(expect.arrayContaining(['page', 'Product Viewed', 'Product Added', 'In-App Message Seen']));
    const grant = await demo.app.records.db
      .selectFrom('grants')
      .select(['state', 'person_id'])
      .where('code', '=', code)
      .executeTakeFirst();
    expect(grant).toEqual({ state: 'redeemed', person_id: personId });
    const member = await demo.app.records.db
      .selectFrom('members')
      .select('end_reason')
      .where('person_id', '=', personId)
      .where('programme_id', '=', 'welcome-home')
      .executeTakeFirst();
    expect(member).toEqual({ end_reason: 'returned' });
    const click = await demo.app.records.db
      .selectFrom('receipts as r')
      .innerJoin('messages as m', 'm.message_id', 'r.message_id')
      .select('r.kind')
      .where('m.person_id', '=', personId)
      .where('m.channel', '=', 'email')
      .where('r.kind', '=', 'clicked')
      .execute();
    expect(click.length).toBeGreaterThan(0);
  });

  it('forgets her when she leaves, and does not take the code twice', async () => {
    await page.getByRole('button', { name: 'Leave the shop' }).click();
    await doors('en').first().waitFor();
    const products = (await (await page.request.get(`${shopUrl}/data`)).json()) as { products: { id: string }[] };
    const refused = await page.request.post(`${shopUrl}/orders`, {
      data: { personId, lines: [{ productId: products.products[0]!.id, quantity: 1 }], code },
    });
    expect(refused.status()).toBe(409);
    expect(errors).toEqual([]);
  });
});
