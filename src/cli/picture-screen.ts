// The dormancy picture as one terminal screen, in either language: analysis + language + width → text. Pure; colours only when asked for.
import type { Lang, Text } from '../kernel/lang.ts';
import { hasMoney, chancesOfReturn, drawnCurve, type Analysis } from '../prove/reports/analysis.ts';
import { formatsOf, type Formats } from '../prove/reports/formats.ts';
import {
  definition,
  fileInWords,
  mappingInWords,
  measuredInWords,
  modelInWords,
  notesOf,
  predictionCheck,
  stageMeaning,
  WORDS,
} from '../prove/reports/picture-words.ts';
import { survivalAt } from '../understand/dormancy/return-curve.ts';
import { RFM_GROUPS } from '../understand/value/rfm.ts';
import { cellWidth, padded, printable, shortened, tableLines, wrapped, type Column } from './analyze-columns.ts';

export type ScreenOptions = {
  readonly lang: Lang;
  /** Cells per line. */
  readonly width: number;
  readonly hasColour: boolean;
  readonly reportPath?: string;
};

type Pen = {
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly ember: (text: string) => string;
};

const penOf = (hasColour: boolean): Pen => {
  const ansi = (code: string) => (text: string) => (hasColour ? `\u001B[${code}m${text}\u001B[0m` : text);
  return { strong: ansi('1'), faint: ansi('2'), ember: ansi('38;5;208') };
};

type Screen = {
  readonly analysis: Analysis;
  readonly say: (text: Text) => string;
  readonly f: Formats;
  readonly pen: Pen;
  readonly width: number;
  readonly hasMoney: boolean;
  readonly lang: Lang;
};

const indent = (lines: readonly string[]): string[] => lines.map((line) => (line === '' ? '' : `  ${line}`));
const paragraph = (screen: Screen, text: string): string[] => indent(wrapped(printable(text), screen.width - 2));
const table = (
  columns: readonly (Column | undefined)[],
  rows: readonly (readonly (string | undefined)[])[],
  { pen, width }: Screen,
): string[] => {
  const shown = columns.flatMap((column, i) => (column === undefined ? [] : [{ column, i }]));
  const [head, rule, ...body] = tableLines(
    shown.map(({ column }) => column),
    rows.map((row) => shown.map(({ i }) => printable(row[i] ?? ''))),
    width - 2,
  );
  return indent([pen.faint(head ?? ''), pen.faint(rule ?? ''), ...body]);
};

function headline(screen: Screen): string[] {
  const { analysis, say, f, pen } = screen;
  const { picture } = analysis;
  const { measuredReturn: found } = picture;
  const rows: (readonly [string, string, string])[] = [
    [
      say(WORDS.peopleSeen),
      f.count(picture.people),
      say({
        en: `${f.count(picture.repeatPeople)} came on more than one day`,
        zh: `其中 ${f.count(picture.repeatPeople)} 人在多于一天活跃`,
      }),
    ],
    [
      say(WORDS.dormantPeople),
      f.count(picture.dormantPeople),
      say({
        en: `${f.percent(picture.dormantShare)} of everybody seen`,
        zh: `占全部用户的 ${f.percent(picture.dormantShare)}`,
      }),
    ],
  ];
  if (found.kind === 'measured')
    rows.push([say(WORDS.returned), f.percent(found.returnShare, 3), say(measuredInWords(analysis))]);
  if (screen.hasMoney) {
    rows.push([say(WORDS.spent), f.money(picture.spentCents), '']);
    if (picture.atRisk.dormantCents !== null)
      rows.push([
        say(WORDS.money),
        f.money(picture.atRisk.dormantCents + (picture.atRisk.coolingCents ?? 0)),
        say({ en: 'expected from the cooling and the dormant', zh: '趋冷与休眠用户的期望金额' }),
      ]);
  }
  const first = Math.max(...rows.map(([name]) => cellWidth(name)));
  const second = Math.max(...rows.map(([, value]) => cellWidth(value)));
  const room = screen.width - 2 - first - 2 - second - 2;
  const lines = rows.flatMap(([name, value, more]) => {
    const [head = '', ...rest] = wrapped(more, Math.max(20, room));
    const lead = `${padded(name, first)}  ${pen.strong(padded(value, second, 'right'))}  ${head}`.trimEnd();
    return [lead, ...rest.map((line) => ' '.repeat(first + second + 4) + line)];
  });
  const later = found.kind === 'not_yet' ? ['', ...paragraph(screen, say(found.reason))] : [];
  return [...indent(lines), ...later];
}

