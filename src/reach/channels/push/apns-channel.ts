// Apple Push Notification service: one HTTP/2 stream per device over one connection, signed with a provider token (ES256 JWT) that Apple wants
// renewed between 20 and 60 minutes. Guarantees: a stream that Apple says it never looked at was not sent; a device it calls gone is a dead
// address; an expired provider token is renewed and the message tried once more, because it was certainly refused.
import { createHash, createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { z } from 'zod';
import { RekindleError } from '../../../kernel/errors.ts';
import type { Channel, HandOverGate, RejectionClass, SendOutcome } from '../channel.ts';
import { deferral, retryAfterSeconds } from '../http/exchange.ts';
import type { Outgoing } from '../outgoing.ts';
import { collapseId, payloadOf, type Told } from './payload.ts';

export const APNS_BYTES_MAX = 4_096;
const TIMEOUT_MS = 15_000;
/** Apple refuses a token older than an hour, and one renewed more often than every twenty minutes. */
const TOKEN_MS = 40 * 60_000;
const ANSWER_CHARS_MAX = 10_000;
const IDLE_MS = 5 * 60_000;

export type ApnsSetup = {
  readonly key: KeyObject;
  readonly keyId: string;
  readonly teamId: string;
  /** The app's bundle id. */
  readonly topic: string;
  readonly url: string;
};

/** The `.p8` file of an APNs key. Throws `invalid` when it is no P-256 private key. */
export function parseApnsKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  } catch (cause) {
    throw new RekindleError(
      'invalid',
      { where: 'REKINDLE_APNS_KEY_FILE', what: { en: 'is not a private key', zh: '不是私钥' } },
      { cause },
    );
  }
  throw new RekindleError('invalid', {
    where: 'REKINDLE_APNS_KEY_FILE',
    what: { en: 'is not a key on the curve P-256', zh: '不是 P-256 曲线的密钥' },
  });
}

