// Several providers on one channel: each endpoint says whose it is. An endpoint of a provider that is not set up goes to the fallback, so that a
// new installation shows what it would have sent.
import type { Channel } from '../channel.ts';
import type { Outgoing } from '../outgoing.ts';

export function byProvider(
  key: string,
  providers: ReadonlyMap<string, Channel<Outgoing<'push'>> & { readonly isSet?: () => boolean }>,
  fallback: Channel<Outgoing<'push'>>,
): Channel<Outgoing<'push'>> {
  return {
    key,
    send: (message, signal, mayLeave) =>
      (providers.get(message.endpoint?.provider ?? '') ?? fallback).send(message, signal, mayLeave),
    // Each device goes to its own: only when none of those that are set can take anything, nothing need be claimed.
    closed: () => {
      const closed = [...providers.values()].filter(({ isSet }) => isSet?.() !== false).map((each) => each.closed?.());
      return closed.every((each) => each !== undefined) ? closed[0] : undefined;
    },
    close: async () => {
      await Promise.all([...providers.values(), fallback].map((channel) => channel.close()));
    },
  };
}
