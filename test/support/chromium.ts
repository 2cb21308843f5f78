// A real browser for tests: Debian's Chromium or the one CHROMIUM_PATH names. Absent, the tests that need it are counted skips (a failure in CI).
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';

const path = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((candidate) => candidate !== undefined && existsSync(candidate));

/** Goes into the title of a skipped suite; empty when there is a browser. In CI its absence fails instead. */
export const chromiumAbsent =
  path === undefined && process.env['CI'] !== 'true' ? ' (skipped: no Chromium; set CHROMIUM_PATH)' : '';

export type Browser = { readonly context: BrowserContext; readonly close: () => Promise<void> };

export async function startChromium(options: { readonly javaScriptEnabled?: boolean } = {}): Promise<Browser> {
  if (path === undefined) throw new Error('no Chromium found: apt-get install chromium, or set CHROMIUM_PATH');
  const profile = mkdtempSync(join(tmpdir(), 'rekindle-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: path,
    headless: true,
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
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
