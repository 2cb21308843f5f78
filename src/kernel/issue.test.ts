import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { inWords, issueText } from './issue.ts';

const shape = z.strictObject({
  name: z.string().min(2).max(4).optional(),
  age: z.number().int().min(1).max(9).optional(),
  list: z.array(z.string()).min(1).max(2).optional(),
  kind: z.enum(['a', 'b']).optional(),
  only: z.literal('x').optional(),
  mail: z.email().optional(),
  at: z.iso.date().optional(),
  on: z.boolean().optional(),
  even: z.number().multipleOf(2).optional(),
  key: z
    .string()
    .regex(/^[a-z]+$/, inWords('small letters', '小写字母'))
    .optional(),
  either: z.union([z.string(), z.number()]).optional(),
});
const said = (value: unknown, schema: z.ZodType = shape) => {
  const result = schema.safeParse(value);
  return result.success ? undefined : issueText(result.error.issues[0]);
};

describe('what a schema refuses', () => {
  it.each<[unknown, string]>([
    [{ name: 3 }, '须为文本，收到的是数字'],
    [{ name: 'a' }, '至少 2 个字符'],
    [{ name: 'abcde' }, '最多 4 个字符'],
    [{ age: 0 }, '须不小于 1'],
    [{ age: 10 }, '须不大于 9'],
    [{ age: 1.5 }, '须为整数'],
    [{ list: [] }, '至少 1 项'],
    [{ list: 'x' }, '须为列表，收到的是文本'],
    [{ kind: 'c' }, '须为以下之一：“a”、“b”'],
    [{ only: 'y' }, '只能是“x”'],
    [{ mail: 'x' }, '不是有效的邮箱地址'],
    [{ at: 'x' }, '不是有效的日期（如 2026-03-01）'],
    [{ on: 'yes' }, '须为布尔值（true 或 false），收到的是文本'],
    [{ even: 3 }, '须为 2 的倍数'],
    [{ key: 'A' }, '小写字母'],
    [{ either: true }, '与允许的任何一种形式都不符'],
    [{ nobody: 1, knows: 2 }, '没有“nobody”、“knows”这一项'],
    [null, '须为对象，收到的是空值（null）'],
  ])('%j is told in Chinese', (value, zh) => {
    const text = said(value);
    expect(text?.zh).toBe(zh);
    expect(text?.en).toMatch(/^[\x20-\x7e]+$/);
  });
  it('in English as before, with the names nobody knows', () => {
    expect(said({ nobody: 1 })?.en).toBe('there is no field "nobody"');
    expect(said({ key: 'A' })?.en).toBe('small letters');
    expect(said({}, z.object({ to: z.string() }))).toEqual({
      en: 'Invalid input: expected string, received undefined',
      zh: '缺少此项（须为文本）',
    });
  });
});
