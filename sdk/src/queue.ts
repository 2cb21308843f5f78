// Calls on their way to the server: each in storage under a name of its own (two tabs never overwrite each other), sent in batches, gone
// only when the server has them. A batch that could not be sent waits longer each time; the server's Retry-After is obeyed.
import type { Storage } from './storage.ts';

export type Call = Readonly<Record<string, unknown>>;

export type Queue = {
  readonly add: (call: Call) => void;
  /** Sends what waits; `leaving` when the page is going away. */
  readonly flush: (leaving?: boolean) => Promise<void>;
  readonly clear: () => void;
};

const NAME = 'q:';
const WAITING_MAX = 500;
const BATCH_CHARS_MAX = 100_000;
/** Browsers refuse a request that outlives its page above 64 KB. */
const LEAVING_CHARS_MAX = 20_000;
const SOON_MS = 500;
const BACKOFF_MS_MAX = 300_000;
/** The server cannot take it now; any other 4xx will never be taken. */
const RETRIED = [408, 410, 429];

export function openQueue(storage: Storage, host: string, writeKey: string): Queue {
  let counter = 0;
  let failures = 0;
  let notBefore = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | undefined;
  let parting: Promise<unknown> | undefined;

  const later = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void queue.flush(), ms);
  };

  const sendOnce = async (leaving: boolean): Promise<boolean> => {
    const names: string[] = [];
    const batch: unknown[] = [];
    let chars = 0;
    for (const name of storage.names(NAME)) {
      const text = storage.get(name) ?? '';
      chars += text.length;
      if (batch.length && chars > (leaving ? LEAVING_CHARS_MAX : BATCH_CHARS_MAX)) break;
      names.push(name);
      try {
        batch.push(JSON.parse(text));
      } catch {
        // Cut off or not ours: sent with the rest it would hold them up for ever.
      }
    }
    if (!names.length) return false;
    let status = 0;
    let retryAfterMs = 0;
    try {
      // text/plain and no header of our own: the browser needs no preflight.
      const response = await fetch(`${host}/v1/b`, {
        method: 'POST',
        body: JSON.stringify({ batch, writeKey, sentAt: new Date().toISOString() }),
        headers: { 'Content-Type': 'text/plain' },
        credentials: 'omit',
        keepalive: leaving,
      });
      status = response.status;
      retryAfterMs = (Number(response.headers.get('Retry-After')) || 0) * 1000;
    } catch {
      // Status 0: no answer. The server knows every call by its messageId, so sending again adds nothing twice.
    }
    if (!status || status >= 500 || RETRIED.includes(status)) {
      const backoff = Math.min(BACKOFF_MS_MAX, 1000 * 2 ** failures++) * (0.5 + Math.random() / 2);
      const wait = Math.max(retryAfterMs, backoff);
      notBefore = performance.now() + wait;
      // Timers may fire a little early.
      later(wait + 50);
      return false;
    }
    failures = 0;
    notBefore = 0;
    names.forEach(storage.remove);
    return true;
  };

  const queue: Queue = {
    add: (call) => {
      const waiting = storage.names(NAME);
      waiting.slice(0, Math.max(0, waiting.length + 1 - WAITING_MAX)).forEach(storage.remove);
      const at = Date.now().toString(36).padStart(9, '0') + (counter++).toString(36).padStart(4, '0');
      try {
        storage.set(`${NAME}${at}${String(call['messageId']).slice(0, 8)}`, JSON.stringify(call));
      } catch {
        return; // The page's own object goes in a circle: nobody could send it.
      }
      if (performance.now() >= notBefore) later(SOON_MS);
    },
    flush: async (leaving = false) => {
      if (leaving) return void (await (parting ??= sendOnce(true).finally(() => (parting = undefined))));
      running ??= (async () => {
        while (performance.now() >= notBefore && (await sendOnce(false)));
      })().finally(() => (running = undefined));
      return running;
    },
    clear: () => {
      clearTimeout(timer);
      storage.names(NAME).forEach(storage.remove);
    },
  };
  addEventListener('online', () => {
    notBefore = 0;
    void queue.flush();
  });
  // A phone puts a page away and never takes it up again.
  const leave = (): void => void queue.flush(true);
  addEventListener('pagehide', leave);
  addEventListener('visibilitychange', () => document.hidden && leave());
  if (storage.names(NAME).length) later(SOON_MS);
  return queue;
}
