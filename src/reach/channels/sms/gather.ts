// Texts that are alike and come together leave in one request. Each is asked whether it may still leave, when the connection stands; each
// gets an outcome of its own.
import type { HandOverGate, SendOutcome } from '../channel.ts';

type Waiting<Message> = {
  readonly message: Message;
  readonly mayLeave: HandOverGate | undefined;
  readonly signal: AbortSignal | undefined;
  readonly settle: (outcome: SendOutcome) => void;
};

/** Sends those that may leave, which are known only once `ask` has been awaited; answers for them in their order. */
export type SendGroup<Message> = (
  ask: HandOverGate,
  leaving: () => readonly Message[],
) => Promise<readonly SendOutcome[]>;

const STOPPED: SendOutcome = { kind: 'unavailable', detail: 'stopped before it left' };

/** `waitMs`: how long a text waits for company. `max`: what the provider takes at once. */
export function gather<Message>(options: {
  readonly max: number;
  readonly waitMs: number;
  /** Only texts with the same key may share a request. */
  readonly keyOf: (message: Message) => string;
  readonly sendGroup: SendGroup<Message>;
}): {
  readonly send: (message: Message, signal?: AbortSignal, mayLeave?: HandOverGate) => Promise<SendOutcome>;
  readonly close: () => Promise<void>;
} {
  const groups = new Map<string, { readonly waiting: Waiting<Message>[]; readonly timer: NodeJS.Timeout }>();
  const running = new Set<Promise<void>>();

  const leave = async (group: readonly Waiting<Message>[]): Promise<void> => {
    let leaving: readonly Waiting<Message>[] = [];
    let asked = false;
    const ask: HandOverGate = async () => {
      const answers = await Promise.all(
        group.map(async ({ mayLeave, signal }) => {
          if (signal?.aborted === true) return false;
          // One whose question fails stays; the others need not.
          return mayLeave === undefined || (await mayLeave().catch(() => false));
        }),
      );
      asked = true;
      leaving = group.filter((_each, at) => answers[at]);
      return leaving.length > 0;
    };
    let outcomes: readonly SendOutcome[];
    try {
      outcomes = await options.sendGroup(ask, () => leaving.map(({ message }) => message));
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      outcomes = leaving.map(() => ({ kind: 'unknown', detail }));
    }
    // A group that never came so far as to be asked failed as one.
    const going = asked ? leaving : group;
    group.forEach((each) => {
      const at = going.indexOf(each);
      each.settle(at === -1 ? STOPPED : (outcomes[at] ?? outcomes[0] ?? STOPPED));
    });
  };

  const flush = (key: string): void => {
    const group = groups.get(key);
    if (group === undefined) return;
    groups.delete(key);
    clearTimeout(group.timer);
    const work = leave(group.waiting).finally(() => running.delete(work));
    running.add(work);
  };

  return {
    send: (message, signal, mayLeave) =>
      new Promise((settle) => {
        if (signal?.aborted === true) return settle(STOPPED);
        const key = options.keyOf(message);
        let group = groups.get(key);
        if (group === undefined) {
          group = { waiting: [], timer: setTimeout(() => flush(key), options.waitMs) };
          groups.set(key, group);
        }
        group.waiting.push({ message, mayLeave, signal, settle });
        if (group.waiting.length >= options.max) flush(key);
      }),
    close: async () => {
      for (const key of groups.keys()) flush(key);
      while (running.size > 0) await Promise.all(running);
    },
  };
}
