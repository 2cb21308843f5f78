// One process holds an embedded data folder at a time. The lock names its holder, so another command can talk to it or say what to do.
import { mkdirSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** Takes the folder (making it where absent). Throws `folder_in_use` naming the holder. */
export function takeDataFolder(path: string): DataFolder {
  const refuse = (cause: unknown): never => {
    const noSpace = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC';
    if (noSpace) throw new RekindleError('disk_full', { path }, { cause });
    throw new RekindleError(
      'file_missing',
      { path, what: cause instanceof Error ? cause.message : String(cause) },
      { cause },
    );
  };
  const holder: Holder = { pid: process.pid, born: birthOf(process.pid) };
  let wasUnclean = false;
  try {
    mkdirSync(path, { recursive: true });
    for (let attempt = 0; ; attempt++) {
      try {
        const file = openSync(lockPath(path), 'wx', 0o600);
        writeFileSync(file, JSON.stringify(holder));
        closeSync(file);
        break;
      } catch (cause) {
        if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause;
        const other = holderOf(path);
        if (other !== undefined || attempt > 0)
          throw new RekindleError('folder_in_use', { path, pid: other?.pid ?? 0 }, { cause });
        wasUnclean = true;
        rmSync(lockPath(path), { force: true });
      }
    }
  } catch (cause) {
    if (cause instanceof RekindleError) throw cause;
    return refuse(cause);
  }
  return {
    path,
    wasUnclean,
    announce: (server) => writeFileSync(lockPath(path), JSON.stringify({ ...holder, ...server }), { mode: 0o600 }),
    release: () => rmSync(lockPath(path), { force: true }),
  };
}
