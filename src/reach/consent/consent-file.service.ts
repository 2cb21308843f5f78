// A whole file of another tool's contacts, consents and opt-outs, read on this machine. Guarantee: every opt-out of the file is in force before
// its first contact is made.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { recordReader } from '../../collect/imports/csv.ts';
import type { PeopleStores } from '../../collect/people/people.service.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { importConsents, type ForeignResult } from './import.service.ts';

const ROWS_PER_PART = 2_000;
const REJECTS_KEPT = 200;
const isBlank = (record: readonly string[]): boolean => record.every((cell) => cell.trim() === '');

/** Records of a file of separated text, one after the other; the separator is the one its first line has. */
async function* recordsOf(path: string): AsyncGenerator<readonly string[]> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity });
  let reader: ReturnType<typeof recordReader> | undefined;
  for await (const given of lines) {
    const line = reader === undefined ? given.replace(/^\ufeff/, '') : given;
    reader ??= recordReader(line.includes('\t') ? '\t' : line.includes(';') && !line.includes(',') ? ';' : ',');
    yield* reader.push(line);
  }
  if (reader !== undefined) yield* reader.end();
}

async function* partsOf(
  path: string,
): AsyncGenerator<{ columns: readonly string[]; rows: readonly (readonly string[])[]; firstRow: number }> {
  let columns: readonly string[] | undefined;
  let rows: (readonly string[])[] = [];
  let firstRow = 2;
  for await (const record of recordsOf(path)) {
    if (isBlank(record)) continue;
    if (columns === undefined) columns = record;
    else rows.push(record);
    if (columns !== undefined && rows.length === ROWS_PER_PART) {
      yield { columns, rows, firstRow };
      firstRow += rows.length;
      rows = [];
    }
  }
  if (columns === undefined) throw new RekindleError('file_empty', { path });
  if (rows.length > 0 || firstRow === 2) yield { columns, rows, firstRow };
}

/** Throws `file_empty`, `columns_unclear`, `invalid`. */
export async function importConsentFile(
  stores: PeopleStores & { readonly addressSecret: string },
  file: { readonly path: string; readonly source: string },
  now: Date,
): Promise<ForeignResult & { readonly rejectedCount: number }> {
  let columns: ForeignResult['columns'] = [];
  let suppressed = 0;
  let granted = 0;
  let created = 0;
  let keptWithdrawn = 0;
  let rejectedCount = 0;
  const rejected: ForeignResult['rejected'][number][] = [];
  for (const phase of ['optOuts', 'all'] as const)
    for await (const part of partsOf(file.path)) {
      const done = await importConsents(stores, { ...part, source: file.source, phase }, now);
      if (phase === 'optOuts') {
        columns = done.columns;
        suppressed += done.suppressed;
        continue;
      }
      granted += done.granted;
      created += done.created;
      keptWithdrawn += done.keptWithdrawn;
      rejectedCount += done.rejected.length;
      rejected.push(...done.rejected.slice(0, REJECTS_KEPT - rejected.length));
    }
  return { columns, suppressed, granted, created, keptWithdrawn, rejected, rejectedCount };
}
