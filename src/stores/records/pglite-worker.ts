// The thread the embedded PostgreSQL lives in, so that the server goes on answering while a statement runs. It answers calls by number, in the
// order PGlite settles them; a transaction stays open until it is told how to end.
import { openAsBlob } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite, type QueryOptions } from '@electric-sql/pglite';
import { openStatements, type Statements } from './pglite-statements.ts';
import { lookAfter } from './pglite-upkeep.ts';
import type { UpkeepTrouble } from './records.ts';
import { VALUE_PARSERS } from './value-parsers.ts';

/** What the thread is started with; a store that is made begins as the one in `dump`. */
export type PgliteStart = { readonly folder: string; readonly dump: string | undefined };

export type PgliteCall =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'query';
      readonly transaction: number | undefined;
      readonly text: string;
      readonly values: unknown[] | undefined;
      readonly rowMode: QueryOptions['rowMode'];
    }
  | { readonly kind: 'exec'; readonly text: string }
  | { readonly kind: 'begin'; readonly transaction: number }
  | { readonly kind: 'end'; readonly transaction: number; readonly commit: boolean }
  | { readonly kind: 'listen'; readonly channel: string; readonly listener: number }
  | { readonly kind: 'unlisten'; readonly listener: number }
  | { readonly kind: 'close' };

export type PgliteRequest = { readonly id: number; readonly call: PgliteCall };

/** An error as it crosses between threads: a copy would keep no code and no constraint. */
export type CarriedError = {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** PostgreSQL ended itself, or broke off: this instance must not be asked anything more. */
  readonly isEnd: boolean;
};

export type PgliteAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: CarriedError }
  | { readonly listener: number; readonly payload: string }
  | { readonly upkeep: UpkeepTrouble | undefined };

type Open = {
  readonly end: (commit: boolean) => void;
  /** Settles when PGlite has let the transaction go. */
  readonly ended: Promise<void>;
};

/** Ends a transaction on purpose; never leaves this thread. */
class RolledBack extends Error {}

const port = parentPort;
if (port === null) throw new Error('this file is a worker');
// Only this module's own starter makes the data, so its shape is known.
const { folder, dump } = workerData as PgliteStart;
let used = (): void => undefined;
async function create(): Promise<PGlite> {
  const begin = dump === undefined ? {} : { loadDataDir: await openAsBlob(dump) };
  return PGlite.create({ dataDir: folder, parsers: { ...VALUE_PARSERS }, ...begin });
}
const opening = create().then(async (instance) => {
  ({ used } = await lookAfter(instance, (upkeep) => port.postMessage({ upkeep } satisfies PgliteAnswer)));
  return instance;
});
// Whoever asks to open it hears of it.
opening.catch(() => undefined);
let statements: Statements | undefined;
const open = new Map<number, Open>();
const listeners = new Map<number, () => Promise<void>>();

async function begin(instance: PGlite, id: number): Promise<void> {
  const begun = Promise.withResolvers<void>();
  const verdict = Promise.withResolvers<boolean>();
  const ended = instance.transaction(async () => {
    open.set(id, { end: verdict.resolve, ended: settled });
    begun.resolve();
    if (!(await verdict.promise)) throw new RolledBack();
  });
  const settled = ended.catch((error: unknown) => {
    if (!(error instanceof RolledBack)) throw error;
  });
  settled.catch((error: unknown) => begun.reject(error));
  await begun.promise;
}

async function answer(call: PgliteCall): Promise<unknown> {
  const instance = await opening;
  switch (call.kind) {
    case 'open':
      return undefined;
    case 'query': {
      used();
      statements ??= openStatements(instance);
      const { query } = statements;
      const ask = () => query(call.text, call.values ?? [], call.rowMode);
      if (call.transaction === undefined) {
        const answered = await instance._runExclusiveTransaction(ask);
        await instance.syncToFs();
        return answered;
      }
      if (!open.has(call.transaction)) throw new Error('the transaction is over');
      return ask();
    }
    case 'exec':
      return instance.exec(call.text);
    case 'begin':
      return begin(instance, call.transaction);
    case 'end': {
      const held = open.get(call.transaction);
      if (held === undefined) throw new Error('the transaction is over');
      held.end(call.commit);
      try {
        return await held.ended;
      } finally {
        open.delete(call.transaction);
      }
    }
    case 'listen':
      listeners.set(
        call.listener,
        await instance.listen(call.channel, (payload) =>
          port?.postMessage({ listener: call.listener, payload } satisfies PgliteAnswer),
        ),
      );
      return undefined;
    case 'unlisten':
      await listeners.get(call.listener)?.();
      listeners.delete(call.listener);
      return undefined;
    case 'close':
      return instance.close();
  }
}

/** PANIC and FATAL are PostgreSQL's words for it; a fault in its machine code says so itself. */
const isEnd = (error: Error): boolean =>
  ('severity' in error && (error.severity === 'PANIC' || error.severity === 'FATAL')) ||
  error.name === 'RuntimeError' ||
  error.name === 'ExitStatus';

function carried(error: unknown): CarriedError {
  if (!(error instanceof Error)) return { message: String(error), fields: {}, isEnd: false };
  const fields = Object.entries(error).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return {
    message: error.message,
    fields: { name: error.name, ...Object.fromEntries(fields) },
    isEnd: isEnd(error),
  };
}

port.on('message', ({ id, call }: PgliteRequest) => {
  answer(call).then(
    (value) => port.postMessage({ id, value } satisfies PgliteAnswer),
    (error: unknown) => port.postMessage({ id, error: carried(error) } satisfies PgliteAnswer),
  );
});
