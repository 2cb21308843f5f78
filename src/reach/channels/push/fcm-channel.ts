// Firebase Cloud Messaging, HTTP v1: one POST per device, with the token of a service account. The answer's `errorCode` says whose fault
// a refusal is; a token FCM no longer knows is dead.
import { z } from 'zod';
import type { Channel, RejectionClass, SendOutcome } from '../channel.ts';
import {
  deferral,
  httpClient,
  outcomeOfStatus,
  retryAfterSeconds,
  type HttpAnswer,
  type HttpExchange,
} from '../http/exchange.ts';
import { serviceAccountTokens, type ServiceAccount } from '../http/service-account.ts';
import type { Outgoing } from '../outgoing.ts';
import { collapseId, payloadOf, type Told } from './payload.ts';

const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
export const FCM_BYTES_MAX = 4_096;
const TTL_SECONDS_MAX = 28 * 86_400;
const TIMEOUT_MS = 15_000;

const sentSchema = z.looseObject({ name: z.string().min(1) });
const errorSchema = z.looseObject({
  error: z.looseObject({
    status: z.string().optional(),
    message: z.string().optional(),
    details: z
      .array(
        z.looseObject({
          errorCode: z.string().optional(),
          fieldViolations: z.array(z.looseObject({ field: z.string().optional() })).optional(),
        }),
      )
      .optional(),
  }),
});

function parsedJson<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

const rejected = (fault: RejectionClass, permanent: boolean, code: string, detail: string): SendOutcome => ({
  kind: 'rejected',
  class: fault,
  permanent,
  code,
  detail,
});

/** Says FCM of a token, without naming the field in some of its answers. */
const BAD_TOKEN = /registration token/i;

/** `isProven`: a device has taken a message of this account, so the project is the right one. */
function outcomeOf(answer: HttpAnswer, isProven: boolean, now: Date): SendOutcome {
  if (answer.status === 200) {
    const sent = parsedJson(sentSchema, answer.body);
    return sent === undefined
      ? { kind: 'unknown', detail: `HTTP 200 without a message name: ${answer.body.slice(0, 100)}` }
      : { kind: 'sent', providerId: sent.name, response: 'HTTP 200' };
  }
  const error = parsedJson(errorSchema, answer.body)?.error;
  if (error === undefined) return outcomeOfStatus(answer, now);
  const named = error.details?.find(({ errorCode }) => errorCode !== undefined)?.errorCode;
  const code = named ?? error.status ?? '';
  const detail = `${code}: ${error.message ?? ''}`;
  const after = retryAfterSeconds(answer.headers, now);
  switch (code) {
    case 'UNREGISTERED':
      return rejected('address', true, code, detail);
    // Said of a device of another project, and of every device where the account is of another project; or of the project itself.
    case 'NOT_FOUND':
    case 'SENDER_ID_MISMATCH':
      return isProven
        ? rejected('address', true, code === 'NOT_FOUND' ? 'UNREGISTERED' : code, detail)
        : rejected('sender', false, code, `${detail}; no device has taken one yet: is it the app’s own project?`);
    case 'INVALID_ARGUMENT': {
      const fields = error.details?.flatMap((each) => each.fieldViolations ?? []).map(({ field }) => field);
      return fields?.includes('message.token') === true || BAD_TOKEN.test(error.message ?? '')
        ? rejected('address', true, code, detail)
        : rejected('content', true, code, detail);
    }
    case 'UNAVAILABLE':
      return deferral(code, detail, after, 'account');
    // Of the project, or of one device that is sent too much: they do not say which.
    case 'QUOTA_EXCEEDED':
    case 'RESOURCE_EXHAUSTED':
      return deferral(code, detail, after);
    // Apple's key is missing in their console: of their devices only.
    case 'THIRD_PARTY_AUTH_ERROR':
      return rejected('sender', false, code, detail);
    case 'UNAUTHENTICATED':
    case 'PERMISSION_DENIED':
      return rejected('account', false, code, detail);
    default:
      return outcomeOfStatus(answer, now);
  }
}

export function fcmChannel(options: {
  readonly account: ServiceAccount;
  readonly told: Told;
  readonly apiUrl?: string | undefined;
  readonly timeoutMs?: number;
  readonly now: () => Date;
}): Channel<Outgoing<'push'>> {
  const { account, now } = options;
  const client = httpClient(options.timeoutMs ?? TIMEOUT_MS);
  const sendUrl = `${options.apiUrl ?? 'https://fcm.googleapis.com'}/v1/projects/${account.project_id}/messages:send`;
  const tokens = serviceAccountTokens({ account, scope: SCOPE, client, now });
  let isProven = false;

  const messageFor = (message: Outgoing<'push'>): object => {
    const { title, body, image, ...data } = payloadOf(message, options.told);
    const secondsLeft = Math.floor((message.expiresAt.getTime() - message.now.getTime()) / 1000);
    const urgent = message.fields.urgency === 'high';
    return {
      token: message.address,
      notification: { title, body, ...(image === undefined ? {} : { image }) },
      data,
      android: {
        ttl: `${Math.max(0, Math.min(TTL_SECONDS_MAX, secondsLeft))}s`,
        priority: urgent ? 'HIGH' : 'NORMAL',
        collapse_key: message.programmeId,
      },
      apns: {
        headers: {
          'apns-expiration': String(Math.floor(message.expiresAt.getTime() / 1000)),
          'apns-priority': urgent ? '10' : '5',
          'apns-collapse-id': collapseId(message.programmeId),
        },
      },
    };
  };

  return {
    key: 'fcm',
    send: async (message, signal, mayLeave) => {
      if (signal?.aborted === true) return { kind: 'unavailable', detail: 'stopped before it left' };
      const body = JSON.stringify({ message: messageFor(message) });
      const bytes = Buffer.byteLength(body);
      if (bytes > FCM_BYTES_MAX)
        return rejected('content', true, 'too_large', `${bytes} bytes, ${FCM_BYTES_MAX} are allowed`);
      for (let attempt = 0; ; attempt++) {
        const authorization = await tokens.token();
        if (typeof authorization !== 'string') return authorization;
        const answer: HttpExchange = await client.exchange(
          {
            url: sendUrl,
            method: 'POST',
            headers: { Authorization: `Bearer ${authorization}`, 'Content-Type': 'application/json' },
            body,
          },
          signal,
          mayLeave,
        );
        if (answer.kind !== 'answered') return answer;
        const outcome = outcomeOf(answer, isProven, now());
        if (outcome.kind === 'sent') isProven = true;
        // A token may be taken back before its time. The message was certainly refused: it is tried once more with another.
        if (attempt > 0 || answer.status !== 401 || outcome.kind !== 'rejected' || outcome.class !== 'account')
          return outcome;
        tokens.forget(authorization);
      }
    },
    close: () => Promise.resolve(client.close()),
  };
}
