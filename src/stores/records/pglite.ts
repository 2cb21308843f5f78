// Embedded PostgreSQL in a folder. One process, one connection: Kysely and pg-boss share this instance, so transactions must stay short.
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect } from 'kysely';
import { fromPglite } from 'pg-boss';
import { tellOfFullDisk, VALUE_PARSERS, type Records } from './records.ts';
import type { RecordsSchema } from './schema.ts';

/** Opens (or makes) the store at `folder`; `memory://` keeps it in memory. */
export async function openPglite(folder: string): Promise<Records> {
  const instance = await PGlite.create({ dataDir: folder, parsers: { ...VALUE_PARSERS } });
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
    // One connection, one process: what a statement notified was heard when it is done, and none is ever missed.
    listen: (channel, heard) => instance.listen(channel, heard),
    close: async () => {
      await db.destroy();
      if (!instance.closed) await instance.close();
    },
  };
}
