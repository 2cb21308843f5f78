// A small file system of its own that can be filled: a full disk is then really full.
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

export type SmallDisk = {
  /** Until only so much is left. */
  readonly fill: (leaveBytes: number) => void;
  readonly empty: () => void;
  readonly remove: () => void;
};

/** Mounts one at `path`, or says why it cannot (only root may). */
export function mountSmallDisk(path: string, sizeMb: number): SmallDisk | string {
  mkdirSync(path, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'tmpfs', path], { stdio: 'pipe' });
  } catch (error) {
    return (error instanceof Error ? error.message.trim().split('\n').at(-1) : undefined) ?? String(error);
  }
  const filler = join(path, 'filler');
  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  };
  return {
    fill: (leaveBytes) => {
      const chunk = Buffer.alloc(256 * 1024);
      for (let left = freeBytes() - leaveBytes; left > 0; left = freeBytes() - leaveBytes) {
        try {
          appendFileSync(filler, chunk.subarray(0, Math.min(left, chunk.length)));
        } catch {
          return; // Not a byte more.
        }
      }
    },
    empty: () => rmSync(filler, { force: true }),
    remove: () => {
      execFileSync('umount', ['-l', path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}
