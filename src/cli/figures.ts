// Numbers as people read them, and reasons in words. Pure.
import type { Lang, Text } from '../kernel/lang.ts';
import type { LeftOutMoney } from '../kernel/money-rules.ts';
import { formatMoney } from '../kernel/money.ts';
import { percentText } from '../kernel/figures.ts';
import { ARBITER_CODES } from '../reach/arbiter/rules.ts';
import { MESSAGE_STATES, OTHER_REASONS } from '../reach/messages/words.ts';
import type { Paint } from './session.ts';

export const count = (n: number, lang: Lang): string =>
  new Intl.NumberFormat(lang === 'zh' ? 'zh-CN' : 'en-US').format(n);

/** A share of one as per cent with one decimal. */
export const percent = (share: number): string => percentText(share);

/** Which amounts the sums on a screen leave out, if any. */
export const leftOutLines = (leftOut: LeftOutMoney | null, lang: Lang, paint: Paint): readonly string[] =>
  leftOut === null ? [] : ['', paint.warn(leftOut.words[lang])];

export const money = (cents: number, currency: string, lang: Lang): string =>
  formatMoney(Math.round(cents), currency, lang);

/** `2026-11-22 09:30 UTC` of an instant as JSON carries it. */
export const instant = (at: string | Date): string =>
  `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

export const dayOf = (at: string | Date): string => new Date(at).toISOString().slice(0, 10);

/** A reason code in words; an unknown one stays as it is. */
export function reasonText(code: string, lang: Lang): string {
  const known: Text | undefined =
    code in ARBITER_CODES ? ARBITER_CODES[code as keyof typeof ARBITER_CODES] : OTHER_REASONS[code];
  return known?.[lang] ?? code;
}

export const messageState = (state: string, lang: Lang): string => MESSAGE_STATES[state]?.[lang] ?? state;
