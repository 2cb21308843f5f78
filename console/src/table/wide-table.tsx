// A table in a region that scrolls where it does not fit, and that the keyboard reaches too.
import { Table, type TableProps } from 'antd';
import './data-table.css';

type WideTableProps<Row> = Omit<TableProps<Row>, 'scroll'> & { readonly label: string };

export function WideTable<Row extends object>({ label, ...table }: WideTableProps<Row>) {
  return (
    <div className="wide-table" tabIndex={0} role="region" aria-label={label}>
      <Table<Row> aria-label={label} {...table} />
    </div>
  );
}
