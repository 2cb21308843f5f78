// Steering dormancy policies: versions, presets, evaluation and the picture they draw.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { addDays, dayIn } from '../../kernel/days.ts';
import { backtestPolicy, BACKTEST_DAYS_MAX } from '../../understand/dormancy/backtest.service.ts';
import { evaluatePolicy } from '../../understand/dormancy/evaluate.service.ts';
import {
  activatePolicy,
  listPolicies,
  occurringEvents,
  savePolicy,
  showPolicy,
} from '../../understand/dormancy/policy.service.ts';
import type { DormancyPolicy } from '../../understand/dormancy/policy.ts';
import { PRESET_NAMES, presetFor } from '../../understand/dormancy/presets.ts';
import { usablePolicy } from '../../understand/dormancy/usable-policy.service.ts';
import { evaluatedUntil, stageCounts, stageHistoryOf } from '../../understand/dormancy/states.sql.ts';
import { reasonShares } from '../../understand/reasons/reasons.service.ts';
import { drawPicture } from '../../understand/picture/picture.service.ts';
import { isPastDay, lastDayToLookAt } from '../../understand/picture/as-of.service.ts';
import { assertSunsetRule } from '../../reach/consent/re-permission.service.ts';
import { day } from './day.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

const horizonDays = z.coerce.number().int().min(1).max(365);
const backtestBody = {
  on: z.array(day).min(1).max(BACKTEST_DAYS_MAX),
  horizonDays: z.int().min(1).max(365).optional(),
};
const pictureQuery = z.strictObject({
  asOf: day.optional(),
  horizonDays: horizonDays.optional(),
  version: z.coerce.number().int().min(1).optional(),
  wakeLimit: z.coerce.number().int().min(0).max(1_000).optional(),
});

/** `exactOptionalPropertyTypes`: an option that was not given is not passed on. */
const given = <T extends object>(options: T): { [key in keyof T]?: Exclude<T[key], undefined> } =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [key in keyof T]?: Exclude<T[key], undefined>;
  };

