// How long do silences last in each group? A curve per group, and the threshold each one would recommend by itself.
import { Segmented } from 'antd';
import { useMemo } from 'react';
import type { CurveGroupingName, CurvesWire, PolicyWire } from '../../../../src/http/contract/policies.ts';
import { useApi } from '../../api/queries.ts';
import { Chart, FigureRegion } from '../../chart/chart.tsx';
import { Grouped, useGrouping } from '../../form/grouping.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { useLanguage } from '../../words/language.ts';
import { daysOf } from './return-curve.ts';
import { useWords } from './words.ts';

const GROUPINGS: readonly CurveGroupingName[] = ['rfm', 'orders', 'category', 'trait'];
/** More lines than this in one picture cannot be told apart. */
const DRAWN_MAX = 7;

export function GroupCurves({ policy }: { readonly policy: PolicyWire }) {
  const say = useWords();
  const grouping = useGrouping<CurveGroupingName>('orders');
  const { by, choose, isReady } = grouping;
  const curves = useApi('POST /policies/curve', { body: { policy, ...grouping.body } }, { enabled: isReady });
  return (
    <Section
      title={say('groups')}
      text={say('groups_text')}
      actions={
        <Segmented
          aria-label={say('groups')}
          value={by}
          onChange={choose}
          options={GROUPINGS.map((grouping) => ({ value: grouping, label: say(`by_${grouping}`) }))}
        />
      }
    >
      <Grouped grouping={grouping}>
        <Loaded
          query={curves}
          rows={6}
          empty={{
            when: ({ groups }) => groups.length === 0,
            show: <Empty title={say('groups_none')} />,
          }}
        >
          {(data) => <Curves curves={data} label={`${say('groups')}: ${say(`by_${by}`)}`} />}
        </Loaded>
      </Grouped>
    </Section>
  );
}

function Curves({ curves, label }: { readonly curves: CurvesWire; readonly label: string }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const { groups, leftOut } = curves;
  const drawn = useMemo(
    () =>
      groups
        .map((group) => ({ name: group.label[language], steps: daysOf(group.points) }))
        .filter(({ steps }) => steps.length > 2)
        .slice(0, DRAWN_MAX),
    [groups, language],
  );
  const option = useMemo(() => {
    const longest = Math.max(...drawn.map(({ steps }) => steps.length), 1);
    return {
      legend: { type: 'scroll', right: 72 },
      grid: { left: 8, right: 24, top: 44, bottom: 24, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      tooltip: {
        trigger: 'axis',
        valueFormatter: (value: unknown) => (typeof value === 'number' ? format.percent(value) : '–'),
      },
      xAxis: {
        type: 'category',
        boundaryGap: false,
        data: Array.from({ length: longest }, (_, day) => String(day)),
        axisLabel: { interval: (day: number) => day % (longest > 400 ? 90 : longest > 120 ? 30 : 10) === 0 },
        name: say('axis_days'),
        nameLocation: 'middle',
        nameGap: 28,
      },
      yAxis: { type: 'value', min: 0, max: 1, axisLabel: { formatter: (value: number) => format.percent(value, 0) } },
      series: drawn.map(({ name, steps }) => ({
        type: 'line',
        name,
        step: 'end',
        symbol: 'none',
        lineStyle: { width: 2 },
        data: steps.map(({ stillSilent }) => stillSilent),
      })),
    };
  }, [drawn, format, say]);
  const share = (value: number | null): string => (value === null ? '–' : format.percent(value));
  const table = {
    columns: [
      { title: say('column_group') },
      { title: say('column_silences'), align: 'right' as const },
      { title: say('column_after_30'), align: 'right' as const },
      { title: say('column_after_90'), align: 'right' as const },
      { title: say('recommended'), align: 'right' as const },
    ],
    rows: groups.map((group) => [
      group.label[language],
      format.count(group.silences),
      share(group.returningAfter30Days),
      share(group.returningAfter90Days),
      group.recommendedThreshold.kind === 'recommended'
        ? say('days', {
            count: group.recommendedThreshold.days,
            n: format.count(group.recommendedThreshold.days),
          })
        : '–',
    ]),
  };
  return (
    <>
      <Chart label={label} option={option} table={table} height={320} />
      <FigureRegion label={label} table={table} />
      <p className="muted dormancy-foot">
        {say('groups_note', { days: curves.horizonDays })}
        {leftOut === 0 ? '' : ` ${say('left_out', { count: leftOut, n: format.count(leftOut) })}`}
      </p>
    </>
  );
}
