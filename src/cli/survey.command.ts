// `rekindle survey`: open and close waves, read their results.
import { Command } from 'commander';
import type { Business } from '../kernel/business.ts';
import { STAGES, type Stage } from '../understand/dormancy/stage.ts';
import type { SurveyResults } from '../understand/surveys/results.service.ts';
import { SURVEY_KINDS } from '../understand/surveys/survey.ts';
import { pathOf, withClient } from './client.ts';
import { examples } from './examples.ts';
import { count, dayOf, money, percent } from './figures.ts';
import { usage, type Session } from './session.ts';
import { renderTable } from './table.ts';

type WaveJson = {
  readonly surveyId: string;
  readonly kind: string;
  readonly name: string;
  readonly invited: number;
  readonly answered: number;
  readonly openedAt: string;
  readonly closedAt: string | null;
};
type ResultsJson = Omit<SurveyResults, 'survey' | 'texts'> & {
  readonly survey: { readonly name: string };
  readonly texts: readonly { readonly answer: string; readonly text: string }[];
};

const TEXTS_SHOWN = 10;

function comparisonLines({ say, lang, paint }: Session, told: ResultsJson, currency: string): string[] {
  if (told.comparison === null) return [];
  const { invited, answered } = told.comparison;
  const stageName = (stage: string): string =>
    stage in STAGES ? STAGES[stage as Stage][lang] : say('surveyUnknownStage');
  const cents = (value: number | null): string => (value === null ? '–' : money(value, currency, lang));
  const days = (value: number | null): string => (value === null ? '–' : value.toFixed(0));
  const rows = Object.keys(invited.stages).map((stage) => [
    stageName(stage),
    percent(invited.stages[stage] ?? 0),
    percent(answered.stages[stage] ?? 0),
  ]);
  return [
    '',
    paint.bold(say('surveyCompared')),
    renderTable(
      [
        { title: '' },
        { title: say('columnInvited'), align: 'right' },
        { title: say('columnAnswered'), align: 'right' },
      ],
      [
        ...rows,
        [say('surveyMeanSpent'), cents(invited.meanSpentCents), cents(answered.meanSpentCents)],
        [say('surveyMeanSilent'), days(invited.meanSilentDays), days(answered.meanSilentDays)],
      ],
      paint.dim,
    ),
  ];
}

function resultsScreen(session: Session, told: ResultsJson, currency: string): string {
  const { say, lang, paint } = session;
  const { response, nps } = told;
  return [
    paint.bold(
      say('surveyHead', {
        name: told.survey.name,
        answered: count(told.answered, lang),
        invited: count(told.invited, lang),
        share: percent(response.share),
        low: percent(response.low),
        high: percent(response.high),
      }),
    ),
    ...(nps === null
      ? []
      : [say('surveyNps', { score: nps.score.toFixed(0), low: nps.low.toFixed(0), high: nps.high.toFixed(0) })]),
    renderTable(
      [
        { title: say('columnAnswer') },
        { title: say('columnPeople'), align: 'right' },
        { title: say('columnReasonShare'), align: 'right' },
        { title: say('columnInterval'), align: 'right' },
        { title: say('columnWeighted'), align: 'right' },
      ],
      told.answers.map((row) => [
        row.label[lang],
        count(row.count, lang),
        percent(row.share),
        `${percent(row.low)} – ${percent(row.high)}`,
        percent(row.weightedShare),
      ]),
      paint.dim,
    ),
    ...comparisonLines(session, told, currency),
    '',
    told.bias[lang],
    ...told.texts.slice(0, TEXTS_SHOWN).map(({ answer, text }) => paint.dim(`  ${answer}: ${text}`)),
  ].join('\n');
}

export function surveyCommand(session: Session): Command {
  const { say, env, lang, paint } = session;
  const survey = new Command('survey').description(say('survey'));
  examples(survey, session, [
    'rekindle survey open reason autumn-2026 --name "Autumn 2026"',
    'rekindle survey open nps nps-2026',
    'rekindle survey results autumn-2026 --policy shop',
    'rekindle survey close autumn-2026',
  ]);

  survey
    .command('list')
    .description(say('surveyList'))
    .action(() =>
      withClient(env, async (client) => {
        const { surveys } = await client.call<{ surveys: readonly WaveJson[] }>('GET', '/surveys');
        session.answer({ surveys }, () =>
          surveys.length === 0
            ? say('none')
            : renderTable(
                [
                  { title: say('columnSurvey') },
                  { title: say('columnKind') },
                  { title: say('columnOpened') },
                  { title: say('columnClosed') },
                  { title: say('columnInvited'), align: 'right' },
                  { title: say('columnAnswered'), align: 'right' },
                ],
                surveys.map((wave) => [
                  wave.surveyId,
                  wave.kind,
                  dayOf(wave.openedAt),
                  wave.closedAt === null ? '' : dayOf(wave.closedAt),
                  count(wave.invited, lang),
                  count(wave.answered, lang),
                ]),
                paint.dim,
              ),
        );
      }),
    );

  survey
    .command('open')
    .description(say('surveyOpen'))
    .argument('<kind>', say('surveyKindArgument'))
    .argument('<id>', say('surveyIdArgument'))
    .option('--name <text>', say('surveyNameOption'))
    .action(async (kind: string, surveyId: string, options: { name?: string }) => {
      if (!SURVEY_KINDS.some((each) => each === kind)) throw usage(say('surveyWrongKind', { kind }));
      await withClient(env, async (client) => {
        const wave = await client.call('POST', '/surveys', { surveyId, kind, name: options.name ?? surveyId });
        session.answer(wave, () => say('surveyOpened', { id: surveyId }));
      });
    });

  survey
    .command('close')
    .description(say('surveyClose'))
    .argument('<id>', say('surveyIdArgument'))
    .action((surveyId: string) =>
      withClient(env, async (client) => {
        const wave = await client.call('POST', pathOf`/surveys/${surveyId}/close`);
        session.answer(wave, () => say('surveyClosed', { id: surveyId }));
      }),
    );

  survey
    .command('results')
    .description(say('surveyResults'))
    .argument('<id>', say('surveyIdArgument'))
    .option('--policy <id>', say('surveyPolicyOption'))
    .action((surveyId: string, options: { policy?: string }) =>
      withClient(env, async (client) => {
        const body = options.policy === undefined ? {} : { policyId: options.policy };
        const told = await client.call<ResultsJson>('POST', pathOf`/surveys/${surveyId}/results`, body);
        const { currency } = await client.call<Business>('GET', '/business');
        session.answer(told, () => resultsScreen(session, told, currency));
      }),
    );
  return survey;
}
