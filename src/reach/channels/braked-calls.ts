// Calls to one account behind its brake. While it is closed nothing touches the network; when the time is over one call is tried, and the others wait
// for what becomes of it.
import { OPEN, braked, type BrakeRules } from './brake.ts';
import type { Closed, SendOutcome } from './channel.ts';

export type BrakedCalls = {
  /** Makes the call, or says for how long none is made. */
  readonly make: (call: () => Promise<SendOutcome>) => Promise<SendOutcome>;
  /** Makes it in any case: somebody wants to know now, and when it is taken the way is open for all. */
  readonly tryNow: (call: () => Promise<SendOutcome>) => Promise<SendOutcome>;
  readonly closed: () => Closed | undefined;
  /** What it was closed for, when the time is over and the next call is the trial. */
  readonly onTrialFor: () => string | undefined;
};

export function brakedCalls(options: BrakeRules & { readonly now: () => Date }): BrakedCalls {
  const { now } = options;
  let state = OPEN;
  let trial: Promise<unknown> | undefined;
  const tryNow: BrakedCalls['tryNow'] = async (call) => {
    const outcome = await call();
    state = braked(state, outcome, now().getTime(), options);
    return outcome;
  };
  return {
    tryNow,
    make: async (call) => {
      for (;;) {
        const { closed } = state;
        if (closed === undefined) return tryNow(call);
        const waitMs = closed.untilMs - now().getTime();
        if (waitMs > 0)
          return {
            kind: 'unavailable',
            code: `closed:${closed.code}`,
            detail: closed.detail,
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
    closed: () => {
      const { closed } = state;
      return closed === undefined || closed.untilMs <= now().getTime()
        ? undefined
        : { until: new Date(closed.untilMs), code: closed.code, detail: closed.detail };
    },
  };
}
