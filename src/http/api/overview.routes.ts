// The overview in one answer, and the first run: kind of business, first analysis, demo shop, live events.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { unfinishedFields } from '../../collect/business.service.ts';
import { listProgrammes } from '../../decide/programmes/programmes.service.ts';
import { addMs } from '../../kernel/days.ts';
import { p, sql } from '../../kernel/sql.ts';
import { reportProgramme } from '../../prove/outcomes/report.service.ts';
import { countMessages } from '../../reach/messages/list.sql.ts';
import { evaluatedUntil } from '../../understand/dormancy/states.sql.ts';
import { listPolicies } from '../../understand/dormancy/policy.service.ts';
import { PRESET_NAMES } from '../../understand/dormancy/presets.ts';
import { drawPicture } from '../../understand/picture/picture.service.ts';
import type { Attention, Overview } from '../contract/overview.ts';
import { chooseKind, chosenKind, eventCount, firstAnalysis, openSampleShop } from '../first-run.service.ts';
import { eventStream, lookEvery, requireStream } from './event-stream.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

const PROGRAMMES_SHOWN = 5;
const MONTHS_SHOWN = 12;
const LIVE_EVERY_MS = 1_000;
const LIVE_EVENTS_MAX = 20;

export const overviewEndpoints = (app: App): readonly Endpoint[] => {
  const { records, events, clock } = app;
  const sampleShop = openSampleShop(app);

  const programmesShown = async () => {
    const reported = (await listProgrammes(records)).filter(({ state }) => state !== 'draft').slice(-PROGRAMMES_SHOWN);
    const reports = [];
    for (const { programmeId } of reported.reverse())
      reports.push(
        await reportProgramme({ records, events, marginShare: app.business.marginShare }, programmeId, clock.now()),
      );
    return reports;
  };

  const overview = async (): Promise<Overview> => {
    const kind = await chosenKind(app);
    const active = (await listPolicies(records)).find((policy) => policy.active);
    const asOf = active === undefined ? undefined : await evaluatedUntil(events, active.policy.policyId);
    if (active === undefined || asOf === undefined) {
      const count = await eventCount(app);
      return count === 0 ? { state: 'empty', kind } : { state: 'unread', kind, events: count };
    }
    const { policy, version } = active;
    const picture = await drawPicture(events, {
      policy,
      version,
      asOf,
      now: clock.now(),
      scopes: app.segments,
      wakeLimit: 0,
    });
    const reports = await programmesShown();
    const unfinished = unfinishedFields(app.business, !app.mailIsLocal());
    const unknown = (await countMessages(records.db, { timeZone: app.business.timeZone }))['unknown'] ?? 0;
    const attention: Attention[] = [
      ...(unfinished.length > 0 ? [{ kind: 'profile_unfinished', fields: unfinished } as const] : []),
      ...(app.mailIsPreview() ? [{ kind: 'mail_preview' } as const] : []),
      ...(unknown > 0 ? [{ kind: 'messages_unknown', count: unknown } as const] : []),
      ...(reports.length === 0 ? [{ kind: 'no_programme' } as const] : []),
      ...reports
        .filter(({ sampleRatio }) => sampleRatio.alarm)
        .map(({ programmeId, name }) => ({ kind: 'sample_ratio', programmeId, name }) as const),
    ];
    return {
      state: 'ready',
      policy: { policyId: policy.policyId, name: policy.name },
      asOf,
      horizonDays: picture.horizonDays,
      people: picture.people,
      dormantPeople: picture.dormantPeople,
      dormantShare: picture.dormantShare,
      stages: picture.stages.map(({ stage, label, people, share }) => ({ stage, label, people, share })),
      dormantValueCents: picture.atRisk.dormantCents,
      coolingValueCents: picture.atRisk.coolingCents,
      leftOut: picture.leftOut,
      months: picture.months
        .slice(-MONTHS_SHOWN)
        .map(({ month, becameDormant, returned, dormantAtEnd }) => ({ month, becameDormant, returned, dormantAtEnd })),
      programmes: reports.map((report) => ({
        programmeId: report.programmeId,
        name: report.name,
        state: report.state,
        treated: report.treated.people,
        contacted: report.treated.contacted,
        returned: report.treated.returned,
        returnRateLift: report.total.returnRateLift,
        incrementalReturns: report.total.incrementalReturns,
        netIncrementalMarginCents: report.total.netIncrementalMarginCents,
      })),
      attention,
    };
  };

  return [
    endpoint({
      method: 'get',
      path: '/overview',
      need: 'results.read',
      summary: 'How many are dormant, what that costs, what came back because of us, what needs attention',
      run: overview,
    }),
    endpoint({
      method: 'post',
      path: '/first-run/kind',
      need: 'policies.write',
      summary: 'What kind of business this is: names the first dormancy policy',
      body: z.strictObject({ kind: z.enum(PRESET_NAMES) }),
      run: async ({ body }) => {
        await chooseKind(app, body.kind);
        return { kind: body.kind };
      },
    }),
    endpoint({
      method: 'post',
      path: '/first-run/analysis',
      need: 'policies.write',
      summary: 'Makes the first policy from what happens here, and evaluates it',
      refusals: ['not_enough_data'],
      run: () => firstAnalysis(app),
    }),
    endpoint({
      method: 'get',
      path: '/first-run/sample-shop',
      need: 'data.read',
      summary: 'How far the demo shop is; as server-sent events for whoever accepts them',
      run: async ({ accept }) => {
        if (!accept.includes('text/event-stream')) return sampleShop.state();
        return eventStream((tell) => {
          tell('state', sampleShop.state());
          return sampleShop.listen((state) => tell('state', state));
        });
      },
    }),
    endpoint({
      method: 'post',
      path: '/first-run/sample-shop',
      need: 'data.write',
      summary: 'Loads the demo shop into an empty installation, in the background',
      refusals: ['conflict'],
      run: () => sampleShop.start(),
    }),
    endpoint({
      method: 'delete',
      path: '/first-run/sample-shop',
      need: 'data.write',
      summary: 'Stops loading the demo shop, as long as nothing has been written',
      run: () => Promise.resolve(sampleShop.cancel()),
    }),
    endpoint({
      method: 'get',
      path: '/first-run/live',
      need: 'data.read',
      summary: 'The events that arrive from now on, or have since an instant, as server-sent events',
      query: z.strictObject({ since: z.iso.datetime({ offset: true }).optional() }),
      refusals: ['invalid'],
      run: ({ accept, query }) => {
        requireStream(accept);
        let since = query.since === undefined ? addMs(clock.now(), -LIVE_EVERY_MS) : new Date(query.since);
        return Promise.resolve(
          eventStream((tell) =>
            lookEvery(LIVE_EVERY_MS, async () => {
              const rows = await events.rows<{ event: string; personId: string; at: string }>(sql`
                SELECT name AS event, actor_id AS personId, toString(received_at) AS at FROM events
                WHERE received_at > ${p.instant(since)} ORDER BY received_at DESC LIMIT ${p.int(LIVE_EVENTS_MAX)}`);
              if (rows.length > 0) {
                since = new Date(`${rows[0]!.at.replace(' ', 'T')}Z`);
                tell('events', { events: rows });
              }
            }),
          ),
        );
      },
    }),
  ];
};
