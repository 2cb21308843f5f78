import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../kernel/errors.ts';
import { errorOf, pathOf } from './client.ts';
import { reasonText } from './figures.ts';
import { queryOf } from './input.ts';
import { langFrom } from './session.ts';
import { sayIn, WORDS } from './words.ts';

const slotsOf = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort();

describe('words', () => {
  it.each(Object.entries(WORDS))('%s has the same slots in both languages', (_, text) => {
    expect(slotsOf(text.zh)).toEqual(slotsOf(text.en));
    expect(text.en.trim()).not.toBe('');
    expect(text.zh.trim()).not.toBe('');
  });
  it('stand in one place only: of two words of one name the later would silently win', () => {
    const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('words.ts'));
    const names = files.flatMap((file) =>
      [...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/^ {2}(\w+):/gm)].map((match) => match[1]),
    );
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    expect(names.length).toBe(Object.keys(WORDS).length);
  });
  it('are filled, and an unknown slot is left to be seen', () => {
    expect(sayIn('en')('keyRevoked', { id: 'key_1' })).toBe('Key key_1 is revoked.');
    expect(sayIn('zh')('keyRevoked')).toBe('密钥 {id} 已吊销。');
  });
  it('name reasons, and leave an unknown code as it is', () => {
    expect(reasonText('no_consent', 'zh')).toBe('从未同意该渠道的营销触达');
    expect(reasonText('offer_exhausted', 'en')).toContain('budget');
    expect(reasonText('not-a-code', 'en')).toBe('not-a-code');
  });
});

describe('langFrom', () => {
  it.each([
    [['--lang', 'zh'], { LANG: 'en_GB.UTF-8' }, 'zh'],
    [['x', '--lang=en'], { LANG: 'zh_CN.UTF-8' }, 'en'],
    [[], { REKINDLE_LANG: 'zh', LC_ALL: 'en_US' }, 'zh'],
    [[], { LC_ALL: 'zh_TW', LANG: 'en_US' }, 'zh'],
    [[], { LC_ALL: '', LANG: 'zh_CN.UTF-8' }, 'zh'],
    [[], {}, 'en'],
  ] as const)('%j with %j is %s', (argv, env, lang) => expect(langFrom(argv, env)).toBe(lang));
});

describe('client', () => {
  it('turns every problem back into the error it was', () => {
    for (const code of Object.keys(ERRORS)) {
      const error = errorOf({ type: 'x', title: 'y', status: 400, code, path: '/a', what: 'b' });
      expect(error.code).toBe(code);
      expect(error.details).toEqual({ path: '/a', what: 'b' });
    }
    expect(errorOf(undefined).code).toBe('unexpected');
    expect(errorOf({ title: 'Bad gateway' }).details['what']).toBe('Bad gateway');
  });
  it('keeps ids inside their segment of a path', () => {
    expect(pathOf`/people/${'anon:a/b?c'}/why`).toBe('/people/anon%3Aa%2Fb%3Fc/why');
    expect(queryOf({ a: 1, b: undefined, c: 'x&y' })).toBe('?a=1&c=x%26y');
    expect(queryOf({})).toBe('');
  });
});
