// Steering reasons: why the quiet people of a policy left, in shares, and the signals this is read from.
import type { App } from '../../app.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { REASON_LABELS, REASONS } from '../../understand/reasons/causes.ts';
import { evaluateReasons, reasonShares, type ReasonShares } from '../../understand/reasons/reasons.service.ts';
import { SIGNALS } from '../../understand/reasons/signals.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

const labelled = (summary: ReasonShares) => ({
  ...summary,
  shares: summary.shares.map((share) => ({ ...share, label: REASON_LABELS[share.reason] })),
});

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
    summary: 'Shares of the reasons among everybody quiet, with 95 % intervals, as last evaluated',
    refusals: ['not_found'],
    run: async ({ params }) => {
      const summary = await reasonShares(app.records, params.policyId);
      if (summary === undefined)
        throw new RekindleError('not_found', { what: `evaluation of the reasons of policy "${params.policyId}"` });
      return labelled(summary);
    },
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
