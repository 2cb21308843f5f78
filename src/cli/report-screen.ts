// A programme's result on one readable screen. Pure.
import type { Lang } from '../kernel/lang.ts';
import type { ArmFigures, Comparison, Estimate } from '../prove/outcomes/lift.ts';
import type { ProgrammeReport } from '../prove/outcomes/report.service.ts';
import { count, instant, leftOutLines, messageState, money, percent, reasonText } from './figures.ts';
import type { Paint } from './session.ts';
import { padded, renderPairs, renderTable, widthOf, type Column } from './table.ts';
import { sayIn, type Word } from './words.ts';

export const STATE_WORDS: Readonly<Record<string, Word>> = {
  draft: 'stateDraft',
  running: 'stateRunning',
  paused: 'statePaused',
  ended: 'stateEnded',
};

type View = { readonly lang: Lang; readonly currency: string; readonly paint: Paint };

/** What JSON makes of a report: instants are text. */
export type ReportJson = Omit<ProgrammeReport, 'until'> & { readonly until: string; readonly currency: string };

function armRow(name: string, arm: ArmFigures, { lang, currency }: View): string[] {
  const n = (value: number): string => count(value, lang);
  const m = (cents: number): string => money(cents, currency, lang);
  return [
    name,
    n(arm.people),
    n(arm.contacted),
    n(arm.delivered),
    n(arm.clicked),
    n(arm.returned),
    percent(arm.returnRate),
    n(arm.orders),
    m(arm.revenueCents),
    m(arm.netMarginCents),
    m(arm.offerCostCents),
    m(arm.messageCostCents),
  ];
}

/** `+4.1 points  (+1.2 … +7.0)`, or why there is no figure yet. */
export function estimateText(estimate: Estimate, show: (value: number) => string, lang: Lang): string {
  const say = sayIn(lang);
  if (estimate.kind === 'not_enough_data') return say(`notEnough_${estimate.reason}`);
  const signed = (value: number): string => `${value < 0 ? '−' : '+'}${show(Math.abs(value))}`;
  return say('interval', {
    estimate: signed(estimate.estimate),
    low: signed(estimate.low),
    high: signed(estimate.high),
  });
}

function comparisonLines(comparison: Comparison, { lang, currency }: View): string {
  const say = sayIn(lang);
  const cost = comparison.costPerIncrementalReturnCents;
  const whole = (value: number): string => count(Math.round(value), lang);
  const points = (share: number): string => say('points', { n: (share * 100).toFixed(1) });
  return renderPairs([
    [say('liftRate'), estimateText(comparison.returnRateLift, points, lang)],
    [say('liftReturns'), estimateText(comparison.incrementalReturns, whole, lang)],
    [
      say('liftMargin'),
      estimateText(comparison.netIncrementalMarginCents, (cents) => money(cents, currency, lang), lang),
    ],
    [say('costPerReturn'), cost === null ? say('notYet') : money(cost, currency, lang)],
  ]);
}

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ');

export function reportScreen(report: ReportJson, lang: Lang, paint: Paint): string {
  const say = sayIn(lang);
  const view = { lang, currency: report.currency, paint };
  const right = (word: Word): Column => ({ title: say(word), align: 'right' });
  const columns: Column[] = [
    { title: say('columnArm') },
    ...(
      [
        'columnPeople',
        'columnContacted',
        'columnDelivered',
        'columnClicked',
        'columnReturned',
        'columnRate',
        'columnOrders',
        'columnRevenue',
        'columnNet',
        'columnOffers',
        'columnMessages',
      ] as const
    ).map(right),
  ];
  const several = report.variants.length > 1 ? report.variants : [];
  const state = STATE_WORDS[report.state];
  const { sampleRatio, considered } = report;
  const refusals = report.refused.map(({ code, people }) => [reasonText(code, lang), count(people, lang)] as const);
  const numbers = Math.max(0, ...refusals.map(([, people]) => widthOf(people)));
  const states = Object.entries(report.messages).map(
    ([name, messages]) => `${messageState(name, lang)} ${count(messages, lang)}`,
  );
  const unknown = report.messages['unknown'] ?? 0;
  const p = sampleRatio.p < 0.001 ? '< 0.001' : sampleRatio.p.toFixed(3);
  return [
    paint.bold(
      say('reportHead', {
        name: report.name,
        state: state === undefined ? report.state : say(state),
        at: instant(report.until),
        days: report.goalDays,
      }),
    ),
    '',
    renderTable(
      columns,
      [
        armRow(say('armTreated'), report.treated, view),
        ...several.map((variant) => armRow(say('armVariant', { key: variant.key }), variant.figures, view)),
        armRow(say('armControl'), report.control, view),
      ],
      paint.dim,
    ),
    ...leftOutLines(report.leftOut, lang, paint),
    '',
    paint.bold(say('becauseHead')),
    indented(comparisonLines(report.total, view)),
    ...several.flatMap((variant) => [
      paint.dim(say('armVariant', { key: variant.key })),
      indented(indented(comparisonLines(variant.comparison, view))),
    ]),
    '',
    sampleRatio.alarm
      ? paint.bad(say('sampleRatioAlarm', { p, share: percent(sampleRatio.plannedControlShare) }))
      : say('sampleRatioFine', { p }),
    '',
    ...(refusals.length === 0
      ? [say('nobodyRefused', { considered: count(considered, lang) })]
      : [
          say('notContacted', { considered: count(considered, lang) }),
          ...refusals.map(([reason, people]) => `  ${padded(people, numbers, 'right')}  ${reason}`),
        ]),
    ...(states.length === 0 ? [] : [say('messagesLine', { states: states.join(' · ') })]),
    ...(unknown === 0 ? [] : [paint.warn(say('unknownNote', { count: count(unknown, lang) }))]),
  ].join('\n');
}
