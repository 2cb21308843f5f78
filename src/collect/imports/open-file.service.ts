// Reads a file once, whole, before anything is imported: is it there, complete, in which encoding, with which columns?
// Guarantees: a cut-off, empty or unreadable file is refused here. What comes out is UTF-8 text the engine can read, transcoded to a
// temporary file where the original is not.
import { isUtf8 } from 'node:buffer';
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { RekindleError } from '../../kernel/errors.ts';
import { isObject } from '../../kernel/json.ts';
import type { Text } from '../../kernel/lang.ts';
import { csvLine, DELIMITERS, recordReader, recordsOf, type Delimiter } from './csv.ts';
import { footerLengthOf, PARQUET_TAIL_BYTES, parquetColumns } from './parquet-columns.ts';
import {
  columnNames,
  delimiterOf,
  encodingOf,
  foreignKind,
  isGzip,
  isParquet,
  looksLikeHeader,
  looksLikeJson,
  separationBy,
  type Encoding,
  type Format,
} from './sniff.ts';

const HEAD_BYTES = 512 * 1024;
const SAMPLE_ROWS = 500;

export type OpenedFile = {
  /** As the caller wrote it; every message names this one. */
  readonly path: string;
  /** What the engine reads: UTF-8, or Parquet. */
  readonly readPath: string;
  readonly compression: 'none' | 'gzip';
  readonly format: Format;
  readonly encoding: Encoding;
  readonly delimiter: Delimiter;
  readonly hasHeader: boolean;
  readonly columns: readonly string[];
  /** Up to 500 records in the order of `columns`. */
  readonly sample: readonly (readonly string[])[];
  /** JSON lines only: the same records as they stand in the file. */
  readonly sampleLines: readonly string[];
  /** Whether quoted fields exist, so that a record may span lines. */
  readonly hasQuotes: boolean;
  /** Uncompressed size. */
  readonly bytes: number;
  readonly temporaryFolder: string;
};

export type OpenOptions = {
  readonly delimiter?: Delimiter;
  readonly header?: boolean;
  readonly temporaryFolder?: string;
};

