// Whoever is refused something reads why in her language, and no sentence of ours comes back that has only one.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { oneTongued } from './spoken-details.ts';

const SRC = join(import.meta.dirname, '../../src');
/** The command line says its own words by its own table, and a segment that cannot be read is told by the grammar of segments, which is English. Rules of schemas are held everywhere. */
const EXEMPT = /^(?:cli\/|understand\/(?:segments|people)\/)/;

describe('details of refusals', () => {
  it('speak both languages', () => {
    const files = readdirSync(SRC, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /(?<!\.test)\.ts$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name));
    const isHeld = (path: string): boolean => !EXEMPT.test(path.slice(SRC.length + 1).replaceAll('\\', '/'));
    expect(files.filter((path) => isHeld(path) && path.includes('reach')).length).toBeGreaterThan(100);
    const found = files.flatMap((path) =>
      oneTongued(path, readFileSync(path, 'utf8'))
        .filter((words) => isHeld(path) || words.startsWith('a rule'))
        .map((words) => `${path.slice(SRC.length + 1)}: ${words}`),
    );
    expect(found).toEqual([]);
  });
});

describe('the reader of sources finds', () => {
  const found = (code: string) => oneTongued('a.ts', code);
  it.each([
    [`throw new RekindleError('conflict', { what: 'it is gone' });`, 'what: it is gone'],
    ['new RekindleError("not_found", { what: `person ${id}` }, { cause });', 'what: person'],
    [`new RekindleError('invalid', { where: 'body.to', what: issue?.message ?? 'malformed' });`, 'what: malformed'],
    [`new RekindleError('invalid', { where: 'x', what: a ? 'too long' : { en: 'b', zh: '乙' } });`, 'what: too long'],
    [`new RekindleError('invalid', { where: 'mail server URL', what });`, 'where: mail server URL'],
    [`new RekindleError('invalid', { where: 'x', what: issue.message });`, 'what: what the schema says of itself'],
    [`z.string().regex(/a/, 'small letters')`, 'a rule: small letters'],
    [`z.string().refine(isDay, { message: 'a day' })`, 'a rule: a day'],
    ['z.number().max(MOST, `at most ${MOST}`)', 'a rule: at most'],
    [`const no = (what: string) => new RekindleError('usage', { what });`, 'what is the text "what", whoever calls'],
  ])('%s', (code, words) => {
    expect(found(code)).toEqual([words]);
  });
  it('nothing where there are both, or nothing that is said', () => {
    const fine = [
      `new RekindleError('conflict', { what: { en: 'it is gone', zh: '已不存在' } });`,
      `new RekindleError('invalid', { where: 'body.entries.3', what: issueText(issue) });`,
      `new RekindleError('too_large', { what: name, limit: '512 kB' });`,
      `new RekindleError('busy', { seconds: 3 });`,
      `z.string().regex(/a/, inWords('small letters', '小写字母')).min(1).startsWith('a')`,
      `z.string().refine(isDay, { path: ['day'], message: inWords('a day', '日期') })`,
      `const no = (what: Text) => new RekindleError('usage', { what });`,
      'new RekindleError("unauthorised");',
      'new RekindleError("template_invalid", { template: key, what: `${lang}: ${cause.message}` });',
    ];
    for (const code of fine) expect(found(code)).toEqual([]);
  });
});
