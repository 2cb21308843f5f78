// Steering reasons: why the quiet people of a policy left, in shares, and the signals this is read from.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { dimensionSchema } from '../../understand/analytics/dimension.ts';
import { showPolicy } from '../../understand/dormancy/policy.service.ts';
import { reasonDrift, reasonEvidence, reasonGroups } from '../../understand/reasons/breakdown.service.ts';
import { REASON_LABELS, REASONS } from '../../understand/reasons/causes.ts';
import { evaluateReasons, reasonShares, type ReasonShares } from '../../understand/reasons/reasons.service.ts';
import { SIGNALS } from '../../understand/reasons/signals.ts';
import { resolveSegment } from '../../understand/segments/resolve.service.ts';
import { parseSegment } from '../../understand/segments/segment.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

const labelled = (summary: ReasonShares) => ({
  ...summary,
  shares: summary.shares.map((share) => ({ ...share, label: REASON_LABELS[share.reason] })),
});

const text = z.object({ en: z.string(), zh: z.string() });
const share = z.object({ reason: z.enum(REASONS), label: text, share: z.number(), low: z.number(), high: z.number() });

export const reasonEndpoints = (app: App): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/reasons',
    need: 'reasons.read',
    summary: 'The reasons there are, and the table of signals that speak for them',
    run: () =>
      Promise.resolve({
        reasons: REASONS.map((reason) => ({ reason, label: REASON_LABELS[reason] })),
        signals: SIGNALS,
      }),
  }),
  endpoint({
    method: 'get',
    path: '/policies/{policyId}/reasons',
    need: 'reasons.read',
    summary: 'Shares of the reasons among everybody quiet, with 95% intervals, as last evaluated',
    refusals: ['not_found'],
    run: async ({ params }) => {
      const summary = await reasonShares(app.records, params.policyId);
      if (summary === undefined)
        throw new RekindleError('not_found', {
          what: {
            en: `evaluation of the reasons of policy "${params.policyId}"`,
            zh: `规则“${params.policyId}”的原因分析结果`,
          },
        });
      return labelled(summary);
    },
  }),
  endpoint({
    method: 'post',
    path: '/policies/{policyId}/reasons/groups',
    need: 'reasons.read',
    summary: 'Shares of the reasons by category, stage, trait or another grouping, and within a segment',
    body: dimensionSchema.extend({ limit: z.int().min(1).max(100).default(12), segment: z.unknown().optional() }),
    answer: z.object({
      policyId: z.string(),
      groupedBy: text,
      groups: z.array(z.object({ group: z.string(), label: text, people: z.int(), shares: z.array(share) })),
    }),
    refusals: ['not_found'],
    run: async ({ params, body }) => {
      const { policy } = await showPolicy(app.records, params.policyId);
      const { segment: asked, ...query } = body;
      const segment = asked === undefined ? {} : { segment: await resolveSegment(app.records.db, parseSegment(asked)) };
      return reasonGroups(app.events, policy, { ...query, ...segment });
    },
  }),
  endpoint({
    method: 'get',
    path: '/policies/{policyId}/reasons/evidence',
    need: 'reasons.read',
    summary: 'What the people of each likeliest reason left behind, and how many of them',
    refusals: ['not_found'],
    run: async ({ params }) => ({
      policyId: params.policyId,
      reasons: await reasonEvidence(app.events, params.policyId),
    }),
  }),
  endpoint({
    method: 'get',
    path: '/policies/{policyId}/reasons/drift',
    need: 'reasons.read',
    summary: 'How the shares of the reasons moved since an earlier day, with intervals of the change',
    query: z.strictObject({ since: z.iso.date() }),
    refusals: ['not_found', 'not_enough_data'],
    run: async ({ params, query }) =>
      reasonDrift(
        app.events,
        await showPolicy(app.records, params.policyId),
        query.since,
        app.clock.now(),
        app.segments,
      ),
  }),
  endpoint({
    method: 'post',
    path: '/policies/{policyId}/reasons',
    need: 'reasons.write',
    summary: 'Explains everybody quiet anew, with the survey answers there are by now',
    refusals: ['not_found'],
    run: async ({ params }) => labelled(await evaluateReasons(app, params.policyId, app.clock.now())),
  }),
];
