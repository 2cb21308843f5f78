// A way out whose account may be connected, changed or taken away while the product runs; without one, messages go where they always can.
import type { Channel } from './channel.ts';

export function connected<Message>(
  key: string,
  account: () => Channel<Message> | undefined,
  otherwise: Channel<Message>,
): Channel<Message> & { readonly isSet: () => boolean } {
  const used = new Set<Channel<Message>>([otherwise]);
  return {
    key,
    send: (message, signal, mayLeave) => {
      const channel = account() ?? otherwise;
      used.add(channel);
      return channel.send(message, signal, mayLeave);
    },
    isSet: () => account() !== undefined,
    closed: () => (account() ?? otherwise).closed?.(),
    close: async () => {
      await Promise.all([...used].map((channel) => channel.close()));
    },
  };
}
