// The dormancy picture as one terminal screen, in either language: analysis + language + width → text. Pure; colours only when asked for.
import { dayText } from '../kernel/days.ts';
import type { Lang, Text } from '../kernel/lang.ts';
import { hasMoney, type Analysis } from '../prove/reports/analysis.ts';
import { BEYOND, groupsTitle } from '../prove/reports/beyond-words.ts';
import { formatsOf } from '../prove/reports/formats.ts';
import {
  chanceExplained,
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
import { RFM_GROUPS } from '../understand/value/rfm.ts';
import { cellWidth, padded, printable, shortened, wrapped, type Column } from './analyze-columns.ts';
import { calibration, cohorts, dormantGroups, funnel, productsToShow, reasons } from './picture-screen-beyond.ts';
import { curve, money, threshold } from './picture-screen-curve.ts';
import { indent, paragraph, penOf, table, type Screen } from './picture-screen-parts.ts';

export type ScreenOptions = {
  readonly lang: Lang;
  /** Cells per line. */
  readonly width: number;
  readonly hasColour: boolean;
  readonly reportPath?: string;
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
  const drawn = table(
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
  const isExplained = analysis.picture.model.returns.kind !== 'none';
  return isExplained ? [...drawn, '', ...paragraph(screen, say(chanceExplained(analysis.picture.horizonDays)))] : drawn;
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
  const hasGroup = screen.width >= 96;
  if (people.length === 0) return paragraph(screen, say(explanation));
  const drawn = table(
    [
      { head: say(WORDS.person), cellsMax: Math.min(28, screen.width - (hasGroup ? 76 : 60)) },
      { head: say(WORDS.silentDays), align: 'right' },
      { head: say(WORDS.activeDays), align: 'right' },
      screen.hasMoney ? { head: say(WORDS.spent), align: 'right' } : undefined,
      { head: say(WORDS.chance), align: 'right' },
      screen.hasMoney ? { head: say(WORDS.expected), align: 'right' } : undefined,
      hasGroup ? { head: say(WORDS.group) } : undefined,
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
    ...indent(paragraph({ ...screen, width: screen.width - 2 }, say(fileInWords(file)))),
    ...indent(paragraph({ ...screen, width: screen.width - 2 }, say(mappingInWords(file.mapping)))),
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
  const ifThere = (title: Text, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : section(title, lines);
  const asOf = { en: `as of the end of ${dayText(picture.asOf, 'en')}`, zh: `截至 ${dayText(picture.asOf, 'zh')}日终` };
  return [
    `${pen.ember(pen.strong(say(WORDS.title)))} · ${say(asOf)}`,
    ...paragraph(screen, say(definition(analysis))),
    ...section(WORDS.files, files(screen)),
    ...section(WORDS.headline, headline(screen)),
    ...section(WORDS.stages, stages(screen)),
    ...section(WORDS.curve, curve(screen)),
    ...section(WORDS.threshold, threshold(screen)),
    ...(screen.hasMoney && picture.model.returns.kind !== 'none' ? section(WORDS.money, money(screen)) : []),
    ...ifThere(BEYOND.retention, cohorts(screen)),
    ...section(WORDS.rfm, rfm(screen)),
    ...ifThere(groupsTitle(analysis), dormantGroups(screen)),
    ...ifThere(BEYOND.funnel, funnel(screen)),
    ...ifThere(BEYOND.reasons, reasons(screen)),
    ...section(WORDS.wake, wake(screen)),
    ...ifThere(BEYOND.recommended, productsToShow(screen)),
    ...section(WORDS.model, [...model(screen), ...calibration(screen)]),
    ...(options.reportPath === undefined
      ? []
      : ['', `${say({ en: 'Report', zh: '报告' })}: ${pen.strong(printable(options.reportPath))}`]),
    '',
  ].join('\n');
}
