import { describe, expect, test } from 'vitest';
import { smallAnalysis } from '../../test/support/small-analysis.ts';
import { cellWidth, padded, printable, shortened, tableLines, wrapped } from './analyze-columns.ts';
import { pictureScreen } from './picture-screen.ts';

describe('columns', () => {
  test('a Chinese character is two cells, a combining mark none', () => {
    expect(cellWidth('abc')).toBe(3);
    expect(cellWidth('休眠')).toBe(4);
    expect(cellWidth('，')).toBe(2);
    expect(cellWidth('e\u0301')).toBe(1);
    expect(cellWidth('█▌')).toBe(2);
  });
  test('padding and shortening count cells', () => {
    expect(padded('休眠', 6, 'right')).toBe('  休眠');
    expect(shortened('休眠用户', 5)).toBe('休眠…');
    expect(shortened('休眠用户', 8)).toBe('休眠用户');
  });
  test('Chinese never begins a line with closing punctuation', () => {
    expect(wrapped('休眠用户，活跃用户。', 8)).toEqual(['休眠用', '户，活跃', '用户。']);
  });
  test('a table aligns both languages', () => {
    const lines = tableLines(
      [{ head: '阶段' }, { head: 'n', align: 'right' }],
      [
        ['休眠', '7'],
        ['New', '12'],
      ],
      40,
    );
    expect(lines).toEqual(['阶段   n', '────  ──', '休眠   7', 'New   12']);
  });
  test('control characters of data cannot reach the terminal', () => {
    expect(printable('a\u001B[31mb\r\n\u202Ec')).toBe('a·[31mb···c');
  });
});

describe('the screen', () => {
  test.each(['en', 'zh'] as const)('%s: no line is wider than the terminal', (lang) => {
    for (const width of [80, 100, 110]) {
      const screen = pictureScreen(smallAnalysis('一个很长的用户编号'.repeat(20)), {
        lang,
        width,
        hasColour: false,
        reportPath: 'r.html',
      });
      const tooWide = screen.split('\n').filter((line) => cellWidth(line) > width);
      expect(tooWide).toEqual([]);
    }
  });
  test('no colours and no escape sequences where there is no terminal', () => {
    const screen = pictureScreen(smallAnalysis('\u001B]0;x\u0007'), { lang: 'en', width: 100, hasColour: false });
    expect(screen.includes('\u001B')).toBe(false);
    expect(screen).not.toMatch(/NaN|Infinity|undefined|null/);
  });
});
