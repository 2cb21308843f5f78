// The text as it leaves: who is texting, the words, the way out. The signature is added here and nowhere else, so it is never there twice. Pure.
import { smsLength, type SmsLength } from './segments.ts';

export type SmsFrame = {
  readonly signature: string;
  readonly optOut: string;
  /** Mainland texts begin with 【signature】; elsewhere a name and a colon do. */
  readonly mainland: boolean;
};

/** Brackets are the signature's: operators refuse a text whose body has any. */
export const hasBrackets = (body: string): boolean => /[【】]/.test(body);

/** The finished text. A body that already ends with the way out gets no second one. */
export function finishedSms(body: string, frame: SmsFrame): string {
  const words = body.trim();
  const { mainland, signature, optOut } = frame;
  const head = mainland ? `【${signature}】` : words.startsWith(signature) ? '' : `${signature}: `;
  const tail = optOut === '' || words.endsWith(optOut) ? '' : mainland ? `，${optOut}` : ` ${optOut}`;
  return `${head}${mainland && tail !== '' ? words.replace(/[，,]$/, '') : words}${tail}`;
}

export const finishedLength = (body: string, frame: SmsFrame): SmsLength =>
  smsLength(finishedSms(body, frame), { mainland: frame.mainland });
