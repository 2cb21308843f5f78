// Several providers on one channel: each endpoint says whose it is. An endpoint of a provider that is not set up goes to the fallback, so that a
// new installation shows what it would have sent.
import type { Channel, Closed } from '../channel.ts';
import type { Outgoing } from '../outgoing.ts';

export function byProvider(
  key: string,
  providers: ReadonlyMap<string, Channel<Outgoing<'push'>> & { readonly isSet?: () => boolean }>,
  fallback: Channel<Outgoing<'push'>>,
): Channel<Outgoing<'push'>> {
  /** Of those that are set; first who is tried again first. */
  const states = (): readonly (Closed | undefined)[] =>
    [...providers]
      .filter(([, { isSet }]) => isSet?.() !== false)
      .map(([provider, { closed }]) => {
        const now = closed?.();
        return now && { ...now, detail: `${provider}: ${now.detail}` };
      })
      .toSorted((a, b) => (a?.until.getTime() ?? 0) - (b?.until.getTime() ?? 0));
  return {
    key,
    send: (message, signal, mayLeave) =>
      (providers.get(message.endpoint?.provider ?? '') ?? fallback).send(message, signal, mayLeave),
    // Each device goes to its own: only when none of those that are set can take anything, nothing need be claimed.
    closed: () => {
      const all = states();
      return all.every((each) => each !== undefined) ? all[0] : undefined;
    },
    partClosed: () => states().find((each) => each !== undefined),
    close: async () => {
      await Promise.all([...providers.values(), fallback].map((channel) => channel.close()));
    },
  };
}
