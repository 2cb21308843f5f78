import { describe, expect, it } from 'vitest';
import { progressLine } from './progress.ts';
import { COLOURS } from './session.ts';
import { padded, renderPairs, renderTable, shortened, widthOf } from './table.ts';

describe('widthOf', () => {
  // Widths by UAX #11: W and F take two cells, Na, N and H one, combining marks none.
  it.each([
    ['abc', 3],
    ['休眠', 4],
    ['（x）', 5],
    ['ｶﾅ', 2],
    ['한국', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['𠀀', 2],
    ['—…', 2],
    [COLOURS.bad('休眠'), 4],
  ])('%s', (text, width) => expect(widthOf(text)).toBe(width));
});

describe('tables', () => {
  it('align what is seen, whatever the script', () => {
    const table = renderTable(
      [{ title: '阶段' }, { title: 'n', align: 'right' }],
      [
        ['new', '1'],
        ['再次休眠', '1,234'],
      ],
    );
    expect(table.split('\n')).toEqual(['阶段          n', 'new           1', '再次休眠  1,234']);
    expect(table.split('\n').map(widthOf)).toEqual([15, 15, 15]);
  });
  it('leave no trailing spaces', () => {
    expect(renderTable([{ title: 'a' }, { title: 'b' }], [['x', '']])).toBe('a  b\nx');
    expect(
      renderPairs([
        ['名称', 'v'],
        ['n', ''],
      ]),
    ).toBe('名称  v\nn');
  });
  it('cut and pad by cells', () => {
    expect(shortened('休眠用户', 5)).toBe('休眠…');
    expect(shortened('short', 5)).toBe('short');
    expect(padded('休', 4, 'right')).toBe('  休');
  });
});

describe('progressLine', () => {
  it('is as long as the terminal at most', () => {
    for (const width of [20, 40, 80])
      expect(widthOf(progressLine('读取', 0.5, '订单'.repeat(40), width))).toBeLessThanOrEqual(width);
  });
  it('shows the share', () => {
    expect(progressLine('reading', 0, '', 80)).toBe(`reading  ${'░'.repeat(24)}    0%`);
    expect(progressLine('reading', 1.5, 'a.csv', 80)).toBe(`reading  ${'█'.repeat(24)}  100%  a.csv`);
  });
});
