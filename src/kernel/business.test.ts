import { expect, it } from 'vitest';
import { fieldsText } from './business.ts';

it('names the fields of the profile to whoever fills them in', () => {
  expect(fieldsText(['brand', 'postalAddress', 'websiteUrl', 'fromAddress', 'publicUrl'])).toEqual({
    en: 'brand, postalAddress, websiteUrl, fromAddress, publicUrl',
    zh: '品牌名称、邮寄地址、网站、发件地址、公开网址',
  });
});
