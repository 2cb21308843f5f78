// A second, smaller composition root: an events store that lives only as long as one command. No records, no lock, no server.
// It stands apart from app.ts because a command that only reads a file should not wait for mail, HTTP and PGlite to load.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from './kernel/clock.ts';
import { openChdb, type Events } from './stores/events/events.ts';
import { migrateEvents } from './stores/events/migrations.ts';

export type ScratchStore = { readonly events: Events; readonly folder: string };

/** What a shell expects of a process that a signal ended: 128 + its number. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs `work` on a migrated embedded events store in a temporary folder. The folder is removed when the work ends, however it ends:
 * by returning, by throwing, by a signal or by an exit in the middle (not by `kill -9`).
 */
export async function withScratchStore<T>(clock: Clock, work: (store: ScratchStore) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'rekindle-scratch-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
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
    remove();
  }
}
