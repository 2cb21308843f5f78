// The records store's port: one PostgreSQL dialect through Kysely, whichever adapter stands behind it.
import type { DatabaseConnection, Kysely, Transaction } from 'kysely';
import type { Db } from 'pg-boss';
import { RekindleError } from '../../kernel/errors.ts';
import type { RecordsSchema } from './schema.ts';

export type RecordsDb = Kysely<RecordsSchema>;
export type RecordsTransaction = Transaction<RecordsSchema>;

export type Records = {
  readonly kind: 'pglite' | 'postgres';
  readonly db: RecordsDb;
  /** How pg-boss runs its own SQL on the same store. */
  readonly jobsDatabase: Db;
  /**
   * Hears every NOTIFY on `channel` that a committed transaction sent, in this process or another. Resolves when listening. `missed` is called
   * whenever some may have been lost (the connection broke); listening goes on by itself. The answer stops it.
   */
  readonly listen: (
    channel: string,
    heard: (payload: string) => void,
    missed: () => void,
  ) => Promise<() => Promise<void>>;
  readonly close: () => Promise<void>;
};

/**
 * What both adapters make of PostgreSQL types whose drivers disagree, by type oid: int8 is a number (all of ours are below 2^53), a date
 * stays its ISO text, because a Date would carry somebody's time zone.
 */
export const VALUE_PARSERS: Readonly<Record<number, (text: string) => number | string>> = {
  20: Number,
  1082: (text) => text,
};

/** 53100 is PostgreSQL's own code; a server's file system may say it in words only. */
const isDiskFull = (error: unknown): boolean =>
  error instanceof Error &&
  (('code' in error && error.code === '53100') || /No space left on device/i.test(error.message));

/** Makes a new connection say `disk_full`, with the place, where the store says so in its own words. */
export function tellOfFullDisk(connection: DatabaseConnection, place: string): void {
  const run = connection.executeQuery.bind(connection);
  connection.executeQuery = async (...query) => {
    try {
      return await run(...query);
    } catch (cause) {
      if (isDiskFull(cause)) throw new RekindleError('disk_full', { path: place }, { cause });
      throw cause;
    }
  };
}
