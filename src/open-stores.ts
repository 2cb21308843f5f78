// Both stores on one data folder: which adapters, brought up to date, and mended where a process died between them.
import { join } from 'node:path';
import { sweepStaging } from './collect/imports/staging.service.ts';
import { repairLinks } from './collect/people/people.service.ts';
import type { Config } from './config.ts';
import type { Clock } from './kernel/clock.ts';
import { closeAll } from './kernel/closing.ts';
import { takeDataFolder, type DataFolder } from './stores/data-folder.ts';
import { openChdb, openClickhouse, type Events } from './stores/events/events.ts';
import { migrateStores } from './stores/migrate.ts';
import { dropScratch, rebuildRollups } from './stores/events/rollups.ts';
import { openPglite } from './stores/records/pglite.ts';
import { openPostgres } from './stores/records/postgres.ts';
import type { Records } from './stores/records/records.ts';

export type Stores = {
  readonly records: Records;
  readonly events: Events;
  readonly folder: DataFolder;
  readonly close: () => Promise<void>;
};

/** Opens both stores and brings them up to date. Refuses a folder another process holds. */
export async function openStores(config: Config, clock: Clock): Promise<Stores> {
  const folder = takeDataFolder(config.dataDir);
  try {
    const [records, events] = await Promise.all([
      config.databaseUrl === undefined ? openPglite(join(config.dataDir, 'records')) : openPostgres(config.databaseUrl),
      config.clickhouseUrl === undefined
        ? openChdb(join(config.dataDir, 'events'), config.clickhouseDatabase)
        : openClickhouse(config.clickhouseUrl, config.clickhouseDatabase),
    ]);
    await migrateStores(records, events, clock.now());
    const swept = await sweepStaging(events, clock.now());
    if (folder.wasUnclean && events.kind === 'chdb') {
      await dropScratch(events);
      // A process that died between a part and its views leaves the roll-up behind the events.
      if (!swept.rebuilt) await rebuildRollups(events);
    }
    if (folder.wasUnclean) await repairLinks({ records, events }, clock.now());
    return {
      records,
      events,
      folder,
      close: async () => {
        await closeAll([events.close, records.close]);
        // A folder whose stores did not close well is looked through by the next who takes it.
        folder.release();
      },
    };
  } catch (error) {
    folder.release();
    throw error;
  }
}
