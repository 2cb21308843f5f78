// What every part of the terminal screen is made of: pens, paragraphs, tables, bars.
import type { Lang, Text } from '../kernel/lang.ts';
import type { Analysis } from '../prove/reports/analysis.ts';
import type { Formats } from '../prove/reports/formats.ts';
import { printable, tableLines, wrapped, type Column } from './analyze-columns.ts';

export type Pen = {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly ember: (text: string) => string;
};

export const penOf = (hasColour: boolean): Pen => {
  const ansi = (code: string) => (text: string) => (hasColour ? `\u001B[${code}m${text}\u001B[0m` : text);
  return { strong: ansi('1'), faint: ansi('2'), ember: ansi('38;5;208') };
};

export type Screen = {
  readonly analysis: Analysis;
  readonly say: (text: Text) => string;
  readonly f: Formats;
  readonly pen: Pen;
  readonly width: number;
  readonly hasMoney: boolean;
  readonly lang: Lang;
};

export const indent = (lines: readonly string[]): string[] => lines.map((line) => (line === '' ? '' : `  ${line}`));
export const paragraph = (screen: Screen, text: string): string[] => indent(wrapped(printable(text), screen.width - 2));
export const table = (
  columns: readonly (Column | undefined)[],
  rows: readonly (readonly (string | undefined)[])[],
  { pen, width }: Screen,
): string[] => {
  const shown = columns.flatMap((column, i) => (column === undefined ? [] : [{ column, i }]));
  const [head, rule, ...body] = tableLines(
    shown.map(({ column }) => column),
    rows.map((row) => shown.map(({ i }) => printable(row[i] ?? ''))),
    width - 2,
  );
  return indent([pen.faint(head ?? ''), pen.faint(rule ?? ''), ...body]);
};

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
/** A bar of `share` of `cells` cells, to an eighth of a cell. */
export const bar = (share: number, cells: number): string => {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * cells * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
};
