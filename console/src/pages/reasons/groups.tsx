// Do different people leave for different reasons?
import { Select } from 'antd';
import { useMemo } from 'react';
import type { DimensionNameWire } from '../../../../src/http/contract/analytics.ts';
import type { Operations } from '../../../../src/http/contract/operations.ts';
import { useApi } from '../../api/queries.ts';
import { Chart, FigureRegion } from '../../chart/chart.tsx';
import { Grouped, useGrouping } from '../../form/grouping.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { useTheme } from '../../theme/theme-choice.tsx';
import { useLanguage } from '../../words/language.ts';
import { useWords } from './words.ts';

type GroupRows = Operations['POST /policies/{policyId}/reasons/groups']['answer']['groups'];

export function Groups({ policyId }: { readonly policyId: string }) {
  const say = useWords();
  const language = useLanguage();
  const dimensions = useApi('GET /analytics/dimensions', undefined, { isSettled: true });
  const grouping = useGrouping<DimensionNameWire>('category');
  const { by, choose, isReady } = grouping;
  const groups = useApi(
    'POST /policies/{policyId}/reasons/groups',
    { params: { policyId }, body: grouping.body },
    { enabled: isReady },
  );
  const options = (dimensions.data?.dimensions ?? [])
    .filter((each) => each.by !== 'reason')
    .map((each) => ({ value: each.by, label: each.label[language] }));
  return (
    <Section
      title={say('groups')}
      text={say('groups_text')}
      actions={
        <Select
          aria-label={say('group_by')}
          value={by}
          onChange={choose}
          options={options}
          loading={dimensions.isPending}
          className="reasons-by"
        />
      }
    >
      <Grouped grouping={grouping}>
        <Loaded
          query={groups}
          rows={8}
          empty={{ when: (data) => data.groups.length === 0, show: <Empty title={say('groups_none')} /> }}
        >
          {(data) => <GroupChart rows={data.groups} label={data.groupedBy[language]} />}
        </Loaded>
      </Grouped>
    </Section>
  );
}

function GroupChart({ rows, label }: { readonly rows: GroupRows; readonly label: string }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const { palette } = useTheme();
  const option = useMemo(() => {
    const reasons = rows[0]?.shares ?? [];
    return {
      legend: { type: 'scroll', right: 72 },
      grid: { left: 8, right: 24, top: 44, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      tooltip: {
        trigger: 'axis',
        axisPointer: { type: 'shadow' },
        valueFormatter: (value: unknown) => (typeof value === 'number' ? format.percent(value) : ''),
      },
      xAxis: { type: 'value', min: 0, max: 1, axisLabel: { formatter: (value: number) => format.percent(value, 0) } },
      yAxis: {
        type: 'category',
        inverse: true,
        axisLine: { show: false },
        axisLabel: { color: palette.ink, width: 180, overflow: 'truncate' },
        data: rows.map((row) => `${row.label[language]} (${format.count(row.people)})`),
      },
      series: reasons.map(({ reason, label: name }, k) => ({
        type: 'bar',
        stack: 'all',
        barWidth: 20,
        name: name[language],
        itemStyle: {
          color: reason === 'unknown' ? palette.line : palette.series[k],
          borderColor: palette.surface,
          borderWidth: 1,
        },
        data: rows.map((row) => row.shares[k]?.share ?? 0),
      })),
    };
  }, [rows, palette, format, language]);
  const table = {
    columns: [
      { title: label },
      { title: say('column_people'), align: 'right' as const },
      ...(rows[0]?.shares ?? []).map((share) => ({ title: share.label[language], align: 'right' as const })),
    ],
    rows: rows.map((row) => [
      row.label[language],
      format.count(row.people),
      ...row.shares.map(({ share, low, high }) =>
        say('share_interval', {
          share: format.percent(share, 0),
          low: format.percent(low, 0),
          high: format.percent(high, 0),
        }),
      ),
    ]),
  };
  return (
    <>
      <Chart label={`${say('groups')}: ${label}`} option={option} height={80 + 34 * rows.length} table={table} />
      <FigureRegion label={label} table={table} />
      <p className="muted reasons-note">{say('groups_note')}</p>
    </>
  );
}
