// A real browser for tests: Debian's Chromium or the one CHROMIUM_PATH names. Absent, the tests that need it are counted skips (a failure in CI).
// It asks for less motion: what slides open or fades away is at two places while somebody clicks on it.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page, type Request } from 'playwright-core';

const path = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((candidate) => candidate !== undefined && existsSync(candidate));

/** Goes into the title of a skipped suite; empty when there is a browser. In CI its absence fails instead. */
export const chromiumAbsent =
  path === undefined && process.env['CI'] !== 'true' ? ' (skipped: no Chromium; set CHROMIUM_PATH)' : '';

/** What a page has asked for: how often, and what has no answer yet. Streams of the server's events never end and do not count. */
export type Traffic = { asked: number; readonly underway: Set<Request> };
const traffic = new WeakMap<Page, Traffic>();

export function trafficOf(page: Page): Traffic {
  const found = traffic.get(page);
  if (found === undefined) throw new Error('a page that startChromium has not seen open');
  return found;
}

function listenTo(page: Page): void {
  const own: Traffic = { asked: 0, underway: new Set() };
  traffic.set(page, own);
  page.on('request', (request) => {
    if (request.resourceType() === 'eventsource') return;
    own.asked++;
    own.underway.add(request);
  });
  const over = (request: Request): void => void own.underway.delete(request);
  page.on('requestfinished', over).on('requestfailed', over);
}

/** On a crowded machine everything is late; what never comes is found out all the same. */
const WAIT_MS_MAX = 60_000;

export type Browser = { readonly context: BrowserContext; readonly close: () => Promise<void> };

export async function startChromium(options: { readonly javaScriptEnabled?: boolean } = {}): Promise<Browser> {
  if (path === undefined) throw new Error('no Chromium found: apt-get install chromium, or set CHROMIUM_PATH');
  const profile = mkdtempSync(join(tmpdir(), 'rekindle-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: path,
    headless: true,
    reducedMotion: 'reduce',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    ...options,
  });
  context.setDefaultTimeout(WAIT_MS_MAX);
  for (const page of context.pages()) listenTo(page);
  context.on('page', listenTo);
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