const NOT_TEXT: Text = {
  en: 'it is not text (it contains zero bytes)',
  zh: '它不是文本文件（含有零字节）',
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** Turns what reading a file can throw into a refusal that names the file. */
function refusalOf(path: string, cause: unknown): Error {
  if (cause instanceof RekindleError) return cause;
  const what = cause instanceof Error ? cause.message : String(cause);
  const code = codeOf(cause);
  if (code === 'Z_BUF_ERROR') return new RekindleError('file_truncated', { path }, { cause });
  if (code.startsWith('Z_'))
    return new RekindleError(
      'file_unreadable',
      { path, what: { en: `the compressed data is damaged (${what})`, zh: `压缩数据已损坏（${what}）` } },
      { cause },
    );
  if (code === 'ENOSPC') return new RekindleError('disk_full', { path: tmpdir() }, { cause });
  return new RekindleError('file_missing', { path, what }, { cause });
}

/** The file's bytes, decompressed. */
export function bytesOf(path: string, compression: 'none' | 'gzip'): Readable {
  const raw = createReadStream(path, { highWaterMark: 1 << 20 });
  if (compression === 'none') return raw;
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  raw.on('error', (error) => gunzip.destroy(error));
  return raw.pipe(gunzip);
}

type Scan = {
  readonly head: Buffer;
  readonly bytes: number;
  readonly isUtf8: boolean;
  readonly odd: Buffer;
  readonly hasQuotes: boolean;
};

/** Bytes at the end of a chunk that begin a UTF-8 character which the next chunk completes. */
function openTail(chunk: Buffer): number {
  for (let back = 1; back <= Math.min(3, chunk.length); back++) {
    const byte = chunk[chunk.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

async function scan(path: string, compression: 'none' | 'gzip'): Promise<Scan> {
  const heads: Buffer[] = [];
  let headBytes = 0;
  let bytes = 0;
  let odd: Buffer | undefined;
  let hasQuotes = false;
  let tail: Buffer = Buffer.alloc(0);
  for await (const part of bytesOf(path, compression)) {
    const chunk = part as Buffer;
    bytes += chunk.length;
    if (headBytes < HEAD_BYTES) {
      heads.push(chunk);
      headBytes += chunk.length;
    }
    hasQuotes ||= chunk.includes(0x22);
    if (odd !== undefined) continue;
    const whole = tail.length === 0 ? chunk : Buffer.concat([tail, chunk]);
    const open = openTail(whole);
    const body = whole.subarray(0, whole.length - open);
    if (!isUtf8(body)) odd = Buffer.from(body);
    tail = Buffer.from(whole.subarray(whole.length - open));
  }
  if (odd === undefined && tail.length > 0) odd = tail;
  const head = Buffer.concat(heads).subarray(0, HEAD_BYTES);
  return { head, bytes, isUtf8: odd === undefined, odd: odd ?? head, hasQuotes };
}

async function* decoded(source: Readable, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of source) yield decoder.decode(chunk as Buffer, { stream: true });
  yield decoder.decode();
}

async function transcode(file: { path: string; compression: 'none' | 'gzip' }, encoding: Encoding, to: string) {
  await pipeline(Readable.from(decoded(bytesOf(file.path, file.compression), encoding)), createWriteStream(to));
}

async function* linesOf(source: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const text of source) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** Every line of an opened text file, without its end. */
export const fileLines = (file: OpenedFile): AsyncGenerator<string> =>
  linesOf(decoded(bytesOf(file.readPath, file.compression), 'utf-8'));

async function* cleanRecords(file: OpenedFile): AsyncGenerator<string> {
  const reader = recordReader(file.delimiter);
  let text = '';
  for await (const line of fileLines(file)) {
    for (const record of reader.push(line)) text += csvLine(record, file.delimiter);
    if (text.length > 1 << 18) {
      yield text;
      text = '';
    }
  }
  for (const record of reader.end()) text += csvLine(record, file.delimiter);
  yield text;
}

/** The same records with their quotes put right, for a file whose quotes the engine refuses. */
export async function withCleanQuotes(file: OpenedFile): Promise<OpenedFile> {
  const readPath = join(file.temporaryFolder, 'clean.csv');
  await pipeline(Readable.from(cleanRecords(file)), createWriteStream(readPath)).catch((cause: unknown) => {
    throw refusalOf(file.path, cause);
  });
  return { ...file, readPath, compression: 'none', hasQuotes: true };
}

type Table = Pick<OpenedFile, 'delimiter' | 'hasHeader' | 'columns' | 'sample'>;

function tableOf(path: string, text: string, isCut: boolean, options: OpenOptions): Table {
  const separation =
    options.delimiter === undefined ? delimiterOf(text, isCut) : separationBy(text, options.delimiter, isCut);
  if (separation === undefined || separation.columns < 2) {
    const first = text.trimStart().split('\n')[0]?.trim().slice(0, 120) ?? '';
    const tried = (options.delimiter === undefined ? DELIMITERS : [options.delimiter])
      .map((each) => (each === '\t' ? 'tab' : `"${each}"`))
      .join(', ');
    throw new RekindleError('columns_unclear', {
      path,
      what: {
        en: `only one column was found with the separators ${tried}. The first line is: ${first}`,
        zh: `用分隔符 ${tried} 都只能分出一列。第一行是：${first}`,
      },
    });
  }
  const records = recordsOf(text, separation.delimiter, SAMPLE_ROWS + 1, isCut);
  const filled = (record: readonly string[]): boolean => record.some((cell) => cell.trim() !== '');
  const first = records[0] ?? [];
  const hasHeader = options.header ?? looksLikeHeader(first);
  const sample = (hasHeader ? records.slice(1) : records).filter(filled);
  if (sample.length === 0)
    throw new RekindleError('file_unreadable', {
      path,
      what: { en: 'it has a header but no rows below it', zh: '只有表头，没有数据行' },
    });
  const width = Math.max(separation.columns, first.length);
  const columns = columnNames(hasHeader ? first : Array.from({ length: width }, () => ''));
  return { delimiter: separation.delimiter, hasHeader, columns, sample };
}

const OPENED_OBJECTS = new Set(['traits', 'context']);

/** Keys of JSON lines as columns; `traits` and `context` are opened so that addresses inside them can be mapped. */
function flatKeys(value: unknown, prefix = ''): [string, unknown][] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    const path = `${prefix}${key}`;
    return OPENED_OBJECTS.has(key) && isObject(inner) ? flatKeys(inner, `${path}.`) : [[path, inner]];
  });
}

const cellOf = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);

function jsonTableOf(
  path: string,
  text: string,
  isCut: boolean,
): Pick<OpenedFile, 'columns' | 'sample' | 'sampleLines'> {
  const lines = text.split('\n');
  if (isCut) lines.pop();
  const sampleLines: string[] = [];
  const records: Map<string, unknown>[] = [];
  for (const line of lines.slice(0, SAMPLE_ROWS)) {
    if (line.trim() === '') continue;
    sampleLines.push(line.trim());
    try {
      records.push(new Map(flatKeys(JSON.parse(line))));
    } catch {
      records.push(new Map()); // Not JSON: the row will be rejected with its line number.
    }
  }
  const columns = [...new Set(records.flatMap((record) => [...record.keys()]))];
  if (columns.length === 0)
    throw new RekindleError('file_unreadable', {
      path,
      what: {
        en: 'no line of it is a JSON object (one object per line is wanted)',
        zh: '没有一行是 JSON 对象（应为每行一个对象）',
      },
    });
  return { columns, sampleLines, sample: records.map((record) => columns.map((name) => cellOf(record.get(name)))) };
}

