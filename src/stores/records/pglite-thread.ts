// One thread with an embedded PostgreSQL in it: calls by number, answers as they come. It can be lost: PostgreSQL ends itself where going on
// could harm the data (it panics, as on a disk that is full when it needs the next piece of its log), and a thread can die. What it was asked
// then fails with the reason; whether a statement that was under way counts is for the log to say when the store is opened again.
import { Worker } from 'node:worker_threads';
import { whyNoLog, whyNoStart } from './pglite-room.ts';
import type { UpkeepTrouble } from './records.ts';
import type { PgliteAnswer, PgliteCall, PgliteRequest, PgliteStart } from './pglite-worker.ts';

/** Sources run unbuilt in development (`.ts`), built where installed (`.js`). */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './pglite-worker.ts' : './pglite-worker.js', import.meta.url);

/** A call that is silent for so long is looked into; a long statement is let go on where it could write. */
const SILENT_MS = 5_000;
const LOOK_MS = 1_000;

type Waiting = {
  readonly sinceMs: number;
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
};

export type PgliteThread = {
  readonly ask: <T>(call: PgliteCall) => Promise<T>;
  /** Why it is lost, from then on. */
  readonly lost: () => Error | undefined;
  readonly terminate: () => Promise<void>;
};

export type ThreadHears = {
  readonly notified: (listener: number, payload: string) => void;
  readonly upkeep: (trouble: UpkeepTrouble | undefined) => void;
};

/**
 * Opens (or makes) the store in a thread of its own, which does not keep a process alive that has nothing else to do. Throws `disk_full` where
 * it cannot start and there is no room: the engine itself does not say why.
 */
export async function startPgliteThread(start: PgliteStart, hears: ThreadHears): Promise<PgliteThread> {
  const worker = new Worker(WORKER, { workerData: start });
  worker.unref();
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let isOpen = false;
  let failure: Error | undefined;

  // Calls are settled in the order they came, so the first that waits is the oldest.
  const look = async (): Promise<void> => {
    const [oldest] = waiting.values();
    if (oldest === undefined || performance.now() - oldest.sinceMs < SILENT_MS) return;
    const reason = await (isOpen ? whyNoLog : whyNoStart)(start.folder);
    if (reason !== undefined && waiting.values().next().value === oldest) lose(reason);
  };
  const looking = setInterval(() => void look(), LOOK_MS).unref();

  const settle = (id: number): Waiting | undefined => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    return one;
  };
  const lose = (error: Error): void => {
    failure ??= error;
    clearInterval(looking);
    void worker.terminate();
    for (const id of waiting.keys()) settle(id)?.reject(error);
  };
  worker.on('message', (message: PgliteAnswer) => {
    if ('upkeep' in message) hears.upkeep(message.upkeep);
    else if ('listener' in message) hears.notified(message.listener, message.payload);
    else if ('error' in message) {
      const error = Object.assign(new Error(message.error.message), message.error.fields);
      settle(message.id)?.reject(error);
      if (message.error.isEnd) lose(error);
    } else settle(message.id)?.resolve(message.value as never);
  });
  worker.on('error', (cause) => lose(cause instanceof Error ? cause : new Error(String(cause))));
  worker.on('exit', (code) => lose(new Error(`the thread of the embedded records store has ended with ${code}`)));

  const ask = <T>(call: PgliteCall): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (failure !== undefined) {
        reject(failure);
        return;
      }
      const id = ++lastId;
      waiting.set(id, { sinceMs: performance.now(), resolve, reject });
      worker.ref();
      worker.postMessage({ id, call } satisfies PgliteRequest, []);
    });
  const terminate = async (): Promise<void> => void (await worker.terminate());
  try {
    await ask({ kind: 'open' });
    isOpen = true;
  } catch (cause) {
    await terminate();
    throw (await whyNoStart(start.folder, cause)) ?? cause;
  }
  return { ask, lost: () => failure, terminate };
}
