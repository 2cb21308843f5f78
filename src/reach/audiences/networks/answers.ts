// Reading what ad networks say: most answer 200 with a code of their own, and a code has one of three meanings.
import { z } from 'zod';
import type { SendOutcome } from '../../channels/channel.ts';
import {
  deferral,
  outcomeOfStatus,
  retryAfterSeconds,
  type HttpAnswer,
  type HttpExchange,
} from '../../channels/http/exchange.ts';

export type Refusal = Exclude<SendOutcome, { readonly kind: 'sent' }>;

/** The body as JSON; undefined for anything else. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // What is no JSON is no answer of theirs.
  }
}

const codedSchema = z.looseObject({
  code: z.number(),
  message: z.string().optional(),
  message_cn: z.string().optional(),
});

/**
 * `later`: codes that mean "not now"; `slower`: whatever the account asks now hears the same; `account`: no key, no right, for nothing it asks. What
 * is left is the call's fault.
 */
export type CodeTable = {
  readonly later: ReadonlySet<number>;
  readonly slower: ReadonlySet<number>;
  readonly account: ReadonlySet<number>;
};

export function refusalOf(code: number, detail: string, table: CodeTable, answer: HttpAnswer, now: Date): Refusal {
  const isSlower = table.slower.has(code);
  if (isSlower || table.later.has(code))
    return deferral(String(code), detail, retryAfterSeconds(answer.headers, now), isSlower ? 'account' : undefined);
  const fault = table.account.has(code) ? 'account' : 'content';
  return { kind: 'rejected', class: fault, permanent: false, code: String(code), detail };
}

export const notSent = (outcome: SendOutcome): Refusal =>
  outcome.kind === 'sent' ? { kind: 'unknown', detail: 'an answer without a meaning' } : outcome;

/** Of a question, which does nothing that could be unknown. */
export const undone = (refusal: Refusal): Refusal =>
  refusal.kind === 'unknown' ? { kind: 'unavailable', detail: refusal.detail } : refusal;

/** The body of an answer `{ code: 0, data }`, or why there is none. */
export function codedData(
  exchange: HttpExchange,
  table: CodeTable,
  now: Date,
): { readonly ok: true; readonly data: unknown } | { readonly ok: false; readonly refusal: Refusal } {
  if (exchange.kind !== 'answered') return { ok: false, refusal: exchange };
  const said = codedSchema.safeParse(jsonOf(exchange.body));
  if (exchange.status !== 200 || !said.success) return { ok: false, refusal: notSent(outcomeOfStatus(exchange, now)) };
  const { code, message, message_cn: chinese } = said.data;
  if (code !== 0) return { ok: false, refusal: refusalOf(code, message ?? chinese ?? '', table, exchange, now) };
  return { ok: true, data: said.data['data'] };
}

/** A form with one file, as RFC 7578 writes it. */
export function formOf(
  boundary: string,
  fields: Readonly<Record<string, string>>,
  file: { readonly name: string; readonly bytes: Uint8Array },
): { readonly contentType: string; readonly body: Uint8Array } {
  const head = Object.entries(fields)
    .map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .join('');
  const start = `${head}--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${file.name}"\r\nContent-Type: application/zip\r\n\r\n`;
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([Buffer.from(start), file.bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}
