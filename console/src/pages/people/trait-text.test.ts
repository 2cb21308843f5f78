// Traits as they come from shops and SDKs, and how a person reads them (CLDR names and dates of en-GB and zh-CN).
import { expect, it } from 'vitest';
import { formatFor } from '../../format/format.ts';
import { codeText, traitText } from './trait-text.ts';

const english = formatFor('en', 'USD', 'UTC');
const chinese = formatFor('zh', 'CNY', 'Asia/Shanghai');

it.each([
  ['2023-01-19T01:10:13.038Z', '19 Jan 2023, 01:10', '2023年1月19日 09:10'],
  ['2023-01-19', '19 Jan 2023', '2023年1月19日'],
  ['2023-13-45', '2023-13-45', '2023-13-45'],
  ['gold', 'gold', 'gold'],
  [true, 'Yes', '是'],
  [false, 'No', '否'],
  [12, '12', '12'],
  [{ a: 1 }, '{"a":1}', '{"a":1}'],
])('%j', (value, inEnglish, inChinese) => {
  expect(traitText(value, english, { yes: 'Yes', no: 'No' })).toBe(inEnglish);
  expect(traitText(value, chinese, { yes: '是', no: '否' })).toBe(inChinese);
});

it('languages and countries by name', () => {
  expect([codeText('de', 'language', 'en'), codeText('DE', 'region', 'en')]).toEqual(['German', 'Germany']);
  expect([codeText('de', 'language', 'zh-CN'), codeText('DE', 'region', 'zh-CN')]).toEqual(['德语', '德国']);
  expect(codeText('Deutschland', 'region', 'en')).toBe('Deutschland');
});
