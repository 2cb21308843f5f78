// Web push (RFC 8030): one encrypted POST to the address the browser gave out. The body is sealed for that browser alone (RFC 8291, aes128gcm),
// the request signed with this installation's VAPID key (RFC 8292). Guarantees: nothing is sent to an address that is no push service's; a
// subscription the service calls gone is a dead address; what does not fit is refused before it leaves.
import webPush from 'web-push';
import { sha256Hex } from '../../../kernel/hash.ts';
import type { Channel, SendOutcome } from '../channel.ts';
import { deferral, httpClient, outcomeOfStatus, type HttpAnswer } from '../http/exchange.ts';
import type { Outgoing } from '../outgoing.ts';
import { payloadOf, type Told } from './payload.ts';
import { isPushService } from './push-service.ts';

export type VapidKeys = { readonly publicKey: string; readonly privateKey: string };

/** 4,096 bytes of record less header, padding delimiter and authentication tag (RFC 8291, section 4). */
export const WEB_PUSH_BYTES_MAX = 3_993;
/** A service may keep a message for so long and no longer (RFC 8030 names none; all of them allow four weeks). */
const TTL_SECONDS_MAX = 28 * 86_400;
/** RFC 8292: at most 24 h. Signed anew when half is gone, so that a slow delivery never carries an old one. */
const VAPID_SECONDS = 12 * 3_600;
const TIMEOUT_MS = 15_000;

const rejected = (
  fault: 'address' | 'content' | 'sender',
  permanent: boolean,
  code: string,
  detail: string,
): SendOutcome => ({ kind: 'rejected', class: fault, permanent, code, detail });

function outcomeOf(answer: HttpAnswer, messageId: string, now: Date): SendOutcome {
  const detail = `HTTP ${answer.status}: ${answer.body.slice(0, 200)}`;
  switch (answer.status) {
    case 201:
    case 202:
      return { kind: 'sent', providerId: answer.headers['location'] ?? `webpush:${messageId}`, response: detail };
    case 404:
    case 410:
      return rejected('address', true, `http_${answer.status}`, detail);
    case 413:
      return rejected('content', true, 'http_413', detail);
    // Of this subscription: it was made with other keys than ours. Another browser's may be good.
    case 401:
    case 403:
      return rejected('sender', false, `http_${answer.status}`, detail);
    default: {
      const outcome = outcomeOfStatus(answer, now);
      if (outcome.kind !== 'deferred') return outcome;
      // One of several services wants us slower, not all of them.
      return deferral(outcome.code, detail, outcome.retryAfterSeconds);
    }
  }
}

export function webPushChannel(options: {
  readonly vapid: VapidKeys;
  /** Whom a push service can write to when something is wrong: `mailto:` or `https:`. */
  readonly subject: () => string;
  readonly told: Told;
  readonly timeoutMs?: number;
  /** Which addresses are push services; only tests have another answer. */
  readonly isAllowed?: ((url: string) => boolean) | undefined;
}): Channel<Outgoing<'push'>> {
  const { vapid, isAllowed = isPushService } = options;
  const client = httpClient(options.timeoutMs ?? TIMEOUT_MS);
  const signed = new Map<string, { readonly header: string; readonly untilMs: number }>();
  const vapidHeader = (origin: string, now: Date): string => {
    const known = signed.get(origin);
    if (known !== undefined && known.untilMs > now.getTime()) return known.header;
    const expiresAt = Math.floor(now.getTime() / 1000) + VAPID_SECONDS;
    const { Authorization: header } = webPush.getVapidHeaders(
      origin,
      options.subject(),
      vapid.publicKey,
      vapid.privateKey,
      'aes128gcm',
      expiresAt,
    );
    if (signed.size > 1_000) signed.clear();
    signed.set(origin, { header, untilMs: now.getTime() + (VAPID_SECONDS / 2) * 1000 });
    return header;
  };
  return {
    key: 'web_push',
    send: async (message, signal, mayLeave) => {
      const { p256dh, auth } = message.endpoint?.details ?? {};
      if (!isAllowed(message.address))
        return rejected('address', true, 'not_a_push_service', `${new URL(message.address).host} is no push service`);
      const payload = Buffer.from(JSON.stringify(payloadOf(message, options.told)));
      if (payload.length > WEB_PUSH_BYTES_MAX)
        return rejected('content', true, 'too_large', `${payload.length} bytes, ${WEB_PUSH_BYTES_MAX} are allowed`);
      let body: Buffer;
      try {
        body = webPush.encrypt(String(p256dh), String(auth), payload, 'aes128gcm').cipherText;
      } catch (error) {
        // The browser's keys are part of its address: with broken ones nothing can ever be sent there.
        const detail = error instanceof Error ? error.message : String(error);
        return rejected('address', true, 'bad_keys', detail);
      }
      const secondsLeft = Math.floor((message.expiresAt.getTime() - message.now.getTime()) / 1000);
      const answer = await client.exchange(
        {
          url: message.address,
          method: 'POST',
          headers: {
            Authorization: vapidHeader(new URL(message.address).origin, message.now),
            'Content-Type': 'application/octet-stream',
            'Content-Encoding': 'aes128gcm',
            TTL: String(Math.max(0, Math.min(TTL_SECONDS_MAX, secondsLeft))),
            Urgency: message.fields.urgency ?? 'normal',
            // While a browser is off, a newer message of the same programme takes the place of the older.
            Topic: sha256Hex(message.programmeId).slice(0, 32),
          },
          body,
        },
        signal,
        mayLeave,
      );
      return answer.kind === 'answered' ? outcomeOf(answer, message.messageId, message.now) : answer;
    },
    close: () => Promise.resolve(client.close()),
  };
}
