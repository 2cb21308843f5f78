// What time is it? The only source of `now` outside tests; pure rules take `now` as a parameter instead.
export type Clock = { readonly now: () => Date };

export const systemClock: Clock = { now: () => new Date() };

export type VirtualClock = Clock & {
  /** Moves time to `at`; going backwards is a broken invariant and throws. */
  readonly moveTo: (at: Date) => void;
  readonly advanceMs: (ms: number) => void;
};

/** A clock that stands still until it is told to move: the demo, replay and scenario tests run on it. */
export function virtualClock(start: Date): VirtualClock {
  let nowMs = start.getTime();
  const moveTo = (at: Date): void => {
    if (at.getTime() < nowMs) throw new Error(`virtual clock cannot go back to ${at.toISOString()}`);
    nowMs = at.getTime();
  };
  return { now: () => new Date(nowMs), moveTo, advanceMs: (ms) => moveTo(new Date(nowMs + ms)) };
}

/** Real time moved so that it continues from `from`: how the demo's server goes on after eight simulated weeks. */
export function continuedClock(from: Date, base: Clock): Clock {
  const offsetMs = from.getTime() - base.now().getTime();
  return { now: () => new Date(base.now().getTime() + offsetMs) };
}
