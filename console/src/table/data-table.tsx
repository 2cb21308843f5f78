// A table over rows that the server filters, sorts and pages. Its state lives in the address, so that a view can be sent to a colleague.
import { Button, Input, Select, Table, type TableColumnsType, type TableProps } from 'antd';
import { useEffect, useState, type ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { Empty, Failed } from '../frame/states.tsx';
import { useFormat } from '../format/use-format.ts';
import { useShared } from '../words/language.ts';
import { WideTable } from './wide-table.tsx';
import './data-table.css';

export type TableState = {
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
  readonly sort: string | undefined;
  readonly descending: boolean;
  readonly search: string;
  /** Filter name → chosen value. */
  readonly filters: Readonly<Record<string, string>>;
};

type TablePage<Row> = { readonly rows: readonly Row[]; readonly total: number };

/** An answer of `useApi`, or one whose rows were picked out of it. */
type TableQuery<Row> = {
  readonly data: TablePage<Row> | undefined;
  readonly error: unknown;
  readonly isError: boolean;
  readonly isPending: boolean;
  readonly isPlaceholderData: boolean;
  readonly refetch: () => unknown;
};

export type DataColumn<Row> = {
  readonly key: string;
  readonly title: string;
  readonly render: (row: Row) => ReactNode;
  readonly align?: 'left' | 'right';
  readonly width?: number;
  readonly sortable?: boolean;
};

export type DataFilter = {
  readonly name: string;
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
};

const PAGE_SIZE = 50;
const SEARCH_AFTER_MS = 250;

/** The state of the table called `name` in the address (`?people.page=2`), and how to change it. Any change but of the page goes to page 1. */
export function useTableState(name: string, defaults: { readonly sort?: string; readonly descending?: boolean } = {}) {
  const [params, setParams] = useSearchParams();
  const prefix = `${name}.`;
  const filters = Object.fromEntries(
    [...params]
      .filter(([key]) => key.startsWith(`${prefix}f.`))
      .map(([key, value]) => [key.slice(prefix.length + 2), value]),
  );
  const sort = params.get(`${prefix}sort`) ?? undefined;
  const state: TableState = {
    page: Math.max(1, Number(params.get(`${prefix}page`)) || 1),
    pageSize: Number(params.get(`${prefix}size`)) || PAGE_SIZE,
    sort: sort?.replace(/^-/, '') ?? defaults.sort,
    descending: sort === undefined ? (defaults.descending ?? false) : sort.startsWith('-'),
    search: params.get(`${prefix}q`) ?? '',
    filters,
  };
  const change = (next: Partial<TableState>): void =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        const put = (key: string, value: string): void => {
          if (value === '') after.delete(prefix + key);
          else after.set(prefix + key, value);
        };
        if (!('page' in next)) put('page', '');
        if (next.page !== undefined) put('page', next.page === 1 ? '' : String(next.page));
        if (next.pageSize !== undefined) put('size', next.pageSize === PAGE_SIZE ? '' : String(next.pageSize));
        if ('sort' in next)
          put('sort', next.sort === undefined ? '' : `${next.descending === true ? '-' : ''}${next.sort}`);
        if (next.search !== undefined) put('q', next.search);
        if (next.filters !== undefined) {
          for (const key of Object.keys(filters)) put(`f.${key}`, '');
          for (const [key, value] of Object.entries(next.filters)) put(`f.${key}`, value);
        }
        return after;
      },
      { replace: true },
    );
  return { state, change };
}

type DataTableProps<Row> = {
  /** What the table holds, for those who cannot see it. */
  readonly label: string;
  readonly columns: readonly DataColumn<Row>[];
  readonly query: TableQuery<Row>;
  readonly rowKey: (row: Row) => string;
  readonly table: ReturnType<typeof useTableState>;
  readonly searchHint?: string;
  readonly filters?: readonly DataFilter[];
  readonly empty?: ReactNode;
  readonly onRow?: (row: Row) => void;
  readonly actions?: ReactNode;
  /** Pixels; rows beyond it scroll, and only those in sight are drawn. */
  readonly height?: number;
};

