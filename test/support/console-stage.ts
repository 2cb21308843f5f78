// The console for tests: the demo shop on a real server, and pages of real Chromium that look at it in a language, a theme and a width.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { configOf } from '../../src/config.ts';
import { runDemo } from '../../src/demo/demo.service.ts';
import { holderOf } from '../../src/stores/data-folder.ts';
import { startChromium } from './chromium.ts';
import { copyRecords } from './records-template.ts';

export type Look = { readonly language: 'en' | 'zh'; readonly theme: 'light' | 'dark' };
export const LOOKS: readonly Look[] = (['en', 'zh'] as const).flatMap((language) =>
  (['light', 'dark'] as const).map((theme) => ({ language, theme })),
);
export const lookName = ({ language, theme }: Look): string => `${language}-${theme}`;

export const DESKTOP = { width: 1440, height: 900 } as const;
export const PHONE = { width: 390, height: 844 } as const;

export type Visit = {
  readonly page: Page;
  /** Errors the browser told, refusals of the content security policy included. */
  readonly errors: string[];
  /** Every address that was asked for. */
  readonly asked: string[];
  readonly close: () => Promise<void>;
};

export type Stage = {
  readonly url: string;
  readonly visit: (address: string, look: Look) => Promise<Visit>;
  readonly close: () => Promise<void>;
};

const PEOPLE = 1_500;
const SEED = 7;

/** Runs the demo's eight weeks on a small shop and keeps its server. */
export async function openStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-console-'));
  await copyRecords(folder);
  const demo = await runDemo(configOf({ REKINDLE_DATA_DIR: folder, REKINDLE_PORT: '0' }), {
    seed: SEED,
    people: PEOPLE,
    onProgress: () => undefined,
    log: (error) => console.error(error),
  });
  const secret = holderOf(demo.app.config.dataDir)?.secret;
  if (secret === undefined) throw new Error('the demo has not announced its server');
  const { url } = demo.server;
  const browser = await startChromium();
  return {
    url,
    visit: async (address, look) => {
      const page = await browser.context.newPage();
      const errors: string[] = [];
      const asked: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('request', (request) => asked.push(request.url()));
      await page.setExtraHTTPHeaders({ Authorization: `Bearer ${secret}` });
      await page.setViewportSize(DESKTOP);
      await page.addInitScript(
        ([language, theme]) => {
          // A mail's frame is sandboxed and has no storage.
          if (Reflect.get(globalThis, 'top') !== globalThis) return;
          localStorage.setItem('rekindle.language', language);
          localStorage.setItem('rekindle.theme', theme);
        },
        [look.language, look.theme] as const,
      );
      await page.goto(`${url}/console${address}`);
      await settled(page);
      return { page, errors, asked, close: () => page.close() };
    },
    close: async () => {
      await browser.close();
      await demo.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until a page has stopped loading: no skeletons, no spinners. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1, h2').first().waitFor();
  await page.locator('.state-loading, .ant-spin-spinning').first().waitFor({ state: 'hidden', timeout: 30_000 });
  await page.waitForLoadState('networkidle', { timeout: 5_000 }).catch(() => undefined);
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe calls serious or critical, one line each. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const results = (await page.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })`,
  )) as AxeResults;
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 160)} (${node.failureSummary?.replaceAll(/\s+/g, ' ')})`),
    );
}