export const policyEndpoints = (app: App): readonly Endpoint[] => {
  const { records, events, clock } = app;
  const yesterday = (): string => addDays(dayIn(clock.now(), app.business.timeZone), -1);
  const isPast = (asked: string | undefined): boolean => isPastDay(asked, clock.now(), app.business.timeZone);
  type Asked = { readonly on: string[]; readonly horizonDays?: number | undefined };
  const backtest = (policy: DormancyPolicy, { on, horizonDays: horizon }: Asked) =>
    backtestPolicy(events, {
      policy,
      on,
      now: clock.now(),
      scopes: app.segments,
      ...given({ horizonDays: horizon }),
    });
  return [
    endpoint({
      method: 'get',
      path: '/policies',
      need: 'policies.read',
      summary: 'All policies in all versions, the newest first, with the day each was last evaluated for',
      run: async () => {
        const policies = await listPolicies(records);
        const until = new Map<string, string | null>();
        for (const { policy } of policies)
          if (!until.has(policy.policyId))
            until.set(policy.policyId, (await evaluatedUntil(events, policy.policyId)) ?? null);
        return {
          policies: policies.map((saved) => ({ ...saved, evaluatedUntil: until.get(saved.policy.policyId) ?? null })),
        };
      },
    }),
    endpoint({
      method: 'get',
      path: '/policies/presets',
      need: 'policies.read',
      summary: 'Ready-made policies, each with those of its events that occur here',
      run: async () => {
        const occurred = await occurringEvents(events);
        return {
          presets: PRESET_NAMES.map((preset) => {
            const policy = presetFor(preset, occurred);
            return { preset, policy, usable: policy.activity.every((name) => occurred.includes(name)) };
          }),
          occurringEvents: occurred,
        };
      },
    }),
    endpoint({
      method: 'post',
      path: '/policies/preview',
      need: 'policies.read',
      summary:
        'Draws the picture of a policy that is not saved, as of yesterday unless told; where its data ended long ago as of their last day, with a note',
      body: z.strictObject({
        policy: z.unknown(),
        asOf: day.optional(),
        horizonDays: horizonDays.optional(),
        wakeLimit: z.int().min(0).max(1_000).optional(),
      }),
      refusals: ['not_enough_data', 'not_found', 'scope_cycle', 'past_unknown'],
      run: async ({ body }) => {
        const policy = await usablePolicy(app.segments, body.policy);
        const { horizonDays, wakeLimit } = body;
        const now = clock.now();
        const { asOf, note } = await lastDayToLookAt(events, policy, now, app.business.timeZone, body.asOf);
        const picture = await drawPicture(events, {
          policy,
          version: 0,
          asOf,
          now,
          scopes: app.segments,
          isPast: isPast(body.asOf),
          ...given({ horizonDays, wakeLimit }),
        });
        return { ...picture, asOfNote: note };
      },
    }),
    endpoint({
      method: 'post',
      path: '/policies/backtest',
      need: 'policies.read',
      summary:
        'On past days: of those a policy (not saved) would have called dormant, who came back, and whom it would have caught',
      body: z.strictObject({ policy: z.unknown(), ...backtestBody }),
      refusals: ['not_found', 'scope_cycle', 'past_unknown'],
      run: async ({ body }) => {
        const policy = await usablePolicy(app.segments, body.policy);
        return backtest(policy, body);
      },
    }),
    endpoint({
      method: 'post',
      path: '/policies',
      need: 'policies.write',
      summary: 'Saves the next version of a policy and makes it the active one',
      status: 201,
      body: z.unknown(),
      refusals: ['not_found', 'scope_cycle'],
      run: async ({ body }) => {
        const policy = await usablePolicy(app.segments, body);
        await assertSunsetRule(records.db, policy.sunset, clock.now());
        const saved = await savePolicy({ events, records }, policy, clock.now());
        app.returns.refresh();
        return saved;
      },
    }),
    endpoint({
      method: 'get',
      path: '/policies/{policyId}',
      need: 'policies.read',
      summary: 'A policy (its active version, or the one asked for) with how many people stand in each stage',
      query: z.strictObject({ version: z.coerce.number().int().min(1).optional() }),
      refusals: ['not_found'],
      run: async ({ params, query }) => ({
        ...(await showPolicy(records, params.policyId, query.version)),
        evaluatedUntil: (await evaluatedUntil(events, params.policyId)) ?? null,
        reasonsAsOf: (await reasonShares(records, params.policyId))?.asOf ?? null,
        stages: await stageCounts(events, params.policyId),
      }),
    }),
    endpoint({
      method: 'post',
      path: '/policies/{policyId}/activate',
      need: 'policies.write',
      summary: 'Makes another version the active one',
      body: z.strictObject({ version: z.int().min(1) }),
      refusals: ['not_found', 'scope_cycle'],
      run: async ({ params, body }) => {
        const saved = await activatePolicy(records, params.policyId, body.version);
        app.returns.refresh();
        return saved;
      },
    }),
    endpoint({
      method: 'post',
      path: '/policies/{policyId}/evaluate',
      need: 'policies.write',
      summary:
        'Evaluates the active version as of the end of a day (yesterday unless told) and publishes everybody’s stage',
      body: z.strictObject({ asOf: day.optional(), horizonDays: horizonDays.optional() }),
      refusals: ['not_found', 'conflict'],
      run: async ({ params, body }) => {
        const { policy, version } = await showPolicy(records, params.policyId);
        const { asOf = yesterday(), horizonDays } = body;
        const evaluation = await evaluatePolicy(events, {
          policy,
          version,
          asOf,
          ...(asOf === yesterday() ? { throughOn: addDays(asOf, 1) } : {}),
          now: clock.now(),
          scopes: app.segments,
          ...given({ horizonDays }),
        });
        return { policy, version, ...evaluation, stages: await stageCounts(events, params.policyId) };
      },
    }),
    endpoint({
      method: 'post',
      path: '/policies/{policyId}/backtest',
      need: 'policies.read',
      summary: 'The same of the active version of a saved policy',
      body: z.strictObject(backtestBody),
      refusals: ['not_found', 'past_unknown'],
      run: async ({ params, body }) => {
        const { policy } = await showPolicy(records, params.policyId);
        return backtest(policy, body);
      },
    }),
    endpoint({
      method: 'get',
      path: '/policies/{policyId}/people/{personId}/stages',
      need: 'people.read',
      summary: 'Every change of a person’s stage under a policy, with its day and cause, the oldest first',
      refusals: ['not_found'],
      run: async ({ params }) => {
        await showPolicy(records, params.policyId);
        return { changes: await stageHistoryOf(events, params.policyId, params.personId) };
      },
    }),
    endpoint({
      method: 'get',
      path: '/policies/{policyId}/picture',
      need: 'policies.read',
      summary: 'The dormancy picture as of the end of a day (yesterday unless told); nothing is published',
      query: pictureQuery,
      refusals: ['not_found', 'not_enough_data', 'past_unknown'],
      run: async ({ params, query }) => {
        const { policy, version } = await showPolicy(records, params.policyId, query.version);
        const { asOf = yesterday(), horizonDays, wakeLimit } = query;
        return drawPicture(events, {
          policy,
          version,
          asOf,
          now: clock.now(),
          scopes: app.segments,
          isPast: isPast(query.asOf),
          ...given({ horizonDays, wakeLimit }),
        });
      },
    }),
  ];
};
