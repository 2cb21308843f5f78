// Brings both stores up to date at start. Several processes may start at once on shared servers: one works, the others wait.
import { sql } from 'kysely';
import type { Events } from './events/events.ts';
import { migrateEvents } from './events/migrations.ts';
import { migrateRecords } from './records/migrations.ts';
import type { Records } from './records/records.ts';

/** The key of the advisory lock, "rekindle" as a number of our own; Kysely takes another for its part. */
const LOCK = 728_355_463;

/** The events engine has no locks, so the records store's covers both. An embedded folder has one holder already (data-folder.ts). */
export async function migrateStores(records: Records, events: Events, now: Date): Promise<void> {
  const work = async (): Promise<void> => {
    await migrateRecords(records.db);
    await migrateEvents(events, now);
  };
  switch (records.kind) {
    case 'pglite':
      return work(); // Its only connection cannot hold a lock and migrate too.
    case 'postgres':
      return records.db.connection().execute(async (connection) => {
        await sql`SELECT pg_advisory_lock(${sql.lit(LOCK)})`.execute(connection);
        try {
          await work();
        } finally {
          await sql`SELECT pg_advisory_unlock(${sql.lit(LOCK)})`.execute(connection);
        }
      });
  }
}