/** Of Parquet only the columns are known here: the engine tells a sample (see `import.service.ts`). */
export async function openFile(path: string, options: OpenOptions = {}): Promise<OpenedFile> {
  let temporaryFolder: string | undefined;
  try {
    if (statSync(path).size === 0) throw new RekindleError('file_empty', { path });
    temporaryFolder = mkdtempSync(join(options.temporaryFolder ?? tmpdir(), 'rekindle-import-'));
    return await openInto(path, temporaryFolder, options);
  } catch (cause) {
    if (temporaryFolder !== undefined) rmSync(temporaryFolder, { recursive: true, force: true });
    throw refusalOf(path, cause);
  }
}

/** A Parquet file's columns. Refuses one whose end is missing. */
async function footerColumns(path: string, readPath: string): Promise<readonly string[]> {
  const file = await open(readPath);
  try {
    const { size } = await file.stat();
    const piece = async (from: number, length: number): Promise<Uint8Array> =>
      (await file.read(Buffer.alloc(length), 0, length, from)).buffer;
    const length =
      size < 2 * PARQUET_TAIL_BYTES
        ? undefined
        : footerLengthOf(await piece(size - PARQUET_TAIL_BYTES, PARQUET_TAIL_BYTES));
    if (length === undefined || length > size - PARQUET_TAIL_BYTES) throw new RekindleError('file_truncated', { path });
    return parquetColumns(await piece(size - PARQUET_TAIL_BYTES - length, length));
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const what = {
      en: `its Parquet footer is damaged (${cause.message})`,
      zh: `Parquet 文件尾已损坏（${cause.message}）`,
    };
    throw new RekindleError('file_unreadable', { path, what }, { cause });
  } finally {
    await file.close();
  }
}

async function openInto(path: string, temporaryFolder: string, options: OpenOptions): Promise<OpenedFile> {
  const start: Buffer[] = [];
  for await (const chunk of createReadStream(path, { start: 0, end: 7 })) start.push(chunk as Buffer);
  const compression = isGzip(Buffer.concat(start)) ? 'gzip' : 'none';
  const seen = await scan(path, compression);
  const shape = {
    path,
    compression,
    temporaryFolder,
    bytes: seen.bytes,
    hasQuotes: seen.hasQuotes,
    sampleLines: [] as readonly string[],
    delimiter: ',',
    hasHeader: true,
    encoding: 'utf-8',
  } as const;
  // The engine expands globs in paths, so it is handed a plain name.
  const alias = join(temporaryFolder, `file${extname(path).replace(/[^\w.]/g, '')}`);
  symlinkSync(resolve(path), alias);
  if (isParquet(seen.head)) {
    const readPath = compression === 'none' ? alias : join(temporaryFolder, 'plain.parquet');
    if (compression === 'gzip') await pipeline(bytesOf(path, compression), createWriteStream(readPath));
    const columns = await footerColumns(path, readPath);
    return { ...shape, readPath, compression: 'none', format: 'parquet', columns, sample: [] };
  }
  const foreign = foreignKind(seen.head);
  if (foreign !== undefined) throw new RekindleError('file_unreadable', { path, what: foreign });

  const encoding = encodingOf(seen.head, seen.isUtf8, seen.odd);
  const isCut = seen.bytes > seen.head.length;
  const text = new TextDecoder(encoding).decode(seen.head, { stream: true });
  if (text.trim() === '') throw new RekindleError('file_empty', { path });
  if (text.includes('\0')) throw new RekindleError('file_unreadable', { path, what: NOT_TEXT });
  const isJson = looksLikeJson(text);
  const table = isJson
    ? { ...jsonTableOf(path, text, isCut), delimiter: ',' as const, hasHeader: false }
    : { ...tableOf(path, text, isCut, options), sampleLines: [] };
  const format = isJson ? 'json' : 'csv';
  if (encoding === 'utf-8') return { ...shape, ...table, format, encoding, readPath: alias };
  const readPath = join(temporaryFolder, 'utf8.txt');
  await transcode({ path, compression }, encoding, readPath);
  return { ...shape, ...table, format, encoding, readPath, compression: 'none' };
}

export const closeFile = (file: OpenedFile): void => rmSync(file.temporaryFolder, { recursive: true, force: true });
