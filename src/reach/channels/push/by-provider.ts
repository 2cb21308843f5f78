// Several providers on one channel: each endpoint says whose it is. An endpoint of a provider that is not set up goes to the fallback, so that a
// new installation shows what it would have sent.
import type { Channel } from '../channel.ts';
import type { Outgoing } from '../outgoing.ts';

export function byProvider(
  key: string,
  providers: ReadonlyMap<string, Channel<Outgoing<'push'>>>,
  fallback: Channel<Outgoing<'push'>>,
): Channel<Outgoing<'push'>> {
  return {
    key,
    send: (message, signal, mayLeave) =>
      (providers.get(message.endpoint?.provider ?? '') ?? fallback).send(message, signal, mayLeave),
    close: async () => {
      await Promise.all([...providers.values(), fallback].map((channel) => channel.close()));
    },
  };
}
