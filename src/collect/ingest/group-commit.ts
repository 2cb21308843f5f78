// Many concurrent submissions, few writes: whatever arrives while one write runs goes into the next. A submission resolves only when its
// items are durable, and fails with the write's own error.
import { RekindleError } from '../../kernel/errors.ts';

export type GroupCommit<T, R> = {
  /** Throws `busy` when more than `waitingMax` items already wait. */
  readonly submit: (items: readonly T[]) => Promise<R>;
  /** Resolves when nothing waits or runs. */
  readonly drained: () => Promise<void>;
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
  /** What one item weighs against the two limits. */
  readonly sizeOf: (item: T) => number;
}): GroupCommit<T, R> {
  let waiting: Waiting<T, R>[] = [];
  let waitingItems = 0;
  let running: Promise<void> | undefined;

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
      const group = takeGroup();
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
      }),
    drained: async () => {
      await running;
    },
  };
}
