// An empty, migrated embedded records store, made once and copied: making one takes four seconds of processor time, a copy half a second.
// Guarantees: made by the product's own opening and migrations; never changed after it is made; other sources or another
// engine give another template.
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { migrateRecords } from '../../src/stores/records/migrations.ts';
import { openPglite } from '../../src/stores/records/pglite.ts';
import type { Records } from '../../src/stores/records/records.ts';

const FOLDER = join(import.meta.dirname, '../../node_modules/.cache/rekindle');
const UNUSED_MS_MAX = 7 * 86_400_000;
const SOURCES = join(import.meta.dirname, '../../src/stores/records');

/** Names the sources and the engine that a store comes from. */
function originOf(): string {
  const engine = dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite'));
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .toSorted();
  const texts = [join(engine, '../package.json'), ...files.map((file) => join(SOURCES, file))];
  const hash = createHash('sha256');
  for (const path of texts) hash.update(readFileSync(path));
  return hash.digest('hex').slice(0, 16);
}

async function makeTemplate(place: string): Promise<void> {
  const folder = join(place, 'records');
  const records = await openPglite(folder);
  await migrateRecords(records.db);
  await records.close();
  // In memory a store begins from one file.
  const instance = await PGlite.create(folder);
  const dump = await instance.dumpDataDir('none');
  await instance.close();
  writeFileSync(join(place, 'records.tar'), Buffer.from(await dump.arrayBuffer()));
}

let made: Promise<string> | undefined;

function sweep(): void {
  for (const name of readdirSync(FOLDER)) {
    const path = join(FOLDER, name);
    const usedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - usedMs > UNUSED_MS_MAX) rmSync(path, { recursive: true, force: true });
  }
}

async function findTemplate(): Promise<string> {
  const place = join(FOLDER, `records-${originOf()}`);
  if (!existsSync(place)) {
    mkdirSync(FOLDER, { recursive: true });
    sweep();
    const own = mkdtempSync(join(FOLDER, 'making-'));
    await makeTemplate(own);
    try {
      renameSync(own, place);
    } catch (error) {
      // Another process was faster, and its template is as good.
      if (!existsSync(place)) throw error;
      rmSync(own, { recursive: true });
    }
  }
  utimesSync(place, new Date(), new Date());
  return place;
}

const template = (): Promise<string> => (made ??= findTemplate());

/** A migrated store in memory. */
export const newRecords = async (): Promise<Records> => openPglite('memory://', join(await template(), 'records.tar'));

/** Puts a migrated store into a data folder that has none: an app that opens it goes on from there. */
export async function copyRecords(dataDir: string): Promise<void> {
  cpSync(join(await template(), 'records'), join(dataDir, 'records'), { recursive: true });
}
