// `npm run test:crash`: kill -9 of real processes during ingest, import and sends, and a full disk, then the invariants of the design.
//   CRASH_SEED=n repeats a run, CRASH_ROUNDS=n kills the single sender n times, CRASH_KILLS=n the two workers, CRASH_ONLY=ingest,import,disk,send,
//   full-send,workers runs these parts, CRASH_TRACE=1 tells how it goes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRng, type Rng } from '../../src/kernel/random.ts';
import { openChecks, type Checks } from './checks.ts';
import { crashDisk } from './disk.ts';
import { crashFullSend } from './full-send.ts';
import { crashImport } from './import.ts';
import { crashIngest } from './ingest.ts';
import { crashSend } from './send.ts';
import { crashWorkers } from './workers.ts';

const seed = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 1e9));
const rounds = Number(process.env['CRASH_ROUNDS'] ?? 8);
const kills = Number(process.env['CRASH_KILLS'] ?? 200);
const only = process.env['CRASH_ONLY']?.split(',');
const folder = mkdtempSync(join(tmpdir(), 'rekindle-crash-'));
const checks = openChecks();
// Two hundred processes are started: what the first has compiled, the others find.
process.env['NODE_COMPILE_CACHE'] ??= join(folder, 'compiled');

type Scenario = (dataDir: string, rng: Rng, kills: number, checks: Checks) => Promise<string>;
const scenarios: readonly (readonly [string, Scenario, number])[] = [
  ['ingest', crashIngest, 6],
  ['import', crashImport, 6],
  ['disk', crashDisk, 4],
  ['send', crashSend, rounds],
  ['full-send', crashFullSend, 4],
  ['workers', crashWorkers, kills],
];

const unknown = only?.filter((name) => !scenarios.some(([known]) => known === name)) ?? [];
if (unknown.length > 0) throw new Error(`CRASH_ONLY knows no ${unknown.join(', ')}`);
console.log(`seed ${seed} (CRASH_SEED=${seed} repeats the instants)`);
try {
  for (const [name, run, times] of scenarios) {
    if (only !== undefined && !only.includes(name)) continue;
    console.log(`${name}: begun, ${times} kills`);
    const startMs = performance.now();
    try {
      const report = await run(join(folder, name), seededRng(`${seed}/${name}`), times, checks);
      console.log(`${report} (${((performance.now() - startMs) / 1000).toFixed(0)} s)`);
    } catch (error) {
      checks.that(false, `${name} ran to its end`, error instanceof Error ? error.stack : error);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (checks.failed() > 0) console.log(`failed with CRASH_SEED=${seed}`);
console.log(`crash: ${checks.passed()} passed, ${checks.failed()} failed`);
process.exit(checks.failed() > 0 ? 1 : 0);
