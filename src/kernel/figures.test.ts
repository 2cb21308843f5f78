// CLDR: the patterns of `en` and of `zh` are `#,##0.###` and `#,##0%`, so Intl writes the same for both.
import { expect, it } from 'vitest';
import { countText, percentText } from './figures.ts';

it.each([
  [0.879, 1],
  [0.0974_4, 2],
  [0, 1],
  [1, 0],
  [0.1234_5, 3],
])('%s with %s decimals as Intl writes it in both languages', (share, digits) => {
  for (const locale of ['en-US', 'zh-CN'])
    expect(percentText(share, digits)).toBe(
      new Intl.NumberFormat(locale, {
        style: 'percent',
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }).format(share),
    );
});

it.each([0, 999, 1_000, 12_500, 1_234_567])('%s as Intl writes it in both languages', (count) => {
  for (const locale of ['en-US', 'zh-CN']) expect(countText(count)).toBe(new Intl.NumberFormat(locale).format(count));
});
