// The records store's port: one PostgreSQL dialect through Kysely, whichever adapter stands behind it.
import type { Kysely, Transaction } from 'kysely';
import type { Db } from 'pg-boss';
import type { RecordsSchema } from './schema.ts';

export type RecordsDb = Kysely<RecordsSchema>;
export type RecordsTransaction = Transaction<RecordsSchema>;

export type Records = {
  readonly kind: 'pglite' | 'postgres';
  readonly db: RecordsDb;
  /** How pg-boss runs its own SQL on the same store. */
  readonly jobsDatabase: Db;
  readonly close: () => Promise<void>;
};