function stages(screen: Screen): string[] {
  const { analysis, say, f } = screen;
  const rows = analysis.picture.stages.filter((row) => row.people > 0);
  const columns: (Column | undefined)[] = [
    { head: say(WORDS.stage) },
    { head: say(WORDS.people), align: 'right' },
    { head: say(WORDS.share), align: 'right' },
    screen.hasMoney ? { head: say(WORDS.spent), align: 'right' } : undefined,
    { head: say(WORDS.chance), align: 'right' },
    { head: say(WORDS.meaning), wraps: true },
  ];
  return table(
    columns,
    rows.map((row) => [
      say(row.label),
      f.count(row.people),
      f.percent(row.share),
      f.shortMoney(row.spentCents),
      row.meanReturnProbability === null ? '–' : f.percent(row.meanReturnProbability),
      say(stageMeaning(row.stage, analysis.picture.policy)),
    ]),
    screen,
  );
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const bar = (share: number, cells: number): string => {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * cells * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
};

const CURVE_DAYS = [1, 3, 7, 14, 30, 45, 60, 90, 120, 180, 270, 365, 540, 730];

function curve(screen: Screen): string[] {
  const { analysis, say, f, pen } = screen;
  const { picture, windowDays } = analysis;
  const points = drawnCurve(picture).map((point) => ({ ...point, survival: point.stillSilent }));
  const last = points.at(-1)?.day ?? 0;
  const advised = picture.recommendedThreshold.kind === 'recommended' ? picture.recommendedThreshold.days : undefined;
  const marked = [windowDays, advised].filter((day) => day !== undefined && day <= last) as number[];
  const crowded = (day: number): boolean => marked.some((mark) => mark !== day && Math.abs(mark - day) < 0.1 * mark);
  const days = [...new Set([...CURVE_DAYS.filter((day) => day <= last && !crowded(day)), ...marked])].sort(
    (p, q) => p - q,
  );
  const chanceOn = new Map(chancesOfReturn(picture).map(({ day, chance }) => [day, chance]));
  const barCells = Math.max(12, Math.min(32, screen.width - 60));
  const rows = days.map((day) => {
    const back = 1 - survivalAt(points, day);
    const marks = [
      day === windowDays ? say(WORDS.yourWindow) : '',
      day === advised ? say(WORDS.recommended) : '',
    ].filter((mark) => mark !== '');
    const point = points.findLast((each) => each.day <= day);
    const interval = point === undefined ? '' : `${f.percent(1 - point.high)} – ${f.percent(1 - point.low)}`;
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

function threshold(screen: Screen): string[] {
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
      : { en: 'No recommendation.', zh: '暂无建议。' };
  return [`  ${pen.strong(say(advised))} ${say(inUse)}`.trimEnd(), ...paragraph(screen, say(found.reason))];
}

function money(screen: Screen): string[] {
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

const rfm = (screen: Screen): string[] => {
  const { analysis, say, f } = screen;
  return table(
    [
      { head: say(WORDS.group) },
      { head: say(WORDS.people), align: 'right' },
      { head: say(WORDS.ofThemDormant), align: 'right' },
      screen.hasMoney ? { head: say(WORDS.spent), align: 'right' } : undefined,
      { head: say(WORDS.meaning), wraps: true },
    ],
    analysis.picture.rfm
      .filter((row) => row.people > 0)
      .map((row) => [
        say(row.label),
        f.count(row.people),
        f.count(row.dormantPeople),
        f.shortMoney(row.spentCents),
        say(row.advice),
      ]),
    screen,
  );
};

const SHOWN_TO_WAKE = 10;

function wake(screen: Screen): string[] {
  const { analysis, say, f } = screen;
  const { people, explanation } = analysis.picture.wakeFirst;
  if (people.length === 0) return paragraph(screen, say(explanation));
  const drawn = table(
    [
      { head: say(WORDS.person), cellsMax: 24 },
      { head: say(WORDS.silentDays), align: 'right' },
      { head: say(WORDS.activeDays), align: 'right' },
      screen.hasMoney ? { head: say(WORDS.spent), align: 'right' } : undefined,
      { head: say(WORDS.chance), align: 'right' },
      screen.hasMoney ? { head: say(WORDS.expected), align: 'right' } : undefined,
      { head: say(WORDS.group) },
    ],
    people
      .slice(0, SHOWN_TO_WAKE)
      .map((person) => [
        person.personId,
        f.count(person.silentDays),
        f.count(person.activeDays),
        f.money(person.spentCents),
        f.percent(person.returnProbability),
        f.money(person.expectedValueCents),
        say(RFM_GROUPS[person.rfmGroup]),
      ]),
    screen,
  );
  return [...drawn, '', ...paragraph(screen, say(explanation))];
}

function model(screen: Screen): string[] {
  const { analysis, say } = screen;
  const check = predictionCheck(analysis);
  const texts = [
    ...modelInWords(analysis.picture.model, analysis.picture.horizonDays),
    ...(check === undefined ? [] : [check]),
  ];
  return texts.flatMap((text) => paragraph(screen, say(text)));
}

function files(screen: Screen): string[] {
  const { analysis, say } = screen;
  const read = analysis.files.flatMap((file) => [
    `  ${shortened(printable(file.path), screen.width - 2)}`,
    ...indent(paragraph(screen, say(fileInWords(file)))),
    ...indent(paragraph(screen, say(mappingInWords(file.mapping)))),
  ]);
  return [...read, ...notesOf(analysis).flatMap((note) => paragraph(screen, `! ${say(note)}`))];
}

/** The whole screen, ending in a newline. No line is wider than `width` cells where that is at least 80. */
export function pictureScreen(analysis: Analysis, options: ScreenOptions): string {
  const { lang } = options;
  const pen = penOf(options.hasColour);
  const say = (text: Text): string => text[lang];
  const f = formatsOf(lang, analysis.currency.code);
  const screen: Screen = { analysis, say, f, pen, lang, width: options.width, hasMoney: hasMoney(analysis) };
  const { picture } = analysis;
  const section = (title: Text, lines: readonly string[]): string[] => ['', pen.strong(say(title)), ...lines];
  const asOf = { en: `as of the end of ${picture.asOf}`, zh: `截至 ${picture.asOf} 日终` };
  return [
    `${pen.ember(pen.strong(say(WORDS.title)))} · ${say(asOf)}`,
    ...paragraph(screen, say(definition(analysis))),
    ...section(WORDS.files, files(screen)),
    ...section(WORDS.headline, headline(screen)),
    ...section(WORDS.stages, stages(screen)),
    ...section(WORDS.curve, curve(screen)),
    ...section(WORDS.threshold, threshold(screen)),
    ...(screen.hasMoney && picture.model.returns.kind !== 'none' ? section(WORDS.money, money(screen)) : []),
    ...section(WORDS.rfm, rfm(screen)),
    ...section(WORDS.wake, wake(screen)),
    ...section(WORDS.model, model(screen)),
    ...(options.reportPath === undefined
      ? []
      : ['', `${say({ en: 'Report', zh: '报告' })}: ${pen.strong(printable(options.reportPath))}`]),
    '',
  ].join('\n');
}
