// Rows that all fit: a plain table in a region that scrolls.
import type { ReactNode } from 'react';

type PlainTableProps = {
  readonly label: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly key: string; readonly cells: readonly ReactNode[]; readonly isMarked?: boolean }[];
};

export function PlainTable({ label, columns, rows }: PlainTableProps) {
  return (
    <div className="reach-scroll" tabIndex={0} role="region" aria-label={label}>
      <table className="reach-table">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells, isMarked }) => (
            <tr key={key} className={isMarked === true ? 'reach-marked' : ''}>
              {cells.map((cell, at) => (
                <td key={at}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
