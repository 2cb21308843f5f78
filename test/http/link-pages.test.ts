// Links out of messages that open nothing, as browsers, programs and mail programs ask for them.
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forReaders } from '../../src/http/link-pages.ts';
import { problem } from '../../src/http/problem.ts';
import { signToken } from '../../src/reach/tracking/token.ts';
import { planMessages } from '../../src/reach/messages/ledger.sql.ts';
import { message } from '../support/rows.ts';
import { openShop, type Shop } from '../support/shop.ts';

const BROWSER = {
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'accept-language': 'en-GB,en;q=0.9',
};
const CHINESE = { ...BROWSER, 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.8' };

let shop: Shop;
let forged: string;
beforeAll(async () => {
  shop = await openShop();
  forged = signToken('another secret', { kind: 'unsubscribe', messageId: 'msg_01kdxf6dt00eg5s0tmzgy7wq6j' });
});
afterAll(() => shop?.close());

const KINDS = [
  ['u', /STOP/],
  ['p', /STOP/],
  ['s', /not recorded/],
  ['d', /Nothing was confirmed/],
  ['c', /our site/],
] as const;

describe.each(KINDS)('a link of /%s/ that opens nothing', (letter, words) => {
  it.each([
    ['forged', () => forged],
    ['cut', () => forged.slice(0, 25)],
    ['with something behind it', () => `${forged}%3E`],
    ['that is code', () => encodeURIComponent('<script>alert(1)</script>')],
  ])('%s is a page for a browser, and a problem for a program', async (_what, token) => {
    const path = `/${letter}/${token()}`;
    const page = await shop.fetch(path, { headers: BROWSER });
    const html = await page.text();
    expect([page.status, page.headers.get('content-type')]).toEqual([400, 'text/html; charset=UTF-8']);
    expect(html).toContain('<html lang="en">');
    expect(html).toMatch(words);
    // Nothing of the request comes back, nothing is kept, nothing leads away from us.
    expect(html).not.toContain('alert(1)');
    expect(html).not.toContain(token().slice(0, 20));
    expect(html).not.toContain('<script');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect([page.headers.get('location'), page.headers.get('set-cookie')]).toEqual([null, null]);
    for (const accept of ['application/json', '*/*', 'application/problem+json, text/html;q=0.5', undefined]) {
      const answer = await shop.fetch(path, { headers: accept === undefined ? {} : { accept } });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
      expect(await answer.json()).toMatchObject({ code: 'token_invalid', status: 400 });
    }
  });

  it('is told in her language, and without a token in it', async () => {
    const page = await shop.fetch(`/${letter}/${forged}`, { headers: CHINESE });
    expect(await page.text()).toMatch(/<html lang="zh-CN">.*这个链接无法打开/s);
    const asked = await shop.fetch(`/${letter}/${forged}?lang=zh"><script>`, { headers: BROWSER });
    expect(await asked.text()).toMatch(/^(?!.*<script).*<html lang="zh-CN">/s);
    for (const path of [`/${letter}/`, `/${letter}`]) {
      const bare = await shop.fetch(path, { headers: BROWSER });
      expect([bare.status, bare.headers.get('content-type')]).toEqual([404, 'text/html; charset=UTF-8']);
    }
  });
});

it('asks before it unsubscribes, in no frame of another page, and answers in the language of the page', async () => {
  await shop.addPerson('mia');
  const planned = message('mia', shop.clock.now());
  await planMessages(shop.app.records.db, [planned]);
  const token = signToken(shop.app.secrets.token, { kind: 'unsubscribe', messageId: planned.message_id });
  const page = await shop.fetch(`/u/${token}?lang=zh`, { headers: BROWSER });
  expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(await page.text()).toContain('<html lang="zh-CN">');
  const body = new URLSearchParams({ from: 'page' });
  const done = await shop.fetch(`/u/${token}?lang=zh`, { method: 'POST', headers: BROWSER, body });
  expect([done.status, done.headers.get('location'), done.headers.get('set-cookie')]).toEqual([200, null, null]);
  expect(await done.text()).toContain('您已成功退订');
});

it('tells whose page it is, on every page behind a link that is ours', async () => {
  const { db } = shop.app.records;
  await shop.app.changeBusiness({ brand: 'Fern & <Field>' });
  await shop.addPerson('rea');
  const row = message('rea', shop.clock.now(), { run_id: 'whose' });
  await planMessages(db, [row]);
  for (const kind of ['unsubscribe', 'preferences'] as const) {
    const token = signToken(shop.app.secrets.token, { kind, messageId: row.message_id });
    const html = await (await shop.fetch(`/${kind.charAt(0)}/${token}`, { headers: BROWSER })).text();
    expect(html).toContain('<p class="brand">Fern &amp; &lt;Field&gt;</p>');
    expect(html).toMatch(/<title>[^<]+ · Fern &amp; &lt;Field&gt;<\/title>/);
  }
});

it('keeps the problem document for a mail program that unsubscribes with one click, in either encoding', async () => {
  const form = new FormData();
  form.set('List-Unsubscribe', 'One-Click');
  for (const body of [new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }), form]) {
    const answer = await shop.fetch(`/u/${forged}`, { method: 'POST', headers: BROWSER, body });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
  }
  // The button of our own page is pressed by a person.
  const body = new URLSearchParams({ from: 'page' });
  const page = await shop.fetch(`/u/${forged}`, { method: 'POST', headers: BROWSER, body });
  expect([page.status, page.headers.get('content-type')]).toEqual([400, 'text/html; charset=UTF-8']);
});

it('says who the sender is, escaped, and follows no address that is none', async () => {
  const business = {
    ...shop.app.business,
    brand: '<b>Shop</b>',
    fromAddress: 'hello"onmouseover="x@shop.example',
    websiteUrl: 'javascript:alert(1)',
  };
  const routes = new Hono().onError((error, c) =>
    forReaders(
      c,
      problem(c, error, () => undefined),
      business,
    ),
  );
  routes.get('/u/x', () => {
    throw new Error('the store is away');
  });
  routes.notFound((c) => forReaders(c, c.json({}, 404), business));
  const html = await (await routes.request('/c/x', { headers: BROWSER })).text();
  expect(html).not.toMatch(/javascript:|<b>|"onmouseover/);
  expect(html).toContain('&lt;b&gt;Shop&lt;/b&gt;');
  // What is our fault is not told as hers, nor with what went wrong.
  const trouble = await routes.request('/u/x', { headers: BROWSER });
  expect(trouble.status).toBe(500);
  expect(await trouble.text()).toMatch(/^(?!.*the store is away).*It is our fault/s);
  // Other paths are none of this.
  const other = await shop.fetch('/nowhere', { headers: { ...BROWSER, accept: 'text/html' } });
  expect([other.status, other.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
});
