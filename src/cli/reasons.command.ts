// `rekindle reasons POLICY`: shares with intervals; --by a grouping; --since an earlier day. One person's reasons are in `person show`.
import { dayText } from '../kernel/days.ts';
import { Command } from 'commander';
import { RekindleError } from '../kernel/errors.ts';
import { DIMENSION_NAMES } from '../understand/analytics/dimension.ts';
import type { ReasonDrift, ReasonGroups } from '../understand/reasons/breakdown.service.ts';
import { REASON_LABELS } from '../understand/reasons/causes.ts';
import type { ReasonShares } from '../understand/reasons/reasons.service.ts';
import { pathOf, withClient } from './client.ts';
import { examples } from './examples.ts';
import { count, percent } from './figures.ts';
import { queryOf } from './input.ts';
import type { Session } from './session.ts';
import { renderTable, shortened } from './table.ts';

type Options = {
  readonly by?: string;
  readonly trait?: string;
  readonly since?: string;
  readonly evaluate?: boolean;
};

const NAME_WIDTH = 28;
const LABEL_WIDTH = 14;

function sharesScreen({ say, lang, paint }: Session, told: ReasonShares): string {
  const { calibration, traced } = told;
  const head = paint.bold(say('reasonsHead', { people: count(told.people, lang), asOf: dayText(told.asOf, lang) }));
  if (told.people > 0 && traced === 0) return [head, say('reasonsUntraced')].join('\n');
  return [
    head,
    renderTable(
      [
        { title: say('columnWhyLeft') },
        { title: say('columnReasonShare'), align: 'right' },
        { title: say('columnInterval'), align: 'right' },
      ],
      told.shares
        .toSorted((a, b) => b.share - a.share)
        .map((row) => [
          REASON_LABELS[row.reason][lang],
          percent(row.share),
          `${percent(row.low)} – ${percent(row.high)}`,
        ]),
      paint.dim,
    ),
    ...(traced === undefined ? [] : [paint.dim(say('reasonsTraced', { traced: count(traced, lang) }))]),
    paint.dim(told.weights.why[lang]),
    ...(calibration === null || calibration === undefined
      ? []
      : [
          paint.dim(
            say('reasonsCalibration', {
              answers: count(calibration.answers, lang),
              agreed: percent(calibration.agreed),
              expected: percent(calibration.expected),
            }),
          ),
        ]),
  ].join('\n');
}

function groupsScreen({ say, lang, paint }: Session, told: ReasonGroups): string {
  const reasons = told.groups[0]?.shares.map(({ label }) => label) ?? [];
  return renderTable(
    [
      { title: told.groupedBy[lang] },
      { title: say('columnPeople'), align: 'right' },
      ...reasons.map((label) => ({ title: shortened(label[lang], LABEL_WIDTH), align: 'right' as const })),
    ],
    told.groups.map((group) => [
      shortened(group.label[lang], NAME_WIDTH),
      count(group.people, lang),
      ...group.shares.map(({ share }) => percent(share)),
    ]),
    paint.dim,
  );
}

function driftScreen({ say, lang, paint }: Session, drift: ReasonDrift): string {
  return [
    renderTable(
      [
        { title: say('columnWhyLeft') },
        { title: drift.since, align: 'right' },
        { title: drift.asOf, align: 'right' },
        { title: say('columnChange'), align: 'right' },
        { title: say('columnInterval'), align: 'right' },
        { title: '' },
      ],
      drift.reasons.map((row) => [
        row.label[lang],
        percent(row.since),
        percent(row.now),
        `${row.change > 0 ? '+' : ''}${percent(row.change)}`,
        `${percent(row.low)} – ${percent(row.high)}`,
        row.isClear ? paint.bold(say('reasonsClear')) : '',
      ]),
      paint.dim,
    ),
    paint.dim(drift.note[lang]),
  ].join('\n');
}

export function reasonsCommand(session: Session): Command {
  const { say, env } = session;
  const command = new Command('reasons')
    .description(say('reasons'))
    .argument('<policy>', say('policyArgument'))
    .option('--by <group>', say('reasonsByOption', { names: DIMENSION_NAMES.join(', ') }))
    .option('--trait <name>', say('traitOption'))
    .option('--since <day>', say('reasonsSinceOption'))
    .option('--evaluate', say('reasonsEvaluateOption'))
    .action((policy: string, { by, trait, since, evaluate }: Options) =>
      withClient(env, async (client) => {
        const path = pathOf`/policies/${policy}/reasons`;
        if (evaluate === true) await client.call('POST', path);
        if (since !== undefined) {
          const drift = await client.call<ReasonDrift>('GET', `${path}/drift${queryOf({ since })}`);
          return session.answer(drift, () => driftScreen(session, drift));
        }
        if (by !== undefined) {
          const groups = await client.call<ReasonGroups>('POST', `${path}/groups`, {
            by,
            ...(trait === undefined ? {} : { trait }),
          });
          return session.answer(groups, () => groupsScreen(session, groups));
        }
        const told = await client.call<ReasonShares>('GET', path).catch(async (cause: unknown) => {
          // Nobody has explained them yet, as right after an import: now is the time.
          if (!(cause instanceof RekindleError) || cause.code !== 'not_found' || evaluate === true) throw cause;
          await client.call('POST', path);
          return client.call<ReasonShares>('GET', path);
        });
        session.answer(told, () => sharesScreen(session, told));
      }),
    );
  examples(command, session, [
    'rekindle reasons shop --evaluate',
    'rekindle reasons shop --by rfm',
    'rekindle reasons shop --since 2026-01-31',
  ]);
  return command;
}
