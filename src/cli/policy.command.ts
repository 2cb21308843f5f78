// `rekindle policy`: when is somebody dormant?
import { dayText } from '../kernel/days.ts';
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import type { Business } from '../kernel/business.ts';
import { RekindleError } from '../kernel/errors.ts';
import type { Backtest } from '../understand/dormancy/backtest.ts';
import type { DormancyPolicy } from '../understand/dormancy/policy.ts';
import { pathOf, withClient, type Client } from './client.ts';
import { examples } from './examples.ts';
import { count } from './figures.ts';
import { queryOf, readJsonFile, wholeNumber } from './input.ts';
import type { ModelReport } from '../understand/value/explain.service.ts';
import { curvesScreen, modelScreen } from './policy-insight-screen.ts';
import {
  backtestScreen,
  pictureScreen,
  ruleText,
  stageTable,
  type PreviewedPicture,
  type StagePeople,
} from './policy-screen.ts';
import type { Session } from './session.ts';
import { renderTable } from './table.ts';

type SavedJson = {
  readonly policy: DormancyPolicy;
  readonly version: number;
  readonly active: boolean;
  readonly evaluatedUntil: string | null;
};
type PresetJson = { readonly preset: string; readonly policy: DormancyPolicy; readonly usable: boolean };
type ViewOptions = { readonly asOf?: string; readonly horizon?: string; readonly window?: string };

const presetsOf = async (client: Client): Promise<readonly PresetJson[]> =>
  (await client.call<{ presets: readonly PresetJson[] }>('GET', '/policies/presets')).presets;

/** The preset of that name, with another window where one was asked for. Throws `not_found` naming what there is. */
async function presetPolicy(client: Client, name: string, windowDays: number | undefined): Promise<DormancyPolicy> {
  const presets = await presetsOf(client);
  const found = presets.find((each) => each.preset === name);
  if (found === undefined)
    throw new RekindleError('not_found', {
      what: `preset "${name}" (${presets.map((each) => each.preset).join(', ')})`,
    });
  return widened(found.policy, windowDays);
}

async function widened(policy: DormancyPolicy, windowDays: number | undefined): Promise<DormancyPolicy> {
  if (windowDays === undefined) return policy;
  const { withWindow } = await import('../understand/dormancy/policy.ts');
  return withWindow(policy, windowDays);
}

/** What was meant: a file, a saved policy, or a preset. */
async function meantPolicy(client: Client, name: string, windowDays: number | undefined): Promise<unknown> {
  if (name.endsWith('.json') || existsSync(name)) {
    const policy = readJsonFile(name);
    if (windowDays === undefined) return policy;
    const { parsePolicy } = await import('../understand/dormancy/policy.ts');
    return widened(parsePolicy(policy), windowDays);
  }
  try {
    const { policy } = await client.call<SavedJson>('GET', pathOf`/policies/${name}`);
    return await widened(policy, windowDays);
  } catch (error) {
    if (!(error instanceof RekindleError && error.code === 'not_found')) throw error;
    return presetPolicy(client, name, windowDays);
  }
}

