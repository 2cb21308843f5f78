// Embedded PostgreSQL in a folder, in a thread of its own. One process, one connection: Kysely and pg-boss share this instance, so
// transactions must stay short.
import { Kysely, PGliteDialect } from 'kysely';
import { fromPglite } from 'pg-boss';
import { openPgliteThreads } from './pglite-threads.ts';
import { tellOfFullDisk, type Records } from './records.ts';
import type { RecordsSchema } from './schema.ts';

/**
 * Opens (or makes) the store at `folder`; `memory://` keeps it in memory. A store that is made begins as the one in the file `dump`, PGlite's own
 * tar of a data folder, where one is named. Throws `disk_full`.
 */
export async function openPglite(folder: string, dump?: string): Promise<Records> {
  const instance = await openPgliteThreads(folder, dump);
  const db = new Kysely<RecordsSchema>({
    dialect: new PGliteDialect({
      pglite: instance,
      onCreateConnection: (connection) => {
        tellOfFullDisk(connection, folder);
        return Promise.resolve();
      },
    }),
  });
  return {
    kind: 'pglite',
    db,
    jobsDatabase: fromPglite(instance),
    // One connection, one process: what a statement notified was heard when it is done, and none is missed while the thread lives.
    listen: instance.listen,
    upkeepTrouble: instance.upkeepTrouble,
    onUpkeepTrouble: instance.onUpkeepTrouble,
    close: async () => {
      await db.destroy();
      if (!instance.closed) await instance.close();
    },
  };
}
