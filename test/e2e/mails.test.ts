// The ready-made mails as a mail program shows them, light and dark, in both languages, on a phone: every word can be read against what is painted
// behind it (WCAG 2.2, 1.4.3: 4.5 to 1, computed from the rendered colours), and nothing is wider than the screen. SCREENSHOTS names a folder to keep
// pictures in.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileMail } from '../../src/reach/templates/compile.ts';
import { CLIP_BYTES, SAMPLE } from '../../src/reach/templates/lint.ts';
import { renderMail } from '../../src/reach/templates/render.ts';
import { STARTER_LIBRARY } from '../../src/reach/templates/starter-library.ts';
import type { MailTemplate } from '../../src/reach/templates/template.ts';
import { chromiumAbsent, startChromium, type Browser } from '../support/chromium.ts';

const PHONE = { width: 375, height: 812 };
const MAILS = STARTER_LIBRARY.filter((template): template is MailTemplate => template.kind === 'email');
const LOOKS = MAILS.flatMap((template) =>
  (['en', 'zh'] as const).flatMap((lang) =>
    (['personal', 'generic'] as const).flatMap((variant) =>
      (['light', 'dark'] as const).map((scheme) => ({ template, key: template.key, lang, variant, scheme })),
    ),
  ),
);

type Painted = {
  /** Words with too little contrast. */
  readonly faint: readonly string[];
  readonly words: number;
  /** Relative luminance of what is behind everything. */
  readonly ground: number;
  readonly width: number;
};

/** Asked in the page. */
const PAINTED = `(() => {
  const parsed = (text) => {
    const [r = 0, g = 0, b = 0, a = 1] = (text.match(/[\\d.]+/g) ?? []).map(Number);
    return [r, g, b, a];
  };
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = parsed(getComputedStyle(at).backgroundColor);
      if (color[3] === 1) return color;
      if (color[3] > 0) throw new Error('half transparent: ' + at.outerHTML.slice(0, 80));
    }
    return [255, 255, 255, 1];
  };
  const faint = [];
  let words = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (text === '' || !element.checkVisibility({ opacityProperty: true })) continue;
    words++;
    const [light, dark] = [parsed(getComputedStyle(element).color), behind(element)].map(luminance).sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) faint.push(contrast.toFixed(2) + ': ' + text.slice(0, 60));
  }
  return { faint, words, ground: luminance(behind(document.body)), width: document.documentElement.scrollWidth };
})()`;

describe.skipIf(chromiumAbsent !== '')(`ready-made mails in Chromium${chromiumAbsent}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startChromium({ javaScriptEnabled: true });
  }, 60_000);
  afterAll(() => browser?.close());

  it.each(LOOKS)('$key, $lang, $variant, $scheme', async ({ template, key, lang, variant, scheme }) => {
    const { html } = renderMail(await compileMail(template), { lang, variant, context: SAMPLE });
    expect(Buffer.byteLength(html)).toBeLessThan(CLIP_BYTES / 2);
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
    expect(html).toContain('<meta name="supported-color-schemes" content="light dark">');
    const page = await browser.context.newPage();
    try {
      await page.setViewportSize(PHONE);
      await page.emulateMedia({ colorScheme: scheme });
      await page.setContent(html);
      const { faint, words, ground, width } = await page.evaluate<Painted>(PAINTED);
      expect(faint).toEqual([]);
      expect(words).toBeGreaterThan(8);
      expect(width).toBeLessThanOrEqual(PHONE.width);
      // A dark mail has a dark ground; of the light ones, one is dark by design.
      expect(ground < 0.2 ? 'dark' : 'light').toBe(key === 'offer' ? 'dark' : scheme);
      const folder = process.env['SCREENSHOTS'];
      if (folder !== undefined)
        await page.screenshot({ path: join(folder, `mail-${key}-${lang}-${variant}-${scheme}.png`), fullPage: true });
    } finally {
      await page.close();
    }
  });
});
