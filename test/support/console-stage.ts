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
import { startChromium, trafficOf } from './chromium.ts';
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

const STILL_MS = 100;
/** So long a page may go on moving, and go on asking. */
const STILL_MS_MAX = 5_000;
const SETTLED_MS_MAX = 60_000;

/** Resolves once nothing of the document has changed for `STILL_MS`, or has gone on changing for too long. */
const STILLNESS = `new Promise((resolve) => {
  const begun = performance.now();
  let changed = begun;
  const observer = new MutationObserver(() => (changed = performance.now()));
  observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  const look = setInterval(() => {
    const now = performance.now();
    if (now - changed < ${STILL_MS} && now - begun < ${STILL_MS_MAX}) return;
    clearInterval(look);
    observer.disconnect();
    resolve();
  }, 20);
})`;

/** Waits until a page has stopped loading: no skeletons, no spinners, every request answered, and the answers shown. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1, h2').first().waitFor();
  await page
    .locator('.state-loading, .ant-spin-spinning')
    .first()
    .waitFor({ state: 'hidden', timeout: SETTLED_MS_MAX });
  const traffic = trafficOf(page);
  const deadline = performance.now() + SETTLED_MS_MAX;
  // An answer that came while the document stood still may not be shown yet, and may lead to the next question.
  for (let isQuiet = false; !isQuiet && performance.now() < deadline;) {
    const { asked } = traffic;
    const wasAnswered = traffic.underway.size === 0;
    await page.evaluate(STILLNESS);
    isQuiet = wasAnswered && traffic.underway.size === 0 && traffic.asked === asked;
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe calls serious or critical, one line each. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  if (await page.evaluate(`typeof axe === 'undefined'`)) await page.evaluate(AXE);
  // What passed is some hundred kilobytes of markup that nobody reads.
  const violations = (await page.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] }).then((results) => results.violations)`,
  )) as AxeResults['violations'];
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 160)} (${node.failureSummary?.replaceAll(/\s+/g, ' ')})`),
    );
}
