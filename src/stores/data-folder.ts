// One process holds an embedded data folder at a time. The lock names its holder, so another command can talk to it or say what to do.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RekindleError } from '../kernel/errors.ts';

export type Holder = { readonly pid: number; readonly born: string; readonly url?: string; readonly secret?: string };

export type DataFolder = {
  readonly path: string;
  /** True when the last holder did not close the folder: derived tables must be checked. */
  readonly wasUnclean: boolean;
  /** Tells later commands where this process's server listens (file readable by the owner only). */
  readonly announce: (server: { readonly url: string; readonly secret: string }) => void;
  readonly release: () => void;
};

/** When a process was started, in kernel ticks; empty where /proc is absent. Guards against a reused process id. */
function birthOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19] ?? '';
  } catch {
    return ''; // No /proc on this system, or no such process: the liveness check below decides.
  }
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return holder.born === '' || birthOf(holder.pid) === holder.born;
}

const lockPath = (path: string): string => join(path, 'holder.json');
const ownPath = (path: string): string => join(path, `holder.${process.pid}.json`);
const TAKEOVER_MS_MAX = 10_000;

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/** Writes the lock whole and only where there is none: a reader never sees half of it, and one of two writers wins. */
function claim(path: string, holder: Holder): boolean {
  const own = ownPath(path);
  writeFileSync(own, JSON.stringify(holder), { mode: 0o600 });
  try {
    linkSync(own, lockPath(path));
    return true;
  } catch (cause) {
    if (hasCode(cause, 'EEXIST')) return false;
    throw cause;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Replaces a dead holder's lock. One process at a time, or the second would remove the lock that the first has just made. */
function takeOver(path: string, holder: Holder): boolean {
  const turnstile = join(path, 'holder.takeover');
  try {
    mkdirSync(turnstile);
  } catch (cause) {
    if (!hasCode(cause, 'EEXIST')) throw cause;
    const ageMs = Date.now() - (statSync(turnstile, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (ageMs < TAKEOVER_MS_MAX) return false;
    rmSync(turnstile, { recursive: true, force: true }); // Left by a process that died in the few lines below.
    return takeOver(path, holder);
  }
  try {
    if (holderOf(path) !== undefined) return false;
    // Replaced in one step: without the dead holder's lock for an instant, dying here would make the next start look clean.
    writeFileSync(ownPath(path), JSON.stringify(holder), { mode: 0o600 });
    renameSync(ownPath(path), lockPath(path));
    return true;
  } finally {
    rmSync(turnstile, { recursive: true, force: true });
  }
}

/** Who holds the folder now, or undefined. */
export function holderOf(path: string): Holder | undefined {
  let text: string;
  try {
    text = readFileSync(lockPath(path), 'utf8');
  } catch {
    return undefined; // No lock file: nobody holds it.
  }
  try {
    const holder = JSON.parse(text) as Holder;
    return isAlive(holder) ? holder : undefined;
  } catch {
    return undefined; // Cut off while being written by a process that died: nobody holds it.
  }
}

/** Takes the folder (making it where absent). Throws `folder_in_use` naming the holder, `disk_full`, or `file_missing`. */
export function takeDataFolder(path: string): DataFolder {
  const holder: Holder = { pid: process.pid, born: birthOf(process.pid) };
  let wasUnclean = false;
  try {
    mkdirSync(path, { recursive: true });
    if (!claim(path, holder)) {
      wasUnclean = holderOf(path) === undefined;
      if (!wasUnclean || !takeOver(path, holder)) {
        throw new RekindleError('folder_in_use', { path, pid: holderOf(path)?.pid ?? 0 });
      }
    }
  } catch (cause) {
    if (cause instanceof RekindleError) throw cause;
    if (hasCode(cause, 'ENOSPC')) throw new RekindleError('disk_full', { path }, { cause });
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new RekindleError('file_missing', { path, what }, { cause });
  }
  return {
    path,
    wasUnclean,
    announce: (server) => {
      writeFileSync(ownPath(path), JSON.stringify({ ...holder, ...server }), { mode: 0o600 });
      renameSync(ownPath(path), lockPath(path));
    },
    release: () => {
      if (holderOf(path)?.pid === process.pid) rmSync(lockPath(path), { force: true });
    },
  };
}
