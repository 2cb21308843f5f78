// Tables of the report: what a column is called, how it is aligned and what stands in it, in both languages.
import type { Text } from '../../kernel/lang.ts';
import { asIs, markup, say, type Html } from './markup.ts';

export type ReportColumn<Row> = {
  readonly head: Text;
  readonly cell: (row: Row) => Html | Text;
  /** Numbers stand to the right; the row's name is its header; a spare bar is left out on a phone. */
  readonly kind?: 'number' | 'name' | 'words' | 'bar' | 'spare-bar';
};

const isHtml = (cell: Html | Text): cell is Html => 'kind' in cell;
const CLASS = { number: 'n', name: '', words: 'words', bar: 'wide-cell', 'spare-bar': 'wide-cell spare' } as const;

export function reportTable<Row>(caption: Text, columns: readonly ReportColumn<Row>[], rows: readonly Row[]): Html {
  const head = columns.map(
    ({ head: name, kind }) =>
      markup`<th scope="col" class="${kind === undefined ? '' : CLASS[kind]}">${say(name)}</th>`,
  );
  const body = rows.map((row) => {
    const cells = columns.map(({ cell, kind }) => {
      const value = cell(row);
      const shown = isHtml(value) ? value : say(value);
      return kind === 'name'
        ? markup`<th scope="row">${shown}</th>`
        : markup`<td class="${kind === undefined ? '' : CLASS[kind]}">${shown}</td>`;
    });
    return markup`<tr>${cells}</tr>`;
  });
  // Focusable, because it may scroll sideways on a phone.
  return markup`<div class="scroll" tabindex="0" role="group"><table><caption class="hidden">${say(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** The figures of a chart, for those who do not see it. */
export const asTable = (table: Html): Html =>
  markup`<details><summary>${say({ en: 'Show as a table', zh: '以表格显示' })}</summary>${table}</details>`;

export const barOf = (share: number): Html =>
  markup`<span class="track"><i style="width:${asIs((100 * Math.min(1, Math.max(0, share))).toFixed(2))}%"></i></span>`;
