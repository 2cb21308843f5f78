// How do people move? Between stages from one month to the next, and out of the cohorts they came with.
import { Segmented } from 'antd';
import { useMemo, useState } from 'react';
import type { RetentionWire, StageFlowWire, TimeUnit } from '../../../../src/http/contract/analytics.ts';
import type { PolicyWire } from '../../../../src/http/contract/policies.ts';
import { useApi } from '../../api/queries.ts';
import { Chart, FigureRegion } from '../../chart/chart.tsx';
import { useFormat } from '../../format/use-format.ts';
import { Section } from '../../frame/page-frame.tsx';
import { Empty, Loaded } from '../../frame/states.tsx';
import { useTheme } from '../../theme/theme-choice.tsx';
import { useLanguage } from '../../words/language.ts';
import { daysBefore } from './days.ts';
import { stageColour } from './stage-look.ts';
import { useWords } from './words.ts';

const UNITS: readonly TimeUnit[] = ['week', 'month'];
/** Eight columns of weeks, seven of months: what a screen holds. */
const WEEKS_BACK = 49;
const MONTHS_BACK = 182;
const COHORTS_BACK = 400;
const PERIODS = 12;

type MovementProps = { readonly policy: PolicyWire; readonly evaluatedUntil: string | null };

export function Movement({ policy, evaluatedUntil }: MovementProps) {
  const say = useWords();
  const [unit, choose] = useState<TimeUnit>('month');
  if (evaluatedUntil === null) return <Empty title={say('never_evaluated')} text={say('never_evaluated_text')} />;
  const choice = (
    <Segmented
      aria-label={say('unit')}
      value={unit}
      onChange={choose}
      options={UNITS.map((each) => ({ value: each, label: say(`unit_${each}`) }))}
    />
  );
  return (
    <>
      <Section title={say('flow')} text={say('flow_text')} actions={choice}>
        <Flow policyId={policy.policyId} unit={unit} until={evaluatedUntil} />
      </Section>
      <Section title={say('cohorts')} text={say('cohorts_text')}>
        <Cohorts policy={policy} unit={unit} until={evaluatedUntil} />
      </Section>
    </>
  );
}

type OverTimeProps = { readonly unit: TimeUnit; readonly until: string };

function Flow({ policyId, unit, until }: OverTimeProps & { readonly policyId: string }) {
  const say = useWords();
  const flow = useApi('GET /policies/{policyId}/flow', {
    params: { policyId },
    query: { unit, from: daysBefore(until, unit === 'week' ? WEEKS_BACK : MONTHS_BACK) },
  });
  return (
    <Loaded
      query={flow}
      rows={8}
      empty={{ when: ({ links }) => links.length === 0, show: <Empty title={say('flow_none')} /> }}
    >
      {(data) => (
        <>
          <Sankey flow={data} />
          <Moves flow={data} />
        </>
      )}
    </Loaded>
  );
}

function Sankey({ flow }: { readonly flow: StageFlowWire }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const { palette } = useTheme();
  const option = useMemo(() => {
    const nodeOf = new Map(flow.nodes.map((node) => [node.id, node]));
    const last = flow.columns.at(-1);
    const named = (id: string): string => {
      const node = nodeOf.get(id);
      return node === undefined ? id : `${node.label[language]} · ${format.day(node.on)}`;
    };
    type Shown = {
      readonly dataType: 'node' | 'edge';
      readonly name: string;
      readonly value: number;
      readonly data: { readonly source?: string; readonly target?: string };
    };
    return {
      tooltip: {
        formatter: ({ dataType, name, value, data }: Shown) =>
          dataType === 'edge'
            ? `${named(data.source ?? '')} → ${named(data.target ?? '')}\n${format.count(value)}`
            : `${named(name)}\n${format.count(nodeOf.get(name)?.people ?? value)}`,
      },
      series: [
        {
          type: 'sankey',
          left: 4,
          right: 4,
          top: 30,
          bottom: 8,
          nodeWidth: 12,
          nodeGap: 12,
          // Stages keep their order in every column.
          layoutIterations: 0,
          draggable: false,
          emphasis: { focus: 'adjacency' },
          lineStyle: { color: 'source', opacity: 0.28, curveness: 0.5 },
          data: flow.nodes.map(({ id, on, stage }) => ({
            name: id,
            depth: flow.columns.indexOf(on),
            itemStyle: { color: stageColour(stage, palette), borderWidth: 0 },
            label: { position: on === last ? 'left' : 'right' },
          })),
          label: {
            color: palette.ink,
            fontSize: 12,
            textBorderColor: palette.surface,
            textBorderWidth: 2,
            formatter: ({ name }: { readonly name: string }) => {
              const node = nodeOf.get(name);
              return node === undefined ? name : `${node.label[language]} ${format.compact(node.people)}`;
            },
          },
          links: flow.links.map(({ source, target, people }) => ({ source, target, value: people })),
        },
      ],
    };
  }, [flow, palette, format, language]);
  return (
    <div className="dormancy-scroll" tabIndex={0} role="region" aria-label={say('flow')}>
      <div className="dormancy-wide">
        <p className="dormancy-columns muted" aria-hidden="true">
          {flow.columns.map((on) => (
            <span key={on}>{format.day(on)}</span>
          ))}
        </p>
        <Chart
          label={say('flow')}
          option={option}
          height={460}
          table={{
            columns: [
              { title: say('column_on') },
              { title: say('column_stage') },
              { title: say('column_people'), align: 'right' },
            ],
            rows: flow.nodes.map(({ on, label, people }) => [format.day(on), label[language], format.count(people)]),
          }}
        />
      </div>
    </div>
  );
}

