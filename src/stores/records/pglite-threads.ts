// The embedded PostgreSQL as seen from the server's thread: the few methods Kysely and pg-boss use, each a call to the thread it lives in.
// Guarantees: one transaction at a time, other statements wait for its end; a store in a folder whose thread was lost is opened again by the
// next call, from its log, as a PostgreSQL server starts again after a crash, and whoever listens is told that she may have missed something.
import type { PGlite as PgliteForKysely } from 'kysely';
import { RekindleError } from '../../kernel/errors.ts';
import { isInMemory, roomGuard, whyNoStart } from './pglite-room.ts';
import { startPgliteThread, type PgliteThread } from './pglite-thread.ts';
import type { PgliteCall } from './pglite-worker.ts';
import type { UpkeepTrouble } from './records.ts';

export type ThreadedPglite = PgliteForKysely & {
  readonly exec: (text: string) => Promise<{ rows: Record<string, unknown>[] }[]>;
  readonly listen: (
    channel: string,
    heard: (payload: string) => void,
    missed?: () => void,
  ) => Promise<() => Promise<void>>;
  readonly upkeepTrouble: () => UpkeepTrouble | undefined;
  readonly onUpkeepTrouble: (heard: (trouble: UpkeepTrouble) => void) => void;
};

type Listener = {
  readonly channel: string;
  readonly heard: (payload: string) => void;
  readonly missed: (() => void) | undefined;
};

/** A store that could not be opened again is not tried anew by every one of a hundred waiting requests; whether there is room is seen at once. */
const OPEN_AGAIN_MS = 1_000;

/** Opens (or makes) the store at `folder`; `memory://` keeps it in memory, where a thread that is lost takes everything with it. */
export async function openPgliteThreads(folder: string, dump: string | undefined): Promise<ThreadedPglite> {
  const listeners = new Map<number, Listener>();
  const refuseWithoutRoom = roomGuard(folder);
  let lastId = 0;
  let isClosed = false;
  let trouble: UpkeepTrouble | undefined;
  let heardTrouble: ((trouble: UpkeepTrouble) => void) | undefined;
  const hears = {
    notified: (listener: number, payload: string) => listeners.get(listener)?.heard(payload),
    upkeep: (found: UpkeepTrouble | undefined) => {
      trouble = found;
      if (found?.failures === 1) heardTrouble?.(found);
    },
  };
  let thread = await startPgliteThread({ folder, dump }, hears);
  let opening: Promise<PgliteThread> | undefined;
  let refused: { readonly error: unknown; readonly untilMs: number } | undefined;

  const openAgain = async (): Promise<PgliteThread> => {
    // Two engines on one folder would destroy it.
    await thread.terminate();
    try {
      const noRoom = await whyNoStart(folder);
      if (noRoom !== undefined) throw noRoom;
      // From here on it is this one that is lost, or not.
      thread = await startPgliteThread({ folder, dump: undefined }, hears);
      for (const [listener, { channel }] of listeners) await thread.ask({ kind: 'listen', channel, listener });
      refused = undefined;
      trouble = undefined;
    } catch (error) {
      if (!(error instanceof RekindleError)) refused = { error, untilMs: performance.now() + OPEN_AGAIN_MS };
      throw error;
    } finally {
      opening = undefined;
    }
    for (const { missed } of listeners.values()) missed?.();
    return thread;
  };
  const current = (): PgliteThread | Promise<PgliteThread> => {
    if (thread.lost() === undefined || isClosed || isInMemory(folder)) return thread;
    if (refused !== undefined && performance.now() < refused.untilMs) throw refused.error;
    return (opening ??= openAgain());
  };
  const ask = async <T>(call: PgliteCall): Promise<T> => {
    if (call.kind === 'query' || call.kind === 'exec') refuseWithoutRoom(call.text);
    const now = current();
    // Awaited only where it must be: calls reach the thread in the order they were made.
    return (now instanceof Promise ? await now : now).ask<T>(call);
  };

  const query =
    (transaction: number | undefined): PgliteForKysely['query'] =>
    (text, values, options) =>
      ask({ kind: 'query', transaction, text, values, rowMode: options?.rowMode });

  return {
    ready: true,
    waitReady: Promise.resolve(),
    get closed() {
      return isClosed;
    },
    query: query(undefined),
    exec: (text) => ask({ kind: 'exec', text }),
    upkeepTrouble: () => trouble,
    onUpkeepTrouble: (heard) => {
      heardTrouble = heard;
      if (trouble !== undefined) heard(trouble);
    },
    transaction: async (work) => {
      const transaction = ++lastId;
      try {
        await ask({ kind: 'begin', transaction });
      } catch (error) {
        // Kysely waits for its work to begin, whatever becomes of the transaction: it begins, and every statement says why it cannot go on.
        await work({ query: () => Promise.reject(error), rollback: () => Promise.resolve() });
        throw error;
      }
      const end = (commit: boolean): Promise<void> => ask({ kind: 'end', transaction, commit });
      try {
        const result = await work({ query: query(transaction), rollback: () => end(false) });
        await end(true);
        return result;
      } catch (error) {
        // A commit that failed is over already; what failed before it is rolled back.
        await end(false).catch(() => undefined);
        throw error;
      }
    },
    listen: async (channel, heard, missed) => {
      const listener = ++lastId;
      listeners.set(listener, { channel, heard, missed });
      try {
        await ask({ kind: 'listen', channel, listener });
      } catch (error) {
        listeners.delete(listener);
        throw error;
      }
      return async () => {
        listeners.delete(listener);
        // A thread that is lost hears nothing more: it is not opened again for that.
        if (thread.lost() === undefined) await ask({ kind: 'unlisten', listener });
      };
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      await opening?.catch(() => undefined);
      try {
        if (thread.lost() === undefined) await thread.ask({ kind: 'close' });
      } finally {
        await thread.terminate();
      }
    },
  };
}
