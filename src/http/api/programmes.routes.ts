// Steering programmes: create, move, run now, and what came of them.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { settleGrants } from '../../decide/offers/grants.sql.ts';
import { countDecisions, listRuns } from '../../decide/programmes/decisions.sql.ts';
import {
  createProgramme,
  listProgrammes,
  loadProgramme,
  moveProgramme,
} from '../../decide/programmes/programmes.service.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { programmeResults } from '../../prove/outcomes/results.service.ts';
import { reportProgramme } from '../../prove/outcomes/report.service.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

const MOVES = [
  { move: 'start', summary: 'Starts a programme, or goes on with a paused one' },
  { move: 'pause', summary: 'Pauses a programme: nobody enters and nothing is planned; what is planned waits' },
  { move: 'end', summary: 'Ends a programme for good and cancels what is planned' },
] as const;

export const programmeEndpoints = (app: App): readonly Endpoint[] => {
  const { records, clock } = app;
  return [
    endpoint({
      method: 'get',
      path: '/programmes',
      need: 'programmes.read',
      summary: 'All programmes',
      run: async () => ({ programmes: await listProgrammes(records) }),
    }),
    endpoint({
      method: 'post',
      path: '/programmes',
      need: 'programmes.write',
      summary: 'Adds a programme as a draft; its policy, templates and offers must exist',
      status: 201,
      body: z.unknown(),
      refusals: ['not_found', 'conflict'],
      run: async ({ body }) => {
        const { programme, version, state } = await createProgramme(app.programmes, body, clock.now());
        app.returns.refresh();
        return { programme, version, state };
      },
    }),
    endpoint({
      method: 'get',
      path: '/programmes/{programmeId}',
      need: 'programmes.read',
      summary: 'A programme with its last runs',
      refusals: ['not_found'],
      run: async ({ params }) => {
        const { programme, version, state } = await loadProgramme(records, params.programmeId);
        return { programme, version, state, runs: await listRuns(records.db, params.programmeId, 20) };
      },
    }),
    ...MOVES.map(({ move, summary }) =>
      endpoint({
        method: 'post',
        path: `/programmes/{programmeId}/${move}`,
        need: 'programmes.start',
        summary,
        refusals: ['not_found', 'conflict'],
        run: async ({ params }) => {
          await moveProgramme(records, params.programmeId, move, clock.now());
          app.returns.refresh();
          const { programme, state } = await loadProgramme(records, params.programmeId);
          return { programmeId: programme.programmeId, state };
        },
      }),
    ),
    endpoint({
      method: 'post',
      path: '/programmes/{programmeId}/run',
      need: 'programmes.start',
      summary:
        'Does now what a running programme would do by itself: enter who is due, move members on, send what is due',
      refusals: ['not_found', 'conflict'],
      run: async ({ params }) => {
        const { state } = await loadProgramme(records, params.programmeId);
        if (state !== 'running')
          throw new RekindleError('conflict', { what: `programme ${params.programmeId} is ${state}; start it first` });
        const round = await app.runProgramme(params.programmeId);
        const sent = await app.sender.sendDue();
        await settleGrants(records.db, clock.now());
        return { programmeId: params.programmeId, ...round, sent };
      },
    }),
    endpoint({
      method: 'get',
      path: '/programmes/{programmeId}/report',
      need: 'results.read',
      summary: 'What happened, what would have happened, and the difference with its interval',
      refusals: ['not_found'],
      run: async ({ params }) => ({
        ...(await reportProgramme(
          { records, events: app.events, marginShare: app.business.marginShare },
          params.programmeId,
          clock.now(),
        )),
        currency: app.business.currency,
      }),
    }),
    endpoint({
      method: 'get',
      path: '/programmes/{programmeId}/results',
      need: 'results.read',
      summary:
        'The result in depth: lift over time, within groups known at entry, second life, the long run, and attribution beside it',
      refusals: ['not_found'],
      run: async ({ params }) => ({
        ...(await programmeResults(
          {
            records,
            events: app.events,
            marginShare: app.business.marginShare,
            timeZone: app.business.timeZone,
          },
          params.programmeId,
          clock.now(),
        )),
        currency: app.business.currency,
      }),
    }),
    endpoint({
      method: 'get',
      path: '/programmes/{programmeId}/decisions',
      need: 'programmes.read',
      summary: 'Decisions counted by outcome and reason',
      refusals: ['not_found'],
      run: async ({ params }) => {
        await loadProgramme(records, params.programmeId);
        return { decisions: await countDecisions(records.db, params.programmeId) };
      },
    }),
  ];
};
