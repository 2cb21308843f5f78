// What does the data say at first sight? The picture of `rekindle analyze`, drawn from what is here under the active policy.
import type { App } from '../../app.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { p, sql } from '../../kernel/sql.ts';
import { listPolicies } from '../../understand/dormancy/policy.service.ts';
import { lastDayToLookAt } from '../../understand/picture/as-of.service.ts';
import { drawPicture } from '../../understand/picture/picture.service.ts';
import type { AnalysisWire } from '../contract/analysis.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

const WOKEN_FIRST = 10;

async function analysisOf(app: App): Promise<AnalysisWire> {
  const { records, events, clock } = app;
  const active = (await listPolicies(records)).find((policy) => policy.active);
  if (active === undefined)
    throw new RekindleError('not_enough_data', {
      what: { en: 'there is no dormancy policy yet', zh: '还没有休眠规则' },
    });
  const { policy, version } = active;
  const now = clock.now();
  const { asOf, note } = await lastDayToLookAt(events, policy, now, app.business.timeZone);
  const picture = await drawPicture(events, {
    policy,
    version,
    asOf,
    now,
    scopes: app.segments,
    wakeLimit: WOKEN_FIRST,
  });
  const [span] = await events.rows<{ first: string; last: string }>(sql`
    SELECT toString(min(day)) AS first, toString(max(day)) AS last FROM actor_days WHERE name IN ${p.texts(policy.activity)}`);
  return {
    policy,
    version,
    asOf,
    asOfNote: note,
    dataFrom: span?.first ?? asOf,
    dataUntil: span?.last ?? asOf,
    horizonDays: picture.horizonDays,
    people: picture.people,
    dormantPeople: picture.dormantPeople,
    dormantShare: picture.dormantShare,
    stages: picture.stages.map(({ stage, label, people, share, spentCents }) => ({
      stage,
      label,
      people,
      share,
      spentCents,
    })),
    recommendedThreshold: picture.recommendedThreshold,
    curve: picture.returnCurve,
    atRisk: picture.atRisk,
    hasMoney: picture.spentCents > 0,
    leftOut: picture.leftOut,
    wakeFirst: {
      explanation: picture.wakeFirst.explanation,
      people: picture.wakeFirst.people.map(
        ({ personId, stage, silentDays, spentCents, returnProbability, expectedValueCents }) => ({
          personId,
          stage,
          silentDays,
          spentCents,
          returnProbability,
          expectedValueCents,
        }),
      ),
    },
  };
}

export const analysisEndpoints = (app: App): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/analysis',
    need: 'results.read',
    summary:
      'What the data says at first sight: how many are dormant and what that costs, the return curve with the threshold it recommends, whom to wake first',
    refusals: ['not_enough_data'],
    run: () => analysisOf(app),
  }),
];
