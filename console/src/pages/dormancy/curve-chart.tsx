// The return curve as a picture: how many are still silent after so many days, with its interval, a threshold and the recommended one.
import { useMemo } from 'react';
import { Chart } from '../../chart/chart.tsx';
import { useFormat } from '../../format/use-format.ts';
import { useTheme } from '../../theme/theme-choice.tsx';
import type { daysOf } from './return-curve.ts';
import { useWords } from './words.ts';

type CurveChartProps = {
  readonly steps: ReturnType<typeof daysOf>;
  readonly threshold: number;
  readonly recommended: number | undefined;
};

export function CurveChart({ steps, threshold, recommended }: CurveChartProps) {
  const say = useWords();
  const format = useFormat();
  const { palette } = useTheme();
  const option = useMemo(() => {
    const share = (value: number): string => format.percent(value, 0);
    const line = (name: string, at: number, colour: string, type: 'solid' | 'dashed', align: 'left' | 'right') => ({
      xAxis: at,
      lineStyle: { color: colour, type, width: type === 'solid' ? 2 : 1 },
      label: { formatter: name, color: colour, position: 'end', align, fontSize: 12 },
    });
    const isBefore = recommended === undefined ? threshold < steps.length / 2 : recommended < threshold;
    return {
      legend: { show: false },
      grid: { left: 52, right: 24, top: 40, bottom: 48, outerBoundsMode: 'none' },
      tooltip: {
        trigger: 'axis',
        formatter: (items: readonly { readonly dataIndex: number }[]) => {
          const day = items[0]?.dataIndex ?? 0;
          const step = steps[day];
          return step === undefined
            ? ''
            : `${say('after_days', { n: day })}\n${say('still_silent_is', {
                share: format.percent(step.stillSilent),
                low: format.percent(step.low),
                high: format.percent(step.high),
              })}`;
        },
      },
      xAxis: {
        type: 'category',
        boundaryGap: false,
        data: steps.map((_, day) => String(day)),
        axisLabel: { interval: (day: number) => day % (steps.length > 400 ? 90 : steps.length > 120 ? 30 : 10) === 0 },
        name: say('axis_days'),
        nameLocation: 'middle',
        nameGap: 28,
      },
      yAxis: { type: 'value', min: 0, max: 1, axisLabel: { formatter: share } },
      series: [
        {
          type: 'line',
          stack: 'band',
          step: 'end',
          data: steps.map(({ low }) => low),
          symbol: 'none',
          silent: true,
          lineStyle: { opacity: 0 },
        },
        {
          type: 'line',
          stack: 'band',
          step: 'end',
          data: steps.map(({ low, high }) => high - low),
          symbol: 'none',
          silent: true,
          lineStyle: { opacity: 0 },
          areaStyle: { color: palette.accent, opacity: 0.16 },
        },
        {
          type: 'line',
          step: 'end',
          data: steps.map(({ stillSilent }) => stillSilent),
          symbol: 'none',
          lineStyle: { color: palette.accent, width: 2 },
          itemStyle: { color: palette.accent },
          markLine: {
            silent: true,
            symbol: 'none',
            animation: false,
            data: [
              ...(recommended === undefined || recommended >= steps.length || recommended === threshold
                ? []
                : [line(say('mark_recommended'), recommended, palette.muted, 'dashed', isBefore ? 'right' : 'left')]),
              line(
                say('mark_threshold', { n: threshold }),
                threshold,
                palette.ink,
                'solid',
                isBefore ? 'left' : 'right',
              ),
            ],
          },
          markArea: {
            silent: true,
            itemStyle: { color: palette.muted, opacity: 0.07 },
            data: [[{ xAxis: threshold }, { xAxis: steps.length - 1 }]],
          },
        },
      ],
    };
  }, [steps, threshold, recommended, palette, format, say]);
  const every = Math.max(1, Math.round(steps.length / 24));
  return (
    <Chart
      label={say('curve')}
      option={option}
      height={340}
      table={{
        columns: [
          { title: say('axis_days') },
          { title: say('still_silent'), align: 'right' },
          { title: say('column_interval'), align: 'right' },
        ],
        rows: steps.flatMap(({ stillSilent, low, high }, day) =>
          day % every === 0
            ? [[format.count(day), format.percent(stillSilent), `${format.percent(low)} … ${format.percent(high)}`]]
            : [],
        ),
      }}
    />
  );
}