export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { label, columns, query, rowKey, table, searchHint, filters = [], empty, onRow, actions, height } = props;
  const { state, change } = table;
  const say = useShared();
  const format = useFormat();
  const isFiltered = state.search !== '' || Object.keys(state.filters).length > 0;
  const shown: TableColumnsType<Row> = columns.map((column) => ({
    key: column.key,
    title: column.title,
    align: column.align ?? 'left',
    ...(column.width === undefined ? {} : { width: column.width }),
    ...(column.align === 'right' ? { className: 'tabular' } : {}),
    ...(column.sortable === true
      ? {
          sorter: true,
          sortOrder: state.sort === column.key ? (state.descending ? 'descend' : 'ascend') : null,
        }
      : {}),
    render: (_: unknown, row: Row) => column.render(row),
  }));
  const onChange: TableProps<Row>['onChange'] = (pagination, _filters, sorter, { action }) => {
    if (action === 'paginate') change({ page: pagination.current ?? 1, pageSize: pagination.pageSize ?? PAGE_SIZE });
    else if (!Array.isArray(sorter))
      change({
        sort: sorter.order === undefined || sorter.order === null ? undefined : String(sorter.columnKey),
        descending: sorter.order === 'descend',
      });
  };
  const shared: TableProps<Row> = {
    columns: shown,
    dataSource: [...(query.data?.rows ?? [])],
    rowKey,
    loading: query.isPending || query.isPlaceholderData,
    onChange,
    size: 'middle',
    pagination: {
      current: state.page,
      pageSize: state.pageSize,
      total: query.data?.total ?? 0,
      hideOnSinglePage: true,
      showSizeChanger: true,
      pageSizeOptions: [20, 50, 100, 200],
    },
    locale: { emptyText: query.data === undefined ? ' ' : <Empty title={say('nothing_found')} /> },
    ...(onRow === undefined
      ? {}
      : { onRow: (row: Row) => ({ onClick: () => onRow(row), className: 'data-table-open' }) }),
  };
  return (
    <div className="data-table">
      {searchHint === undefined && filters.length === 0 && actions === undefined ? null : (
        <div className="data-table-tools">
          {searchHint === undefined ? null : (
            <SearchField hint={searchHint} value={state.search} onChange={(search) => change({ search })} />
          )}
          {filters.map((filter) => (
            <Select
              key={filter.name}
              aria-label={filter.label}
              placeholder={filter.label}
              allowClear
              value={state.filters[filter.name]}
              options={[...filter.options]}
              onChange={(value: string | undefined) => {
                const { [filter.name]: _was, ...rest } = state.filters;
                change({ filters: value === undefined ? rest : { ...rest, [filter.name]: value } });
              }}
              className="data-table-filter"
            />
          ))}
          {isFiltered ? (
            <Button type="link" onClick={() => change({ search: '', filters: {} })}>
              {say('filter_clear')}
            </Button>
          ) : null}
          <span className="data-table-total muted tabular" role="status">
            {query.data === undefined
              ? ''
              : say('rows_total', { n: format.count(query.data.total), count: query.data.total })}
          </span>
          {actions}
        </div>
      )}
      {query.isError && query.data === undefined ? (
        <Failed error={query.error} retry={() => void query.refetch()} />
      ) : query.data?.total === 0 && !isFiltered && empty !== undefined ? (
        empty
      ) : height === undefined || query.data?.total === 0 ? (
        <WideTable<Row> label={label} {...shared} />
      ) : (
        <Table<Row> aria-label={label} {...shared} scroll={{ x: 900, y: height }} virtual />
      )}
    </div>
  );
}

type SearchFieldProps = {
  readonly hint: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
};

/** Asks a moment after the last key, and not while a Chinese word is still being composed. */
function SearchField({ hint, value, onChange }: SearchFieldProps) {
  const [typed, setTyped] = useState(value);
  const [isComposing, setComposing] = useState(false);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (isComposing || typed === value) return undefined;
    const timer = setTimeout(() => onChange(typed), SEARCH_AFTER_MS);
    return () => clearTimeout(timer);
  }, [typed, isComposing, value, onChange]);
  return (
    <Input
      type="search"
      aria-label={hint}
      placeholder={hint}
      value={typed}
      allowClear
      onChange={(event) => setTyped(event.target.value)}
      onCompositionStart={() => setComposing(true)}
      onCompositionEnd={() => setComposing(false)}
      className="data-table-search"
    />
  );
}
