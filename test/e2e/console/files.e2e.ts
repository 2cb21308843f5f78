// What people bring and ask for by hand, in a real browser on an empty installation: the first events by SDK, files of every kind, one that is far
// too large, an import that is cancelled, lines that were refused, products, exports and erasures that outlive their page, and posts in public.
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp, type App } from '../../../src/app.ts';
import { configOf } from '../../../src/config.ts';
import { startServer, type RunningServer } from '../../../src/http/server.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { p, sql } from '../../../src/kernel/sql.ts';
import { sendPosts } from '../../../src/reach/posts/posts.service.ts';
import { chromiumAbsent, startChromium, type Browser } from '../../support/chromium.ts';
import { accessibilityProblems } from '../../support/console-stage.ts';
import { copyRecords } from '../../support/records-template.ts';

const FOLDER = join(import.meta.dirname, '../../../test-results/console');
const DAY_MS = 86_400_000;
/** A crowded machine is slow at everything. */
const LONG = { timeout: 90_000 };

describe.skipIf(chromiumAbsent !== '')(`what people bring${chromiumAbsent}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-files-'));
  const errors: string[] = [];
  let app: App;
  let server: RunningServer;
  let browser: Browser;
  let page: Page;
  let receiver: Server;
  const received: { readonly type: string; readonly data: Record<string, unknown> }[] = [];

  const newPage = async (): Promise<Page> => {
    const fresh = await browser.context.newPage();
    await fresh.addInitScript(() => localStorage.setItem('rekindle.language', 'en'));
    fresh.on('console', (message) => {
      // The browser itself reports every refusal that a test asks for.
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) errors.push(message.text());
    });
    fresh.on('pageerror', (error) => errors.push(error.message));
    return fresh;
  };
  beforeAll(async () => {
    mkdirSync(FOLDER, { recursive: true });
    await copyRecords(join(folder, 'data'));
    app = await openApp(configOf({ REKINDLE_DATA_DIR: join(folder, 'data'), REKINDLE_PORT: '0' }), systemClock);
    server = await startServer(app, (error) => errors.push(error.message), 0);
    await app.changeBusiness({ publicUrl: server.url });
    const take = async (body: Promise<string>): Promise<void> => {
      received.push(JSON.parse(await body) as (typeof received)[number]);
    };
    receiver = createServer((request, response) => {
      void take(text(request)).finally(() => response.writeHead(204).end());
    });
    await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
    browser = await startChromium();
    page = await newPage();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await app?.close();
    receiver?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const visit = async (path: string): Promise<void> => {
    await page.goto(`${server.url}/console${path}`);
    await page.locator('h1, h2').first().waitFor();
  };
  const bring = (path: string): Promise<void> => page.locator('input[type=file]').first().setInputFiles(path);
  const eventsOf = async (prefix: string): Promise<number> =>
    (
      await app.events.rows<{ n: number }>(
        sql`SELECT toUInt32(count()) AS n FROM events WHERE startsWith(actor_id, ${p.text(prefix)})`,
      )
    )[0]!.n;
  /** Orders of so many people, two each, the last one so many days ago. */
  const orders = (prefix: string, people: number): { id: string; person: string; at: string; total: number }[] =>
    Array.from({ length: people * 2 }, (_, i) => ({
      id: `${prefix}-${i}`,
      person: `${prefix}${Math.floor(i / 2)}`,
      at: new Date(Date.now() - (20 + ((i * 37) % 300)) * DAY_MS).toISOString().slice(0, 19).replace('T', ' '),
      total: 10 + (i % 90),
    }));
  /** Brings a file on the Data page, imports it as it was understood, and leaves its result on the page. */
  const importFile = async (path: string): Promise<void> => {
    await visit('/data');
    await bring(path);
    await page.getByRole('button', { name: 'Import', exact: true }).click(LONG);
    await page.getByRole('button', { name: 'Import another file' }).waitFor(LONG);
  };

  it('goes from the first account to an analysis by events alone', async () => {
    await page.goto(server.url);
    await page.getByLabel('Your name').fill('Mei');
    await page.getByLabel('E-mail').fill('mei@shop.example');
    await page.getByLabel('Password').fill('a long enough secret');
    await page.getByRole('button', { name: 'Create the account' }).click();
    await page.getByRole('button', { name: /90 days without an order/ }).click();
    await page.getByRole('button', { name: 'Make a write key' }).click();
    await page.getByText('Waiting for the first event…').waitFor();
    await page.locator('.sdk').getByText('Server', { exact: true }).click();
    const snippet = (await page.locator('.sdk-snippet').textContent()) ?? '';
    const key = /curl -u (\S+):/.exec(snippet)?.[1] ?? '';
    expect(key).toMatch(/^rk/);
    const batch = orders('sdk', 60).map(({ id, person, at, total }) => ({
      type: 'track',
      event: 'Order Completed',
      userId: person,
      messageId: id,
      timestamp: new Date(`${at.replace(' ', 'T')}Z`).toISOString(),
      properties: { order_id: id, revenue: total, currency: 'USD' },
    }));
    // The first events start the analysis by themselves, and with it the page changes: its answer waits until the page has been looked at.
    const looked = Promise.withResolvers<void>();
    await page.route('**/api/first-run/analysis', async (route) => {
      await looked.promise;
      await route.continue();
    });
    const sent = await fetch(`${server.url}/v1/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ batch }),
    });
    expect(sent.status).toBe(200);
    await page.getByText('Events are arriving.').waitFor(LONG);
    looked.resolve();
    await page.getByRole('heading', { name: 'Whom to wake first' }).waitFor(LONG);
    await page.screenshot({ path: join(FOLDER, 'files-sdk.png'), fullPage: true });
    expect(await accessibilityProblems(page)).toEqual([]);
    await visit('/');
    await page.getByText('Dormant now').waitFor(LONG);
  });

  it('refuses a file of two gigabytes in words, before anything is sent', async () => {
    const huge = join(folder, 'huge.csv');
    closeSync(openSync(huge, 'w'));
    // A hole: it takes no room on the disk.
    truncateSync(huge, 2 * 1024 ** 3);
    await visit('/data');
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') asked.push(request.url());
    });
    await bring(huge);
    await page.getByText(/huge\.csv is 2(?:\.\d)? GB; at most 1(?:\.\d)? GB can be uploaded/).waitFor();
    expect(asked.filter((url) => url.includes('uploads'))).toEqual([]);
    await page.screenshot({ path: join(FOLDER, 'files-too-large.png') });
  });

  it('takes TSV, and hands out the lines that it refused', async () => {
    const file = join(folder, 'orders.tsv');
    const lines = orders('tsv', 20).map(({ id, person, at, total }) => [id, person, at, total].join('\t'));
    writeFileSync(
      file,
      ['order_id\tcustomer_id\torder_date\tamount', ...lines, 'tsv-bad\ttsvx\tsome day\t12', ''].join('\n'),
    );
    await importFile(file);
    expect(await eventsOf('tsv')).toBe(40);
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download these lines' }).click();
    const saved = await (await saving).path();
    expect(readFileSync(saved, 'utf8').split('\n')[1]).toBe('42,bad_time,tsv-bad,tsvx,some day,12');
    await page.screenshot({ path: join(FOLDER, 'files-rejects.png'), fullPage: true });
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  it('takes JSON lines', async () => {
    const file = join(folder, 'events.jsonl');
    writeFileSync(
      file,
      orders('jsl', 15)
        .map(({ id, person, at, total }) =>
          JSON.stringify({
            messageId: id,
            userId: person,
            event: 'Order Completed',
            timestamp: `${at.replace(' ', 'T')}Z`,
            properties: { order_id: id, revenue: total },
          }),
        )
        .join('\n'),
    );
    await importFile(file);
    expect(await eventsOf('jsl')).toBe(30);
  });

  it('takes Parquet', async () => {
    const file = join(folder, 'orders.parquet');
    await app.events.run(sql`
      INSERT INTO FUNCTION file(${p.text(file)}, 'Parquet')
      SELECT concat('pq-', toString(number)) AS order_id, concat('pq', toString(number % 10)) AS customer_id,
        toDateTime('2026-01-05 10:00:00', 'UTC') + number * 86400 AS order_date, toFloat64(number + 10) AS amount
      FROM numbers(30)`);
    await importFile(file);
    expect(await eventsOf('pq')).toBe(30);
  });

  it('cancels an import at once, and keeps nothing of it', async () => {
    const file = join(folder, 'many.tsv');
    const fd = openSync(file, 'w');
    writeFileSync(fd, 'order_id\tcustomer_id\torder_date\tamount\n');
    for (let part = 0; part < 100; part++)
      writeFileSync(
        fd,
        Array.from({ length: 20_000 }, (_, i) => `c${part}-${i}\tcan${i % 5_000}\t2026-01-05 10:00:00\t12.5`).join(
          '\n',
        ) + '\n',
      );
    closeSync(fd);
    await visit('/data');
    await bring(file);
    await page.getByRole('button', { name: 'Import', exact: true }).click(LONG);
    await page.getByRole('button', { name: 'Cancel the import' }).click(LONG);
    await page.getByText('Cancelled. Nothing was imported.').waitFor(LONG);
    await expect
      .poll(
        () =>
          app.events.rows(
            sql`SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'import_')`,
          ),
        LONG,
      )
      .toEqual([]);
    expect(await eventsOf('can')).toBe(0);
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByText('Drop an order file here').waitFor();
  });

  it('takes a product file', async () => {
    const file = join(folder, 'products.csv');
    writeFileSync(
      file,
      'sku,name,category,price,stock\nA-1,Green tea,Tea,12.50,3\nA-2,Black tea,Tea,9,0\n,Nothing,Tea,1,1\n',
    );
    await visit('/data');
    await page.getByRole('button', { name: 'Bring a product file' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.locator('input[type=file]').setInputFiles(file);
    await dialog.getByText('2 products added or changed, 1 rows not understood').waitFor(LONG);
    await page.keyboard.press('Escape');
    await page.getByRole('cell', { name: 'Green tea' }).waitFor();
  });

  it('exports and erases people whose page was closed meanwhile', async () => {
    const ask = async (names: readonly string[], button: string): Promise<void> => {
      await visit('/data');
      await page.getByLabel(/^Person ids/).fill(names.join('\n'));
      await page.getByRole('button', { name: button, exact: true }).click();
    };
    await ask(['sdk1', 'sdk2', 'nobody-here'], 'Export');
    await page.getByText('2 of 3 exported').waitFor(LONG);
    await page.getByText('nobody-here').first().waitFor();
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the file of 2 people' }).click();
    const held = JSON.parse(readFileSync(await (await saving).path(), 'utf8')) as { personId: string }[];
    expect(held.map(({ personId }) => personId)).toEqual(['sdk1', 'sdk2']);

    const names = Array.from({ length: 12 }, (_, i) => `sdk${i + 3}`);
    await ask(names, 'Erase');
    await page.getByRole('dialog').getByRole('button', { name: 'Erase', exact: true }).click();
    await page.getByText('of 12 erased').first().waitFor();
    await page.close();
    page = await newPage();
    await visit('/data');
    await page.getByText('12 of 12 erased').waitFor(LONG);
    await page.screenshot({ path: join(FOLDER, 'files-privacy.png'), fullPage: true });
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await eventsOf('sdk13')).toBe(0);
    expect(await eventsOf('sdk2')).toBeGreaterThan(0);
  });

  it('plans a post, tests its account, shows that it was posted, and takes one back', async () => {
    const { port } = receiver.address() as AddressInfo;
    await visit('/reach/posts');
    await page.getByText('No post is planned').waitFor();
    await app.connections.change('post_webhook', {
      url: `http://127.0.0.1:${port}/posts`,
      secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
    });
    await page.reload();
    await page.getByRole('button', { name: 'Test Webhook' }).click();
    await page.getByText(/^Ready/).waitFor();
    expect(received.map(({ type }) => type)).toEqual(['rekindle.post.tested']);

    const plan = async (words: string, at?: string): Promise<void> => {
      await page.getByRole('button', { name: 'Plan a post' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('checkbox', { name: 'Webhook', exact: true }).check();
      await dialog.getByLabel('In English').fill(words);
      await dialog.getByLabel('Link').fill('https://shop.example/spring');
      if (at !== undefined) await dialog.getByLabel('When').fill(at);
      await dialog.getByRole('button', { name: 'Plan it' }).click();
      await dialog.waitFor({ state: 'hidden' });
    };
    await plan('Spring is here');
    await plan('Autumn is here', '2031-09-01T09:30');
    await page.getByRole('cell', { name: /Autumn is here/ }).waitFor();
    await sendPosts(app.posts);
    await page.getByText('Posted', { exact: true }).waitFor(LONG);
    expect(received.at(-1)).toMatchObject({
      type: 'rekindle.post.published',
      data: { text: 'Spring is here', url: 'https://shop.example/spring' },
    });
    await page.screenshot({ path: join(FOLDER, 'files-posts.png'), fullPage: true });
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Take back' }).click();
    await page.locator('.ant-popover:visible').getByRole('button', { name: 'Take back' }).click();
    await page.getByText('Taken back', { exact: true }).waitFor();
  });

  it('warns before a programme starts into the preview mailbox, and says what the profile lacks', async () => {
    await visit('/programmes');
    await page.getByRole('article').filter({ hasText: 'Is a discount worth it?' }).getByRole('button').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Make it a draft' }).click();
    await page.waitForURL(/\/programmes\/[^/]+\/edit$/);
    await page.goto(page.url().replace(/\/edit$/, ''));
    await page.getByText('Nobody would be reached: E-mail goes to the preview mailbox').waitFor();
    await page.getByText(/the business profile also needs brand, postal address/).waitFor();
    expect(await page.getByRole('button', { name: 'Start' }).isEnabled()).toBe(true);
    // With a provider, the same profile keeps it from starting.
    await app.mail.change({ provider: 'postmark', keySecret: 'k', baseUrl: 'http://127.0.0.1:9' });
    await page.reload();
    await page.getByText('It cannot start yet').waitFor();
    expect(await page.getByRole('button', { name: 'Start' }).isEnabled()).toBe(false);
    await page.screenshot({ path: join(FOLDER, 'files-start-check.png'), fullPage: true });
    expect(await accessibilityProblems(page)).toEqual([]);
    await app.mail.change(null);
    expect(errors).toEqual([]);
  });
});
