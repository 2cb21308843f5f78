// A second, smaller composition root: an events store that lives only as long as one command. No records, no lock, no server.
// It stands apart from app.ts because a command that only reads a file should not wait for mail, HTTP and PGlite to load.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from './kernel/clock.ts';
import { openChdb, type Events } from './stores/events/events.ts';
import { migrateEvents } from './stores/events/migrations.ts';

export type ScratchStore = { readonly events: Events; readonly folder: string };

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

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
 * Runs `work` on a migrated embedded events store in a temporary folder. The folder is removed when the work ends: by returning, by
 * throwing, or by SIGINT, SIGTERM or SIGHUP, which then end the process as they would have done without us.
 */
export async function withScratchStore<T>(clock: Clock, work: (store: ScratchStore) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-scratch-'));
  const release = (): void => {
    for (const signal of SIGNALS) process.removeListener(signal, leave);
  };
  const leave = (signal: NodeJS.Signals): void => {
    release();
    removeForGood(folder);
    // Not process.exit: the engine's own clean-up would wait for a query whose files are gone.
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.once(signal, leave);
  try {
    const events = await openChdb(join(folder, 'events'));
    try {
      await migrateEvents(events, clock.now());
      return await work({ events, folder });
    } finally {
      await events.close();
    }
  } finally {
    release();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
