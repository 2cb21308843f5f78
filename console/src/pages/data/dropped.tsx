// What was not taken, by day and reason.
import { useMemo } from 'react';
import { useApi } from '../../api/queries.ts';
import { Chart } from '../../chart/chart.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import type { Answer } from '../../api/client.ts';
import { useTerms } from '../../words/terms.ts';
import { useWords } from './words.ts';

export function Dropped() {
  const say = useWords();
  const dropped = useApi('GET /events/dropped', { query: { days: 30 } });
  return (
    <Section title={say('dropped')} text={say('dropped_text')}>
      <Loaded
        query={dropped}
        empty={{ when: (data) => data.dropped.length === 0, show: <Empty title={say('dropped_none')} /> }}
      >
        {(data) => <Days rows={data.dropped} />}
      </Loaded>
    </Section>
  );
}

function Days({ rows }: { readonly rows: Answer<'GET /events/dropped'>['dropped'] }) {
  const say = useWords();
  const format = useFormat();
  const term = useTerms();
  const option = useMemo(() => {
    const days = [...new Set(rows.map(({ day }) => day))].sort();
    return {
      xAxis: { type: 'category' as const, data: days.map(format.day) },
      yAxis: { type: 'value' as const, minInterval: 1 },
      tooltip: { trigger: 'axis' as const },
      legend: {},
      series: [...new Set(rows.map(({ reason }) => reason))].map((reason) => ({
        type: 'bar' as const,
        name: term('drop_reason', reason),
        stack: 'all',
        data: days.map((day) => rows.find((row) => row.day === day && row.reason === reason)?.count ?? 0),
      })),
    };
  }, [rows, format, term]);
  return (
    <Chart
      label={say('dropped')}
      option={option}
      table={{
        columns: [{ title: say('day') }, { title: say('reason') }, { title: say('count'), align: 'right' }],
        rows: rows.map((row) => [format.day(row.day), term('drop_reason', row.reason), format.count(row.count)]),
      }}
    />
  );
}
