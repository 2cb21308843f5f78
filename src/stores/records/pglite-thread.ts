// The embedded PostgreSQL as seen from the server's thread: the few methods Kysely and pg-boss use, each a call to the thread it lives in.
// Guarantees: one transaction at a time, other statements wait for its end; a thread that dies fails every call; a process with nothing else
// to do is not kept alive by it.
import { Worker } from 'node:worker_threads';
import type { PGlite as PgliteForKysely } from 'kysely';
import type { UpkeepTrouble } from './records.ts';
import type { PgliteAnswer, PgliteCall, PgliteRequest, PgliteStart } from './pglite-worker.ts';

/** Sources run unbuilt in development (`.ts`), built where installed (`.js`). */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './pglite-worker.ts' : './pglite-worker.js', import.meta.url);

export type ThreadedPglite = PgliteForKysely & {
  readonly exec: (text: string) => Promise<{ rows: Record<string, unknown>[] }[]>;
  readonly listen: (channel: string, heard: (payload: string) => void) => Promise<() => Promise<void>>;
  readonly upkeepTrouble: () => UpkeepTrouble | undefined;
  readonly onUpkeepTrouble: (heard: (trouble: UpkeepTrouble) => void) => void;
};

type Waiting = { readonly resolve: (value: never) => void; readonly reject: (error: Error) => void };

/** Opens (or makes) the store at `folder` in a thread of its own. */
export async function openPgliteThread(folder: string, dump: string | undefined): Promise<ThreadedPglite> {
  const worker = new Worker(WORKER, { workerData: { folder, dump } satisfies PgliteStart });
  worker.unref();
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<number, (payload: string) => void>();
  let lastId = 0;
  let isClosed = false;
  let failure: Error | undefined;
  let trouble: UpkeepTrouble | undefined;
  let heardTrouble: ((trouble: UpkeepTrouble) => void) | undefined;

  const settle = (id: number): Waiting | undefined => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    return one;
  };
  const fail = (error: Error): void => {
    failure = error;
    for (const id of waiting.keys()) settle(id)?.reject(error);
  };
  worker.on('message', (message: PgliteAnswer) => {
    if ('upkeep' in message) {
      trouble = message.upkeep;
      if (trouble?.failures === 1) heardTrouble?.(trouble);
    } else if ('listener' in message) listeners.get(message.listener)?.(message.payload);
    else if ('error' in message)
      settle(message.id)?.reject(Object.assign(new Error(message.error.message), message.error.fields));
    else settle(message.id)?.resolve(message.value as never);
  });
  worker.on('error', (cause) => fail(cause instanceof Error ? cause : new Error(String(cause))));
  worker.on('exit', (code) => {
    if (!isClosed) fail(new Error(`the thread of the embedded records store has ended with ${code}`));
  });

  const ask = <T>(call: PgliteCall): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (failure !== undefined) {
        reject(failure);
        return;
      }
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, call } satisfies PgliteRequest, []);
    });

  const query =
    (transaction: number | undefined): PgliteForKysely['query'] =>
    (text, values, options) =>
      ask({ kind: 'query', transaction, text, values, rowMode: options?.rowMode });

  try {
    await ask({ kind: 'open' });
  } catch (error) {
    await worker.terminate();
    throw error;
  }
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
      await ask({ kind: 'begin', transaction });
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
    listen: async (channel, heard) => {
      const listener = ++lastId;
      listeners.set(listener, heard);
      await ask({ kind: 'listen', channel, listener });
      return async () => {
        listeners.delete(listener);
        await ask({ kind: 'unlisten', listener });
      };
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      try {
        await ask({ kind: 'close' });
      } finally {
        await worker.terminate();
      }
    },
  };
}
