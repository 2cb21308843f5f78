// The tables an import works in, and what is done about imports that died.
// Guarantees: before its INSERT an import leaves a mark, after it the mark goes. A mark found at start means that the process died while
// the engine was committing: events and the tables derived from them may then disagree, so the derived ones are built again from events.
// Running the same import again adds exactly what is missing.
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { ident, p, sql } from '../../kernel/sql.ts';
import type { Events, Row } from '../../stores/events/events.ts';
import { rebuildRollups } from '../../stores/events/rollups.ts';
import { bytesOf, type OpenedFile } from './open-file.service.ts';
import { parquetCells, readSettings, stagedLines, type Reading } from './staging.sql.ts';

const PREFIX = 'import_';

/** Lines of files up to this size wait in memory: a fifth less work than a table on disk. */
const IN_MEMORY_BYTES_MAX = 256 * 1024 * 1024;

export const linesTable = (importId: string): string => `${PREFIX}${importId}_lines`;
export const knownTable = (importId: string): string => `${PREFIX}${importId}_known`;
export const peopleTable = (importId: string): string => `${PREFIX}${importId}_people`;
export const ordersTables = (importId: string): { readonly table: string; readonly apart: string } => ({
  table: `${PREFIX}${importId}_orders`,
  apart: `${PREFIX}${importId}_apart`,
});
/** Every table an import works in, but for its mark. */
export const workingTables = (importId: string): readonly string[] => [
  linesTable(importId),
  ...Object.values(ordersTables(importId)),
  knownTable(importId),
  peopleTable(importId),
];
const markTable = (importId: string): string => `${PREFIX}${importId}_committing`;

async function* counted(data: Readable, onBytes: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const part of data) {
    const chunk = part as Buffer;
    onBytes(chunk.length);
    yield chunk;
  }
}

export const isInMemory = (events: Events, file: OpenedFile): boolean =>
  events.kind === 'chdb' && file.bytes <= IN_MEMORY_BYTES_MAX;

/** Reads the file into its staging table. Row numbers are those of the file. */
export async function stageFile(
  events: Events,
  file: OpenedFile,
  reading: Reading,
  table: string,
  onBytes: (bytes: number) => void,
): Promise<(column: string) => boolean> {
  const origin = events.kind === 'chdb' ? 'file' : 'upload';
  const lines = stagedLines(file, reading, origin);
  await events.run(sql`DROP TABLE IF EXISTS ${ident(table)}`);
  const engine = isInMemory(events, file) ? sql`Memory` : sql`MergeTree ORDER BY tuple()`;
  await events.run(sql`CREATE TABLE ${ident(table)} (${lines.columns}) ENGINE = ${engine}`);
  const insert = sql`INSERT INTO ${ident(table)} ${lines.select} ${readSettings(file, origin)}`;
  if (origin === 'file') await events.run(insert);
  else {
    const format = { csv: sql`CSV`, json: sql`LineAsString`, parquet: sql`Parquet` }[file.format];
    const data = file.format === 'parquet' ? createReadStream(file.readPath) : bytesOf(file.readPath, file.compression);
    await events.upload(sql`${insert} FORMAT ${format}`, Readable.from(counted(data, onBytes)));
  }
  return lines.has;
}

/** The first rows of a Parquet file, every cell as text, read by an engine that is sent the file. */
export async function sentSample(events: Events, file: OpenedFile, rows: number): Promise<Row[]> {
  const table = `${PREFIX}${randomUUID().replaceAll('-', '')}_sample`;
  const { columns, structure } = parquetCells(file.columns);
  await events.run(sql`CREATE TABLE ${ident(table)} (n UInt64, ${columns}) ENGINE = MergeTree ORDER BY n`);
  try {
    const insert = sql`INSERT INTO ${ident(table)} SELECT rowNumberInAllBlocks() AS n, * FROM input(${structure}) LIMIT ${p.int(rows)}
      ${readSettings(file, 'upload')} FORMAT Parquet`;
    await events.upload(insert, createReadStream(file.readPath));
    return await events.rows<Row>(sql`SELECT * EXCEPT n FROM ${ident(table)} ORDER BY n`);
  } finally {
    await dropTable(events, table);
  }
}

export const dropTable = (events: Events, table: string): Promise<void> =>
  events.run(sql`DROP TABLE IF EXISTS ${ident(table)} SYNC`);

/** Runs the commit between setting and removing the mark. */
export async function whileMarked(events: Events, importId: string, commit: () => Promise<void>): Promise<void> {
  const mark = markTable(importId);
  await events.run(sql`CREATE TABLE ${ident(mark)} (at DateTime) ENGINE = MergeTree ORDER BY at`);
  await commit();
  await dropTable(events, mark);
}

/** Whether an INSERT failed and its mark waits for the next start. */
export async function isMarked(events: Events): Promise<boolean> {
  const [row] = await events.rows<{ marks: number }>(sql`
    SELECT count() AS marks FROM system.tables WHERE database = ${p.text(events.database)} AND endsWith(name, '_committing')`);
  return (row?.marks ?? 0) > 0;
}

export type Swept = { readonly dropped: number; readonly rebuilt: boolean };

/**
 * Drops what dead imports left behind. Call once at start, before anything is accepted and under the migration lock: on a shared server
 * another process may be importing, so only tables untouched for `idleMs` count as dead there.
 */
export async function sweepStaging(events: Events, now: Date, idleMs = 6 * 3_600_000): Promise<Swept> {
  const idleSince = new Date(events.kind === 'chdb' ? now.getTime() + 86_400_000 : now.getTime() - idleMs);
  const tables = await events.rows<{ name: string }>(sql`
    SELECT name FROM system.tables WHERE database = ${p.text(events.database)} AND startsWith(name, ${p.text(PREFIX)})
      AND (${p.text(events.kind)} = 'chdb' OR metadata_modification_time < ${p.instant(idleSince)})`);
  const marks = tables.filter(({ name }) => name.endsWith('_committing'));
  if (marks.length > 0) await rebuildRollups(events);
  // Marks go last: dying before this line means doing it again.
  for (const { name } of tables) if (!name.endsWith('_committing')) await dropTable(events, name);
  for (const { name } of marks) await dropTable(events, name);
  return { dropped: tables.length, rebuilt: marks.length > 0 };
}
