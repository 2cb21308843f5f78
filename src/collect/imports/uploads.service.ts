// Files that somebody brings by the console: received as a stream, kept in the data folder under a name of our own until they are imported.
// Guarantees: a file is there whole or not at all; a broken line, an empty file, one that is too large or obviously of another kind leaves
// nothing behind; what nobody has imported is removed after a day, and rejected lines (they may hold people's data) after thirty.
import { createReadStream, createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { DAY_MS } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { foreignKind } from './sniff.ts';

export const UPLOAD_BYTES_MAX = 1024 ** 3;
const KEPT_MS = DAY_MS;
const REJECTS_KEPT_MS = 30 * DAY_MS;
const NAME_LENGTH_MAX = 200;

const uploadSchema = z.strictObject({
  uploadId: z.string(),
  name: z.string(),
  bytes: z.int().positive(),
  uploadedAt: z.iso.datetime(),
});
export type Upload = z.infer<typeof uploadSchema>;

export type Uploads = {
  /**
   * Keeps a file. Throws `file_empty`, `too_large`, `file_unreadable` for one that cannot hold orders, `disk_full`, and what broke the
   * stream. `length` is what the sender announced, when she did.
   */
  readonly receive: (name: string, length: number | undefined, open: () => Readable, now: Date) => Promise<Upload>;
  /** The latest first. */
  readonly list: () => readonly Upload[];
  /** Throws `not_found`. */
  readonly find: (uploadId: string) => Upload & { readonly path: string };
  readonly remove: (uploadId: string) => Promise<void>;
  /** For what an import writes beside its file. */
  readonly folderOf: (uploadId: string) => string;
  /** Keeps the rejected lines of an import beyond its file. */
  readonly keepRejects: (importId: string, path: string) => Promise<void>;
  /** Where the rejected lines of an import lie; undefined when it had none or they are too old. */
  readonly rejectsOf: (importId: string) => string | undefined;
  /** Removes what is too old, and what was being received when the process died. */
  readonly sweep: (now: Date) => Promise<void>;
  /** Removes every kept file of rejected lines in which one of these texts stands: people who were erased. */
  readonly forget: (texts: readonly string[]) => Promise<void>;
};

const HEAD_BYTES = 512;
const UNDER_WAY = '.part';
const DATA = 'data';

/** What a name may be shown as: no folders, no control characters. */
const shownName = (name: string): string =>
  basename(name.replaceAll('\\', '/'))
    .replaceAll(/\p{Cc}/gu, '')
    .trim()
    .slice(0, NAME_LENGTH_MAX) || DATA;

const noSpace = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC';

/** Passes the bytes on, and refuses as soon as they are too many or begin like something else. */
async function* checked(name: string, bytes: Readable, count: (bytes: number) => number): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const part of bytes) {
    const chunk = Buffer.from(part as Uint8Array);
    if (count(chunk.length) > UPLOAD_BYTES_MAX) throw tooLarge(name);
    if (head !== undefined) {
      head = Buffer.concat([head, chunk]);
      if (head.length >= HEAD_BYTES) {
        refuseForeign(name, head);
        head = undefined;
      }
    }
    yield chunk;
  }
  if (head !== undefined) refuseForeign(name, head);
}

function refuseForeign(name: string, head: Buffer): void {
  const what = foreignKind(head);
  if (what !== undefined) throw new RekindleError('file_unreadable', { path: name, what });
}

const tooLarge = (name: string): RekindleError =>
  new RekindleError('too_large', { what: name, limit: `${UPLOAD_BYTES_MAX / 1024 ** 3} GB` });

/** Uploads in a folder of their own. */
export function openUploads(folder: string): Uploads {
  const rejectsFolder = join(folder, 'rejects');
  /** Those being received now: a sweep must not take them for what a dead process left. */
  const receiving = new Set<string>();
  const names = (): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);
  const read = (uploadId: string): Upload | undefined => {
    const path = join(folder, uploadId, 'upload.json');
    if (!/^u_\w+$/.test(uploadId) || !existsSync(path)) return undefined;
    return uploadSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  };
  const list = (): readonly Upload[] =>
    names()
      .flatMap((name) => read(name) ?? [])
      .sort((a, b) => b.uploadedAt.localeCompare(a.uploadedAt));
  const remove = (uploadId: string): Promise<void> => rm(join(folder, uploadId), { recursive: true, force: true });
  const rejectFiles = (): readonly string[] =>
    existsSync(rejectsFolder) ? readdirSync(rejectsFolder).map((name) => join(rejectsFolder, name)) : [];
  return {
    receive: async (given, length, open, now) => {
      const name = shownName(given);
      if (length === 0) throw new RekindleError('file_empty', { path: name });
      if (length !== undefined && length > UPLOAD_BYTES_MAX) throw tooLarge(name);
      const uploadId = newId('u', now);
      const part = join(folder, `${uploadId}${UNDER_WAY}`);
      receiving.add(part);
      try {
        mkdirSync(part, { recursive: true });
        let received = 0;
        const count = (more: number): number => (received += more);
        await pipeline(checked(name, open(), count), createWriteStream(join(part, DATA)));
        if (received === 0) throw new RekindleError('file_empty', { path: name });
        if (length !== undefined && received !== length) throw new RekindleError('file_truncated', { path: name });
        const upload: Upload = { uploadId, name, bytes: received, uploadedAt: now.toISOString() };
        await writeFile(join(part, 'upload.json'), JSON.stringify(upload));
        await rename(part, join(folder, uploadId));
        return upload;
      } catch (cause) {
        if (noSpace(cause)) throw new RekindleError('disk_full', { path: folder }, { cause });
        throw cause;
      } finally {
        await rm(part, { recursive: true, force: true });
        receiving.delete(part);
      }
    },
    list,
    find: (uploadId) => {
      const upload = read(uploadId);
      if (upload === undefined)
        throw new RekindleError('not_found', { what: { en: `upload ${uploadId}`, zh: `上传 ${uploadId}` } });
      return { ...upload, path: join(folder, uploadId, DATA) };
    },
    remove,
    folderOf: (uploadId) => join(folder, uploadId),
    keepRejects: async (importId, path) => {
      mkdirSync(rejectsFolder, { recursive: true });
      await rename(path, join(rejectsFolder, `${importId}.csv`));
    },
    rejectsOf: (importId) => {
      const path = join(rejectsFolder, `${importId}.csv`);
      return /^\w+$/.test(importId) && existsSync(path) ? path : undefined;
    },
    sweep: async (now) => {
      for (const name of names())
        if (name.endsWith(UNDER_WAY) && !receiving.has(join(folder, name))) await remove(name);
      for (const { uploadId, uploadedAt } of list())
        if (now.getTime() - Date.parse(uploadedAt) > KEPT_MS) await remove(uploadId);
      for (const path of rejectFiles())
        if (now.getTime() - (await stat(path)).mtimeMs > REJECTS_KEPT_MS) await rm(path, { force: true });
    },
    forget: async (texts) => {
      for (const path of rejectFiles()) if (await mentions(path, texts)) await rm(path, { force: true });
    },
  };
}

async function mentions(path: string, texts: readonly string[]): Promise<boolean> {
  const longest = Math.max(0, ...texts.map((text) => text.length));
  let tail = '';
  for await (const chunk of createReadStream(path, 'utf8')) {
    const text = tail + String(chunk);
    if (texts.some((each) => each !== '' && text.includes(each))) return true;
    tail = text.slice(-longest);
  }
  return false;
}
