// A trait as people read it: instants and days written out, true and false in words, everything else as it stands. Pure.
import type { Format } from '../../format/format.ts';

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

const isReal = (text: string): boolean => !Number.isNaN(new Date(text).getTime());

export function traitText(
  value: unknown,
  format: Pick<Format, 'day' | 'instant'>,
  words: { readonly yes: string; readonly no: string },
): string {
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (typeof value !== 'string') return JSON.stringify(value);
  if (INSTANT.test(value) && isReal(value)) return format.instant(value);
  return DAY.test(value) && isReal(value) ? format.day(value) : value;
}

/** `de` → German · 德语; what is no code stays as it is. */
export function codeText(code: string, type: 'language' | 'region', locale: string): string {
  try {
    return new Intl.DisplayNames([locale], { type }).of(code) ?? code;
  } catch {
    return code; // Not a code of that kind.
  }
}