export function isApnsKey(pem: string): boolean {
  try {
    parseApnsKey(pem);
    return true;
  } catch {
    return false;
  }
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function providerToken({ key, keyId, teamId }: ApnsSetup, now: Date): string {
  const signed = `${part({ alg: 'ES256', kid: keyId })}.${part({ iss: teamId, iat: Math.floor(now.getTime() / 1000) })}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

/** Apple's id of a notification is a UUID; ours, hashed into one, makes a retry the same notification. */
function apnsIdOf(messageId: string): string {
  const hex = createHash('sha256').update(messageId).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const rejected = (
  fault: RejectionClass,
  permanent: boolean,
  code: string,
  detail: string,
): Extract<SendOutcome, { kind: 'rejected' }> => ({
  kind: 'rejected',
  class: fault,
  permanent,
  code,
  detail,
});

const reasonSchema = z.looseObject({ reason: z.string(), timestamp: z.number().optional() });
function said(body: string): z.output<typeof reasonSchema> | undefined {
  try {
    return reasonSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined; // What is no JSON gives no reason.
  }
}
const reasonOf = (body: string): string => said(body)?.reason ?? '';

/** When Apple last saw that the device is gone, in milliseconds: one that was registered later is another story. */
function goneSinceOf(body: string): Date | undefined {
  const at = new Date(said(body)?.timestamp ?? Number.NaN);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

type Answer = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string };

/** Said of devices that are gone, and of all devices where the environment or the topic is set wrongly. */
const BAD_DEVICE = new Set(['BadDeviceToken', 'DeviceTokenNotForTopic']);
const OUR_ACCOUNT = new Set([
  'TopicDisallowed',
  'BadTopic',
  'MissingTopic',
  'BadCertificate',
  'BadCertificateEnvironment',
]);
/** Apple wants at most one new provider token in twenty minutes. */
const TOO_MANY_TOKENS = 'TooManyProviderTokenUpdates';

/** `isProven`: a device has taken a notification of this account, so environment and topic are right. */
function outcomeOf(answer: Answer, isProven: boolean, now: Date): SendOutcome {
  const { status, headers, body } = answer;
  const reason = reasonOf(body);
  const code = reason || `http_${status}`;
  const detail = `HTTP ${status}: ${reason || body.slice(0, 200)}`;
  if (status === 200) {
    const id = headers['apns-id'];
    return id === undefined
      ? { kind: 'unknown', detail: 'HTTP 200 without an apns-id' }
      : { kind: 'sent', providerId: id, response: 'HTTP 200' };
  }
  if (status === 410) {
    const goneSince = goneSinceOf(body);
    return { ...rejected('address', true, code, detail), ...(goneSince === undefined ? {} : { goneSince }) };
  }
  if (BAD_DEVICE.has(reason))
    return isProven
      ? rejected('address', true, code, detail)
      : rejected('sender', false, code, `${detail}; no device has taken one yet: are environment and topic right?`);
  if (status === 429 || status === 503) {
    const after = retryAfterSeconds(headers, now) ?? (reason === TOO_MANY_TOKENS ? 300 : undefined);
    // Too many requests are too many to one device.
    return deferral(code, detail, after, status === 503 || reason === TOO_MANY_TOKENS ? 'account' : undefined);
  }
  if (status === 401 || status === 403 || OUR_ACCOUNT.has(reason)) return rejected('account', false, code, detail);
  if (status === 413) return rejected('content', true, code, detail);
  if (status >= 400 && status < 500) return rejected('content', false, code, detail);
  return { kind: 'unknown', detail };
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message || error.name : String(error));

/** `mayHaveLeft` false: Apple said, or the line shows, that the request was never looked at. */
class StreamTrouble extends Error {
  readonly mayHaveLeft: boolean;
  constructor(detail: string, mayHaveLeft: boolean) {
    super(detail);
    this.mayHaveLeft = mayHaveLeft;
  }
}

function answerOf(stream: ClientHttp2Stream, stop: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let headers: Record<string, string> = {};
    let body = '';
    const aborted = (): void => {
      stream.close(constants.NGHTTP2_CANCEL);
      reject(new StreamTrouble(wordsOf(stop.reason), true));
    };
    stop.addEventListener('abort', aborted, { once: true });
    stream.setEncoding('utf8');
    stream.on('response', (given) => {
      status = given[':status'] ?? 0;
      headers = Object.fromEntries(
        Object.entries(given).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
      );
    });
    stream.on('data', (chunk: string) => {
      if (body.length < ANSWER_CHARS_MAX) body += chunk;
    });
    stream.on('error', (error) => {
      // REFUSED_STREAM, and a stream that a GOAWAY left out, are the peer's word that nothing was processed (RFC 9113, 8.7).
      const refused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM || stream.id === undefined;
      reject(new StreamTrouble(wordsOf(error), !refused));
    });
    stream.on('close', () => {
      stop.removeEventListener('abort', aborted);
      if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) reject(new StreamTrouble('refused', false));
      else if (stream.rstCode !== constants.NGHTTP2_NO_ERROR || status === 0 || !stream.readableEnded)
        reject(new StreamTrouble('the answer broke off', true));
      else resolve({ status, headers, body });
    });
  });
}

export function apnsChannel(
  options: ApnsSetup & {
    readonly told: Told;
    readonly timeoutMs?: number;
    readonly now: () => Date;
  },
): Channel<Outgoing<'push'>> {
  const { now, url } = options;
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  let session: Promise<ClientHttp2Session> | undefined;
  let token: { readonly text: string; readonly atMs: number } | undefined;
  let isProven = false;

  const connected = (): Promise<ClientHttp2Session> => {
    if (session !== undefined) return session;
    const fresh = new Promise<ClientHttp2Session>((resolve, reject) => {
      const opened = connect(url);
      const gone = (): void => {
        if (session === fresh) session = undefined;
      };
      opened.setTimeout(IDLE_MS, () => opened.close());
      opened.once('connect', () => resolve(opened));
      opened.on('error', (error) => {
        gone();
        reject(error);
      });
      // Streams that run go on; new ones want another connection.
      opened.on('goaway', gone);
      opened.on('close', () => {
        gone();
        reject(new Error('the connection was closed'));
      });
    });
    session = fresh;
    return fresh;
  };
  const bearer = (): string => {
    const at = now().getTime();
    if (token === undefined || at - token.atMs >= TOKEN_MS || at < token.atMs)
      token = { text: providerToken(options, now()), atMs: at };
    return token.text;
  };
  const bodyFor = (message: Outgoing<'push'>): string => {
    const { title, body, ...data } = payloadOf(message, options.told);
    return JSON.stringify({ aps: { alert: { title, body }, sound: 'default' }, ...data });
  };

  const attempt = async (
    message: Outgoing<'push'>,
    body: string,
    signal: AbortSignal | undefined,
    mayLeave: HandOverGate | undefined,
  ): Promise<(Answer & { readonly bearer: string }) | SendOutcome> => {
    const deadline = AbortSignal.timeout(timeoutMs);
    const stop = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    let hasLeft = false;
    try {
      stop.throwIfAborted();
      const line = await Promise.race([
        connected(),
        new Promise<never>((_, reject) => {
          stop.addEventListener('abort', () => reject(new Error(wordsOf(stop.reason))), { once: true });
        }),
      ]);
      if (mayLeave !== undefined && !(await mayLeave()))
        return { kind: 'unavailable', detail: 'stopped before it left' };
      stop.throwIfAborted();
      const used = bearer();
      const stream = line.request({
        ':method': 'POST',
        ':path': `/3/device/${encodeURIComponent(message.address)}`,
        authorization: `bearer ${used}`,
        'apns-id': apnsIdOf(message.messageId),
        'apns-topic': options.topic,
        'apns-push-type': 'alert',
        'apns-priority': message.fields.urgency === 'low' ? '5' : '10',
        'apns-expiration': String(Math.floor(message.expiresAt.getTime() / 1000)),
        'apns-collapse-id': collapseId(message.programmeId),
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      });
      const answer = answerOf(stream, stop);
      hasLeft = true;
      stream.end(body);
      return { ...(await answer), bearer: used };
    } catch (error) {
      const detail = deadline.aborted ? `no answer within ${timeoutMs} ms` : wordsOf(error);
      const mayHaveLeft = error instanceof StreamTrouble ? error.mayHaveLeft : hasLeft;
      return { kind: mayHaveLeft ? 'unknown' : 'unavailable', detail };
    }
  };

  return {
    key: 'apns',
    send: async (message, signal, mayLeave) => {
      const body = bodyFor(message);
      const bytes = Buffer.byteLength(body);
      if (bytes > APNS_BYTES_MAX)
        return rejected('content', true, 'too_large', `${bytes} bytes, ${APNS_BYTES_MAX} are allowed`);
      let answer = await attempt(message, body, signal, mayLeave);
      if ('status' in answer && answer.status === 403 && reasonOf(answer.body) === 'ExpiredProviderToken') {
        // Of many streams that are told at once one makes a new token, and the others use it.
        if (token?.text === answer.bearer) token = undefined;
        answer = await attempt(message, body, signal, mayLeave);
      }
      if (!('status' in answer)) return answer;
      const outcome = outcomeOf(answer, isProven, now());
      if (outcome.kind === 'sent') isProven = true;
      return outcome;
    },
    close: async () => {
      const open = await session?.catch(() => undefined);
      session = undefined;
      if (open === undefined || open.destroyed) return;
      await new Promise<void>((resolve) => open.close(resolve));
    },
  };
}
