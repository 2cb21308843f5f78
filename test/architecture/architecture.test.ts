// The rules hold for the repository; and each rule really refuses what it is there to refuse.
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as rules from './rules.ts';
import { codeOf, importsOf } from './source.ts';

const ROOT = join(import.meta.dirname, '../..');
const PLACES = ['src', 'test', 'bench', 'console', 'sdk', 'docs', '.ci'];
const TEXT = /\.(?:ts|tsx|md|sql|json|sh|mjs)$|^(?:\.ci\/run|\.npmrc|\.gitignore)$/;

function repository(): rules.Project {
  const entries = readdirSync(ROOT, { withFileTypes: true });
  const top = entries
    .filter((entry) => entry.isFile() && entry.name !== 'package-lock.json')
    .map((entry) => entry.name);
  const inside = PLACES.filter((place) => entries.some((entry) => entry.isDirectory() && entry.name === place)).flatMap(
    (place) =>
      readdirSync(join(ROOT, place), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !/[\\/](?:node_modules|dist)(?:[\\/]|$)/.test(entry.parentPath))
        .map((entry) =>
          join(entry.parentPath, entry.name)
            .slice(ROOT.length + 1)
            .split(sep)
            .join('/'),
        ),
  );
  const paths = [...top, ...inside].filter((path) => TEXT.test(path));
  return new Map(paths.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]));
}

describe('the repository', () => {
  const project = repository();
  it('is read', () => expect(project.has('src/kernel/sql.ts')).toBe(true));
  it.each(Object.entries(rules.RULES))('%s', (_, rule) => expect(rule(project)).toEqual([]));
});

const project = (files: Readonly<Record<string, string>>): rules.Project => new Map(Object.entries(files));

