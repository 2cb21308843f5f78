// Embedded PostgreSQL in a folder, in a thread of its own. One process, one connection: Kysely and pg-boss share this instance, so
// transactions must stay short.
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Kysely, PGliteDialect } from 'kysely';
import { fromPglite } from 'pg-boss';
import { RekindleError } from '../../kernel/errors.ts';
import { openPgliteThread, type ThreadedPglite } from './pglite-thread.ts';
import { tellOfFullDisk, type Records } from './records.ts';
import type { RecordsSchema } from './schema.ts';

/** What a start may need beside the data: a log segment of 16 MB, and the files it writes anew. */
const STARTING_BYTES = 24 * 1024 * 1024;

async function hasRoom(folder: string): Promise<boolean> {
  let at = folder;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  const { bavail, bsize } = await statfs(at);
  return bavail * bsize >= STARTING_BYTES;
}

/** The engine does not say why it could not start: without room it is the disk. */
async function start(folder: string, dump: string | undefined): Promise<ThreadedPglite> {
  try {
    return await openPgliteThread(folder, dump);
  } catch (cause) {
    if (!folder.startsWith('memory://') && !(await hasRoom(folder)))
      throw new RekindleError('disk_full', { path: folder }, { cause });
    throw cause;
  }
}

/**
 * Opens (or makes) the store at `folder`; `memory://` keeps it in memory. A store that is made begins as the one in the file `dump`, PGlite's own
 * tar of a data folder, where one is named. Throws `disk_full`.
 */
export async function openPglite(folder: string, dump?: string): Promise<Records> {
  const instance = await start(folder, dump);
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
    upkeepTrouble: instance.upkeepTrouble,
    onUpkeepTrouble: instance.onUpkeepTrouble,
    close: async () => {
      await db.destroy();
      if (!instance.closed) await instance.close();
    },
  };
}
