// What a policy rests on: the return curve of each group, the model that scores its people, and why somebody's score is what it is.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { showPolicy } from '../../understand/dormancy/policy.service.ts';
import type { DormancyPolicy } from '../../understand/dormancy/policy.ts';
import { usablePolicy } from '../../understand/dormancy/usable-policy.service.ts';
import { isPastDay, lastDayToLookAt } from '../../understand/picture/as-of.service.ts';
import { CURVE_GROUPINGS, returnCurves, type CurveGrouping } from '../../understand/picture/curves.service.ts';
import { explainPerson, modelReport } from '../../understand/value/explain.service.ts';
import { endpoint, type Endpoint } from './endpoint.ts';
import { day } from './day.ts';

const curveAsked = {
  by: z.enum(CURVE_GROUPINGS).optional(),
  trait: z.string().min(1).max(200).optional(),
  asOf: day.optional(),
  horizonDays: z.coerce.number().int().min(1).max(365).optional(),
};
type CurveAsked = z.output<z.ZodObject<typeof curveAsked>>;

function groupingOf({ by, trait }: CurveAsked): CurveGrouping | undefined {
  if (by === 'trait') {
    if (trait === undefined)
      throw new RekindleError('invalid', {
        where: 'trait',
        what: { en: 'names the trait to group by', zh: '须写明按哪个属性分组' },
      });
    return { kind: by, trait };
  }
  if (trait !== undefined)
    throw new RekindleError('invalid', { where: 'trait', what: { en: 'is only for by=trait', zh: '仅用于 by=trait' } });
  return by === undefined ? undefined : { kind: by };
}

export const policyInsightEndpoints = (app: App): readonly Endpoint[] => {
  const { records, events, clock } = app;
  const curves = async (policy: DormancyPolicy, asked: CurveAsked) => {
    const grouping = groupingOf(asked);
    const now = clock.now();
    const { asOf, note } = await lastDayToLookAt(events, policy, now, app.business.timeZone, asked.asOf);
    const { horizonDays } = asked;
    const drawn = await returnCurves(events, {
      policy,
      version: 0,
      asOf,
      now,
      scopes: app.segments,
      isPast: isPastDay(asked.asOf, now, app.business.timeZone),
      ...(horizonDays === undefined ? {} : { horizonDays }),
      ...(grouping === undefined ? {} : { grouping }),
    });
    return { ...drawn, asOfNote: note };
  };
  return [
    endpoint({
      method: 'post',
      path: '/policies/curve',
      need: 'policies.read',
      summary:
        'How long silences last under a policy that is not saved: the share that comes back unaided, with its interval, and the threshold it recommends; for everybody and for each group',
      body: z.strictObject({ policy: z.unknown(), ...curveAsked }),
      refusals: ['not_enough_data', 'not_found', 'scope_cycle', 'past_unknown'],
      run: async ({ body: { policy: input, ...asked } }) => {
        const policy = await usablePolicy(app.segments, input);
        return curves(policy, asked);
      },
    }),
    endpoint({
      method: 'get',
      path: '/policies/{policyId}/curve',
      need: 'policies.read',
      summary: 'The same of the active version of a saved policy',
      query: z.strictObject(curveAsked),
      refusals: ['not_found', 'not_enough_data', 'past_unknown'],
      run: async ({ params, query }) => curves((await showPolicy(records, params.policyId)).policy, query),
    }),
    endpoint({
      method: 'get',
      path: '/policies/{policyId}/model',
      need: 'policies.read',
      summary:
        'The models that score a policy’s people as of its last evaluation: which one, why, its AUC and Brier score on people it was not fitted on, and its calibration curve',
      refusals: ['not_found'],
      run: ({ params }) => modelReport(events, params.policyId),
    }),
    endpoint({
      method: 'get',
      path: '/policies/{policyId}/people/{personId}/score',
      need: 'people.read',
      summary: 'A person’s chance of returning unaided under a policy, and in words what raises and lowers it',
      refusals: ['not_found'],
      run: ({ params }) => explainPerson(events, params.policyId, params.personId, app.business.currency),
    }),
  ];
};
