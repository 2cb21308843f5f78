// How the lift grew: the estimate as a line, its interval as a band around it, day by day.
import { useMemo } from 'react';
import type { LiftPoint } from '../../../../src/http/contract/results.ts';
import { Chart } from '../../chart/chart.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Empty } from '../../frame/states.tsx';
import { useTheme } from '../../theme/theme-choice.tsx';
import { useEstimateText } from './estimate-view.tsx';
import { useWords } from './words.ts';

type Shown = { readonly on: string; readonly value: number; readonly low: number; readonly high: number };

const shownOf = ({ on, comparison: { returnRateLift: lift } }: LiftPoint): Shown[] =>
  lift.kind === 'estimated' ? [{ on, value: lift.estimate * 100, low: lift.low * 100, high: lift.high * 100 }] : [];

/** Of the axis, in points. */
const STEPS = [1, 2, 5, 10, 20];

export function LiftChart({ points }: { readonly points: readonly LiftPoint[] }) {
  const say = useWords();
  const format = useFormat();
  const text = useEstimateText();
  const { palette } = useTheme();
  const option = useMemo(() => {
    const shown = points.flatMap(shownOf);
    // The first days' intervals are as wide as the world; the picture is about where the estimate lives.
    const settled = shown.at(-1);
    const widest = settled === undefined ? 0 : Math.max(Math.abs(settled.high), Math.abs(settled.low));
    const step = STEPS.find((each) => 4 * each >= 1.4 * widest) ?? 25;
    const reach = step * Math.max(2, Math.ceil((1.4 * widest) / step));
    const clip = (value: number): number => Math.max(-reach, Math.min(reach, value));
    const points2 = (value: number): string => format.pointsNumber(value / 100);
    return {
      legend: { show: false },
      grid: { left: 8, right: 24, top: 16, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      tooltip: {
        trigger: 'axis',
        formatter: (items: readonly { readonly dataIndex: number }[]) => {
          const point = shown[items[0]?.dataIndex ?? 0];
          return point === undefined
            ? ''
            : `${format.day(point.on)}\n${points2(point.value)}  (${points2(point.low)} … ${points2(point.high)})`;
        },
      },
      xAxis: {
        type: 'category',
        data: shown.map(({ on }) => on),
        axisLabel: { formatter: (on: string) => format.day(on) },
        boundaryGap: false,
      },
      yAxis: {
        type: 'value',
        min: -reach,
        max: reach,
        interval: step,
        axisLabel: { formatter: (value: number) => points2(value) },
      },
      series: [
        {
          type: 'line',
          stack: 'band',
          stackStrategy: 'all',
          data: shown.map(({ low }) => clip(low)),
          lineStyle: { opacity: 0 },
          symbol: 'none',
          silent: true,
        },
        {
          type: 'line',
          stack: 'band',
          stackStrategy: 'all',
          data: shown.map(({ low, high }) => clip(high) - clip(low)),
          lineStyle: { opacity: 0 },
          areaStyle: { color: palette.accent, opacity: 0.16 },
          symbol: 'none',
          silent: true,
        },
        {
          type: 'line',
          data: shown.map(({ value }) => value),
          symbol: 'none',
          lineStyle: { width: 2.5, color: palette.accent },
          itemStyle: { color: palette.accent },
          markLine: {
            silent: true,
            symbol: 'none',
            data: [{ yAxis: 0 }],
            lineStyle: { color: palette.muted, type: 'dashed' },
            label: { show: false },
          },
        },
      ],
    };
  }, [points, palette, format]);
  const label = say('over_time');
  return (
    <Section title={label} text={say('over_time_text')}>
      {points.some((point) => point.comparison.returnRateLift.kind === 'estimated') ? (
        <Chart
          label={label}
          option={option}
          height={320}
          table={{
            columns: [
              { title: say('column_day') },
              { title: say('column_treated_returned'), align: 'right' },
              { title: say('column_control_returned'), align: 'right' },
              { title: say('lift'), align: 'right' },
            ],
            rows: points.map((point) => [
              format.day(point.on),
              say('of', { part: format.count(point.treatedReturned), whole: format.count(point.treatedPeople) }),
              say('of', { part: format.count(point.controlReturned), whole: format.count(point.controlPeople) }),
              text({ estimate: point.comparison.returnRateLift, as: 'points' }),
            ]),
          }}
        />
      ) : (
        <Empty title={say('over_time_none')} text={say('over_time_none_text')} />
      )}
    </Section>
  );
}
