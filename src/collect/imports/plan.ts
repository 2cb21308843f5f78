// From a file's columns and the caller's words to a mapping that can be run. Pure.
import { RekindleError } from '../../kernel/errors.ts';
import type { Text } from '../../kernel/lang.ts';
import { guessMapping, type GuessReason } from './guess.ts';
import type { Grouping } from './lines.sql.ts';
import {
  checkMapping,
  columnsOfTerm,
  kindOf,
  parseMapping,
  type Field,
  type ImportKind,
  type Mapping,
} from './mapping.ts';
import type { OpenedFile } from './open-file.service.ts';

export const refuse = (file: OpenedFile, what: Text): RekindleError =>
  new RekindleError('columns_unclear', { path: file.path, what });

/** The guess, with what the caller said laid over it; or, where she said all of it, only that. */
export function mappingOf(
  file: OpenedFile,
  { map, mapping: given }: { readonly map?: string | undefined; readonly mapping?: Mapping | undefined },
): { mapping: Mapping; reasons: readonly GuessReason[] } {
  const guess = guessMapping(file.columns, file.sample);
  if (given !== undefined) {
    const checked = checkMapping(given, file.columns, file.format === 'json');
    const isKept = ({ field, column }: GuessReason): boolean => {
      const term = checked[field];
      return term !== undefined && columnsOfTerm(term).join() === column;
    };
    return { mapping: checked, reasons: guess.reasons.filter(isKept) };
  }
  if (map === undefined) return guess;
  const { set, unset } = parseMapping(map, file.columns, file.format === 'json');
  const claimed = new Set(Object.values(set).flatMap(columnsOfTerm));
  // A column the caller gave a meaning to has no guessed one beside it.
  const kept = Object.entries(guess.mapping).filter(
    ([field, term]) =>
      set[field as Field] === undefined &&
      !unset.includes(field as Field) &&
      !columnsOfTerm(term).some((name) => claimed.has(name)),
  );
  // What a line cost is said once: an amount given by the caller replaces a guessed price, and the reverse.
  const said = kept.filter(
    ([field]) =>
      !(field === 'unitPrice' && set.amount !== undefined) && !(field === 'amount' && set.unitPrice !== undefined),
  );
  const mapping: Mapping = { ...Object.fromEntries(said), ...set };
  return { mapping, reasons: guess.reasons.filter((reason) => said.some(([field]) => field === reason.field)) };
}

/** What a file cannot be imported without. */
export type Missing = 'person' | 'time' | 'what';

/** What no column says yet; empty when the mapping can become something. */
export const missingIn = (mapping: Mapping): readonly Missing[] => [
  ...(mapping.person === undefined && mapping.anonymous === undefined ? (['person'] as const) : []),
  ...(mapping.time === undefined ? (['time'] as const) : []),
  ...(kindOf(mapping) === undefined ? (['what'] as const) : []),
];

const MISSING: Readonly<Record<Missing, Text>> = {
  person: { en: 'no column says who the person is', zh: '没有一列能说明用户是谁' },
  time: { en: 'no column says when it happened', zh: '没有一列能说明发生时间' },
  what: {
    en: "no column says what happened: an amount, a price, an order number or an event name (a fixed one is event='Login')",
    zh: "没有一列能说明发生了什么：金额、单价、订单号或事件名称（固定的事件可写作 event='Login'）",
  },
};

/** Refuses a mapping that cannot become anything, naming the columns there are. */
export function checkNeeded(file: OpenedFile, mapping: Mapping): ImportKind {
  const kind = kindOf(mapping);
  const [missing] = missingIn(mapping);
  if (kind !== undefined && missing === undefined) return kind;
  const { en, zh } = MISSING[missing ?? 'what'];
  const columns = file.columns.join(', ');
  const example = `--map person=${file.columns[0] ?? 'id'},time=${file.columns[1] ?? 'date'}`;
  throw refuse(file, {
    en: `${en}. The columns are: ${columns}. Name them with --map, for example ${example}`,
    zh: `${zh}。现有列：${columns}。请用 --map 指定，例如 ${example}`,
  });
}

export const groupingOf = (mapping: Mapping): Grouping =>
  mapping.order !== undefined
    ? 'by_order'
    : mapping.product !== undefined || mapping.productName !== undefined
      ? 'by_person_and_time'
      : 'by_line';

/** Sample cells of some columns. */
export const cellsOf = (file: OpenedFile, names: readonly string[]): string[] =>
  names.flatMap((name) => {
    const i = file.columns.indexOf(name);
    return i < 0 ? [] : file.sample.map((row) => row[i] ?? '');
  });
