// Steering analytics: figures a console can draw as they are. Every answer has its schema.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { dormancyOverTime, stageFlow } from '../../understand/analytics/flow.service.ts';
import { dormancyAnswer, flowAnswer, overTimeSchema } from '../../understand/analytics/flow.ts';
import { DIMENSION_NAMES, DIMENSIONS } from '../../understand/analytics/dimension.ts';
import { countFunnel } from '../../understand/analytics/funnel.service.ts';
import { funnelAnswer, funnelSchema } from '../../understand/analytics/funnel.ts';
import { retentionOf } from '../../understand/analytics/retention.service.ts';
import { retentionAnswer, retentionSchema } from '../../understand/analytics/retention.ts';
import { riskOf } from '../../understand/analytics/risk.service.ts';
import { riskAnswer, riskSchema } from '../../understand/analytics/risk.ts';
import { showPolicy } from '../../understand/dormancy/policy.service.ts';
import { resolveSegment } from '../../understand/segments/resolve.service.ts';
import { parseSegment } from '../../understand/segments/segment.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

const riskQuery = riskSchema.extend({ by: riskSchema.shape.by.default('category') });

export const analyticsEndpoints = (app: App): readonly Endpoint[] => {
  const { records, events } = app;
  /** References to saved segments replaced by what they stand for. */
  const lookedUp = async <T extends { readonly segment?: unknown }>(query: T): Promise<T> =>
    query.segment === undefined
      ? query
      : { ...query, segment: await resolveSegment(records.db, parseSegment(query.segment)) };
  return [
    endpoint({
      method: 'get',
      path: '/analytics/dimensions',
      need: 'results.read',
      summary: 'By what people can be grouped in an answer',
      answer: z.object({
        dimensions: z.array(
          z.object({
            by: z.enum(DIMENSION_NAMES),
            label: z.object({ en: z.string(), zh: z.string() }),
            needs: z.enum(['policyId', 'trait']).nullable(),
          }),
        ),
      }),
      run: () =>
        Promise.resolve({
          dimensions: DIMENSION_NAMES.map((by) => {
            const entry = DIMENSIONS[by];
            return { by, label: entry.label, needs: 'needs' in entry ? entry.needs : null };
          }),
        }),
    }),
    endpoint({
      method: 'post',
      path: '/analytics/funnel',
      need: 'results.read',
      summary: 'How many people take ordered steps within a window, and how long half of them need; by group if asked',
      body: funnelSchema,
      answer: funnelAnswer,
      refusals: ['not_found', 'not_enough_data'],
      run: async ({ body }) => countFunnel(events, await lookedUp(body)),
    }),
    endpoint({
      method: 'post',
      path: '/analytics/retention',
      need: 'results.read',
      summary: 'Cohorts by the week or month of first activity: who was there again, and what they spent',
      body: retentionSchema,
      answer: retentionAnswer,
      refusals: ['not_found', 'not_enough_data'],
      run: async ({ body }) => retentionOf(events, await lookedUp(body)),
    }),
    endpoint({
      method: 'get',
      path: '/policies/{policyId}/flow',
      need: 'results.read',
      summary:
        'Between which stages people moved from one week or month to the next (nodes and links of a Sankey diagram)',
      query: overTimeSchema,
      answer: flowAnswer,
      refusals: ['not_found'],
      run: ({ params, query }) => stageFlow(events, params.policyId, query),
    }),
    endpoint({
      method: 'get',
      path: '/policies/{policyId}/dormancy',
      need: 'results.read',
      summary: 'How many were dormant at the end of each week or month, who fell dormant and who came back',
      query: overTimeSchema,
      answer: dormancyAnswer,
      refusals: ['not_found'],
      run: ({ params, query }) => dormancyOverTime(events, params.policyId, query),
    }),
    endpoint({
      method: 'get',
      path: '/policies/{policyId}/risk',
      need: 'results.read',
      summary: 'Dormant people and revenue at risk, by category, brand, trait or another grouping',
      query: riskQuery,
      answer: riskAnswer,
      refusals: ['not_found'],
      run: async ({ params, query }) => {
        const { policy } = await showPolicy(records, params.policyId);
        return riskOf(events, policy, query);
      },
    }),
  ];
};
