// Return curves and the scoring model on a screen. Pure.
import { dayText } from '../kernel/days.ts';
import type { Lang } from '../kernel/lang.ts';
import type { GroupCurve, ReturnCurves } from '../understand/picture/curves.service.ts';
import type { ModelReport } from '../understand/value/explain.service.ts';
import { count, percent } from './figures.ts';
import type { Paint } from './session.ts';
import { renderTable } from './table.ts';
import { sayIn } from './words.ts';

const SILENT_DAYS = [30, 90, 180] as const;
const right = (title: string) => ({ title, align: 'right' }) as const;
const shown = (share: number | null): string => (share === null ? '–' : percent(share));

/** Share still silent after so many days with its interval; a dash beyond the curve's end. */
function silentAfter({ points }: GroupCurve, days: number): string {
  if ((points.at(-1)?.day ?? 0) < days) return '–';
  const point = points.findLast((each) => each.day <= days);
  if (point === undefined) return percent(1);
  return `${percent(point.stillSilent)} (${percent(point.low)} – ${percent(point.high)})`;
}

export function curvesScreen(
  curves: ReturnCurves & { readonly asOfNote: { readonly en: string; readonly zh: string } | null },
  lang: Lang,
  paint: Paint,
): string {
  const say = sayIn(lang);
  const rows = [curves.all, ...curves.groups].map((curve) => [
    curve.label[lang],
    count(curve.silences, lang),
    ...SILENT_DAYS.map((days) => silentAfter(curve, days)),
    shown(curve.returningAfter30Days),
    shown(curve.returningAfter90Days),
    curve.recommendedThreshold.kind === 'recommended' ? count(curve.recommendedThreshold.days, lang) : '–',
  ]);
  return [
    ...(curves.asOfNote === null ? [] : [curves.asOfNote[lang]]),
    paint.bold(say('curveTitle', { day: dayText(curves.asOf, lang), horizon: curves.horizonDays })),
    '',
    renderTable(
      [
        { title: say('columnGroup') },
        right(say('columnSilences')),
        ...SILENT_DAYS.map((days) => right(say('columnSilentFor', { days }))),
        right(say('columnBackAfter', { days: 30 })),
        right(say('columnBackAfter', { days: 90 })),
        right(say('columnThreshold')),
      ],
      rows,
      paint.dim,
    ),
    '',
    curves.all.recommendedThreshold.reason[lang],
    ...(curves.leftOut === 0 ? [] : [say('curveLeftOut', { count: curves.leftOut })]),
  ].join('\n');
}

const figure = (value: number | null): string => (value === null ? '–' : value.toFixed(4).replace(/^0/, ''));

export function modelScreen(report: ModelReport, lang: Lang, paint: Paint): string {
  const say = sayIn(lang);
  const { returns } = report;
  if (returns.kind === 'none') return returns.reason[lang];
  const lines = [
    paint.bold(
      say('modelChosen', {
        model: returns.kind,
        day: report.fittedAsOf,
        sampled: count(returns.sampled, lang),
        people: count(returns.people, lang),
      }),
    ),
    ...(report.value.kind === 'mean' ? [report.value.reason[lang]] : []),
  ];
  const { evidence } = returns;
  if (evidence === undefined) return lines.join('\n');
  return [
    ...lines,
    '',
    say('modelTested', {
      day: evidence.testedAsOf,
      people: count(evidence.people, lang),
      returned: count(evidence.returned, lang),
    }),
    renderTable(
      [
        { title: say('columnModel') },
        right(say('columnAuc')),
        right(say('columnAucDormant')),
        right(say('columnBrier')),
      ],
      evidence.candidates.map((each) => [each.model, figure(each.auc), figure(each.aucDormant), figure(each.brier)]),
      paint.dim,
    ),
    '',
    renderTable(
      [right(say('columnPeople')), right(say('columnPredicted')), right(say('columnObserved'))],
      evidence.calibration.map((bin) => [count(bin.people, lang), percent(bin.predicted), percent(bin.observed)]),
      paint.dim,
    ),
  ].join('\n');
}
