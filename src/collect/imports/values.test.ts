import { expect, test } from 'vitest';
import {
  isSlashedDay,
  looksLikeEmail,
  looksLikeNumber,
  looksLikePhone,
  looksLikeTime,
  usesDecimalComma,
} from './values.ts';

test.each(['1', '-2.5', '$1,234.50', '1.234,50', '¥12', '(12.00)', '12.00-', '1e3', 'US$5', '12元', 'USD 12', '.5'])(
  '%s is a number',
  (cell) => expect(looksLikeNumber(cell)).toBe(true),
);
test.each(['', 'abc', 'A12', 'cat 1', 'SKU-1', '12 monkeys', '2010-12-01'])('%s is no number', (cell) =>
  expect(looksLikeNumber(cell)).toBe(false),
);
test.each([
  '2010-12-01',
  '2010-12-01 08:26:00',
  '1997/1/12',
  '01/12/2010 8:26',
  '2024-05-01T00:00:00Z',
  '20101201',
  '2010年12月1日',
  'Dec 1, 2010',
])('%s is a time', (cell) => expect(looksLikeTime(cell)).toBe(true));
test.each(['', '12', '20109901', '536365', '1.5', 'May'])('%s is no time', (cell) =>
  expect(looksLikeTime(cell)).toBe(false),
);

test('addresses', () => {
  expect(looksLikeEmail('a@b.co')).toBe(true);
  expect(looksLikeEmail('a@b')).toBe(false);
  expect(looksLikePhone('+86 138 0000 0000')).toBe(true);
  expect(looksLikePhone('2010-12-01')).toBe(false);
});

test('a slashed day could be read two ways, an ISO day not', () => {
  expect(isSlashedDay('01/12/2010')).toBe(true);
  expect(isSlashedDay('1997/1/12')).toBe(false);
});

test('decimal commas are told by the whole sample', () => {
  expect(usesDecimalComma(['1.234', '1.234,50', '12,5'])).toBe(true);
  expect(usesDecimalComma(['1,234', '1,234.50', '12.5'])).toBe(false);
  expect(usesDecimalComma(['1,234', '5,678'])).toBe(false);
});
