// Text in columns on a terminal, where a Chinese character is two cells wide. Pure.
export type Align = 'left' | 'right';

const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}|[\u{20000}-\u{3FFFD}]/u;
const ZERO = /\p{Mn}|\p{Me}|\p{Cf}/u;
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

const graphemes = (text: string): string[] => [...segmenter.segment(text)].map(({ segment }) => segment);
const cellsOf = (grapheme: string): number => (WIDE.test(grapheme) ? 2 : ZERO.test(grapheme[0] ?? '') ? 0 : 1);

/** Cells a text takes on a terminal. */
export const cellWidth = (text: string): number => graphemes(text).reduce((sum, each) => sum + cellsOf(each), 0);

/** Text from data, safe to print: control characters (and with them escape sequences) become `·`. */
export const printable = (text: string): string =>
  text.replaceAll(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, '·');

export function shortened(text: string, cells: number): string {
  if (cellWidth(text) <= cells) return text;
  let kept = '';
  let width = 0;
  for (const each of graphemes(text)) {
    if (width + cellsOf(each) > cells - 1) break;
    kept += each;
    width += cellsOf(each);
  }
  return `${kept}…`;
}

export function padded(text: string, cells: number, align: Align = 'left'): string {
  const gap = ' '.repeat(Math.max(0, cells - cellWidth(text)));
  return align === 'left' ? text + gap : gap + text;
}

const PIECES =
  /[^\s\u2E80-\u9FFF\uFF00-\uFFEF]+[，。；：、）！？”]*|[\u2E80-\u9FFF\uFF00-\uFFEF][，。；：、）！？”]*|\s+/gu;

/** A piece too long for a line, in parts that fit. */
function parts(piece: string, cells: number): string[] {
  if (cellWidth(piece) <= cells) return [piece];
  const made: string[] = [''];
  for (const each of graphemes(piece)) {
    if (cellWidth(made.at(-1) ?? '') + cellsOf(each) > cells) made.push(each);
    else made[made.length - 1] += each;
  }
  return made;
}

/** Lines of at most `cells` cells. English breaks at spaces; Chinese anywhere except before closing punctuation. */
export function wrapped(text: string, cells: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of (text.match(PIECES) ?? []).flatMap((each) => parts(each, cells))) {
    if (line.trim() !== '' && cellWidth(line) + cellWidth(piece.trimEnd()) > cells) {
      lines.push(line.trimEnd());
      line = piece.trimStart();
    } else line += piece;
  }
  if (line.trim() !== '') lines.push(line.trimEnd());
  return lines;
}

/** `wraps`: takes what the other columns leave of the line and continues on further lines; at most one column does. */
export type Column = {
  readonly head: string;
  readonly align?: Align;
  readonly cellsMax?: number;
  readonly wraps?: true;
};

const WRAPPED_CELLS_MIN = 16;

/** A header, a rule and one line or more per row; columns as wide as their widest cell, two cells apart. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[], cells: number): string[] {
  const cut = rows.map((row) => columns.map((column, i) => shortened(row[i] ?? '', column.cellsMax ?? cells)));
  const natural = columns.map((column, i) =>
    Math.max(cellWidth(column.head), ...cut.map((row) => cellWidth(row[i] ?? ''))),
  );
  const others = natural.reduce((sum, width, i) => sum + (columns[i]?.wraps ? 0 : width + 2), 0);
  const widths = natural.map((width, i) =>
    columns[i]?.wraps ? Math.max(WRAPPED_CELLS_MIN, Math.min(width, cells - others)) : width,
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => padded(cell, widths[i] ?? 0, columns[i]?.align ?? 'left'))
      .join('  ')
      .trimEnd();
  const body = cut.flatMap((row) => {
    const parts = row.map((cell, i) => (columns[i]?.wraps ? wrapped(cell, widths[i] ?? cells) : [cell]));
    const height = Math.max(1, ...parts.map((part) => part.length));
    return Array.from({ length: height }, (_, k) => line(parts.map((part) => part[k] ?? '')));
  });
  return [line(columns.map((column) => column.head)), widths.map((width) => '─'.repeat(width)).join('  '), ...body];
}
