// The records store's port: one PostgreSQL dialect through Kysely, whichever adapter stands behind it.
import type { DatabaseConnection, Kysely, Transaction } from 'kysely';
import type { Db } from 'pg-boss';
import { RekindleError } from '../../kernel/errors.ts';
import type { RecordsSchema } from './schema.ts';

export type RecordsDb = Kysely<RecordsSchema>;
export type RecordsTransaction = Transaction<RecordsSchema>;

/** Looks of the store after itself that have failed one after the other, and why the last one did. */
export type UpkeepTrouble = { readonly failures: number; readonly reason: string };

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
  /** What keeps the store from counting its tables and freeing dead rows; a server looks after itself. */
  readonly upkeepTrouble: () => UpkeepTrouble | undefined;
  /** Hears of it each time it begins. */
  readonly onUpkeepTrouble: (heard: (trouble: UpkeepTrouble) => void) => void;
  readonly close: () => Promise<void>;
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
