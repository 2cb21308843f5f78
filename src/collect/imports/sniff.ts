// What kind of file is this? Encoding, separator, header or none, from its first bytes. Pure: the bytes are a parameter.
import type { Text } from '../../kernel/lang.ts';
import { DELIMITERS, recordsOf, type Delimiter } from './csv.ts';
import { looksLikeNumber, looksLikeTime, looksLikeEmail } from './values.ts';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'gb18030' | 'windows-1252';
export type Format = 'csv' | 'json' | 'parquet';

const startsWith = (bytes: Uint8Array, ...prefix: readonly number[]): boolean =>
  prefix.every((byte, i) => bytes[i] === byte);

export const isGzip = (head: Uint8Array): boolean => startsWith(head, 0x1f, 0x8b);
export const isParquet = (head: Uint8Array): boolean => startsWith(head, 0x50, 0x41, 0x52, 0x31);

type Magic = readonly [bytes: readonly number[], kind: Text];
const named = (name: string): Text => ({ en: `a ${name} file`, zh: `${name} 文件` });
/** First bytes of what people pick by mistake. */
const FOREIGN: readonly Magic[] = [
  [[0x50, 0x4b, 0x03, 0x04], { en: 'an Excel (.xlsx) or ZIP file', zh: 'Excel（.xlsx）或 ZIP 文件' }],
  [[0xd0, 0xcf, 0x11, 0xe0], { en: 'an old Excel (.xls) file', zh: '旧版 Excel（.xls）文件' }],
  [[0x25, 0x50, 0x44, 0x46], named('PDF')],
  [[0x89, 0x50, 0x4e, 0x47], { en: 'a picture (PNG)', zh: '图片（PNG）' }],
  [[0xff, 0xd8, 0xff], { en: 'a picture (JPEG)', zh: '图片（JPEG）' }],
  [[0x47, 0x49, 0x46, 0x38], { en: 'a picture (GIF)', zh: '图片（GIF）' }],
  [[0x52, 0x61, 0x72, 0x21], named('RAR')],
  [[0x37, 0x7a, 0xbc, 0xaf], named('7z')],
  [[0x28, 0xb5, 0x2f, 0xfd], named('Zstandard')],
  [[0x42, 0x5a, 0x68], named('bzip2')],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], named('xz')],
  [[0x53, 0x51, 0x4c, 0x69, 0x74, 0x65], { en: 'an SQLite database', zh: 'SQLite 数据库' }],
];
const HTML = /^\ufeff?\s*<(?:!doctype html|html)/i;

/** Why a file that begins so cannot be imported, in words; undefined where nothing speaks against it. */
export function foreignKind(head: Uint8Array): Text | undefined {
  const kind =
    FOREIGN.find(([bytes]) => startsWith(head, ...bytes))?.[1] ??
    (HTML.test(new TextDecoder().decode(head.subarray(0, 200)))
      ? { en: 'a web page (HTML)', zh: '网页（HTML）' }
      : undefined);
  if (kind === undefined) return undefined;
  return {
    en: `this is ${kind.en}; save it as CSV first (CSV, TSV, JSON lines and Parquet can be imported, plain or gzipped)`,
    zh: `这是${kind.zh}，请先另存为 CSV。可导入 CSV、TSV、JSON Lines 和 Parquet，可用 gzip 压缩`,
  };
}

/** Share of bytes ≥ 0x80 that stand in pairs, as Chinese text has them and accented Latin text does not. */
function pairedShare(bytes: Uint8Array): number {
  let high = 0;
  let paired = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i]! < 0x80) continue;
    let run = 1;
    while (i + run < bytes.length && bytes[i + run]! >= 0x80) run++;
    high += run;
    // A GBK trail byte may be ASCII (0x40–0x7E): an odd run then still ends in a pair, so all but one count.
    paired += run - (run % 2);
    i += run - 1;
  }
  return high === 0 ? 0 : paired / high;
}

/** `isUtf8` says whether the whole file, not only `head`, is valid UTF-8. `odd` is a stretch of it that is not. */
export function encodingOf(head: Uint8Array, isUtf8: boolean, odd: Uint8Array = head): Encoding {
  if (startsWith(head, 0xff, 0xfe)) return 'utf-16le';
  if (startsWith(head, 0xfe, 0xff)) return 'utf-16be';
  const even = head.filter((byte, i) => i % 2 === 0 && byte === 0).length;
  const odds = head.filter((byte, i) => i % 2 === 1 && byte === 0).length;
  if (odds > head.length / 8 && even < odds / 4) return 'utf-16le';
  if (even > head.length / 8 && odds < even / 4) return 'utf-16be';
  if (isUtf8) return 'utf-8';
  return pairedShare(odd) >= 0.6 ? 'gb18030' : 'windows-1252';
}

export type Separation = { readonly delimiter: Delimiter; readonly columns: number; readonly agreement: number };

/** How well a separator explains the sample: the most common number of columns and the share of records that have it. */
export function separationBy(text: string, delimiter: Delimiter, isCut: boolean): Separation {
  const records = recordsOf(text, delimiter, 100, isCut).filter((record) => record.some((field) => field !== ''));
  const counts = new Map<number, number>();
  for (const record of records) counts.set(record.length, (counts.get(record.length) ?? 0) + 1);
  const [columns, count] = [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [0, 0];
  return { delimiter, columns, agreement: records.length === 0 ? 0 : count / records.length };
}

/** The separator that makes the most records agree on two or more columns, or undefined when none does. */
export function delimiterOf(text: string, isCut: boolean): Separation | undefined {
  return DELIMITERS.map((delimiter) => separationBy(text, delimiter, isCut))
    .filter((separation) => separation.columns > 1 && separation.agreement >= 0.5)
    .sort((a, b) => b.agreement - a.agreement || b.columns - a.columns)[0];
}

/** A first record is a header when none of its cells is data: a number, a time or an address. */
export const looksLikeHeader = (first: readonly string[]): boolean =>
  first.some((cell) => cell.trim() !== '') &&
  !first.some((cell) => looksLikeNumber(cell) || looksLikeTime(cell) || looksLikeEmail(cell));

export const looksLikeJson = (text: string): boolean => text.trimStart().startsWith('{');

/** Names for columns: trimmed, never empty, never twice. */
export function columnNames(header: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return header.map((cell, i) => {
    const name = cell.trim() === '' ? `column${i + 1}` : cell.trim();
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name}_${times}`;
  });
}
