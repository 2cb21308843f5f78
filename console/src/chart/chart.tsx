// A chart with its words: what it shows as a sentence, and the same figures as a table for whoever cannot or will not see a picture.
import { Segmented } from 'antd';
import { BarChartOutlined, TableOutlined } from '@ant-design/icons';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTheme } from '../theme/theme-choice.tsx';
import { FONT, type Palette } from '../theme/theme.ts';
import { useShared } from '../words/language.ts';
import { init, type EChartsOption, type EChartsType } from './echarts.ts';
import './chart.css';

export type ChartTable = {
  readonly columns: readonly { readonly title: string; readonly align?: 'left' | 'right' }[];
  readonly rows: readonly (readonly ReactNode[])[];
};

type ChartProps = {
  /** What the picture shows, in a sentence. */
  readonly label: string;
  readonly option: EChartsOption;
  readonly table: ChartTable;
  readonly height?: number;
  readonly onClick?: (what: {
    readonly name: string;
    readonly dataIndex: number;
    readonly seriesName?: string;
  }) => void;
};

/** Quiet axes, our colours and typeface; an option of the page wins over all of it. */
const themeOf = (palette: Palette): object => ({
  color: [...palette.series],
  backgroundColor: 'transparent',
  textStyle: { fontFamily: FONT, color: palette.ink, fontSize: 13 },
  legend: { textStyle: { color: palette.muted }, icon: 'roundRect', itemWidth: 12, itemHeight: 8, left: 0, top: 0 },
  // Rich text is drawn, not written into the page as HTML: the content security policy allows no styles in markup.
  tooltip: {
    renderMode: 'richText',
    backgroundColor: palette.raised,
    borderColor: palette.line,
    textStyle: { color: palette.ink, fontSize: 13 },
  },
  ...Object.fromEntries(
    ['categoryAxis', 'valueAxis', 'timeAxis', 'logAxis'].map((axis) => [
      axis,
      {
        axisLine: { show: axis !== 'valueAxis', lineStyle: { color: palette.line } },
        axisTick: { show: false },
        axisLabel: { color: palette.muted, fontSize: 12 },
        nameTextStyle: { color: palette.muted },
        splitLine: { show: axis === 'valueAxis', lineStyle: { color: palette.line } },
      },
    ]),
  ),
});

export function Chart({ label, option, table, height = 300, onClick }: ChartProps) {
  const say = useShared();
  const { palette, isStill } = useTheme();
  const [isTable, setTable] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(undefined);
  const clicked = useRef(onClick);
  useEffect(() => {
    clicked.current = onClick;
  });
  useEffect(() => {
    const element = place.current;
    if (element === null || isTable) return undefined;
    const made = init(element, themeOf(palette), { renderer: 'svg' });
    chart.current = made;
    made.on('click', (event) => {
      const { name, dataIndex, seriesName } = event as { name: string; dataIndex: number; seriesName?: string };
      clicked.current?.({ name, dataIndex, ...(seriesName === undefined ? {} : { seriesName }) });
    });
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = undefined;
    };
  }, [palette, isTable]);
  useEffect(() => {
    chart.current?.setOption({ animation: !isStill, grid: GRID, ...option }, true);
  }, [option, palette, isStill, isTable]);
  return (
    <figure className="chart">
      <Segmented
        className="chart-switch"
        size="small"
        aria-label={label}
        value={isTable ? 'table' : 'chart'}
        onChange={(value) => setTable(value === 'table')}
        options={[
          { value: 'chart', icon: <BarChartOutlined aria-label={say('show_chart')} /> },
          { value: 'table', icon: <TableOutlined aria-label={say('show_table')} /> },
        ]}
      />
      {isTable ? (
        <div className="chart-table" tabIndex={0} role="region" aria-label={label}>
          <FigureTable table={table} label={label} />
        </div>
      ) : (
        <>
          <div ref={place} className="chart-place" style={{ height }} role="img" aria-label={label} />
          <div className="visually-hidden">
            <FigureTable table={table} label={label} />
          </div>
        </>
      )}
    </figure>
  );
}

const GRID = { left: 8, right: 16, top: 40, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' };

/** Figures as a plain table in a region that scrolls where it does not fit. */
export function FigureRegion({ table, label }: { readonly table: ChartTable; readonly label: string }) {
  return (
    <div className="figure-region" tabIndex={0} role="region" aria-label={label}>
      <FigureTable table={table} label={label} />
    </div>
  );
}

/** Figures as a plain table. */
export function FigureTable({ table, label }: { readonly table: ChartTable; readonly label: string }) {
  return (
    <table className="figure-table">
      <caption className="visually-hidden">{label}</caption>
      <thead>
        <tr>
          {table.columns.map((column) => (
            <th key={column.title} scope="col" className={column.align === 'right' ? 'right' : ''}>
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {table.rows.map((row, at) => (
          // Rows of a figure have no identity but their place.
          <tr key={at}>
            {row.map((cell, column) =>
              column === 0 ? (
                <th key={column} scope="row">
                  {cell}
                </th>
              ) : (
                <td key={column} className={table.columns[column]?.align === 'right' ? 'right tabular' : ''}>
                  {cell}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
