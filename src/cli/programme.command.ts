// `rekindle programme`: create, start, pause, end, and what came of it.
import { Command } from 'commander';
import type { DecisionCount, RunRow } from '../decide/programmes/decisions.sql.ts';
import type { Programme } from '../decide/programmes/programme.ts';
import type { RunSummary } from '../decide/programmes/runs.service.ts';
import { RekindleError } from '../kernel/errors.ts';
import { isObject, objectOf } from '../kernel/json.ts';
import { pathOf, withClient, type Client } from './client.ts';
import { examples } from './examples.ts';
import { count, instant, percent, reasonText } from './figures.ts';
import { readJsonFile } from './input.ts';
import { outcomeText } from './person-screen.ts';
import { reportScreen, STATE_WORDS, type ReportJson } from './report-screen.ts';
import type { Session } from './session.ts';
import { renderTable } from './table.ts';

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Ready-made templates that the programme names and nobody saved yet are saved with it. */
async function saveNamedStarters(client: Client, programme: unknown): Promise<void> {
  const named = list(objectOf(programme)['steps']).flatMap((step) =>
    list(objectOf(step)['variants']).map((variant) => objectOf(variant)['templateId']),
  );
  const { starters } = await client.call<{ starters: readonly string[] }>('GET', '/templates');
  if (named.some((id) => typeof id === 'string' && starters.includes(id)))
    await client.call('POST', '/templates/starters', {});
}

/** A file may bring the templates and offers that its programme needs. An offer that exists already is left as it was promised. */
async function createFromFile(client: Client, content: unknown): Promise<{ programme: Programme; state: string }> {
  const isBundle = isObject(content) && 'programme' in content;
  const programme = isBundle ? content['programme'] : content;
  if (isBundle) {
    for (const template of list(content['templates'])) await client.call('POST', '/templates', template);
    for (const offer of list(content['offers'])) {
      try {
        await client.call('POST', '/offers', offer);
      } catch (error) {
        if (!(error instanceof RekindleError && error.code === 'conflict')) throw error;
      }
    }
  }
  await saveNamedStarters(client, programme);
  return client.call('POST', '/programmes', programme);
}

