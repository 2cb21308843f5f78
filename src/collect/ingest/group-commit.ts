// Many concurrent submissions, few writes: whatever arrives while one write runs goes into the next. A submission resolves only when its
// items are durable, and fails with the write's own error. Where a write costs much however little it holds, small ones of many senders may
// wait for each other (PostgreSQL's `commit_delay` and `commit_siblings`): one sender alone never waits.
import { RekindleError } from '../../kernel/errors.ts';

export type GroupCommit<T, R> = {
  /** Throws `busy` when more than `waitingMax` items already wait. */
  readonly submit: (items: readonly T[]) => Promise<R>;
  /** Resolves when nothing waits or runs. */
  readonly drained: () => Promise<void>;
};

export type Delay = {
  /** A small write begins no sooner after the one before it, if that one was shared by several senders. */
  readonly everyMs: number;
  /** Unless nobody new has come for so long: who writes only when she has been answered would wait for nothing. */
  readonly quietMs: number;
  /** What weighs so much is not small. */
  readonly large: number;
};

type Waiting<T, R> = {
  readonly items: readonly T[];
  readonly size: number;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
};

export function groupCommit<T, R>(options: {
  readonly write: (groups: readonly (readonly T[])[]) => Promise<readonly R[]>;
  readonly itemsPerWriteMax: number;
  readonly waitingMax: number;
  /** What one item weighs against the limits. */
  readonly sizeOf: (item: T) => number;
  readonly delay?: Delay;
}): GroupCommit<T, R> {
  const { delay } = options;
  let waiting: Waiting<T, R>[] = [];
  let waitingItems = 0;
  let running: Promise<void> | undefined;
  let draining = 0;
  /** Senders of the last write, and when it began. */
  let last = { senders: 0, atMs: -Infinity };
  let heard: (() => void) | undefined;

  /** Resolves when the next write's turn has come. */
  const turn = async ({ everyMs, quietMs, large }: Delay): Promise<void> => {
    if (last.senders < 2) return;
    const atMs = last.atMs + everyMs;
    await new Promise<void>((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      heard = () => {
        clearTimeout(timer);
        const leftMs = atMs - performance.now();
        if (leftMs <= 0 || waitingItems >= large || draining > 0) resolve();
        else timer = setTimeout(resolve, Math.min(leftMs, quietMs));
      };
      heard();
    });
    heard = undefined;
  };

  const takeGroup = (): Waiting<T, R>[] => {
    let taken = 0;
    let count = 0;
    while (count < waiting.length && (count === 0 || taken + waiting[count]!.size <= options.itemsPerWriteMax)) {
      taken += waiting[count]!.size;
      count++;
    }
    const group = waiting.slice(0, count);
    waiting = waiting.slice(count);
    waitingItems -= taken;
    return group;
  };

  const run = async (): Promise<void> => {
    // One turn of the event loop lets every request that has already arrived join this write.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      if (delay !== undefined) await turn(delay);
      const group = takeGroup();
      last = { senders: group.length, atMs: performance.now() };
      try {
        const results = await options.write(group.map((entry) => entry.items));
        group.forEach((entry, i) => entry.resolve(results[i]!));
      } catch (error) {
        for (const entry of group) entry.reject(error);
      }
    }
    running = undefined;
  };

  return {
    submit: (items) =>
      new Promise((resolve, reject) => {
        const size = items.reduce((sum, item) => sum + options.sizeOf(item), 0);
        if (waitingItems + size > options.waitingMax) {
          reject(new RekindleError('busy', { seconds: 1 }));
          return;
        }
        waiting.push({ items, size, resolve, reject });
        waitingItems += size;
        running ??= run();
        heard?.();
      }),
    drained: async () => {
      draining++;
      heard?.();
      await running;
      draining--;
    },
  };
}
