// Speaking to WeChat and WeCom: one access token for everybody in this process, asked for once however many want it, renewed when WeChat says that
// it no longer holds; and what their error codes mean for a message.
import { z } from 'zod';
import type { Counted, HandOverGate, RejectionClass, SendOutcome } from '../channel.ts';
import { deferral, httpClient, outcomeOfStatus, type HttpAnswer, type HttpExchange } from '../http/exchange.ts';

const TOKEN_SPARE_MS = 300_000;
const STALE_TOKEN = new Set([40_001, 40_014, 42_001]);

const tokenSchema = z.looseObject({ access_token: z.string().min(1), expires_in: z.number().positive() });
const answerSchema = z.looseObject({ errcode: z.number(), errmsg: z.string().default('') });

const jsonOf = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // What is no JSON is no answer of theirs.
  }
};

type Fault = ({ readonly class: RejectionClass; readonly permanent: boolean } & Counted) | 'later' | 'slower';
const HERS_FOR_NOW = { class: 'mailbox', permanent: false } as const;
const WORDS = { class: 'content', permanent: true } as const;
const OURS = { class: 'sender', permanent: false } as const;
const OUR_ACCOUNT = { class: 'account', permanent: false } as const;

/** Their documented codes; anything else is ours to look into. */
const FAULTS: Readonly<Record<number, Fault>> = {
  [-1]: 'later',
  // Two calls for one person at the same moment.
  43108: 'later',
  // The openid is none of this app's, or nobody of ours is her contact.
  40003: { class: 'address', permanent: true },
  40096: { class: 'address', permanent: true },
  84061: { class: 'address', permanent: true },
  // She does not follow, or has blocked: another day she may.
  43004: HERS_FOR_NOW,
  50005: HERS_FOR_NOW,
  // Nobody of those named may be written to now; and the two windows in which a person who has written may be answered.
  41048: HERS_FOR_NOW,
  45015: HERS_FOR_NOW,
  45047: HERS_FOR_NOW,
  // No subscription is left, or she has refused the template: the next acceptance brings one.
  43101: { ...HERS_FOR_NOW, noneLeft: true },
  40037: WORDS,
  40058: WORDS,
  40097: WORDS,
  40165: WORDS,
  41030: WORDS,
  45168: WORDS,
  47001: WORDS,
  47003: WORDS,
  87014: WORDS,
  // The account's share of a day, of a minute, and of calls at once.
  45009: 'slower',
  45011: 'slower',
  45033: 'slower',
  // Neither id nor secret is good, this machine may not call, or the account may not do this at all.
  40001: OUR_ACCOUNT,
  40013: OUR_ACCOUNT,
  40014: OUR_ACCOUNT,
  40125: OUR_ACCOUNT,
  40164: OUR_ACCOUNT,
  40243: OUR_ACCOUNT,
  41001: OUR_ACCOUNT,
  41002: OUR_ACCOUNT,
  41004: OUR_ACCOUNT,
  42001: OUR_ACCOUNT,
  43107: OUR_ACCOUNT,
  48001: OUR_ACCOUNT,
  48002: OUR_ACCOUNT,
  48004: OUR_ACCOUNT,
  50001: OUR_ACCOUNT,
  50002: OUR_ACCOUNT,
  60011: OUR_ACCOUNT,
  60020: OUR_ACCOUNT,
  61004: OUR_ACCOUNT,
  84074: OUR_ACCOUNT,
  301002: OUR_ACCOUNT,
};
/** 45009: the day's calls are used up; they come back at midnight. */
const DAY_FULL = 45_009;
const DAY_FULL_SECONDS = 1_800;

export type WechatAnswer = { readonly errcode: number; readonly errmsg: string; readonly body: string };

export type WechatApi = {
  /** What was answered, or why nobody can say. A stale token is renewed and the call made once more: a call with one does nothing. */
  readonly call: (
    path: string,
    body: object,
    signal?: AbortSignal,
    mayLeave?: HandOverGate,
  ) => Promise<WechatAnswer | Exclude<SendOutcome, { kind: 'sent' }>>;
  readonly close: () => void;
};

