// Policies and their stages on a screen. Pure.
import { dayText } from '../kernel/days.ts';
import type { Lang, Text } from '../kernel/lang.ts';
import type { Backtest } from '../understand/dormancy/backtest.ts';
import type { DormancyPolicy } from '../understand/dormancy/policy.ts';
import { STAGES, type Stage } from '../understand/dormancy/stage.ts';
import type { DormancyPicture } from '../understand/picture/picture.ts';
import { count, leftOutLines, money, percent } from './figures.ts';
import type { Paint } from './session.ts';
import { renderTable } from './table.ts';
import { sayIn } from './words.ts';
import { unreachable } from '../kernel/result.ts';
import { percentText } from '../kernel/figures.ts';

export function ruleText({ rule }: DormancyPolicy, lang: Lang): string {
  const say = sayIn(lang);
  switch (rule.kind) {
    case 'window':
      return say('windowRule', { dormant: rule.dormantDays, cooling: rule.coolingDays, lost: rule.lostDays });
    case 'cadence':
      return say('cadenceRule', { multiplier: rule.multiplier, min: rule.minDays, max: rule.maxDays });
    case 'predicted':
      return say('predictedRule', {
        chance: percent(rule.dormantBelow),
        horizon: rule.horizonDays,
        min: rule.minDays,
        max: rule.maxDays,
      });
    default:
      return unreachable(rule);
  }
}

export type StagePeople = { readonly stage: Stage; readonly people: number };

export function stageTable(stages: readonly StagePeople[], lang: Lang, paint: Paint): string {
  const say = sayIn(lang);
  const people = stages.reduce((sum, row) => sum + row.people, 0);
  return renderTable(
    [
      { title: say('columnStage') },
      { title: say('columnPeople'), align: 'right' },
      { title: say('columnShare'), align: 'right' },
    ],
    stages.map((row) => [
      STAGES[row.stage][lang],
      count(row.people, lang),
      percent(people === 0 ? 0 : row.people / people),
    ]),
    paint.dim,
  );
}

/** `asOfNote`: why it is not yesterday that is shown. */
export type PreviewedPicture = DormancyPicture & { readonly asOfNote: Text | null };

export function pictureScreen(picture: PreviewedPicture, currency: string, lang: Lang, paint: Paint): string {
  const say = sayIn(lang);
  const { measuredReturn: measured, recommendedThreshold: threshold } = picture;
  const right = (title: string) => ({ title, align: 'right' }) as const;
  const notes = [picture.asOfNote, picture.judgedBy].flatMap((note) => (note === null ? [] : [note[lang]]));
  return [
    ...notes,
    paint.bold(
      say('dormantOf', {
        dormant: count(picture.dormantPeople, lang),
        people: count(picture.people, lang),
        share: percent(picture.dormantShare),
        day: dayText(picture.asOf, lang),
      }),
    ),
    measured.kind === 'measured'
      ? say('returnedOf', {
          share: percentText(measured.returnShare, 3),
          days: picture.horizonDays,
          returned: count(measured.returnedPeople, lang),
          dormant: count(measured.dormantPeople, lang),
        })
      : measured.reason[lang],
    '',
    renderTable(
      [
        { title: say('columnStage') },
        right(say('columnPeople')),
        right(say('columnShare')),
        right(say('columnSpent')),
        right(say('columnChance')),
        right(say('columnExpected')),
      ],
      picture.stages.map((row) => [
        row.label[lang],
        count(row.people, lang),
        percent(row.share),
        money(row.spentCents, currency, lang),
        row.meanReturnProbability === null ? '–' : percent(row.meanReturnProbability),
        row.expectedValueCents === null ? '–' : money(row.expectedValueCents, currency, lang),
      ]),
      paint.dim,
    ),
    ...leftOutLines(picture.leftOut, lang, paint),
    '',
    threshold.kind === 'recommended'
      ? say('recommended', { days: threshold.days, reason: threshold.reason[lang] })
      : say('notRecommended', { reason: threshold.reason[lang] }),
  ].join('\n');
}

/** One row per day; where a day cannot be judged, its reason below. */
export function backtestScreen(backtest: Backtest, lang: Lang, paint: Paint): string {
  const say = sayIn(lang);
  const shown = (share: number | null): string => (share === null ? '–' : percent(share));
  const titles = [
    'columnPeople',
    'columnDormant',
    'columnCameBack',
    'columnOthersBack',
    'columnLost',
    'columnCaught',
    'columnNoticed',
    'columnEarly',
  ] as const;
  const rows = backtest.days.map(({ asOf, people, dormantPeople, outcome }) => {
    const known = [asOf, count(people, lang), count(dormantPeople, lang)];
    if (outcome.kind !== 'measured') return [...known, '–', '–', '–', '–', '–', '–'];
    const { returnShare, returnLow, returnHigh } = outcome;
    const interval = returnShare === null ? '' : ` (${shown(returnLow)} – ${shown(returnHigh)})`;
    return [
      ...known,
      `${shown(returnShare)}${interval}`,
      shown(outcome.othersReturnShare),
      count(outcome.lostPeople, lang),
      shown(outcome.caughtShare),
      outcome.noticedAfterDays === null ? '–' : count(outcome.noticedAfterDays, lang),
      outcome.knownBeforeDays === null ? '–' : count(outcome.knownBeforeDays, lang),
    ];
  });
  const reasons = backtest.days.flatMap(({ asOf, outcome }) =>
    outcome.kind === 'measured' ? [] : [`${dayText(asOf, lang)}${lang === 'zh' ? '：' : ': '}${outcome.reason[lang]}`],
  );
  return [
    paint.bold(ruleText(backtest.policy, lang)),
    '',
    renderTable(
      [{ title: say('columnDay') }, ...titles.map((title) => ({ title: say(title), align: 'right' }) as const)],
      rows,
      paint.dim,
    ),
    '',
    ...reasons,
    ...backtest.notes.map((note) => note[lang]),
    say('backtestNote', { days: backtest.horizonDays, until: backtest.dataUntil ?? '–' }),
  ].join('\n');
}
