// "Try it with the demo shop": two years of a simulated shop that end yesterday, brought in through the importer like anybody's file, in
// the background. It can be cancelled until the import begins to write; then it is seconds from done, and all of it or nothing counts.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { App } from '../app.ts';
import { planImport, runImport } from '../collect/imports/import.service.ts';
import { addDays, dayIn } from '../kernel/days.ts';
import { acceptedOf, FILE_MAPPING, HISTORY_WORKER } from './history.service.ts';
import type { HistoryDone, HistoryTask } from './history-worker.service.ts';
import { importConsents } from './shop-setup.service.ts';
import { createWorld, type WorldOptions } from './world/world.ts';

const PEOPLE = 4_000;
const SEED = 7;
const HISTORY_DAYS = 730;
const EVENTS_PER_SUBMIT = 10_000;

export type SampleShopStep = 'history' | 'import';

/** Loads the shop. Resolves to false when `signal` ended it before anything was written. */
export async function loadSampleShop(
  app: App,
  signal: AbortSignal,
  onStep: (step: SampleShopStep, share: number) => void,
): Promise<boolean> {
  const yesterday = addDays(dayIn(app.clock.now(), app.business.timeZone), -1);
  const world: WorldOptions = {
    seed: SEED,
    people: PEOPLE,
    historyStart: addDays(yesterday, -HISTORY_DAYS),
    historyEnd: yesterday,
    horizonWeeks: 1,
  };
  const folder = join(app.config.dataDir, 'uploads');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'demo-shop.jsonl');
  try {
    onStep('history', 0);
    const task: HistoryTask = { path, world };
    const worker = new Worker(HISTORY_WORKER, { workerData: task });
    const history = await new Promise<HistoryDone | undefined>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    await worker.terminate();
    if (history === undefined || signal.aborted) return false;
    onStep('import', 0);
    for (let at = 0; at < history.identified.length; at += EVENTS_PER_SUBMIT)
      await app.ingest.submit({
        events: history.identified.slice(at, at + EVENTS_PER_SUBMIT).map((event) => acceptedOf(app, event)),
        dropped: new Map(),
      });
    const { timeZone, currency } = app.business;
    const deps = { events: app.events, timeZone, currency };
    const now = app.clock.now();
    const plan = await planImport(deps, path, { now, map: FILE_MAPPING });
    await runImport(deps, [plan], { now, onProgress: ({ share }) => onStep('import', share) });
    await importConsents(app, createWorld(world).people);
    await app.returns.sweep(app.clock.now());
    return true;
  } finally {
    rmSync(path, { force: true });
  }
}
