// How many stand in each stage, what they are worth, and whom to think of.
import { Alert } from 'antd';
import { useMemo } from 'react';
import { Link } from 'react-router';
import type { PictureWire, PolicyWire } from '../../../../src/http/contract/policies.ts';
import { useApi } from '../../api/queries.ts';
import { Chart, FigureRegion } from '../../chart/chart.tsx';
import { useFormat } from '../../format/use-format.ts';
import { LeftOut } from '../../frame/left-out.tsx';
import { Figure, Section } from '../../frame/page-frame.tsx';
import { Loaded } from '../../frame/states.tsx';
import { useTheme } from '../../theme/theme-choice.tsx';
import { useLanguage } from '../../words/language.ts';
import { isDormantStage } from './stage-look.ts';
import { useWords } from './words.ts';

export function Stages({ policy }: { readonly policy: PolicyWire }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const picture = useApi('POST /policies/preview', { body: { policy } });
  return (
    <Loaded query={picture} rows={10}>
      {(data) => (
        <>
          {data.asOfNote === null ? null : <Alert type="info" showIcon title={data.asOfNote[language]} />}
          <PictureFigures picture={data} />
          <LeftOut told={data.leftOut} />
          <Section title={say('stages')} text={`${say('stages_text')} ${say('as_of', { day: format.day(data.asOf) })}`}>
            <StageChart picture={data} />
          </Section>
          <Section title={say('stage_table')} text={say('stage_table_text', { days: data.horizonDays })}>
            <StageTable picture={data} />
          </Section>
          <Section title={say('examples')} text={say('examples_text')}>
            <Examples picture={data} />
          </Section>
        </>
      )}
    </Loaded>
  );
}

/** The numbers that matter, of a saved policy or of one that is being written. */
export function PictureFigures({ picture }: { readonly picture: PictureWire }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const { atRisk, recommendedThreshold: threshold } = picture;
  const cooling = picture.stages.find(({ stage }) => stage === 'cooling')?.people ?? 0;
  const money = (cents: number | null): string => (cents === null ? say('not_known') : format.money(cents));
  return (
    <div className="figures">
      <Figure
        tone="accent"
        label={say('dormant')}
        value={format.count(picture.dormantPeople)}
        note={say('dormant_note', { share: format.percent(picture.dormantShare), all: format.count(picture.people) })}
      />
      <Figure
        label={say('at_risk')}
        value={money(atRisk.coolingCents)}
        note={say('at_risk_note', { n: format.count(cooling), days: picture.horizonDays })}
      />
      <Figure
        label={say('to_win')}
        value={money(atRisk.dormantCents)}
        note={say('to_win_note', { days: picture.horizonDays })}
      />
      <Figure
        label={say('recommended')}
        value={
          threshold.kind === 'recommended'
            ? say('days', { count: threshold.days, n: format.count(threshold.days) })
            : say('not_known')
        }
        note={threshold.reason[language]}
      />
    </div>
  );
}

export function StageChart({ picture }: { readonly picture: PictureWire }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const { palette } = useTheme();
  const stages = useMemo(() => picture.stages.filter(({ people }) => people > 0), [picture.stages]);
  const option = useMemo(
    () => ({
      legend: { show: false },
      grid: { left: 8, right: 76, top: 8, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      tooltip: {
        formatter: ({ dataIndex }: { readonly dataIndex: number }) => {
          const row = stages[dataIndex];
          return row === undefined
            ? ''
            : `${row.label[language]}\n${format.count(row.people)} · ${format.percent(row.share)}`;
        },
      },
      xAxis: { type: 'value', show: false },
      yAxis: {
        type: 'category',
        inverse: true,
        data: stages.map(({ label }) => label[language]),
        axisLine: { show: false },
        axisLabel: { color: palette.ink },
      },
      series: [
        {
          type: 'bar',
          barWidth: 16,
          itemStyle: { borderRadius: 4 },
          data: stages.map(({ stage, people }) => ({
            value: people,
            itemStyle: { color: isDormantStage(stage) ? palette.accent : palette.series.at(-1) },
          })),
          label: {
            show: true,
            position: 'right',
            color: palette.ink,
            formatter: ({ value }: { readonly value: number }) => format.count(value),
          },
        },
      ],
    }),
    [stages, palette, format, language],
  );
  return (
    <Chart
      label={say('stages')}
      option={option}
      height={34 * stages.length + 20}
      table={{
        columns: [
          { title: say('column_stage') },
          { title: say('column_people'), align: 'right' },
          { title: say('column_share'), align: 'right' },
        ],
        rows: stages.map((row) => [row.label[language], format.count(row.people), format.percent(row.share)]),
      }}
    />
  );
}

export function StageTable({ picture }: { readonly picture: PictureWire }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const dash = (value: number | null, show: (value: number) => string): string => (value === null ? '–' : show(value));
  return (
    <FigureRegion
      label={say('stage_table')}
      table={{
        columns: [
          { title: say('column_stage') },
          { title: say('column_people'), align: 'right' },
          { title: say('column_share'), align: 'right' },
          { title: say('column_spent'), align: 'right' },
          { title: say('column_chance'), align: 'right' },
          { title: say('column_expected'), align: 'right' },
        ],
        rows: picture.stages.map((row) => [
          row.label[language],
          format.count(row.people),
          format.percent(row.share),
          format.money(row.spentCents),
          dash(row.meanReturnProbability, (share) => format.percent(share)),
          dash(row.expectedValueCents, format.money),
        ]),
      }}
    />
  );
}

export function Examples({ picture }: { readonly picture: PictureWire }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const rows = picture.stages.flatMap(({ label, examples }) =>
    examples.map((person) => [
      label[language],
      <Link key="person" to={`/people/${encodeURIComponent(person.personId)}`}>
        {person.personId}
      </Link>,
      say('days', { count: person.silentDays, n: format.count(person.silentDays) }),
      say('days', { count: person.thresholdDays, n: format.count(person.thresholdDays) }),
      format.day(person.lastOn),
      format.money(person.spentCents),
    ]),
  );
  return (
    <FigureRegion
      label={say('examples')}
      table={{
        columns: [
          { title: say('column_stage') },
          { title: say('column_person') },
          { title: say('column_silent'), align: 'right' },
          { title: say('column_threshold'), align: 'right' },
          { title: say('column_last'), align: 'right' },
          { title: say('column_spent'), align: 'right' },
        ],
        rows,
      }}
    />
  );
}
