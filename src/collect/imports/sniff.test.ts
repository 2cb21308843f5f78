import { expect, test } from 'vitest';
import { columnNames, delimiterOf, encodingOf, looksLikeHeader } from './sniff.ts';

test('encodings', () => {
  const utf16 = Buffer.from('id,date\n1,2\n', 'utf16le');
  expect(encodingOf(Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), false)).toBe('utf-16le');
  expect(encodingOf(utf16, true)).toBe('utf-16le');
  expect(encodingOf(Buffer.from(utf16).swap16(), true)).toBe('utf-16be');
  expect(encodingOf(Buffer.from('id,日期\n'), true)).toBe('utf-8');
  // "用户编号" in GB 2312: D3C3 BBA7 B1E0 BAC5.
  expect(encodingOf(Buffer.from([0xd3, 0xc3, 0xbb, 0xa7, 0xb1, 0xe0, 0xba, 0xc5, 0x2c]), false)).toBe('gb18030');
  expect(encodingOf(Buffer.from('caf\xe9 cr\xe8me £5', 'latin1'), false)).toBe('windows-1252');
});

test.each([
  ['a,b\n1,2\n', ','],
  ['a\tb\n1\t2\n', '\t'],
  ['a;b\n1,5;2\n3,5;2\n', ';'],
  ['a|b\n1|2\n', '|'],
  ['id;name\n1;"x;y, z"\n', ';'],
])('separator of %j', (text, delimiter) => expect(delimiterOf(text, false)?.delimiter).toBe(delimiter));

test('one column has no separator', () => expect(delimiterOf('a\n1\n2\n', false)).toBeUndefined());

test('headers', () => {
  expect(looksLikeHeader(['customer_id', 'date', 'usd'])).toBe(true);
  expect(looksLikeHeader(['00001', '19970101', '11.77'])).toBe(false);
  expect(columnNames([' a ', '', 'a'])).toEqual(['a', 'column2', 'a_2']);
});
