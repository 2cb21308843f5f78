// Tables of the report: what a column is called, how it is aligned and what stands in it, in both languages.
import type { Text } from '../../kernel/lang.ts';
import { asIs, html, say, type Html } from './html.ts';

export type ReportColumn<Row> = {
  readonly head: Text;
  readonly cell: (row: Row) => Html | Text;
  /** Numbers stand to the right; the row's name is its header. */
  readonly kind?: 'number' | 'name' | 'words' | 'bar';
};

const isHtml = (cell: Html | Text): cell is Html => 'kind' in cell;
const CLASS = { number: 'n', name: '', words: 'words', bar: 'wide-cell' } as const;

export function reportTable<Row>(caption: Text, columns: readonly ReportColumn<Row>[], rows: readonly Row[]): Html {
  const head = columns.map(
    ({ head: name, kind }) => html`<th scope="col" class="${kind === undefined ? '' : CLASS[kind]}">${say(name)}</th>`,
  );
  const body = rows.map((row) => {
    const cells = columns.map(({ cell, kind }) => {
      const value = cell(row);
      const shown = isHtml(value) ? value : say(value);
      return kind === 'name'
        ? html`<th scope="row">${shown}</th>`
        : html`<td class="${kind === undefined ? '' : CLASS[kind]}">${shown}</td>`;
    });
    return html`<tr>
      ${cells}
    </tr>`;
  });
  // Focusable, because it may scroll sideways on a phone.
  return html`<div class="scroll" tabindex="0" role="group">
    <table>
      <caption class="hidden">
        ${say(caption)}
      </caption>
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`;
}

/** The figures of a chart, for those who do not see it. */
export const asTable = (table: Html): Html =>
  html`<details>
    <summary>${say({ en: 'Show as a table', zh: '以表格显示' })}</summary>
    ${table}
  </details>`;

export const barOf = (share: number): Html =>
  html`<span class="track"><i style="width:${asIs((100 * Math.min(1, Math.max(0, share))).toFixed(2))}%"></i></span>`;