export function policyCommand(session: Session): Command {
  const { say, env, lang, paint } = session;
  const policy = new Command('policy').description(say('policy'));
  examples(policy, session, [
    'rekindle policy presets',
    'rekindle policy preview shop --window 60',
    'rekindle policy backtest shop --window 60 --on 2025-03-31,2025-06-30',
    'rekindle policy curve shop --by rfm',
    'rekindle policy model shop',
    'rekindle policy create shop --window 60',
    'rekindle policy save my-policy.json',
    'rekindle policy evaluate shop',
    'rekindle policy activate shop 1',
  ]);
  const days = (what: string, text: string | undefined): number | undefined =>
    text === undefined ? undefined : wholeNumber(session, what, text);
  const saved = (answer: SavedJson): void =>
    session.answer(answer, () =>
      say('policySaved', {
        policy: answer.policy.policyId,
        version: answer.version,
        rule: ruleText(answer.policy, lang),
      }),
    );

  policy
    .command('list')
    .description(say('policyList'))
    .action(() =>
      withClient(env, async (client) => {
        const listed = await client.call<{ policies: readonly SavedJson[] }>('GET', '/policies');
        session.answer(listed, () =>
          listed.policies.length === 0
            ? `${say('none')} ${say('moreHelp', { command: 'rekindle policy' })}`
            : renderTable(
                [
                  { title: say('columnPolicy') },
                  { title: say('columnVersion'), align: 'right' },
                  { title: say('columnActive') },
                  { title: say('columnUntil') },
                  { title: say('columnName2') },
                  { title: say('columnRule') },
                ],
                listed.policies.map((each) => [
                  each.policy.policyId,
                  String(each.version),
                  each.active ? say('yes') : '',
                  each.evaluatedUntil ?? say('neverEvaluated'),
                  each.policy.name[lang],
                  ruleText(each.policy, lang),
                ]),
                paint.dim,
              ),
        );
      }),
    );

  policy
    .command('presets')
    .description(say('policyPresets'))
    .action(() =>
      withClient(env, async (client) => {
        const presets = await presetsOf(client);
        session.answer({ presets }, () =>
          renderTable(
            (['columnPreset', 'columnUsable', 'columnName2', 'columnActivity'] as const).map((word) => ({
              title: say(word),
            })),
            presets.map((each) => [
              each.preset,
              say(each.usable ? 'yes' : 'no'),
              each.policy.name[lang],
              each.policy.activity.join(', '),
            ]),
            paint.dim,
          ),
        );
      }),
    );

  policy
    .command('create')
    .description(say('policyCreate'))
    .argument('<preset>', say('presetArgument'))
    .option('--window <days>', say('windowOption'))
    .option('--evaluate', say('createEvaluateOption'))
    .action(async (name: string, options: ViewOptions & { readonly evaluate?: boolean }) => {
      const windowDays = days('--window', options.window);
      await withClient(env, async (client) => {
        const made = await client.call<SavedJson>('POST', '/policies', await presetPolicy(client, name, windowDays));
        if (options.evaluate === true)
          await client.call('POST', pathOf`/policies/${made.policy.policyId}/evaluate`, {});
        saved(made);
      });
    });

  policy
    .command('save')
    .description(say('policySave'))
    .argument('<file>', say('jsonFileArgument'))
    .action(async (file: string) => {
      const definition = readJsonFile(file);
      await withClient(env, async (client) => saved(await client.call('POST', '/policies', definition)));
    });

  policy
    .command('show')
    .description(say('policyShow'))
    .argument('<policy>', say('policyArgument'))
    .argument('[version]', say('showVersionArgument'))
    .action(async (id: string, version: string | undefined) => {
      const query = queryOf({ version: days('[version]', version) });
      await withClient(env, async (client) => {
        const shown = await client.call<SavedJson & { stages: readonly StagePeople[] }>(
          'GET',
          `${pathOf`/policies/${id}`}${query}`,
        );
        session.answer(shown, () =>
          [
            paint.bold(
              `${shown.policy.policyId} · ${say('columnVersion')} ${shown.version} · ${shown.policy.name[lang]}`,
            ),
            ruleText(shown.policy, lang),
            `${say('columnActivity')}: ${shown.policy.activity.join(', ')}`,
            `${say('columnUntil')}: ${shown.evaluatedUntil ?? say('neverEvaluated')}`,
            ...(shown.stages.length === 0 ? [] : ['', stageTable(shown.stages, lang, paint)]),
          ].join('\n'),
        );
      });
    });

  policy
    .command('evaluate')
    .description(say('policyEvaluate'))
    .argument('<policy>', say('policyArgument'))
    .option('--as-of <day>', say('asOfOption'))
    .option('--horizon <days>', say('horizonOption'))
    .action(async (id: string, options: ViewOptions) => {
      const body = { asOf: options.asOf, horizonDays: days('--horizon', options.horizon) };
      await withClient(env, async (client) => {
        const done = await client.call<{
          policy: DormancyPolicy;
          version: number;
          asOf: string;
          base: { people: number };
          stages: readonly StagePeople[];
        }>('POST', pathOf`/policies/${id}/evaluate`, body);
        session.answer(
          done,
          () =>
            `${paint.bold(say('evaluatedAsOf', { policy: id, version: done.version, day: dayText(done.asOf, lang), people: count(done.base.people, lang) }))}\n${stageTable(done.stages, lang, paint)}`,
        );
      });
    });

  policy
    .command('activate')
    .description(say('policyActivate'))
    .argument('<policy>', say('policyArgument'))
    .argument('<version>', say('versionArgument'))
    .action(async (id: string, version: string) => {
      const body = { version: wholeNumber(session, '<version>', version) };
      await withClient(env, async (client) => {
        const activated = await client.call('POST', pathOf`/policies/${id}/activate`, body);
        session.answer(activated, () => say('policyActivated', { policy: id, version }));
      });
    });

  policy
    .command('preview')
    .description(say('policyPreview'))
    .argument('<policy>', say('policyOrFileArgument'))
    .option('--window <days>', say('windowOption'))
    .option('--as-of <day>', say('asOfOption'))
    .option('--horizon <days>', say('horizonOption'))
    .action(async (name: string, options: ViewOptions) => {
      const windowDays = days('--window', options.window);
      const horizonDays = days('--horizon', options.horizon);
      await withClient(env, async (client) => {
        const meant = await meantPolicy(client, name, windowDays);
        const body = { policy: meant, asOf: options.asOf, horizonDays };
        const picture = await client.call<PreviewedPicture>('POST', '/policies/preview', body);
        const { currency } = await client.call<Business>('GET', '/business');
        session.answer(picture, () => pictureScreen(picture, currency, lang, paint));
      });
    });

  policy
    .command('curve')
    .description(say('policyCurve'))
    .argument('<policy>', say('policyOrFileArgument'))
    .option('--by <grouping>', say('curveByOption'))
    .option('--trait <name>', say('curveTraitOption'))
    .option('--as-of <day>', say('asOfOption'))
    .option('--horizon <days>', say('horizonOption'))
    .action(async (name: string, options: ViewOptions & { readonly by?: string; readonly trait?: string }) => {
      const horizonDays = days('--horizon', options.horizon);
      await withClient(env, async (client) => {
        const meant = await meantPolicy(client, name, undefined);
        const { by, trait, asOf } = options;
        const drawn = await client.call<Parameters<typeof curvesScreen>[0]>('POST', '/policies/curve', {
          policy: meant,
          by,
          trait,
          asOf,
          horizonDays,
        });
        session.answer(drawn, () => curvesScreen(drawn, lang, paint));
      });
    });

  policy
    .command('model')
    .description(say('policyModel'))
    .argument('<policy>', say('policyArgument'))
    .action((id: string) =>
      withClient(env, async (client) => {
        const report = await client.call<ModelReport>('GET', pathOf`/policies/${id}/model`);
        session.answer(report, () => modelScreen(report, lang, paint));
      }),
    );

  policy
    .command('backtest')
    .description(say('policyBacktest'))
    .argument('<policy>', say('policyOrFileArgument'))
    .requiredOption('--on <days>', say('onOption'))
    .option('--window <days>', say('windowOption'))
    .option('--horizon <days>', say('horizonOption'))
    .action(async (name: string, options: ViewOptions & { readonly on: string }) => {
      const windowDays = days('--window', options.window);
      const on = options.on.split(',').map((day) => day.trim());
      const horizonDays = days('--horizon', options.horizon);
      await withClient(env, async (client) => {
        const meant = await meantPolicy(client, name, windowDays);
        const tested = await client.call<Backtest>('POST', '/policies/backtest', { policy: meant, on, horizonDays });
        session.answer(tested, () => backtestScreen(tested, lang, paint));
      });
    });
  return policy;
}
