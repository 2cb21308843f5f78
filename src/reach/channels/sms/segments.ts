// How long is an SMS, and how many does it cost? GSM 03.38 septets (160, or 153 in each part), UTF-16 units otherwise (70, or 67); to
// mainland China every character counts one, 70 or 67, even in pure ASCII. A part never ends inside a surrogate or an escape pair. Pure.
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
/** Sent as ESC and another: two septets. */
const EXTENDED = '\f^{}\\[~]|€';

const BASIC_SET = new Set(BASIC);
const EXTENDED_SET = new Set(EXTENDED);

export type SmsAlphabet = 'gsm7' | 'ucs2' | 'mainland';

export type SmsLength = {
  readonly alphabet: SmsAlphabet;
  /** Septets, UTF-16 units or characters: what the alphabet counts. */
  readonly units: number;
  readonly segments: number;
  /** How many units still fit into the last segment. */
  readonly left: number;
  readonly parts: readonly string[];
};

const SIZES = {
  gsm7: { single: 160, part: 153 },
  ucs2: { single: 70, part: 67 },
  mainland: { single: 70, part: 67 },
} as const satisfies Record<SmsAlphabet, { readonly single: number; readonly part: number }>;

/** The characters of `text` that force the expensive alphabet; empty when it is all GSM-7. */
export const expensiveCharacters = (text: string): readonly string[] => [
  ...new Set(Array.from(text).filter((char) => !BASIC_SET.has(char) && !EXTENDED_SET.has(char))),
];

/** `text` as it is sent: with signature and the way out. To mainland numbers `mainland` counts as its operators do. */
export function smsLength(text: string, { mainland }: { readonly mainland: boolean }): SmsLength {
  const chars = Array.from(text);
  const alphabet = mainland ? 'mainland' : expensiveCharacters(text).length > 0 ? 'ucs2' : 'gsm7';
  const size = SIZES[alphabet];
  // Operators of the mainland count an emoji as its two UTF-16 units, like everybody who sends UCS-2.
  const unitsOf = (char: string): number => (alphabet === 'gsm7' ? (EXTENDED_SET.has(char) ? 2 : 1) : char.length);
  const units = chars.reduce((sum, char) => sum + unitsOf(char), 0);
  if (units <= size.single)
    return {
      alphabet,
      units,
      segments: units === 0 ? 0 : 1,
      left: size.single - units,
      parts: units === 0 ? [] : [text],
    };
  const parts: string[] = [];
  let part = '';
  let used = 0;
  for (const char of chars) {
    if (used + unitsOf(char) > size.part) {
      parts.push(part);
      part = '';
      used = 0;
    }
    part += char;
    used += unitsOf(char);
  }
  parts.push(part);
  return { alphabet, units, segments: parts.length, left: size.part - used, parts };
}