/** `errcode` other than 0, as the ledger understands it. */
export function wechatRefusal({ errcode, errmsg }: WechatAnswer): SendOutcome {
  const code = String(errcode);
  const fault: Fault = FAULTS[errcode] ?? OURS;
  if (fault === 'later') return deferral(code, errmsg, undefined);
  if (fault !== 'slower') return { kind: 'rejected', ...fault, code, detail: errmsg };
  return deferral(code, errmsg, errcode === DAY_FULL ? DAY_FULL_SECONDS : undefined, 'account');
}

export function wechatApi(options: {
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly now: () => Date;
  /** Path and query that give a token; the secret is in it, so it is never told. */
  readonly tokenPath: string;
}): WechatApi {
  const http = httpClient(options.timeoutMs);
  const { now } = options;
  let token: { readonly text: string; readonly untilMs: number } | undefined;
  let asking: Promise<string | Exclude<SendOutcome, { kind: 'sent' }>> | undefined;

  const ask = async (): Promise<string | Exclude<SendOutcome, { kind: 'sent' }>> => {
    const answer = await http.exchange({
      url: `${options.baseUrl}${options.tokenPath}`,
      method: 'GET',
      headers: {},
      body: '',
    });
    if (answer.kind !== 'answered') return { kind: 'unavailable', detail: `token: ${answer.detail}` };
    const given = tokenSchema.safeParse(jsonOf(answer.body));
    if (given.success) {
      token = {
        text: given.data.access_token,
        untilMs: now().getTime() + given.data.expires_in * 1000 - TOKEN_SPARE_MS,
      };
      return token.text;
    }
    const said = answerSchema.safeParse(jsonOf(answer.body));
    // Too often asked for a token, like busy, says nothing about the account.
    if (!said.success || said.data.errcode === -1 || FAULTS[said.data.errcode] === 'slower')
      return { kind: 'unavailable', detail: `token: HTTP ${answer.status}` };
    const { errcode, errmsg } = said.data;
    return { kind: 'rejected', ...OUR_ACCOUNT, code: String(errcode), detail: `token: ${errmsg}` };
  };
  const bearer = (): Promise<string | Exclude<SendOutcome, { kind: 'sent' }>> => {
    if (token !== undefined && token.untilMs > now().getTime()) return Promise.resolve(token.text);
    asking ??= ask().finally(() => (asking = undefined));
    return asking;
  };
  const read = (answer: HttpAnswer): WechatAnswer | Exclude<SendOutcome, { kind: 'sent' }> => {
    const said = answer.status === 200 ? answerSchema.safeParse(jsonOf(answer.body)) : undefined;
    if (said?.success === true) return { errcode: said.data.errcode, errmsg: said.data.errmsg, body: answer.body };
    const outcome = outcomeOfStatus(answer, now());
    return outcome.kind === 'sent' ? { kind: 'unknown', detail: 'unreadable' } : outcome;
  };
  const call: WechatApi['call'] = async (path, body, signal, mayLeave) => {
    for (let attempt = 0; ; attempt++) {
      if (signal?.aborted === true) return { kind: 'unavailable', detail: 'stopped before it left' };
      const used = await bearer();
      if (typeof used !== 'string') return used;
      const exchange: HttpExchange = await http.exchange(
        {
          url: `${options.baseUrl}${path}?access_token=${encodeURIComponent(used)}`,
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        },
        signal,
        mayLeave,
      );
      if (exchange.kind !== 'answered') return exchange;
      const answer = read(exchange);
      if (!('errcode' in answer) || !STALE_TOKEN.has(answer.errcode)) return answer;
      // Somebody else may have renewed it meanwhile; only the stale one is thrown away.
      if (token?.text === used) token = undefined;
      if (attempt > 0) return answer;
    }
  };
  return { call, close: http.close };
}

/** Their ids are larger than a JavaScript number holds exactly, so they are read from the text. */
export const messageIdIn = (body: string): string | undefined => /"msgid"\s*:\s*"?([\w-]+)"?/.exec(body)?.[1];
