// Every page in both languages, light and dark, on a desk and on a phone: no error, nothing asked of third parties, nothing serious for
// axe, nothing wider than the screen. The pictures are left in test-results/console for the eye.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAbsent } from '../../support/chromium.ts';
import {
  accessibilityProblems,
  DESKTOP,
  lookName,
  LOOKS,
  openStage,
  PHONE,
  settled,
  type Look,
  type Stage,
} from '../../support/console-stage.ts';
import { ADDRESSES } from './addresses.ts';

const FOLDER = join(import.meta.dirname, '../../../test-results/console');

export function screensIn(language: Look['language']): void {
  describe.skipIf(chromiumAbsent !== '')(`screens in ${language}${chromiumAbsent}`, () => {
    let stage: Stage;
    beforeAll(async () => {
      mkdirSync(FOLDER, { recursive: true });
      stage = await openStage();
    });
    afterAll(() => stage.close());

    const cases = ADDRESSES.flatMap((address) =>
      LOOKS.filter((look) => look.language === language).map((look) => ({ ...address, look, shown: lookName(look) })),
    );

    it.each(cases)('$name, $shown', async ({ name, path, look, shown }) => {
      const { page, errors, asked, close } = await stage.visit(path, look);
      try {
        expect(await page.locator('html').getAttribute('lang')).toBe(look.language === 'zh' ? 'zh-CN' : 'en');
        for (const [width, size] of [
          ['desktop', DESKTOP],
          ['phone', PHONE],
        ] as const) {
          await page.setViewportSize(size);
          await settled(page);
          await page.screenshot({ path: join(FOLDER, `${name}-${shown}-${width}.png`), fullPage: true });
          expect({ width, problems: await accessibilityProblems(page) }).toEqual({ width, problems: [] });
          const overflow = await page.evaluate(
            'document.documentElement.scrollWidth - document.documentElement.clientWidth',
          );
          expect(overflow, `pixels wider than the ${width}`).toBe(0);
        }
        expect(errors).toEqual([]);
        expect(asked.filter((each) => !each.startsWith(stage.url) && !/^(?:data|blob):/.test(each))).toEqual([]);
      } finally {
        await close();
      }
    });
  });
}
