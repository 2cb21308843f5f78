// What do the columns of an unknown file mean? From header names in English and Chinese, and from sample values. Pure.
import type { Text } from '../../kernel/lang.ts';
import { percentText } from '../../kernel/figures.ts';
import { HINTS, type Hint, type Kind } from './hints.ts';
import { column, type Field, type Mapping, type Term } from './mapping.ts';
import {
  isEmptyCell,
  looksLikeEmail,
  looksLikeNumber,
  looksLikePhone,
  looksLikeTime,
  looksLikeUnixTime,
} from './values.ts';

export type GuessReason = {
  readonly field: Field;
  readonly column: string;
  readonly confidence: number;
  readonly why: Text;
};
export type Guess = { readonly mapping: Mapping; readonly reasons: readonly GuessReason[] };

const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^(?:context\.)?traits\./, '')
    .replaceAll(/[^\p{L}\p{N}]/gu, '');

const FITS: Readonly<Record<Kind, (cell: string) => boolean>> = {
  any: () => true,
  number: (cell) => looksLikeNumber(cell) && !looksLikeTime(cell),
  time: (cell) => looksLikeTime(cell) || looksLikeUnixTime(cell),
  email: looksLikeEmail,
  phone: looksLikePhone,
  text: (cell) => !looksLikeNumber(cell) && !looksLikeTime(cell),
};

/** Share of the non-empty sample cells that fit; undefined when all are empty. */
function fitOf(values: Kind, cells: readonly string[]): number | undefined {
  const filled = cells.filter((cell) => !isEmptyCell(cell));
  return filled.length === 0 ? undefined : filled.filter(FITS[values]).length / filled.length;
}

const KINDS: Readonly<Record<Kind, Text>> = {
  any: { en: 'anything', zh: '任意内容' },
  number: { en: 'numbers', zh: '数字' },
  time: { en: 'times', zh: '时间' },
  email: { en: 'e-mail addresses', zh: '邮箱地址' },
  phone: { en: 'phone numbers', zh: '手机号' },
  text: { en: 'text', zh: '文本' },
};

const FIT_MIN = 0.6;

type Candidate = GuessReason & { readonly rank: number };

function candidateOf(hint: Hint, name: string, cells: readonly string[]): Candidate | undefined {
  const key = plain(name);
  const at = hint.names.indexOf(key);
  const isLike = hint.like?.test(key) ?? false;
  if (at < 0 && !isLike) return undefined;
  const fit = fitOf(hint.values, cells);
  if (fit !== undefined && fit < FIT_MIN) return undefined;
  const byName = at >= 0 ? 0.97 - Math.min(at, 30) * 0.008 : 0.6;
  const confidence = Math.round(byName * (fit === undefined ? 0.7 : 0.5 + 0.5 * fit) * 100) / 100;
  const isSaid = hint.values !== 'any' && fit !== undefined;
  const kind = KINDS[hint.values];
  const why = {
    en: `${at >= 0 ? 'known name' : 'similar name'}${isSaid ? `; ${percentText(fit, 0)} of the sample are ${kind.en}` : ''}`,
    zh: `${at >= 0 ? '列名已知' : '列名相近'}${isSaid ? `；样本中 ${percentText(fit, 0)} 是${kind.zh}` : ''}`,
  };
  return { field: hint.field, column: name, confidence, why, rank: confidence };
}

/** `rows` are sample records in the order of `columns`. Every column is used for one field at most. */
export function guessMapping(columns: readonly string[], rows: readonly (readonly string[])[]): Guess {
  const cellsOf = new Map(columns.map((name, i) => [name, rows.map((row) => row[i] ?? '')]));
  const candidates = HINTS.flatMap((hint) =>
    columns.flatMap((name) => candidateOf(hint, name, cellsOf.get(name) ?? []) ?? []),
  ).sort((a, b) => b.rank - a.rank);
  const mapping: Partial<Record<Field, Term>> = {};
  const reasons: GuessReason[] = [];
  const taken = new Set<string>();
  const take = (reason: GuessReason): void => {
    mapping[reason.field] = column(reason.column);
    taken.add(reason.column);
    reasons.push(reason);
  };
  for (const { rank: _rank, ...reason } of candidates) {
    if (mapping[reason.field] === undefined && !taken.has(reason.column)) take(reason);
  }
  const byValues = (field: Field, kind: Kind): void => {
    if (mapping[field] !== undefined) return;
    const found = columns.find((name) => !taken.has(name) && (fitOf(kind, cellsOf.get(name) ?? []) ?? 0) >= 0.9);
    if (found !== undefined)
      take({
        field,
        column: found,
        confidence: 0.4,
        why: { en: `its values look like ${KINDS[kind].en}`, zh: `列值看起来是${KINDS[kind].zh}` },
      });
  };
  byValues('time', 'time');
  byValues('email', 'email');
  // Without a number for the person, her address names her.
  const address = mapping.email ?? mapping.phone;
  if (mapping.person === undefined && address?.kind === 'column') {
    mapping.person = address;
    reasons.push({
      field: 'person',
      column: address.column,
      confidence: 0.5,
      why: { en: 'no id column: the address names the person', zh: '没有编号列：以邮箱或手机号识别用户' },
    });
  }
  // A whole order's total stands on each of its lines: where lines have a price and a quantity, those are added up instead.
  if (mapping.unitPrice !== undefined && mapping.quantity !== undefined && mapping.amount?.kind === 'column') {
    if (/order|total|订单|总/.test(plain(mapping.amount.column))) {
      delete mapping.amount;
      reasons.splice(
        reasons.findIndex((reason) => reason.field === 'amount'),
        1,
      );
    }
  }
  // `amount` beside a unit price and a quantity stays what it says; one price without a quantity is what was paid.
  if (mapping.amount === undefined && mapping.unitPrice !== undefined && mapping.quantity === undefined) {
    mapping.amount = mapping.unitPrice;
    delete mapping.unitPrice;
  }
  return { mapping, reasons };
}
