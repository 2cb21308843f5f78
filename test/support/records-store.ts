// A migrated records store for one test file: PGlite in memory, or a database of its own on PostgreSQL.
import { sql } from 'kysely';
import { migrateRecords } from '../../src/stores/records/migrations.ts';
import { openPostgres } from '../../src/stores/records/postgres.ts';
import type { Records } from '../../src/stores/records/records.ts';
import { postgresAbsent, startPostgres, type PostgresServer } from './postgres.ts';
import { newRecords } from './records-template.ts';

export const RECORDS_KINDS = ['pglite', 'postgres'] as const;
export type RecordsKind = (typeof RECORDS_KINDS)[number];

/** Why a kind cannot be tested here, to follow a suite's title, or ''. */
export const recordsAbsent: Readonly<Record<RecordsKind, string>> = { pglite: '', postgres: postgresAbsent };

export type TemporaryRecords = {
  readonly records: Records;
  /** As many pools of their own as other workers would have; an embedded store has one holder, who is asked several times. */
  readonly workers: readonly Records[];
  /** Empties every table. */
  readonly clear: () => Promise<void>;
  readonly close: () => Promise<void>;
};

const WORKERS = 4;

export async function temporaryRecords(kind: RecordsKind): Promise<TemporaryRecords> {
  let server: PostgresServer | undefined;
  let records: Records;
  let workers: readonly Records[];
  if (kind === 'postgres') {
    server = await startPostgres();
    const url = await server.newMigratedDatabase();
    records = await openPostgres(url);
    workers = await Promise.all(Array.from({ length: WORKERS }, () => openPostgres(url)));
  } else {
    records = await newRecords();
    const only = records;
    workers = Array.from({ length: WORKERS }, () => only);
  }
  await migrateRecords(records.db);
  const { rows } = await sql<{ name: string }>`
    SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_name NOT LIKE 'kysely_%'`.execute(
    records.db,
  );
  const tables = sql.join(rows.map(({ name }) => sql.table(name)));
  return {
    records,
    workers,
    clear: async () => {
      await sql`TRUNCATE ${tables} CASCADE`.execute(records.db);
    },
    close: async () => {
      for (const worker of workers) if (worker !== records) await worker.close();
      await records.close();
      await server?.stop();
    },
  };
}
