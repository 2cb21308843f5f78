// Of a receipt that says "failed": whose fault is it? Codes stand in one table per provider (`aliyun-codes.ts`, `tencent-codes.ts`), as data; here
// is how one is looked up. Guarantee: a code that no table knows suppresses nobody, however often it comes. Pure.
import { BAD_NUMBER, NOT_HERS, SHE_REFUSED, UNREACHABLE, type Fault, type NotNow } from './provider.ts';

/** Providers write the same code with full-width marks, in lower case, or with spaces in it. */
const spelled = (code: string): string => code.normalize('NFKC').replaceAll(/\s+/g, '').toUpperCase();

export type CodeTable = { readonly find: (code: string) => Fault | NotNow | undefined };

/** `LT:225..254` is each of them. */
function each(word: string): readonly string[] {
  const [, head, from, to] = /^(.*?)(\d+)\.\.(\d+)$/.exec(word) ?? [];
  if (head === undefined || from === undefined || to === undefined) return [word];
  const length = Number(to) - Number(from) + 1;
  return Array.from({ length }, (_, n) => head + String(Number(from) + n).padStart(from.length, '0'));
}

/** Rows of one class, as words between spaces. A code that stands in two classes is a mistake of ours, and throws. */
export function codeTable(groups: readonly (readonly [words: string, fault: Fault | NotNow])[]): CodeTable {
  const table = new Map<string, Fault | NotNow>();
  for (const [words, fault] of groups)
    for (const code of words.trim().split(/\s+/).flatMap(each).map(spelled)) {
      if (table.has(code)) throw new Error(`${code} stands twice`);
      table.set(code, fault);
    }
  return { find: (code) => table.get(spelled(code)) };
}

/**
 * What the mainland's gateways report of themselves, whoever passes it on: the states of CMPP and SMPP, the words for black lists, and China
 * Mobile's `MK:`, `MI:` and `MN:` numbers, which tell of the handset (off, suspended, no signal, not assigned). Only where published lists agree:
 * `MK:0001` is "not in the home register" in each of them; most others mean a dead number in one list and a phone that is off in the next.
 */
const CARRIERS: readonly (readonly [RegExp, Fault])[] = [
  [/^MK:?0*1$/, BAD_NUMBER],
  [/^(?:MBBLACK|DBBLACK|TDBLACK|TSBLACK|BLACK|MOBILEBLACK|W-BLACK|TUIDING|UNSUBSCRIBE)$/, SHE_REFUSED],
  [/^(?:UNDELIV|EXPIRED)/, UNREACHABLE],
  [/^(?:MK|MI|MN):?\d/, UNREACHABLE],
];

/** What a mainland gateway means by its word, whoever passes it on; undefined for a word that is not theirs. */
export const carrierFault = (code: string): Fault | undefined =>
  CARRIERS.find(([pattern]) => pattern.test(spelled(code)))?.[1];

/** Of a failed receipt. "Not now" is no answer to what has failed already. */
export function receiptFault(table: CodeTable, code: string): Fault {
  const known = table.find(code);
  if (known === 'later' || known === 'slower') return NOT_HERS;
  return known ?? carrierFault(code) ?? NOT_HERS;
}
