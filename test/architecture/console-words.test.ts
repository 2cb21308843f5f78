// Everything the console says exists in both languages, is said somewhere, and nothing is said outside of a dictionary.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hardCodedIn, keysOf, saidIn, spokenName } from './console-words.ts';

const SOURCE = join(import.meta.dirname, '../../console/src');
const paths = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.test.ts'))
  .map((path) => path.replaceAll('\\', '/'));
const read = (path: string): string => readFileSync(join(SOURCE, path), 'utf8');
const english = paths.filter((path) => /(?:^|\/)\w+\.en\.ts$/.test(path));
const sources = paths.filter((path) => !/\.(?:en|zh)\.ts$/.test(path));

/** The shared words may be said anywhere; a folder's only inside of it. */
const listeners = (path: string): string[] =>
  path.startsWith('words/') ? sources : sources.filter((each) => each.startsWith(`${dirname(path)}/`));

describe('the words of the console', () => {
  it('are found', () => expect(english.length).toBeGreaterThan(2));

  it.each(english)('%s: the same keys in both languages', (path) => {
    const en = keysOf(path, read(path));
    const zh = keysOf(path, read(path.replace('.en.ts', '.zh.ts')));
    expect(zh.sort()).toEqual(en.filter((key) => !key.endsWith('_one')).sort());
    expect(
      en.filter((key) => key.endsWith('_one')).filter((key) => !en.includes(key.replace(/_one$/, '_other'))),
    ).toEqual([]);
  });

  it.each(english)('%s: every key is said', (path) => {
    const said = listeners(path).map((each) => saidIn(each, read(each)));
    const unused = keysOf(path, read(path))
      .map(spokenName)
      .filter(
        (key) => !said.some(({ keys, prefixes }) => keys.has(key) || prefixes.some((prefix) => key.startsWith(prefix))),
      );
    expect(unused).toEqual([]);
  });

  it.each(paths.filter((path) => path.endsWith('.zh.ts')))('%s: full-width punctuation between Chinese', (path) => {
    const half = read(path)
      .split('\n')
      .filter((line) => /\p{Script=Han}[,;:?!()]|[,;:?!(]\p{Script=Han}/u.test(line));
    expect(half).toEqual([]);
  });

  it('stand in dictionaries only', () => {
    const found = sources.flatMap((path) => hardCodedIn(path, read(path)).map((text) => `${path}: ${text}`));
    expect(found).toEqual([]);
  });
});

describe('the reading of words', () => {
  it('finds keys, plain and put together, and text that is hard-coded', () => {
    expect(keysOf('w.ts', `export const en = { a: 'A', 'b_one': 'B' } as const;`)).toEqual(['a', 'b_one']);
    const said = saidIn('p.tsx', 'const a = <b>{say("title")}{say(`stage_${stage}`)}</b>;');
    expect([...said.keys]).toEqual(['title']);
    expect(said.prefixes).toEqual(['stage_']);
    const text = `const a = <b title="Hello" className="card">Some words {x} 12</b>; const s = '重燃', t = 'plain';`;
    expect(hardCodedIn('p.tsx', text)).toEqual(['title="Hello"', 'Some words', '重燃']);
  });
});
