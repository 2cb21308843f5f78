// Can the embedded PostgreSQL write its log? Where it cannot, it ends itself, and in a COMMIT it turns in circles for ever (seen in PGlite 0.5:
// the failed COMMIT is rolled back by a rollback that fails in the same way). So a statement that writes is refused while there is too little
// room, and a thread that is silent where nothing can be written is given up. Both are judged by the disk itself, not by what the engine says.
import { existsSync, statfsSync, type StatsFs } from 'node:fs';
import { open, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RekindleError } from '../../kernel/errors.ts';

/** The next piece of the log is made as a whole. */
const LOG_PIECE_BYTES = 16 * 1024 * 1024;
/** What a start may need beside the data: a piece of the log, and the files it writes anew. */
const STARTING_BYTES = LOG_PIECE_BYTES + 8 * 1024 * 1024;
/** What a statement finds before it begins: a piece of the log, and as much again for its rows and for whoever else writes to the disk. */
const WRITING_BYTES = 2 * LOG_PIECE_BYTES;
/** How long it is believed that there is room; that there is none is never believed a second time. */
const ROOM_KEPT_MS = 50;

export const isInMemory = (folder: string): boolean => folder.startsWith('memory://');

const UNKNOWN = { blocks: 0, bavail: 0, bsize: 0 };

/** In bytes. Some file systems do not tell their size: there the engine finds out for itself. */
export const freeOn = ({ blocks, bavail, bsize }: Pick<StatsFs, 'blocks' | 'bavail' | 'bsize'>): number =>
  blocks === 0 ? Infinity : bavail * bsize;

/** A folder that cannot be asked about, or is not there any more, is for the engine to complain of. */
const freeIn = async (folder: string): Promise<number> => freeOn(await statfs(folder).catch(() => UNKNOWN));

function freeInNow(folder: string): number {
  try {
    return freeOn(statfsSync(folder));
  } catch {
    return freeOn(UNKNOWN);
  }
}

const diskFull = (folder: string, cause?: unknown): RekindleError =>
  new RekindleError('disk_full', { path: folder }, cause === undefined ? {} : { cause });

/** Whether the engine finds no room to start at `folder`, which it does not say itself; `disk_full` then. */
export async function whyNoStart(folder: string, cause?: unknown): Promise<RekindleError | undefined> {
  if (isInMemory(folder)) return undefined;
  let at = folder;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return (await freeIn(at)) < STARTING_BYTES ? diskFull(folder, cause) : undefined;
}

/** What keeps the log of the store at `folder` from being written; undefined where nothing does. */
export async function whyNoLog(folder: string): Promise<Error | undefined> {
  if (isInMemory(folder)) return undefined;
  try {
    if ((await freeIn(folder)) < LOG_PIECE_BYTES) return diskFull(folder);
    const probe = join(folder, 'pg_wal', 'probe');
    await (await open(probe, 'w')).close();
    await rm(probe);
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause : new Error(String(cause));
  }
}

const BEGINS_AS_READER = /^\s*(?:(?:--[^\n]*\n|\/\*.*?\*\/)\s*)*(?:select|with|show|explain|rollback)\b/is;
const HAS_WRITER = /\b(?:insert\s+into|delete\s+from|merge\s+into|update|for\s+(?:key\s+)?share)\b/i;

/** Whether a statement may need the log; one that locks rows does. */
export const writes = (text: string): boolean => !BEGINS_AS_READER.test(text) || HAS_WRITER.test(text);

/** Refuses what writes while there is too little room for it: `disk_full`. Reading goes on. */
export function roomGuard(folder: string): (text: string) => void {
  if (isInMemory(folder)) return () => undefined;
  let believedUntilMs = 0;
  let hasRoom = true;
  return (text) => {
    const nowMs = performance.now();
    if (!hasRoom || nowMs > believedUntilMs) {
      hasRoom = freeInNow(folder) >= WRITING_BYTES;
      believedUntilMs = nowMs + ROOM_KEPT_MS;
    }
    if (!hasRoom && writes(text)) throw diskFull(folder);
  };
}
