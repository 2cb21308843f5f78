// Do different people leave for different reasons?
import { Input, Select } from 'antd';
import { useMemo, useState } from 'react';
import type { DimensionNameWire } from '../../../../src/http/contract/analytics.ts';
import type { Operations } from '../../../../src/http/contract/operations.ts';
import { useApi } from '../../api/queries.ts';
import { Chart, FigureTable } from '../../chart/chart.tsx';
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
  const [by, choose] = useState<DimensionNameWire>('category');
  const [trait, setTrait] = useState('');
  const isReady = by !== 'trait' || trait !== '';
  const groups = useApi(
    'POST /policies/{policyId}/reasons/groups',
    { params: { policyId }, body: { by, ...(by === 'trait' ? { trait } : {}) } },
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
      {by === 'trait' ? (
        <Input.Search
          className="reasons-trait"
          aria-label={say('trait')}
          placeholder={say('trait_example')}
          enterButton={say('show')}
          onSearch={(value) => setTrait(value.trim())}
        />
      ) : null}
      {isReady ? (
        <Loaded
          query={groups}
          rows={8}
          empty={{ when: (data) => data.groups.length === 0, show: <Empty title={say('groups_none')} /> }}
        >
          {(data) => <GroupChart rows={data.groups} label={data.groupedBy[language]} />}
        </Loaded>
      ) : (
        <p className="muted">{say('trait_help')}</p>
      )}
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
      <div className="reasons-scroll reasons-below" tabIndex={0} role="region" aria-label={label}>
        <FigureTable label={label} table={table} />
      </div>
      <p className="muted reasons-note">{say('groups_note')}</p>
    </>
  );
}