describe('each rule refuses', () => {
  const kernel = { 'src/kernel/a.ts': 'export const a = 1;' };

  it('a room on the right, an unknown room, the composition root, a missing file', () => {
    const refused = rules.importOrder(
      project({
        ...kernel,
        'src/reach/say.ts': `import type { Plan } from '../decide/plan.ts';`,
        'src/decide/plan.ts': `import { a } from '../kernel/a.ts';\nimport { say } from '../reach/say.ts';`,
        'src/attic/x.ts': '',
        'src/app.ts': `import { say } from './reach/say.ts';`,
        'src/collect/c.ts': `import { app } from '../app.ts';\nconst b = await import('../kernel/b.ts');`,
        'src/cli/main.ts': `import { app } from '../app.ts';\nimport { serve } from '../http/server.ts';`,
        'src/http/server.ts': '',
      }),
    );
    expect(refused).toEqual([
      'src/reach/say.ts: imports src/decide/plan.ts from a room to its right',
      'src/attic/x.ts: stands in no room',
      'src/collect/c.ts: a room does not know src/app.ts',
      'src/collect/c.ts: imports src/kernel/b.ts, which is not there',
    ]);
  });

  it('a cycle, of types too', () => {
    const refused = rules.noCycles(
      project({
        'src/kernel/a.ts': `import { b } from './b.ts';`,
        'src/kernel/b.ts': `import type { C } from './c.ts';`,
        'src/kernel/c.ts': `export const x = 1; // import { a } from './a.ts';\nimport { a } from './a.ts';`,
        'src/kernel/d.ts': `import { a } from './a.ts';`,
      }),
    );
    expect(refused).toEqual(['src/kernel/a.ts → src/kernel/b.ts → src/kernel/c.ts → src/kernel/a.ts']);
  });

  it('an adapter or a driver outside its place', () => {
    const files = project({
      'src/stores/events/events.ts': `import { createClient } from '@clickhouse/client';\nexport async function openChdb(): Promise<Events> {}\nexport type Events = {};`,
      'src/app.ts': `import { openChdb } from './stores/events/events.ts';`,
      'src/cli/analyze.ts': `import { openChdb as open, type Events } from '../stores/events/events.ts';`,
      'src/reach/channels/email/smtp.ts': `export function smtpChannel(url: string): Channel {}\nexport function openReport() {}`,
      'src/reach/channels/email/email.ts': `import { smtpChannel, openReport } from './smtp.ts';`,
      'src/decide/plan.service.ts': `import { smtpChannel, openReport } from '../reach/channels/email/smtp.ts';`,
      'src/prove/lift.service.ts': `import type { Events } from '../stores/events/events.ts';\nimport { Pool } from 'pg';`,
    });
    expect(rules.adaptersInOnePlace(files)).toEqual([
      'src/cli/analyze.ts: names the adapter openChdb; only src/app.ts does',
      'src/decide/plan.service.ts: names the adapter smtpChannel; only src/app.ts does',
    ]);
    expect(rules.driversAtHome(files)).toEqual(['src/prove/lift.service.ts: speaks to pg; src/stores/records/ does']);
  });

  it('a clock, a die or a file in a pure file, but not in a comment, a string or another layer', () => {
    const impure = `import { readFileSync } from 'node:fs';\nconst t = Date.now(), d = new Date(), r = \`\${Math.random()}\`;\nprocess.env;`;
    expect(rules.pureFiles(project({ 'src/decide/choose.ts': impure }))).toEqual([
      'src/decide/choose.ts: reads the clock',
      'src/decide/choose.ts: draws randomness',
      'src/decide/choose.ts: does I/O',
      'src/decide/choose.ts: imports node:fs',
    ]);
    const fine = `// not Date.now()\nconst s = 'Math.random()', q = /new Date()'/, d = new Date(0); /* process.env */ const f = \`fetch(\`;`;
    const elsewhere = project({
      'src/decide/choose.ts': fine,
      'src/decide/choose.service.ts': impure,
      'src/kernel/clock.ts': impure,
      'src/reach/channels/email/smtp.ts': impure,
      'src/collect/ingest.ts': impure,
    });
    expect(rules.pureFiles(elsewhere)).toEqual([]);
  });

  it.each([
    ['const a: any = 1;', 'uses any'],
    ['const a = b as any;', 'uses any'],
    ['const a: Array<any> = [];', 'uses any'],
    ['const a = b as unknown as C;', 'forces a type (as unknown as)'],
    ['export default a;', 'has a default export'],
    ['// @ts-ignore\nconst a = 1;', 'silences the compiler'],
  ])('%j', (text, what) =>
    expect(rules.noForcedTypes(project({ 'src/kernel/a.ts': text }))).toEqual([`src/kernel/a.ts: ${what}`]),
  );

  it('but not the words any and default in prose and names', () =>
    expect(
      rules.noForcedTypes(
        project({ 'src/kernel/a.ts': `// any: fine\nconst s = ': any';\nconst many = company.any;` }),
      ),
    ).toEqual([]));

  it.each([
    'src/kernel/utils.ts',
    'src/kernel/date-helper.ts',
    'src/common/a.ts',
    'src/kernel/index.ts',
    'src/kernel/mail-manager.ts',
  ])('the name %s', (path) => expect(rules.names(project({ [path]: '' }))).toEqual([`${path}: the name says nothing`]));
  it('a name that is not in kebab-case', () =>
    expect(rules.names(project({ 'src/kernel/someThing.ts': '', 'src/kernel/some-thing.sql.ts': '' }))).toEqual([
      'src/kernel/someThing.ts: not in kebab-case',
    ]));

  it('a barrel', () => {
    const refused = rules.noBarrels(
      project({
        'src/kernel/all.ts': `export * from './a.ts';\nexport { b } from './b.ts';\nexport { c };`,
        ...kernel,
      }),
    );
    expect(refused).toHaveLength(2);
  });

  it('a console that reaches behind the contract', () =>
    expect(
      rules.consoleKnowsTheContract(
        project({
          'console/src/app.tsx': `import type { A } from '../../src/http/contract.ts';\nimport { b } from '../../src/app.ts';`,
        }),
      ),
    ).toEqual(['console/src/app.tsx: imports src/app.ts; only the HTTP contract is shared']));

  it('paths of a machine and registries, but not routes and URLs', () => {
    const machine = 'see /home/ann/rekindle';
    expect(
      rules.nothingOfTheWorkplace(
        project({ 'docs/a.md': machine, 'docs/b.md': 'https://x.org/work/a, ./work/a, /v1/track' }),
      ),
    ).toEqual(['docs/a.md: names a path of somebody’s machine']);
    expect(rules.nothingOfTheWorkplace(project({ '.npmrc': 'x=https://registry.example.org' }))).toHaveLength(1);
  });
});

describe('reading source', () => {
  it('keeps lines and code, blanks the rest', () => {
    const text = 'a; // x\n/* y\n */ b(\'c\', "d\\"e", `f${g(`h${i}`)}j`); k = l / m; n = /[\'/]o/; p';
    const code = codeOf(text);
    expect(code.split('\n')).toHaveLength(3);
    expect(code.replaceAll(/\s/g, '')).toBe('a;b(,,g(i));k=l/m;n=;p');
  });
  it('finds imports of every form', () => {
    const text = `import { a, type B as C } from './x.ts';\nimport * as d from 'y';\nimport type { E } from "z";\nimport './side.ts';
      const f = await import('./lazy.ts');\nexport { g } from './h.ts';\nconst s = "import { q } from './no.ts'";\nexport const t = 1;`;
    expect(importsOf(text).map(({ from }) => from)).toEqual(
      expect.arrayContaining(['./x.ts', 'y', 'z', './side.ts', './lazy.ts', './h.ts']),
    );
    expect(importsOf(text)[0]).toEqual({ from: './x.ts', names: ['a', 'B'], reExport: false });
    expect(importsOf(text).find(({ reExport }) => reExport)?.from).toBe('./h.ts');
  });
});
