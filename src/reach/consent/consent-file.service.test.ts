import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { importConsentFile } from './consent-file.service.ts';
import type { ForeignFile, ForeignResult } from './import.service.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rekindle-consent-file-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What was handed on; each part counts one of everything and refuses its first row. */
async function brought(name: string, content: string | Buffer, rejectsKept = Infinity) {
  const path = join(folder, name);
  writeFileSync(path, content);
  const parts: ForeignFile[] = [];
  const done = await importConsentFile({ path, source: name, rejectsKept }, (part) => {
    parts.push(part);
    const reason = { en: 'no', zh: '否' };
    return Promise.resolve<ForeignResult>({
      columns: [{ column: part.columns[0]!, meaning: 'email' }],
      suppressed: 1,
      granted: 1,
      created: 1,
      keptWithdrawn: 1,
      rejected: [{ row: part.firstRow, reason }],
    });
  });
  return { parts, done };
}

it('hands on the opt-outs of the whole file before its first contact, in parts that know their rows', async () => {
  const rows = Array.from({ length: 4_100 }, (_, i) => `a${i}@example.com,yes`);
  const { parts, done } = await brought('long.csv', ['email,subscribed', '', ...rows, ''].join('\r\n'), 2);
  expect(parts.map(({ phase, firstRow, rows: some }) => [phase, firstRow, some.length])).toEqual([
    ['optOuts', 2, 2_000],
    ['optOuts', 2_002, 2_000],
    ['optOuts', 4_002, 100],
    ['all', 2, 2_000],
    ['all', 2_002, 2_000],
    ['all', 4_002, 100],
  ]);
  expect(parts[5]!.rows.at(-1)).toEqual(['a4099@example.com', 'yes']);
  expect(done).toMatchObject({ suppressed: 3, granted: 3, created: 3, keptWithdrawn: 3, rejectedCount: 3 });
  expect(done.rejected.map(({ row }) => row)).toEqual([2, 2_002]);
});

it.each([
  // 邮箱,是否订阅,退订 / mei@example.com,是, / lan@example.com,,是 in GB18030.
  ['gb.csv', Buffer.from('d3cacfe42ccac7b7f1b6a9d4c42ccdcbb6a90a6d6569406578616d706c652e636f6d2ccac72c0a6c616e406578616d706c652e636f6d2c2ccac70a', 'hex')], // prettier-ignore
  [
    'wide.tsv',
    Buffer.from('\ufeff邮箱\t是否订阅\t退订\r\nmei@example.com\t是\t\r\nlan@example.com\t\t是\r\n', 'utf16le'),
  ],
  ['packed.csv.gz', gzipSync('\ufeff邮箱;是否订阅;退订\nmei@example.com;是;\nlan@example.com;;是\n')],
])('reads %s', async (name, content) => {
  const { parts } = await brought(name, content);
  expect(parts[0]).toMatchObject({
    columns: ['邮箱', '是否订阅', '退订'],
    rows: [
      ['mei@example.com', '是', ''],
      ['lan@example.com', '', '是'],
    ],
  });
});

it('refuses what is no table', async () => {
  await expect(brought('lines.jsonl', '{"email":"a@example.com"}\n')).rejects.toMatchObject({
    code: 'file_unreadable',
  });
  await expect(brought('blank.csv', '\n\n')).rejects.toMatchObject({ code: 'file_empty' });
});
