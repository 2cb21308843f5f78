// An account's channel behind its brake. What leaves without a gate is no message of the ledger but somebody's test: it is tried in any case.
import type { BrakeRules } from './brake.ts';
import { brakedCalls } from './braked-calls.ts';
import type { Channel } from './channel.ts';

export function brakedChannel<Message>(
  channel: Channel<Message>,
  options: BrakeRules & { readonly now: () => Date },
): Channel<Message> {
  const calls = brakedCalls(options);
  return {
    ...channel,
    send: (message, signal, mayLeave) => {
      const call = () => channel.send(message, signal, mayLeave);
      return mayLeave === undefined ? calls.tryNow(call) : calls.make(call);
    },
    closed: calls.closed,
  };
}
