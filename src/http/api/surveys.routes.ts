// Steering surveys: open and close a wave, read its results.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { resolveSegment } from '../../understand/segments/resolve.service.ts';
import { parseSegment } from '../../understand/segments/segment.ts';
import { surveyResults } from '../../understand/surveys/results.service.ts';
import { waveSchema } from '../../understand/surveys/survey.ts';
import { closeWave, listWaves, openWave } from '../../understand/surveys/surveys.service.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

export const surveyEndpoints = (app: App): readonly Endpoint[] => {
  const { records, events, clock } = app;
  return [
    endpoint({
      method: 'get',
      path: '/surveys',
      need: 'reasons.read',
      summary: 'All survey waves with how many were asked and answered, the newest first',
      run: async () => ({ surveys: await listWaves(records.db) }),
    }),
    endpoint({
      method: 'post',
      path: '/surveys',
      need: 'reasons.write',
      summary: 'Opens a wave; from now on mails that have room for its question ask it',
      status: 201,
      body: waveSchema,
      refusals: ['conflict'],
      run: ({ body }) => openWave(records.db, body, clock.now()),
    }),
    endpoint({
      method: 'post',
      path: '/surveys/{surveyId}/close',
      need: 'reasons.write',
      summary: 'Closes a wave for ever; its answers stay',
      refusals: ['not_found'],
      run: ({ params }) => closeWave(records.db, params.surveyId, clock.now()),
    }),
    endpoint({
      method: 'post',
      path: '/surveys/{surveyId}/results',
      need: 'reasons.read',
      summary: 'What was answered, by stage of a policy and within a segment, with a note on who answered',
      body: z.strictObject({ policyId: z.string().min(1).optional(), segment: z.unknown().optional() }),
      refusals: ['not_found'],
      run: async ({ params, body }) =>
        surveyResults(
          { records, events },
          {
            surveyId: params.surveyId,
            ...(body.policyId === undefined ? {} : { policyId: body.policyId }),
            ...(body.segment === undefined
              ? {}
              : { segment: await resolveSegment(records.db, parseSegment(body.segment)) }),
          },
          clock.now(),
        ),
    }),
  ];
};
