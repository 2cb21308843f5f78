// Reading what providers say: their JSON, their fault codes, their clocks.
import type { z } from 'zod';
import type { SendOutcome } from '../channel.ts';
import { deferral, retryAfterSeconds, type HttpAnswer } from '../http/exchange.ts';
import type { SmsNumber, NumberFault } from './phone.ts';
import type { Fault, NotNow } from './provider.ts';
import type { Result } from '../../../kernel/result.ts';

/** The body as the shape it should have; undefined for anything else. */
export function readAs<Shape extends z.ZodType>(shape: Shape, body: string): z.output<Shape> | undefined {
  try {
    const result = shape.safeParse(JSON.parse(body));
    return result.success ? result.data : undefined;
  } catch {
    return undefined; // What is no JSON is no answer of theirs.
  }
}

/** Mainland providers write Beijing's time without saying so. */
export const beijingTime = (text: string | undefined, otherwise: Date): Date => {
  const at = text === undefined ? Number.NaN : Date.parse(`${text.replace(' ', 'T')}+08:00`);
  return Number.isNaN(at) ? otherwise : new Date(at);
};

/** A day's or a month's share that is used up is not there again in seconds. */
const DAY_FULL_SECONDS = 1_800;
const isDayOrMonth = (code: string): boolean => /daily|day_limit|month_limit|63038/i.test(code);

/** A provider's refusal in our words. */
export function refusalOf(
  fault: Fault | NotNow,
  code: string,
  detail: string,
  answer: HttpAnswer,
  now: Date,
): SendOutcome {
  if (fault !== 'later' && fault !== 'slower') return { kind: 'rejected', ...fault, code, detail };
  const after = retryAfterSeconds(answer.headers, now) ?? (isDayOrMonth(code) ? DAY_FULL_SECONDS : undefined);
  return deferral(code, detail, after, fault === 'slower' ? 'account' : undefined);
}

/** A number that cannot be texted. One that only this provider does not serve is not dead. */
export const numberRefusal = (to: Extract<Result<SmsNumber, NumberFault>, { ok: false }>): SendOutcome => ({
  kind: 'rejected',
  class: 'address',
  permanent: to.error !== 'wrong_country',
  code: to.error,
  detail: 'the number cannot be texted',
});