export function programmeCommand(session: Session): Command {
  const { say, env, lang, paint } = session;
  const programme = new Command('programme').description(say('programme'));
  examples(programme, session, [
    'rekindle programme create win-back.json',
    'rekindle programme start win-back',
    'rekindle programme report win-back',
    'rekindle programme report win-back --json',
    'rekindle programme why win-back',
  ]);
  const state = (name: string): string => {
    const word = STATE_WORDS[name];
    return word === undefined ? name : say(word);
  };

  programme
    .command('list')
    .description(say('programmeList'))
    .action(() =>
      withClient(env, async (client) => {
        const listed = await client.call<{
          programmes: readonly { programmeId: string; name: string; state: string; createdAt: string }[];
        }>('GET', '/programmes');
        session.answer(listed, () =>
          listed.programmes.length === 0
            ? `${say('none')} ${say('moreHelp', { command: 'rekindle programme' })}`
            : renderTable(
                (['columnProgramme', 'columnState', 'columnCreated', 'columnName2'] as const).map((word) => ({
                  title: say(word),
                })),
                listed.programmes.map((each) => [
                  each.programmeId,
                  state(each.state),
                  instant(each.createdAt),
                  each.name,
                ]),
                paint.dim,
              ),
        );
      }),
    );

  programme
    .command('create')
    .description(say('programmeCreate'))
    .argument('<file>', say('programmeFileArgument'))
    .action(async (file: string) => {
      const content = readJsonFile(file);
      await withClient(env, async (client) => {
        const created = await createFromFile(client, content);
        session.answer(created, () => say('programmeCreated', { id: created.programme.programmeId }));
      });
    });

  programme
    .command('show')
    .description(say('programmeShow'))
    .argument('<programme>', say('programmeArgument'))
    .action((id: string) =>
      withClient(env, async (client) => {
        const shown = await client.call<{ programme: Programme; state: string; runs: readonly RunRow[] }>(
          'GET',
          pathOf`/programmes/${id}`,
        );
        session.answer(shown, () =>
          [
            paint.bold(`${shown.programme.name} · ${state(shown.state)}`),
            `${say('columnPolicy')}: ${shown.programme.audience.policyId} (${shown.programme.audience.stages.join(', ')}) · ${say('columnControl')}: ${percent(shown.programme.controlShare)}`,
            ...(shown.runs.length === 0
              ? []
              : [
                  '',
                  renderTable(
                    [
                      { title: say('columnRun') },
                      { title: say('columnConsidered'), align: 'right' },
                      { title: say('columnTreated'), align: 'right' },
                      { title: say('columnControl'), align: 'right' },
                    ],
                    shown.runs.map((run) => [
                      run.runOn,
                      run.considered === null ? '…' : count(run.considered, lang),
                      count(run.treated, lang),
                      count(run.control, lang),
                    ]),
                    paint.dim,
                  ),
                ]),
          ].join('\n'),
        );
      }),
    );

  const moves = [
    { move: 'start', word: 'programmeStart' },
    { move: 'pause', word: 'programmePause' },
    { move: 'end', word: 'programmeEnd' },
  ] as const;
  for (const { move, word } of moves) {
    programme
      .command(move)
      .description(say(word))
      .argument('<programme>', say('programmeArgument'))
      .action((id: string) =>
        withClient(env, async (client) => {
          const moved = await client.call<{ state: string }>('POST', `${pathOf`/programmes/${id}`}/${move}`);
          session.answer(moved, () => say('programmeMoved', { id, state: state(moved.state) }));
          if (move === 'start' && client.mode === 'direct') session.note(say('needsServer', { id }));
        }),
      );
  }

  programme
    .command('run')
    .description(say('programmeRun'))
    .argument('<programme>', say('programmeArgument'))
    .action((id: string) =>
      withClient(env, async (client) => {
        const done = await client.call<{
          entered: RunSummary | null;
          advanced: { planned: number };
          sent: { sent: number; deferred: number };
        }>('POST', pathOf`/programmes/${id}/run`);
        const { entered } = done;
        const refused = Object.values(entered?.refused ?? {}).reduce((sum, people) => sum + people, 0);
        session.answer(done, () =>
          [
            ...(entered === null ? [say('noRunDue')] : []),
            say('runDone', {
              treated: entered?.treated ?? 0,
              control: entered?.control ?? 0,
              refused,
              planned: done.advanced.planned,
              sent: done.sent.sent,
              deferred: done.sent.deferred,
            }),
          ].join('\n'),
        );
      }),
    );

  programme
    .command('report')
    .description(say('programmeReport'))
    .argument('<programme>', say('programmeArgument'))
    .action((id: string) =>
      withClient(env, async (client) => {
        const report = await client.call<ReportJson>('GET', pathOf`/programmes/${id}/report`);
        session.answer(report, () => reportScreen(report, lang, paint));
      }),
    );

  programme
    .command('why')
    .description(say('programmeWhy'))
    .argument('<programme>', say('programmeArgument'))
    .action((id: string) =>
      withClient(env, async (client) => {
        const counted = await client.call<{ decisions: readonly DecisionCount[] }>(
          'GET',
          pathOf`/programmes/${id}/decisions`,
        );
        session.answer(counted, () =>
          counted.decisions.length === 0
            ? say('none')
            : renderTable(
                [
                  { title: say('columnOutcome') },
                  { title: say('columnPeople'), align: 'right' },
                  { title: say('columnDecisions'), align: 'right' },
                  { title: say('columnReason') },
                ],
                counted.decisions.map((each) => [
                  outcomeText(each.outcome, lang),
                  count(each.people, lang),
                  count(each.decisions, lang),
                  each.code === '' ? '' : reasonText(each.code, lang),
                ]),
                paint.dim,
              ),
        );
      }),
    );
  return programme;
}
