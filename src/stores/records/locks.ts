// Locks between processes that share a records store, each held until the transaction that took it ends.
import { sql } from 'kysely';
import type { RecordsTransaction } from './records.ts';

const PERSON_FACTS = 4_170_001;

/** Nobody mirrors facts of people meanwhile: what a refresh has read it has also written before this resolves. */
export async function lockPersonFacts(tx: RecordsTransaction): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${PERSON_FACTS})`.execute(tx);
}
