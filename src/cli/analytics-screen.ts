// Analytics on a screen: tables that read at a glance. Pure.
import { dayText } from '../kernel/days.ts';
import type { DormancyOverTime, StageFlow } from '../understand/analytics/flow.ts';
import type { Funnel, FunnelStepResult } from '../understand/analytics/funnel.ts';
import type { Retention } from '../understand/analytics/retention.ts';
import type { Risk, RiskFigures } from '../understand/analytics/risk.ts';
import { count, leftOutLines, money, percent } from './figures.ts';
import type { Session } from './session.ts';
import { renderTable, shortened } from './table.ts';

type Screen = Pick<Session, 'say' | 'lang' | 'paint'>;

const NAME_WIDTH = 40;
const HOURS_SHOWN_MAX = 72;

const halfTime = ({ say }: Screen, hours: number | null): string => {
  if (hours === null) return '';
  return hours < HOURS_SHOWN_MAX
    ? say('hours', { n: hours.toFixed(1) })
    : say('daysLong', { n: (hours / 24).toFixed(1) });
};

function stepsTable(screen: Screen, steps: readonly FunnelStepResult[]): string {
  const { say, lang, paint } = screen;
  return renderTable(
    [
      { title: say('columnStep') },
      { title: say('columnPeople'), align: 'right' },
      { title: say('columnOfFirst'), align: 'right' },
      { title: say('columnOfPrevious'), align: 'right' },
      { title: say('columnInterval'), align: 'right' },
      { title: say('columnHalfTime'), align: 'right' },
    ],
    steps.map((step) => [
      shortened(step.label, NAME_WIDTH),
      count(step.people, lang),
      step.ofFirst === null ? '' : percent(step.ofFirst),
      step.ofPrevious === null ? '' : percent(step.ofPrevious),
      step.low === null || step.high === null ? '' : `${percent(step.low)} – ${percent(step.high)}`,
      halfTime(screen, step.medianHours),
    ]),
    paint.dim,
  );
}

export function funnelScreen(screen: Screen, funnel: Funnel): string {
  const { say, lang, paint } = screen;
  const span = say('funnelSpan', { from: funnel.from, to: funnel.to, days: funnel.windowDays });
  const groups = funnel.groups.map(({ label, steps }) => `\n${paint.bold(label[lang])}\n${stepsTable(screen, steps)}`);
  return [paint.dim(span), stepsTable(screen, funnel.steps), ...groups].join('\n');
}

export function retentionScreen({ say, lang, paint }: Screen, table: Retention): string {
  const width = Math.max(0, ...table.cohorts.map(({ cells }) => cells.length));
  const columns = Array.from({ length: width }, (_, period) => ({ title: `+${period}`, align: 'right' as const }));
  const name = (cohort: string): string => (table.unit === 'month' ? cohort.slice(0, 7) : cohort);
  const rows = table.cohorts.map(({ cohort, people, cells }) => [
    name(cohort),
    count(people, lang),
    ...cells.map(({ share, isOver }) => `${percent(share)}${isOver ? '' : '·'}`),
  ]);
  const overall = [
    say('columnAll'),
    count(
      table.cohorts.reduce((sum, { people }) => sum + people, 0),
      lang,
    ),
    ...columns.map((_, period) => {
      const over = table.overall.find((each) => each.period === period);
      return over === undefined ? '' : percent(over.share);
    }),
  ];
  return [
    renderTable(
      [{ title: say('columnCohort') }, { title: say('columnPeople'), align: 'right' }, ...columns],
      [...rows, overall],
      paint.dim,
    ),
    paint.dim(say('retentionNote')),
  ].join('\n');
}

export function flowScreen({ say, lang, paint }: Screen, flow: StageFlow): string {
  const nodes = new Map(flow.nodes.map((node) => [node.id, node]));
  const parts = flow.columns.slice(1).map((on, i) => {
    const before = flow.columns[i]!;
    const rows = flow.links
      .map((link) => ({ ...link, from: nodes.get(link.source)!, to: nodes.get(link.target)! }))
      .filter(({ from, to }) => from.on === before && to.on === on)
      .toSorted((a, b) => b.people - a.people)
      .map(({ from, to, people }) => [from.label[lang], to.label[lang], count(people, lang)]);
    const table = renderTable(
      [{ title: say('columnFrom') }, { title: say('columnTo') }, { title: say('columnPeople'), align: 'right' }],
      rows,
      paint.dim,
    );
    return `${paint.bold(`${before} → ${on}`)}\n${table}`;
  });
  return parts.join('\n\n');
}

export function dormancyScreen({ say, lang, paint }: Screen, over: DormancyOverTime): string {
  return renderTable(
    [
      { title: say('columnPeriodEnd') },
      ...(
        [
          'columnPeople',
          'columnPeopleDormant',
          'columnShareDormant',
          'columnFirstSeen',
          'columnFell',
          'columnWoken',
        ] as const
      ).map((word) => ({ title: say(word), align: 'right' as const })),
    ],
    over.periods.map((period) => [
      period.on,
      count(period.people, lang),
      count(period.dormantPeople, lang),
      percent(period.dormantShare),
      count(period.firstSeen, lang),
      count(period.becameDormant, lang),
      count(period.returned, lang),
    ]),
    paint.dim,
  );
}

export function riskScreen({ say, lang, paint }: Screen, risk: Risk, currency: string): string {
  const cells = (figures: RiskFigures): string[] => [
    count(figures.people, lang),
    count(figures.dormantPeople, lang),
    percent(figures.dormantShare),
    money(figures.paceCents, currency, lang),
    figures.expectedCents === null ? '–' : money(figures.expectedCents, currency, lang),
    money(figures.atRiskCents, currency, lang),
  ];
  return [
    paint.dim(say('riskNote', { days: risk.horizonDays, asOf: dayText(risk.asOf, lang) })),
    renderTable(
      [
        { title: risk.groupedBy[lang] },
        ...(
          [
            'columnPeople',
            'columnPeopleDormant',
            'columnShareDormant',
            'columnPace',
            'columnExpectedAnyway',
            'columnAtRisk',
          ] as const
        ).map((word) => ({ title: say(word), align: 'right' as const })),
      ],
      [
        ...risk.groups.map((group) => [shortened(group.label[lang], NAME_WIDTH), ...cells(group)]),
        [say('riskTotal'), ...cells(risk.total)],
      ],
      paint.dim,
    ),
    ...leftOutLines(risk.leftOut, lang, paint),
  ].join('\n');
}