const MOVES_SHOWN = 10;

function Moves({ flow }: { readonly flow: StageFlowWire }) {
  const say = useWords();
  const format = useFormat();
  const language = useLanguage();
  const labels = new Map(flow.nodes.map(({ stage, label }) => [stage, label[language]]));
  return (
    <>
      <h3 className="dormancy-heading">{say('moves')}</h3>
      <FigureRegion
        label={say('moves')}
        table={{
          columns: [
            { title: say('column_from') },
            { title: say('column_to') },
            { title: say('column_cause') },
            { title: say('column_changes'), align: 'right' },
          ],
          rows: flow.moves
            .slice(0, MOVES_SHOWN)
            .map(({ from, to, causeLabel, changes }) => [
              labels.get(from) ?? from,
              labels.get(to) ?? to,
              causeLabel[language],
              format.count(changes),
            ]),
        }}
      />
    </>
  );
}

function Cohorts({ policy, unit, until }: OverTimeProps & { readonly policy: PolicyWire }) {
  const say = useWords();
  const retention = useApi('POST /analytics/retention', {
    body: {
      unit,
      activity: policy.activity,
      from: daysBefore(until, unit === 'week' ? 12 * 7 : COHORTS_BACK),
      to: until,
      periods: PERIODS,
    },
  });
  return (
    <Loaded
      query={retention}
      rows={8}
      empty={{
        when: ({ cohorts }) => cohorts.every(({ cells }) => cells.every(({ period }) => period === 0)),
        show: <Empty title={say('cohorts_none')} />,
      }}
    >
      {(data) => <CohortMap retention={data} />}
    </Loaded>
  );
}

function CohortMap({ retention }: { readonly retention: RetentionWire }) {
  const say = useWords();
  const format = useFormat();
  const { palette } = useTheme();
  const { cohorts, overall, unit } = retention;
  const when = unit === 'month' ? format.month : format.day;
  const periods = useMemo(
    () => [...new Set(cohorts.flatMap(({ cells }) => cells.map(({ period }) => period)))].filter((n) => n > 0),
    [cohorts],
  );
  const option = useMemo(() => {
    const cells = cohorts.flatMap(({ cells: own }, y) =>
      own.flatMap(({ period, share, isOver }) => (period > 0 && isOver ? [[period - 1, y, share] as const] : [])),
    );
    const most = Math.max(...cells.map(([, , share]) => share), 0.01);
    return {
      legend: { show: false },
      grid: { left: 8, right: 8, top: 32, bottom: 8, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      tooltip: {
        formatter: ({ value: [x, y, share] }: { readonly value: readonly [number, number, number] }) => {
          const cohort = cohorts[y];
          return cohort === undefined
            ? ''
            : `${when(cohort.cohort)} · ${say(`period_${unit}`, { n: x + 1 })}\n${format.percent(share)}`;
        },
      },
      visualMap: {
        show: false,
        min: 0,
        max: most,
        inRange: { color: [palette.surface, palette.accentSoft, palette.accent], opacity: 0.9 },
      },
      xAxis: {
        type: 'category',
        position: 'top',
        axisLine: { show: false },
        data: periods.map((n) => say(`period_${unit}`, { n })),
      },
      yAxis: {
        type: 'category',
        inverse: true,
        axisLine: { show: false },
        data: cohorts.map(({ cohort, people }) => say('cohort_label', { when: when(cohort), n: format.count(people) })),
      },
      series: [
        {
          type: 'heatmap',
          data: cells.map(([x, y, share]) => ({
            value: [x, y, share],
            label: { color: share > 0.85 * most ? palette.accentInk : palette.ink },
          })),
          itemStyle: { borderColor: palette.surface, borderWidth: 2, borderRadius: 4 },
          label: {
            show: true,
            fontSize: 12,
            formatter: ({ value }: { readonly value: readonly [number, number, number] }) =>
              format.percent(value[2], 0),
          },
        },
      ],
    };
  }, [cohorts, periods, unit, when, palette, format, say]);
  const cell = (cohort: RetentionWire['cohorts'][number], period: number): string => {
    const found = cohort.cells.find((each) => each.period === period);
    return found === undefined
      ? ''
      : found.isOver
        ? format.percent(found.share)
        : say('so_far', { share: format.percent(found.share) });
  };
  return (
    <div className="dormancy-scroll" tabIndex={0} role="region" aria-label={say('cohorts')}>
      <div className="dormancy-wide">
        <Chart
          label={say('cohorts')}
          option={option}
          height={52 + 32 * cohorts.length}
          table={{
            columns: [
              { title: say('column_cohort') },
              { title: say('column_people'), align: 'right' },
              ...periods.map((n) => ({ title: say(`period_${unit}`, { n }), align: 'right' as const })),
            ],
            rows: [
              ...cohorts.map((cohort) => [
                when(cohort.cohort),
                format.count(cohort.people),
                ...periods.map((n) => cell(cohort, n)),
              ]),
              [
                say('all_cohorts'),
                '',
                ...periods.map((n) => {
                  const found = overall.find(({ period }) => period === n);
                  return found === undefined ? '' : format.percent(found.share);
                }),
              ],
            ],
          }}
        />
      </div>
    </div>
  );
}
