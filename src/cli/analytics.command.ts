// `rekindle analytics`: funnel, retention, flow, dormancy, risk.
import { Command } from 'commander';
import { DIMENSION_NAMES } from '../understand/analytics/dimension.ts';
import type { DormancyOverTime, StageFlow } from '../understand/analytics/flow.ts';
import type { Funnel } from '../understand/analytics/funnel.ts';
import type { Retention } from '../understand/analytics/retention.ts';
import type { Risk } from '../understand/analytics/risk.ts';
import type { Business } from '../kernel/business.ts';
import { dormancyScreen, flowScreen, funnelScreen, retentionScreen, riskScreen } from './analytics-screen.ts';
import { pathOf, withClient } from './client.ts';
import { examples } from './examples.ts';
import { queryOf, wholeNumber } from './input.ts';
import { usage, type Session } from './session.ts';

type Days = { readonly from?: string; readonly to?: string };
type FunnelOptions = Days & {
  readonly window: string;
  readonly by?: string;
  readonly trait?: string;
  readonly policy?: string;
};
type RetentionOptions = Days & { readonly unit: string; readonly periods: string; readonly activity?: string };
type OverTimeOptions = Days & { readonly unit: string };
type RiskOptions = { readonly by: string; readonly trait?: string; readonly limit: string };

const listOf = (text: string, separator: string): string[] =>
  text
    .split(separator)
    .map((name) => name.trim())
    .filter(Boolean);

export function analyticsCommand(session: Session): Command {
  const { say, env } = session;
  const names = DIMENSION_NAMES.join(', ');
  const analytics = new Command('analytics').description(say('analytics'));
  examples(analytics, session, [
    'rekindle analytics funnel "Product Viewed" "Product Added|Cart Viewed" "Order Completed" --window 7',
    'rekindle analytics retention --unit month',
    'rekindle analytics flow shop --from 2026-01-31',
    'rekindle analytics dormancy shop',
    'rekindle analytics risk shop --by trait --trait country',
  ]);
  const unitOf = (unit: string): string => {
    if (unit === 'week' || unit === 'month') return unit;
    throw usage(say('wrongUnit', { unit }));
  };
  const given = (values: Readonly<Record<string, unknown>>): object =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  const withDays = (command: Command): Command =>
    command.option('--from <day>', say('firstDayOption')).option('--to <day>', say('lastDayOption'));

  withDays(
    analytics
      .command('funnel')
      .description(say('analyticsFunnel'))
      .argument('<steps...>', say('stepsArgument'))
      .option('--window <days>', say('funnelWindowOption'), '30'),
  )
    .option('--by <group>', say('byOption', { names }))
    .option('--trait <name>', say('traitOption'))
    .option('--policy <id>', say('forPolicyOption'))
    .action(async (steps: string[], { by, trait, policy, window, from, to }: FunnelOptions) => {
      const windowDays = wholeNumber(session, '--window', window);
      await withClient(env, async (client) => {
        const funnel = await client.call<Funnel>('POST', '/analytics/funnel', {
          steps: steps.map((step) => ({ events: listOf(step, '|') })),
          windowDays,
          ...given({ from, to, policyId: policy, groupBy: by === undefined ? undefined : given({ by, trait }) }),
        });
        session.answer(funnel, () => funnelScreen(session, funnel));
      });
    });

  withDays(analytics.command('retention').description(say('analyticsRetention')))
    .option('--unit <unit>', say('unitOption'), 'month')
    .option('--periods <n>', say('periodsOption'), '12')
    .option('--activity <events>', say('activityOption'))
    .action(async ({ unit, periods, activity, from, to }: RetentionOptions) => {
      const asked = {
        unit: unitOf(unit),
        periods: wholeNumber(session, '--periods', periods),
        ...given({ from, to, activity: activity === undefined ? undefined : listOf(activity, ',') }),
      };
      await withClient(env, async (client) => {
        const table = await client.call<Retention>('POST', '/analytics/retention', asked);
        session.answer(table, () => retentionScreen(session, table));
      });
    });

  const overTime = (command: Command): Command =>
    withDays(command.argument('<policy>', say('policyArgument'))).option('--unit <unit>', say('unitOption'), 'month');
  const daysOf = ({ unit, from, to }: OverTimeOptions): string => queryOf({ unit: unitOf(unit), from, to });

  overTime(analytics.command('flow').description(say('analyticsFlow'))).action(
    async (policy: string, options: OverTimeOptions) => {
      const query = daysOf(options);
      await withClient(env, async (client) => {
        const flow = await client.call<StageFlow>('GET', `${pathOf`/policies/${policy}/flow`}${query}`);
        session.answer(flow, () => flowScreen(session, flow));
      });
    },
  );

  overTime(analytics.command('dormancy').description(say('analyticsDormancy'))).action(
    async (policy: string, options: OverTimeOptions) => {
      const query = daysOf(options);
      await withClient(env, async (client) => {
        const over = await client.call<DormancyOverTime>('GET', `${pathOf`/policies/${policy}/dormancy`}${query}`);
        session.answer(over, () => dormancyScreen(session, over));
      });
    },
  );

  analytics
    .command('risk')
    .description(say('analyticsRisk'))
    .argument('<policy>', say('policyArgument'))
    .option('--by <group>', say('byOption', { names }), 'category')
    .option('--trait <name>', say('traitOption'))
    .option('--limit <n>', say('limitOption'), '15')
    .action(async (policy: string, { by, trait, limit }: RiskOptions) => {
      const query = queryOf({ by, trait, limit: wholeNumber(session, '--limit', limit) });
      await withClient(env, async (client) => {
        const risk = await client.call<Risk>('GET', `${pathOf`/policies/${policy}/risk`}${query}`);
        const { currency } = await client.call<Business>('GET', '/business');
        session.answer(risk, () => riskScreen(session, risk, currency));
      });
    });
  return analytics;
}
