// Who claims? A worker has a new name at every start, and its data folder remembers the names before, so that what it had claimed when it
// died, and had not handed over, is due again at once instead of being nobody's until its lease ends.
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

export type WorkerNames = {
  /** Names of earlier processes in this folder that may have left claims. */
  readonly earlier: readonly string[];
  /** Their claims are settled: forget them. */
  readonly settled: () => void;
};

function write(path: string, names: readonly string[]): void {
  const fresh = `${path}.new`;
  const file = openSync(fresh, 'w', 0o600);
  try {
    writeSync(file, JSON.stringify(names));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, path);
}

/** Remembers `name` before its first claim. A folder that was copied shares no name with its copy: each process claims under its own. */
export function rememberWorker(path: string, name: string): WorkerNames {
  mkdirSync(dirname(path), { recursive: true });
  const earlier = existsSync(path) ? z.array(z.string()).parse(JSON.parse(readFileSync(path, 'utf8'))) : [];
  write(path, [...earlier, name]);
  return { earlier, settled: () => write(path, [name]) };
}
