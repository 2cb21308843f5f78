// Calls to one account behind its brake. While it is closed nothing touches the network; when the time is over one call is tried, and the others wait
// for what becomes of it. Where the brake is shared, what one worker met is heeded by all.
import { OPEN, braked, type BrakeRules } from './brake.ts';
import type { Closed, SendOutcome } from './channel.ts';

/** What the workers of one store know together of an account. */
export type SharedBrake = {
  /** Until when it is closed; undefined where nobody knows it to be. */
  readonly read: () => Promise<Closed | undefined>;
  readonly write: (closed: Closed | undefined) => Promise<void>;
};

export type BrakedCalls = {
  /** Makes the call, or says for how long none is made. */
  readonly make: (call: () => Promise<SendOutcome>) => Promise<SendOutcome>;
  /** Makes it in any case: somebody wants to know now, and when it is taken the way is open for all. */
  readonly tryNow: (call: () => Promise<SendOutcome>) => Promise<SendOutcome>;
  /** Learns what others have met; `closed` and `onTrialFor` know it from then on. */
  readonly hear: () => Promise<void>;
  readonly closed: () => Closed | undefined;
  /** What it was closed for, when the time is over and the next call is the trial. */
  readonly onTrialFor: () => string | undefined;
};

export type BrakeOptions = BrakeRules & { readonly now: () => Date; readonly shared?: SharedBrake | undefined };

export function brakedCalls(options: BrakeOptions): BrakedCalls {
  const { now, shared } = options;
  let state = OPEN;
  let trial: Promise<unknown> | undefined;
  /** What could not be written down is told before the next call. */
  let isUntold = false;
  const closed = (): Closed | undefined =>
    state.closed === undefined || state.closed.untilMs <= now().getTime()
      ? undefined
      : { until: new Date(state.closed.untilMs), code: state.closed.code, detail: state.closed.detail };
  const tell = async (): Promise<void> => {
    await shared?.write(closed());
    isUntold = false;
  };
  const hear = async (): Promise<void> => {
    if (shared === undefined) return;
    if (isUntold) await tell();
    const told = await shared.read();
    if (told !== undefined && told.until.getTime() > (state.closed?.untilMs ?? 0)) {
      const { until, code, detail } = told;
      state = { ...state, strikes: Math.max(1, state.strikes), closed: { untilMs: until.getTime(), code, detail } };
      // Somebody has opened it before its time.
    } else if (told === undefined && closed() !== undefined) state = OPEN;
  };
  const tryNow: BrakedCalls['tryNow'] = async (call) => {
    const outcome = await call();
    const before = state.closed;
    state = braked(state, outcome, now().getTime(), options);
    // What became of the call is not lost with the store that was to hear of its account.
    if (shared !== undefined && state.closed !== before) await tell().catch(() => (isUntold = true));
    return outcome;
  };
  return {
    tryNow,
    hear,
    make: async (call) => {
      await hear();
      for (;;) {
        const { closed: shut } = state;
        if (shut === undefined) return tryNow(call);
        const waitMs = shut.untilMs - now().getTime();
        if (waitMs > 0)
          return {
            kind: 'unavailable',
            code: `closed:${shut.code}`,
            detail: shut.detail,
            retryAfterSeconds: Math.ceil(waitMs / 1_000),
          };
        if (trial === undefined) {
          const tried = tryNow(call);
          trial = tried.catch(() => undefined).finally(() => (trial = undefined));
          return tried;
        }
        await trial;
      }
    },
    onTrialFor: () =>
      state.closed === undefined || state.closed.untilMs > now().getTime() ? undefined : state.closed.code,
    closed,
  };
}
