import { expect, it } from 'vitest';
import { ERRORS, RekindleError } from './errors.ts';
import { langOf } from './lang.ts';

it('fills the words of a refusal from its details, in both languages', () => {
  const error = new RekindleError('folder_in_use', { path: '/data', pid: 7 });
  expect(error.message).toContain('/data is in use by process 7');
  expect(error.in('zh')).toContain('数据目录 /data 正被进程 7 使用');
  expect([error.status, error.exit]).toEqual([409, 4]);
});

it('leaves a slot without a detail visible, and keeps the cause', () => {
  const cause = new Error('inner');
  const error = new RekindleError('file_missing', { path: 'a.csv' }, { cause });
  expect(error.message).toBe('Cannot read a.csv: {what}');
  expect(error.cause).toBe(cause);
});

it('has the same slots in both languages', () => {
  const slots = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();
  for (const entry of Object.values(ERRORS)) expect(slots(entry.zh)).toEqual(slots(entry.en));
});

it('chooses a language by a locale', () => {
  expect(['zh_CN.UTF-8', 'zh-Hans', 'ZH', 'en_US.UTF-8', 'C', undefined].map(langOf)).toEqual([
    'zh',
    'zh',
    'zh',
    'en',
    'en',
    'en',
  ]);
});
