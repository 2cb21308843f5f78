import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { smallAnalysis } from '../../../test/support/small-analysis.ts';
import type { Analysis } from './analysis.ts';
import { pictureReport } from './picture-report.ts';
import { STAGE_NAMES, STAGES } from '../../understand/dormancy/stage.ts';

const NOW = new Date('2026-11-22T10:20:30Z');
const report = (analysis: Analysis, lang: 'en' | 'zh' = 'en') => pictureReport(analysis, { lang, now: NOW });

describe('the report', () => {
  test('asks the network for nothing', () => {
    const page = report(smallAnalysis());
    expect(page).not.toMatch(/https?:|url\(|@import|<(?:link|img|iframe|object|embed)\b|\b(?:src|href)=/);
    expect(page).toContain('content="default-src &#39;none&#39;;');
  });

  test('its policy admits exactly the one script it has', () => {
    const page = report(smallAnalysis());
    const scripts = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map((match) => match[1]!);
    expect(scripts).toHaveLength(1);
    const hash = createHash('sha256').update(scripts[0]!).digest('base64');
    expect(page).toContain(`script-src &#39;sha256-${hash}&#39;`);
  });

  test('stores nothing in the browser', () => {
    expect(report(smallAnalysis())).not.toMatch(/localStorage|sessionStorage|document\.cookie|indexedDB/);
  });

  test.each([
    '</script><img src=x onerror=alert(1)>',
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    '</style><script>alert(1)</script>',
    '<!--',
    '&lt;b&gt;',
  ])('a hostile id, file and column name stay text: %s', (hostile) => {
    const plain = report(smallAnalysis('ada'));
    const page = report(smallAnalysis(hostile));
    // The page has the same tags as one of a harmless id, so nothing of the id became markup.
    const tags = (text: string): string[] => text.match(/<[^>]*>/g) ?? [];
    expect(tags(page)).toEqual(tags(plain));
    expect(page).not.toContain(hostile);
  });

  test('says everything in both languages', () => {
    const page = report(smallAnalysis());
    for (const stage of STAGE_NAMES) {
      expect(page).toContain(`<span lang="en">${STAGES[stage].en}</span><span lang="zh-CN">${STAGES[stage].zh}</span>`);
    }
    const inEnglish = page.match(/lang="en">/g) ?? [];
    expect(page.match(/lang="zh-CN">/g)).toHaveLength(inEnglish.length);
  });

  test('opens in the language asked for', () => {
    expect(report(smallAnalysis(), 'zh')).toContain('<html lang="zh-CN" data-lang="zh"');
    expect(report(smallAnalysis(), 'en')).toContain('<html lang="en" data-lang="en"');
  });

  test('every chart is named and has a table beside it', () => {
    const page = report(smallAnalysis());
    const named = [...page.matchAll(/aria-labelledby="([^"]*)"/g)].map((match) => match[1]);
    expect(named.length).toBeGreaterThan(0);
    for (const id of named) expect(page).toContain(`id="${id}"`);
    expect(page.match(/<details>/g)).toHaveLength(2);
  });

  test('no number is broken', () => {
    expect(report(smallAnalysis())).not.toMatch(/NaN|Infinity|undefined|null|\[object/);
  });

  test('too little data is said, and nothing is drawn from nothing', () => {
    const { picture, ...rest } = smallAnalysis();
    const none = {
      kind: 'none',
      reason: { en: 'Too few people.', zh: '人数太少。' },
      people: 3,
      repeaters: 0,
    } as const;
    const page = report({
      ...rest,
      picture: {
        ...picture,
        spentCents: 0,
        returnCurve: [],
        months: picture.months.slice(0, 1),
        measuredReturn: {
          kind: 'not_yet',
          dataUntil: '2025-01-31',
          reason: { en: 'Not known yet.', zh: '尚不可知。' },
        },
        recommendedThreshold: { kind: 'none', reason: { en: 'Too little history.', zh: '历史不足。' } },
        atRisk: { coolingCents: null, dormantCents: null },
        stages: picture.stages.map((row) => ({ ...row, expectedValueCents: null, meanReturnProbability: null })),
        wakeFirst: { explanation: { en: 'Not enough data.', zh: '数据不足。' }, people: [] },
        model: { ...picture.model, returns: none },
      },
    });
    expect(page).toContain('Too few people.');
    expect(page).toContain('Too little history.');
    expect(page).not.toContain('<svg');
    expect(page).not.toContain('¥');
    expect(page).not.toMatch(/NaN|Infinity|undefined|null/);
  });
});
