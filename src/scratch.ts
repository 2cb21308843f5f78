// A second, smaller composition root: an events store that lives only as long as one command. No records, no lock, no server.
// It stands apart from app.ts because a command that only reads a file should not wait for mail, HTTP and PGlite to load.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from './kernel/clock.ts';
import { openChdb, type Events } from './stores/events/events.ts';
import { migrateEvents } from './stores/events/migrations.ts';

export type ScratchStore = { readonly events: Events; readonly folder: string };

/** What a shell expects of a process that a signal ended: 128 + its number. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

const ATTEMPTS_MAX = 60;
const PAUSE_MS = 50;
/** Absent at so many looks in a row is taken for gone. */
const LOOKS = 4;

/** A query that still runs may write again after the first removal, until it notices that its files are gone. */
function removeForGood(folder: string): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let attempt = 0, absent = 0; attempt < ATTEMPTS_MAX && absent < LOOKS; attempt++) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Something was written while we removed: the next attempt takes it.
    }
    Atomics.wait(pause, 0, 0, PAUSE_MS);
    absent = existsSync(folder) ? 0 : absent + 1;
  }
}

/**
 * Runs `work` on a migrated embedded events store in a temporary folder. The folder is removed when the work ends, however it ends:
 * by returning, by throwing, by a signal or by an exit in the middle (not by `kill -9`).
 */
export async function withScratchStore<T>(clock: Clock, work: (store: ScratchStore) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-scratch-'));
  const remove = (): void => removeForGood(folder);
  const leave = (signal: NodeJS.Signals): void => {
    process.exit(SIGNALS[signal as keyof typeof SIGNALS] ?? 1);
  };
  process.once('exit', remove);
  for (const signal of Object.keys(SIGNALS)) process.once(signal, leave);
  try {
    const events = await openChdb(join(folder, 'events'));
    try {
      await migrateEvents(events, clock.now());
      return await work({ events, folder });
    } finally {
      await events.close();
    }
  } finally {
    for (const signal of Object.keys(SIGNALS)) process.removeListener(signal, leave);
    process.removeListener('exit', remove);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
