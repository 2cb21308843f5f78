// A message as a signed call of the business's own receiver.
import type { ConnectionSettings } from '../../connections/connections.ts';
import type { Channel } from '../channel.ts';
import { httpClient } from '../http/exchange.ts';
import type { Outgoing } from '../outgoing.ts';
import { outcomeOfReceiver, signedCall } from './signed-call.ts';

export function webhookChannel(
  settings: ConnectionSettings<'webhook'>,
  options: { readonly source: () => string; readonly now: () => Date },
): Channel<Outgoing<'webhook'>> {
  const http = httpClient(settings.timeoutMs);
  return {
    key: 'webhook',
    send: async (message, signal, mayLeave) => {
      const call = signedCall(settings, {
        id: message.messageId,
        source: options.source(),
        type: message.fields.event,
        subject: message.personId,
        // The signature's age is counted from when it is made, not from when the batch began.
        at: options.now(),
        data: {
          personId: message.personId,
          programmeId: message.programmeId,
          language: message.lang,
          expiresAt: message.expiresAt,
          unsubscribeUrl: message.unsubscribeUrl,
          fields: message.fields.data,
        },
      });
      const answer = await http.exchange(call, signal, mayLeave);
      return answer.kind === 'answered' ? outcomeOfReceiver(answer, message.messageId, options.now()) : answer;
    },
    close: () => Promise.resolve(http.close()),
  };
}
