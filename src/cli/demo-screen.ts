// What eight weeks brought, on one screen: who was dormant, who was contacted and why others were not, what came back, and the estimate
// beside the truth that only a simulated shop can know. Pure.
import { dayText } from '../kernel/days.ts';
import type { DemoResult } from '../demo/demo.service.ts';
import { STAGES, STAGE_NAMES } from '../understand/dormancy/stage.ts';
import { count, money, percent, reasonText } from './figures.ts';
import { estimateText } from './report-screen.ts';
import type { Lang } from '../kernel/lang.ts';
import type { Paint } from './session.ts';
import { padded, renderPairs, renderTable, widthOf } from './table.ts';
import { sayIn } from './words.ts';

const BAR = 28;

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ');

function stageLines(result: DemoResult, lang: Lang, paint: Paint): string {
  const people = new Map(result.stages.map((row) => [row.stage, row.people]));
  const known = STAGE_NAMES.filter((stage) => (people.get(stage) ?? 0) > 0);
  const most = Math.max(1, ...known.map((stage) => people.get(stage) ?? 0));
  const total = known.reduce((sum, stage) => sum + (people.get(stage) ?? 0), 0);
  const width = Math.max(...known.map((stage) => widthOf(STAGES[stage][lang])));
  return known
    .map((stage) => {
      const here = people.get(stage) ?? 0;
      const bar = '█'.repeat(Math.max(1, Math.round((here / most) * BAR)));
      const name = padded(STAGES[stage][lang], width);
      const line = `${name}  ${padded(count(here, lang), 7, 'right')}  ${padded(percent(here / total), 6, 'right')}  ${bar}`;
      return STAGES[stage].isDormant ? paint.bold(line) : line;
    })
    .join('\n');
}

/** True when the truth lies inside the estimated interval; undefined when nothing could be estimated. */
export function truthIsInside(result: DemoResult): boolean | undefined {
  const lift = result.report.total.returnRateLift;
  return lift.kind === 'estimated' ? lift.low <= result.truth.lift && result.truth.lift <= lift.high : undefined;
}

function truthLines(result: DemoResult, lang: Lang, paint: Paint): string {
  const say = sayIn(lang);
  const { report, truth } = result;
  const points = (share: number): string => say('points', { n: (share * 100).toFixed(1) });
  const whole = (value: number): string => count(Math.round(value), lang);
  const signed = (value: number, show: (size: number) => string): string =>
    `${value < 0 ? '−' : '+'}${show(Math.abs(value))}`;
  const inside = truthIsInside(result);
  const verdict =
    inside === undefined ? say('notYet') : inside ? paint.good(say('demoInside')) : paint.bad(say('demoOutside'));
  return [
    renderTable(
      [{ title: '' }, { title: say('demoEstimate') }, { title: say('demoTruth'), align: 'right' }],
      [
        [say('liftRate'), estimateText(report.total.returnRateLift, points, lang), signed(truth.lift, points)],
        [
          say('liftReturns'),
          estimateText(report.total.incrementalReturns, whole, lang),
          signed(truth.incrementalReturns, whole),
        ],
      ],
      paint.dim,
    ),
    '',
    verdict,
  ].join('\n');
}

export function demoScreen(result: DemoResult, lang: Lang, paint: Paint): string {
  const say = sayIn(lang);
  const { report, counts } = result;
  const currency = 'USD';
  const n = (value: number): string => count(value, lang);
  const refusals = report.refused.map(({ code, people }) => [reasonText(code, lang), n(people)] as const);
  const numbers = Math.max(0, ...refusals.map(([, people]) => widthOf(people)));
  const arm = (name: string, figures: typeof report.treated): string[] => [
    name,
    n(figures.people),
    n(figures.contacted),
    n(figures.clicked),
    n(figures.returned),
    percent(figures.returnRate),
    money(figures.revenueCents, currency, lang),
    money(figures.offerCostCents, currency, lang),
  ];
  return [
    '',
    paint.bold(say('demoHead', { people: n(result.people), events: n(result.historyEvents) })),
    '',
    paint.bold(say('demoWho', { asOf: dayText(result.asOf, lang) })),
    indented(stageLines(result, lang, paint)),
    '',
    paint.bold(
      say('demoContacted', {
        considered: n(report.considered),
        treated: n(report.treated.people),
        control: n(report.control.people),
      }),
    ),
    ...refusals.map(([reason, people]) => `  ${padded(people, numbers, 'right')}  ${reason}`),
    '',
    paint.bold(say('demoBack')),
    indented(
      renderTable(
        [
          { title: say('columnArm') },
          ...(
            [
              'columnPeople',
              'columnContacted',
              'columnClicked',
              'columnReturned',
              'columnRate',
              'columnRevenue',
              'columnOffers',
            ] as const
          ).map((word) => ({ title: say(word), align: 'right' as const })),
        ],
        [
          ...report.variants.map((variant) => arm(say('armVariant', { key: variant.key }), variant.figures)),
          arm(say('armTreated'), report.treated),
          arm(say('armControl'), report.control),
        ],
        paint.dim,
      ),
    ),
    '',
    paint.bold(say('demoBecause')),
    indented(truthLines(result, lang, paint)),
    '',
    indented(
      renderPairs([
        [
          say('liftMargin'),
          estimateText(report.total.netIncrementalMarginCents, (cents) => money(cents, currency, lang), lang),
        ],
        [
          say('costPerReturn'),
          report.total.costPerIncrementalReturnCents === null
            ? say('notYet')
            : money(report.total.costPerIncrementalReturnCents, currency, lang),
        ],
      ]),
    ),
    '',
    paint.dim(
      say('demoDoors', {
        mails: n(counts.mailsDelivered),
        visits: n(counts.visits),
        events: n(counts.eventsPosted),
        unsubscribes: n(counts.unsubscribes),
        complaints: n(counts.complaints),
      }),
    ),
  ].join('\n');
}
