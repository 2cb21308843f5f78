// The reject file: what could not be read, where it stands in the file, and why.
import { createWriteStream, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Events } from '../../stores/events/events.ts';
import { csvLine } from './csv.ts';
import { rejectsAfter } from './import.sql.ts';
import type { Lines } from './lines.sql.ts';
import { columnsOfTerm, type Mapping } from './mapping.ts';
import type { OpenedFile } from './open-file.service.ts';

const REJECTS_PER_READ = 10_000;

async function* rejectLines(
  events: Events,
  lines: Lines,
  file: OpenedFile,
  names: readonly string[],
): AsyncGenerator<string> {
  yield csvLine(['line', 'reason', ...(file.format === 'json' ? ['record'] : names)]);
  for (let after = -1; ;) {
    const rejects = await rejectsAfter(events, lines, after, REJECTS_PER_READ);
    if (rejects.length === 0) return;
    yield rejects.map((each) => csvLine([String(each.line), each.problem, ...each.raw])).join('');
    after = rejects.at(-1)!.n;
  }
}

/** Writes the rejected lines beside their reason and their line number; returns the path. */
export async function writeRejects(
  events: Events,
  lines: Lines,
  { file, mapping }: { readonly file: OpenedFile; readonly mapping: Mapping },
  folder: string,
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${basename(file.path)}.rejects.csv`);
  const names = file.format === 'parquet' ? [...new Set(Object.values(mapping).flatMap(columnsOfTerm))] : file.columns;
  await pipeline(Readable.from(rejectLines(events, lines, file, names)), createWriteStream(path));
  return path;
}
