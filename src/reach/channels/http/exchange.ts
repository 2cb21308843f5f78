// One HTTP request to a provider, and what is known when it goes wrong. The ledger's promise rests on the line drawn here: before the first
// byte of the request is written nothing has left (`unavailable`); after it, silence means that nobody can know (`unknown`).
import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { HandOverGate, SendOutcome } from '../channel.ts';

export type HttpCall = {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
};

/** A request whose words depend on who may still leave: written when the connection stands and everybody was asked. */
export type LateCall = { readonly origin: string; readonly write: () => HttpCall };

export type HttpAnswer = {
  readonly kind: 'answered';
  readonly status: number;
  /** Lower-case names; repeated headers are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type HttpExchange = HttpAnswer | Extract<SendOutcome, { kind: 'unavailable' | 'unknown' }>;

export type HttpClient = {
  /** Never throws for anything the network does. `mayLeave` is asked when the connection stands and nothing is written yet. */
  readonly exchange: (
    call: HttpCall | LateCall,
    signal?: AbortSignal,
    mayLeave?: HandOverGate,
  ) => Promise<HttpExchange>;
  readonly close: () => void;
};

const ANSWER_BYTES_MAX = 1024 * 1024;
/** Shorter than any server keeps an idle connection: one that is closed under us would make a message's fate unknown. */
const IDLE_MS = 4_000;

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message || error.name : String(error));

const connected = (request: ClientRequest, secure: boolean): Promise<void> =>
  new Promise((resolve, reject) => {
    request.once('error', reject);
    request.once('socket', (socket) => {
      if (!socket.connecting) resolve();
      else socket.once(secure ? 'secureConnect' : 'connect', () => resolve());
    });
  });

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error('the answer is larger than 1 MB');
    chunks.push(chunk);
  }
  // A connection lost in the middle of an announced length ends without an error in some cases.
  if (!response.complete) throw new Error('the answer broke off');
  return Buffer.concat(chunks).toString('utf8');
}

/** `timeoutMs` is for the whole exchange, so that an answer that trickles cannot hold a sender. */
export function httpClient(timeoutMs: number): HttpClient {
  const agents = {
    http: new HttpAgent({ keepAlive: true, timeout: IDLE_MS, maxSockets: 100 }),
    https: new HttpsAgent({ keepAlive: true, timeout: IDLE_MS, maxSockets: 100 }),
  };
  const exchange: HttpClient['exchange'] = async (call, signal, mayLeave) => {
    const url = 'origin' in call ? call.origin : call.url;
    const secure = url.startsWith('https:');
    const deadline = AbortSignal.timeout(timeoutMs);
    const stop = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    let hasLeft = false;
    const failed = (error: unknown): HttpExchange => {
      const detail = deadline.aborted ? `no answer within ${timeoutMs} ms` : wordsOf(error);
      return { kind: hasLeft ? 'unknown' : 'unavailable', detail };
    };
    let request: ClientRequest | undefined;
    try {
      stop.throwIfAborted();
      const options = { method: 'POST', signal: stop };
      request = secure
        ? httpsRequest(url, { ...options, agent: agents.https })
        : httpRequest(url, { ...options, agent: agents.http });
      const opened = request;
      await connected(opened, secure);
      if (mayLeave !== undefined && !(await mayLeave())) {
        opened.on('error', () => undefined).destroy();
        return { kind: 'unavailable', detail: 'stopped before it left' };
      }
      stop.throwIfAborted();
      const written = 'origin' in call ? call.write() : call;
      const target = new URL(written.url);
      opened.method = written.method;
      opened.path = `${target.pathname}${target.search}`;
      for (const [name, value] of Object.entries(written.headers)) opened.setHeader(name, value);
      hasLeft = true;
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        opened.once('response', resolve);
        opened.on('error', reject);
        opened.setHeader('content-length', Buffer.byteLength(written.body));
        opened.end(written.body);
      });
      const headers = Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
      );
      return { kind: 'answered', status: response.statusCode ?? 0, headers, body: await bodyOf(response) };
    } catch (error) {
      request?.on('error', () => undefined).destroy();
      return failed(error);
    }
  };
  return {
    exchange,
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** Whoever says more means "never", or is broken; a message's own end comes sooner. */
const RETRY_SECONDS_MAX = 30 * 86_400;

/** Seconds until a `Retry-After` has passed (a number, or a date as HTTP writes it); undefined when there is none. */
export function retryAfterSeconds(headers: HttpAnswer['headers'], now: Date): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined || value === '') return undefined;
  const at = Date.parse(value);
  const seconds = /^\d+$/.test(value) ? Number(value) : Math.max(0, Math.ceil((at - now.getTime()) / 1000));
  return Number.isNaN(seconds) ? undefined : Math.min(seconds, RETRY_SECONDS_MAX);
}

/** "Not now": for so many seconds, where that was said; `of` the account where whatever it sends would hear the same. */
export const deferral = (
  code: string,
  detail: string,
  afterSeconds: number | undefined,
  of?: 'account',
): Extract<SendOutcome, { kind: 'deferred' }> => ({
  kind: 'deferred',
  code,
  detail,
  ...(of === undefined ? {} : { of }),
  ...(afterSeconds === undefined ? {} : { retryAfterSeconds: afterSeconds }),
});

/**
 * What a status says by itself, for an answer whose body the provider's own rules do not understand: 429 and 503 are "not now" for the whole
 * account, 401 and 403 refuse the account, and so do 301, 307 and 308 (it is somewhere else; nothing was done, RFC 9110, 15.4); any other 4xx
 * refuses what was sent. A 2xx without the expected body, a 5xx, or a redirect that may follow upon the deed leave the fate unknown.
 */
export function outcomeOfStatus(answer: HttpAnswer, now: Date): SendOutcome {
  const { status } = answer;
  const detail = `HTTP ${status}: ${answer.body.slice(0, 200)}`;
  const code = `http_${status}`;
  if (status === 429 || status === 503)
    return deferral(code, detail, retryAfterSeconds(answer.headers, now), 'account');
  if (status === 401 || status === 403) return { kind: 'rejected', class: 'account', permanent: false, code, detail };
  if (status === 301 || status === 307 || status === 308) {
    const to = URL.parse(answer.headers['location'] ?? '')?.origin;
    const moved = `HTTP ${status}: moved${to === undefined ? '' : ` to ${to}`}; a redirect is not followed`;
    return { kind: 'rejected', class: 'account', permanent: false, code, detail: moved };
  }
  if (status >= 400 && status < 500) return { kind: 'rejected', class: 'content', permanent: false, code, detail };
  return { kind: 'unknown', detail };
}
