// From a file's columns and the caller's words to a mapping that can be run. Pure.
import { RekindleError } from '../../kernel/errors.ts';
import { guessMapping, type GuessReason } from './guess.ts';
import type { Grouping } from './import.sql.ts';
import { columnsOfTerm, kindOf, parseMapping, type Field, type ImportKind, type Mapping } from './mapping.ts';
import type { OpenedFile } from './open-file.service.ts';

export const refuse = (file: OpenedFile, what: string): RekindleError =>
  new RekindleError('columns_unclear', { path: file.path, what });

/** The guess, with what the caller said laid over it. */
export function mappingOf(
  file: OpenedFile,
  map: string | undefined,
): { mapping: Mapping; reasons: readonly GuessReason[] } {
  const guess = guessMapping(file.columns, file.sample);
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

/** Refuses a mapping that cannot become anything, naming the columns there are. */
export function checkNeeded(file: OpenedFile, mapping: Mapping): ImportKind {
  const listed = `The columns are: ${file.columns.join(', ')}. Name them with --map, for example --map person=${file.columns[0] ?? 'id'},time=${file.columns[1] ?? 'date'}`;
  if (mapping.person === undefined && mapping.anonymous === undefined)
    throw refuse(file, `no column says who the person is. ${listed}`);
  if (mapping.time === undefined) throw refuse(file, `no column says when it happened. ${listed}`);
  const kind = kindOf(mapping);
  if (kind === undefined)
    throw refuse(
      file,
      `no column says what happened: an amount, a price, an order number or an event name (a fixed one is event='Login'). ${listed}`,
    );
  return kind;
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
