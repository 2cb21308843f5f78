// The part of the terminal screen about silence: how long it lasts, from when on it means dormancy, and what it costs.
import type { Text } from '../kernel/lang.ts';
import { chancesOfReturn, drawnCurve } from '../prove/reports/analysis.ts';
import { WORDS } from '../prove/reports/picture-words.ts';
import { survivalAt } from '../understand/dormancy/return-curve.ts';
import { padded } from './analyze-columns.ts';
import { bar, paragraph, table, type Screen } from './picture-screen-parts.ts';

const CURVE_DAYS = [1, 3, 7, 14, 30, 45, 60, 90, 120, 180, 270, 365, 540, 730];

export function curve(screen: Screen): string[] {
  const { analysis, say, f, pen } = screen;
  const { picture, windowDays } = analysis;
  const points = drawnCurve(picture).map((point) => ({ ...point, survival: point.stillSilent }));
  if (points.length < 2) return paragraph(screen, say(WORDS.tooFewSilences));
  const last = points.at(-1)?.day ?? 0;
  const advised = picture.recommendedThreshold.kind === 'recommended' ? picture.recommendedThreshold.days : undefined;
  const marked = [windowDays, advised].filter((day) => day !== undefined && day <= last) as number[];
  const crowded = (day: number): boolean => marked.some((mark) => mark !== day && Math.abs(mark - day) < 0.1 * mark);
  const days = [...new Set([...CURVE_DAYS.filter((day) => day <= last && !crowded(day)), ...marked])].sort(
    (p, q) => p - q,
  );
  const chanceOn = new Map(chancesOfReturn(picture).map(({ day, chance }) => [day, chance]));
  const barCells = Math.max(10, Math.min(32, screen.width - 67));
  const rows = days.map((day) => {
    const back = 1 - survivalAt(points, day);
    const marks = [
      day === windowDays ? say(WORDS.yourWindow) : '',
      day === advised ? say(WORDS.recommended) : '',
    ].filter((mark) => mark !== '');
    const point = points.findLast((each) => each.day <= day);
    const interval = point === undefined ? '' : `${(100 - 100 * point.high).toFixed(1)} – ${f.percent(1 - point.low)}`;
    const chance = chanceOn.get(day);
    return [
      f.count(day),
      padded(bar(back, barCells), barCells),
      f.percent(back),
      interval,
      chance === undefined ? '–' : f.percent(chance),
      marks.length === 0 ? '' : `← ${marks.join(' · ')}`,
    ];
  });
  const within = { en: `${picture.horizonDays} d more`, zh: `再过 ${picture.horizonDays} 天回归` };
  const drawn = table(
    [
      { head: say(WORDS.day), align: 'right' },
      { head: '' },
      { head: say(WORDS.backByThen), align: 'right' },
      { head: say(WORDS.interval) },
      { head: say(within), align: 'right' },
      { head: '' },
    ],
    rows,
    screen,
  );
  const explained = say({
    en: `${WORDS.curveExplained.en} “${within.en}”: of those still silent, the share that comes back unaided in the next ${picture.horizonDays} days.`,
    zh: `${WORDS.curveExplained.zh}“${within.zh}”：仍在沉默的用户在之后 ${picture.horizonDays} 天内自行回归的比例。`,
  });
  return [
    ...paragraph(screen, explained),
    '',
    ...drawn.map((line) => line.replace(/←.*$/u, (mark) => pen.ember(mark))),
  ];
}

export function threshold(screen: Screen): string[] {
  const { analysis, say, pen } = screen;
  const { recommendedThreshold: found } = analysis.picture;
  const { windowDays } = analysis;
  const inUse: Text =
    windowDays === undefined
      ? { en: '', zh: '' }
      : { en: `Window in use: ${windowDays} days.`, zh: `当前窗口：${windowDays} 天。` };
  const advised: Text =
    found.kind === 'recommended'
      ? { en: `Recommended: ${found.days} days.`, zh: `建议阈值：${found.days} 天。` }
      : { en: `${WORDS.noRecommendation.en}.`, zh: `${WORDS.noRecommendation.zh}。` };
  return [`  ${pen.strong(say(advised))} ${say(inUse)}`.trimEnd(), ...paragraph(screen, say(found.reason))];
}

export function money(screen: Screen): string[] {
  const { analysis, say, f } = screen;
  const rows = analysis.picture.stages.filter(
    (row) =>
      row.people > 0 &&
      (row.stage === 'cooling' || row.stage === 'dormant' || row.stage === 'relapsed' || row.stage === 'lost'),
  );
  const most = Math.max(1, ...rows.map((row) => row.expectedValueCents ?? 0));
  const barCells = Math.max(12, Math.min(32, screen.width - 46));
  const drawn = table(
    [
      { head: say(WORDS.stage) },
      { head: say(WORDS.people), align: 'right' },
      { head: say(WORDS.expected), align: 'right' },
      { head: '' },
    ],
    rows.map((row) => [
      say(row.label),
      f.count(row.people),
      row.expectedValueCents === null ? '–' : f.money(row.expectedValueCents),
      row.expectedValueCents === null ? '' : bar(row.expectedValueCents / most, barCells),
    ]),
    screen,
  );
  return [...drawn, '', ...paragraph(screen, say(WORDS.firstOrderBack))];
}
