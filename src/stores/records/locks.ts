// Locks over what several people or processes change at once.
import { sql } from 'kysely';
import type { Records, RecordsTransaction } from './records.ts';

const PERSON_FACTS = 4_170_001;

/** Nobody mirrors facts of people meanwhile: what a refresh has read it has also written before this resolves. */
export async function lockPersonFacts(tx: RecordsTransaction): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${PERSON_FACTS})`.execute(tx);
}

const queues = new WeakMap<Records, Map<string, Promise<unknown>>>();
/** A lock in PostgreSQL holds a connection of its own while the work takes others: one at a time, so that some are always left. */
const HOLDER = '';

/** Waits for whoever came before under this key in this process. */
async function inTurn<T>(records: Records, key: string, work: () => Promise<T>): Promise<T> {
  const queue = queues.get(records) ?? new Map<string, Promise<unknown>>();
  queues.set(records, queue);
  const before = queue.get(key) ?? Promise.resolve();
  const mine = before.then(work, work);
  queue.set(key, mine);
  try {
    return await mine;
  } finally {
    if (queue.get(key) === mine) queue.delete(key);
  }
}

/**
 * Runs `work` while nobody else runs any under the same key, in this process or in another on the same store: what it reads first is still so
 * when it writes. An embedded store has one process.
 */
export const exclusively = <T>(records: Records, key: string, work: () => Promise<T>): Promise<T> =>
  inTurn(records, `key ${key}`, () =>
    records.kind === 'pglite'
      ? work()
      : inTurn(records, HOLDER, () =>
          records.db.transaction().execute(async (tx) => {
            await sql`SELECT pg_advisory_xact_lock(hashtextextended(${key}, 0))`.execute(tx);
            return work();
          }),
        ),
  );
