// Tables for a terminal: columns aligned by what a person sees, where a Chinese character takes two cells. Pure.

export type Column = { readonly title: string; readonly align?: 'left' | 'right' };

// East Asian Wide and Fullwidth (Unicode UAX #11), and emoji shown as pictures.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
// Combining marks, joiners and variation selectors take no cell.
const NARROW = /\p{Mn}|\p{Me}|[\u200b-\u200d]/u; // variation selectors are \p{Mn}
// oxlint-disable-next-line no-control-regex
const COLOUR = /\u001b\[[0-9;]*m/g;

/** Cells that `text` takes on a terminal; colours take none. */
export function widthOf(text: string): number {
  let width = 0;
  for (const sign of text.replaceAll(COLOUR, '')) width += NARROW.test(sign) ? 0 : WIDE.test(sign) ? 2 : 1;
  return width;
}

export function padded(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const gap = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + gap : gap + text;
}

/** Cut to at most `width` cells, the last being `…` where something was cut off. Only for text without colours. */
export function shortened(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  for (const sign of text) {
    if (widthOf(kept) + widthOf(sign) > width - 1) break;
    kept += sign;
  }
  return `${kept}…`;
}

/** Lines of a table, two spaces between columns, no trailing spaces. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paintTitle: (title: string) => string = (title) => title,
): string {
  const widths = columns.map((column, i) =>
    Math.max(widthOf(column.title), ...rows.map((row) => widthOf(row[i] ?? ''))),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, i) => padded(cells[i] ?? '', widths[i]!, column.align))
      .join('  ')
      .trimEnd();
  return [line(columns.map((column) => paintTitle(column.title))), ...rows.map(line)].join('\n');
}

/** `name  value` lines, the names aligned. */
export function renderPairs(pairs: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(0, ...pairs.map(([name]) => widthOf(name)));
  return pairs.map(([name, value]) => `${padded(name, width)}  ${value}`.trimEnd()).join('\n');
}
