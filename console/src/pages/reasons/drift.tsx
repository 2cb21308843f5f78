// Are the reasons changing? Today's shares against those of an earlier day.
import dayjs from 'dayjs';
import { useMemo, useState } from 'react';
import type { ReasonDriftWire } from '../../../../src/http/contract/reasons.ts';
import { useApi } from '../../api/queries.ts';
import { Chart, FigureRegion } from '../../chart/chart.tsx';
import { Interval } from '../../format/interval.tsx';
import { DayField } from '../../form/day-field.tsx';
import { useFormat } from '../../format/use-format.ts';
import { ToneTag } from '../../frame/tone-tag.tsx';
import { Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { useTheme } from '../../theme/theme-choice.tsx';
import { useLanguage } from '../../words/language.ts';
import { useWords } from './words.ts';

const USUALLY_DAYS = 90;

export function Drift({ policyId }: { readonly policyId: string }) {
  const say = useWords();
  const policy = useApi('GET /policies/{policyId}', { params: { policyId } });
  return (
    <Loaded
      query={policy}
      empty={{
        when: ({ evaluatedUntil }) => evaluatedUntil === null,
        show: <Empty title={say('not_evaluated')} text={say('not_evaluated_text')} />,
      }}
    >
      {({ evaluatedUntil }) => (evaluatedUntil === null ? null : <Since policyId={policyId} until={evaluatedUntil} />)}
    </Loaded>
  );
}

function Since({ policyId, until }: { readonly policyId: string; readonly until: string }) {
  const say = useWords();
  const [since, choose] = useState(() => dayjs(until).subtract(USUALLY_DAYS, 'day').format('YYYY-MM-DD'));
  const drift = useApi('GET /policies/{policyId}/reasons/drift', { params: { policyId }, query: { since } });
  return (
    <Section
      title={say('drift')}
      text={say('drift_text')}
      actions={
        <label className="reasons-since">
          {say('since')}
          <DayField
            label={say('since')}
            value={since}
            isNeeded
            latest={dayjs(until).subtract(1, 'day').format('YYYY-MM-DD')}
            onChange={(day) => day === undefined || choose(day)}
          />
        </label>
      }
    >
      <Loaded query={drift} rows={8}>
        {(data) => <DriftView drift={data} />}
      </Loaded>
    </Section>
  );
}

function DriftView({ drift }: { readonly drift: ReasonDriftWire }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const { palette } = useTheme();
  const rows = useMemo(() => drift.reasons.toSorted((a, b) => b.now - a.now), [drift.reasons]);
  const clear = rows.filter(({ isClear }) => isClear).toSorted((a, b) => Math.abs(b.change) - Math.abs(a.change));
  const [most] = clear;
  const since = format.day(drift.since);
  const asOf = format.day(drift.asOf);
  const option = useMemo(
    () => ({
      legend: { right: 72, left: 'auto' },
      grid: { left: 8, right: 24, top: 40, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      tooltip: {
        trigger: 'axis',
        axisPointer: { type: 'shadow' },
        valueFormatter: (value: unknown) => (typeof value === 'number' ? format.percent(value) : ''),
      },
      xAxis: { type: 'value', min: 0, axisLabel: { formatter: (value: number) => format.percent(value, 0) } },
      yAxis: {
        type: 'category',
        inverse: true,
        axisLine: { show: false },
        axisLabel: { color: palette.ink },
        data: rows.map(({ label }) => label[language]),
      },
      series: [
        {
          type: 'bar',
          name: since,
          barWidth: 10,
          itemStyle: { color: palette.muted, opacity: 0.45, borderRadius: 3 },
          data: rows.map((row) => row.since),
        },
        {
          type: 'bar',
          name: asOf,
          barWidth: 10,
          itemStyle: { color: palette.accent, borderRadius: 3 },
          data: rows.map(({ now }) => now),
        },
      ],
    }),
    [rows, since, asOf, palette, format, language],
  );
  return (
    <>
      <p className="reasons-lead">
        {most === undefined
          ? say('drift_none')
          : say(most.change > 0 ? 'drift_more' : 'drift_less', {
              reason: most.label[language],
              before: format.percent(most.since, 0),
              now: format.percent(most.now, 0),
            })}
      </p>
      <Chart
        label={say('drift')}
        option={option}
        height={60 + 40 * rows.length}
        table={{
          columns: [{ title: say('column_reason') }, { title: since, align: 'right' }, { title: asOf, align: 'right' }],
          rows: rows.map((row) => [row.label[language], format.percent(row.since), format.percent(row.now)]),
        }}
      />
      <FigureRegion
        label={say('drift')}
        table={{
          columns: [
            { title: say('column_reason') },
            { title: since, align: 'right' },
            { title: asOf, align: 'right' },
            { title: say('column_change'), align: 'right' },
            { title: '' },
          ],
          rows: rows.map((row) => [
            row.label[language],
            format.percent(row.since),
            format.percent(row.now),
            <Interval key="change" value={row.change} low={row.low} high={row.high} as="points" />,
            row.isClear ? (
              <ToneTag key="clear" tone="warn">
                {say('clear')}
              </ToneTag>
            ) : (
              ''
            ),
          ]),
        }}
      />
      <p className="muted reasons-note">
        {say('drift_people', { since: format.count(drift.people.since), now: format.count(drift.people.now) })}{' '}
        {drift.note[language]}
      </p>
    </>
  );
}
