// For whom did it work? One line per group that was known at entry, each with its own interval.
import { Segmented } from 'antd';
import { useMemo, useState } from 'react';
import type { GroupLift, Grouping, ResultsAnswer } from '../../../../src/http/contract/results.ts';
import { Chart } from '../../chart/chart.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Empty } from '../../frame/states.tsx';
import { useTheme } from '../../theme/theme-choice.tsx';
import { useEstimateText } from './estimate-view.tsx';
import { useGroupName } from './group-names.ts';
import { useWords } from './words.ts';

const GROUPINGS: readonly Grouping[] = ['stage', 'rfm_group', 'reason'];

type Extent = { readonly min: number; readonly max: number };
type Item = readonly [low: number, value: number, high: number, at: number];

/** A whisker from low to high with a dot at the estimate, as echarts draws a custom item. */
const whisker =
  (accent: string, muted: string) =>
  (
    _params: unknown,
    api: {
      readonly value: (dimension: number) => number;
      readonly coord: (point: readonly [number, number]) => readonly [number, number];
    },
  ) => {
    const y = api.value(3);
    const [low, value, high] = [0, 1, 2].map((dimension) => api.coord([api.value(dimension), y])) as [
      readonly [number, number],
      readonly [number, number],
      readonly [number, number],
    ];
    return {
      type: 'group',
      children: [
        {
          type: 'line',
          shape: { x1: low[0], y1: low[1], x2: high[0], y2: high[1] },
          style: { stroke: muted, lineWidth: 2, lineCap: 'round' },
        },
        { type: 'circle', shape: { cx: value[0], cy: value[1], r: 5.5 }, style: { fill: accent } },
      ],
    };
  };

export function GroupChart({ groups }: { readonly groups: ResultsAnswer['groups'] }) {
  const say = useWords();
  const format = useFormat();
  const text = useEstimateText();
  const { palette } = useTheme();
  const filled = GROUPINGS.filter((grouping) => groups[grouping].some(({ group }) => group !== ''));
  const [chosen, choose] = useState<Grouping>(filled[0] ?? 'stage');
  const rows: readonly GroupLift[] = groups[chosen];
  const groupName = useGroupName();
  const names = new Map(rows.map(({ group }) => [group, groupName(chosen, group)]));
  const known = JSON.stringify([...names]);
  const option = useMemo(() => {
    const nameOf = new Map(JSON.parse(known) as [string, string][]);
    const shown = rows
      .flatMap(({ group, comparison: { returnRateLift: lift } }) =>
        lift.kind === 'estimated' ? [{ group, lift }] : [],
      )
      .toReversed();
    const points = (value: number): string => format.pointsNumber(value / 100);
    return {
      legend: { show: false },
      grid: { left: 8, right: 24, top: 8, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      tooltip: {
        formatter: ({ value: [low, value, high, at] }: { readonly value: Item }) =>
          `${nameOf.get(shown[at]?.group ?? '') ?? ''}\n${points(value)}  (${points(low)} … ${points(high)})`,
      },
      // No share moves by more than the whole of it, however wide an interval is.
      xAxis: {
        type: 'value',
        min: ({ min }: Extent) => Math.max(-100, Math.floor(min / 10) * 10),
        max: ({ max }: Extent) => Math.min(100, Math.ceil(max / 10) * 10),
        axisLabel: { formatter: (value: number) => points(value) },
      },
      yAxis: { type: 'category', data: shown.map(({ group }) => nameOf.get(group) ?? group) },
      series: [
        {
          type: 'custom',
          renderItem: whisker(palette.accent, palette.muted),
          encode: { x: [0, 1, 2], y: 3 },
          data: shown.map(({ lift }, at): Item => [lift.low * 100, lift.estimate * 100, lift.high * 100, at]),
          clip: true,
          markLine: {
            silent: true,
            symbol: 'none',
            data: [{ xAxis: 0 }],
            lineStyle: { color: palette.muted, type: 'dashed' },
            label: { show: false },
          },
        },
      ],
    };
  }, [rows, known, palette, format]);
  const label = say('groups');
  return (
    <Section
      title={label}
      text={say('groups_text')}
      actions={
        filled.length < 2 ? undefined : (
          <Segmented
            aria-label={label}
            value={chosen}
            onChange={choose}
            options={filled.map((grouping) => ({ value: grouping, label: say(`by_${grouping}`) }))}
          />
        )
      }
    >
      {filled.length === 0 ? (
        <Empty title={say('groups_none')} text={say('groups_none_text')} />
      ) : (
        <Chart
          key={chosen}
          label={`${label}: ${say(`by_${chosen}`)}`}
          option={option}
          height={Math.max(160, 40 + 34 * rows.length)}
          table={{
            columns: [
              { title: say('column_group') },
              { title: say('column_treated_returned'), align: 'right' },
              { title: say('column_control_returned'), align: 'right' },
              { title: say('lift'), align: 'right' },
            ],
            rows: rows.map((row) => [
              names.get(row.group),
              say('of', { part: format.count(row.treatedReturned), whole: format.count(row.treatedPeople) }),
              say('of', { part: format.count(row.controlReturned), whole: format.count(row.controlPeople) }),
              text({ estimate: row.comparison.returnRateLift, as: 'points' }),
            ]),
          }}
        />
      )}
    </Section>
  );
}
