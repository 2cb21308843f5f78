// A transaction that is begun again when the store broke it off in favour of another one.
import type { RecordsDb, RecordsTransaction } from './records.ts';

const TRIES = 5;

/** PostgreSQL's deadlock_detected and serialization_failure: nothing of the transaction stands, and the same work may simply be done again. */
const isBrokenOff = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === '40P01' || error.code === '40001');

/** Runs `work` in one transaction, again from its start where it met a deadlock (five times at most). It must do nothing but ask the store. */
export async function inTransaction<T>(db: RecordsDb, work: (tx: RecordsTransaction) => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (!isBrokenOff(error) || tried >= TRIES) throw error;
    }
  }
}
