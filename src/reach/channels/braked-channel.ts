// An account's channel behind its brake. While it is closed nothing touches the network; when the time is over one message is tried, and
// the others wait for what becomes of it. What leaves without a gate is no message of the ledger but somebody's test: it is tried in any case,
// and when it was taken the way is open for all.
import { OPEN, braked, type BrakeRules } from './brake.ts';
import type { Channel, SendOutcome } from './channel.ts';

export function brakedChannel<Message>(
  channel: Channel<Message>,
  options: BrakeRules & { readonly now: () => Date },
): Channel<Message> {
  const { now } = options;
  let state = OPEN;
  let trial: Promise<unknown> | undefined;
  const heard = (outcome: SendOutcome): SendOutcome => {
    state = braked(state, outcome, now().getTime(), options);
    return outcome;
  };
  const send: Channel<Message>['send'] = async (message, signal, mayLeave) => {
    const handOver = async (): Promise<SendOutcome> => heard(await channel.send(message, signal, mayLeave));
    if (mayLeave === undefined) return handOver();
    for (;;) {
      const { closed } = state;
      if (closed === undefined) return handOver();
      const waitMs = closed.untilMs - now().getTime();
      if (waitMs > 0)
        return {
          kind: 'unavailable',
          code: `closed:${closed.code}`,
          detail: closed.detail,
          retryAfterSeconds: Math.ceil(waitMs / 1_000),
        };
      if (trial === undefined) {
        const tried = handOver();
        trial = tried.catch(() => undefined).finally(() => (trial = undefined));
        return tried;
      }
      await trial;
    }
  };
  return {
    ...channel,
    send,
    closed: () => {
      const { closed } = state;
      return closed === undefined || closed.untilMs <= now().getTime()
        ? undefined
        : { until: new Date(closed.untilMs), code: closed.code, detail: closed.detail };
    },
  };
}
