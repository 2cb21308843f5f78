// Steering exports and erasures of many people: begun here, done by the server, followed live, stopped, fetched.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { actorOf } from '../access/audit.service.ts';
import { holds } from '../access/caller.ts';
import {
  cancelPrivacyRun,
  listPrivacyRuns,
  privacyFiles,
  startPrivacyRun,
  workPrivacyRuns,
} from '../privacy-runs.service.ts';
import { endpoint, type Endpoint } from './endpoint.ts';
import { eventStream, lookEvery, requireStream } from './event-stream.ts';

const ENTRIES_MAX = 2_000;
const LOOK_EVERY_MS = 500;

export const privacyEndpoints = (app: App): readonly Endpoint[] => {
  const { db } = app.records;
  const now = app.clock.now;
  /** Goes on without whoever asked. What breaks here is taken up again by the worker's next round. */
  const begin = (): void => void workPrivacyRuns(app).catch(() => undefined);
  return [
    endpoint({
      method: 'get',
      path: '/privacy-runs',
      need: 'people.export',
      summary: 'The latest exports and erasures of many people, and what became of them',
      run: async () => ({ runs: await listPrivacyRuns(db) }),
    }),
    endpoint({
      method: 'get',
      path: '/privacy-runs/live',
      need: 'people.export',
      summary: 'How far each run is, as server-sent events',
      refusals: ['invalid'],
      run: ({ accept }) => {
        requireStream(accept);
        return Promise.resolve(
          eventStream((tell) => {
            let last = '';
            return lookEvery(LOOK_EVERY_MS, async () => {
              const runs = await listPrivacyRuns(db);
              const text = JSON.stringify(runs);
              if (text !== last) tell('runs', { runs });
              last = text;
            });
          }),
        );
      },
    }),
    endpoint({
      method: 'post',
      path: '/privacy-runs',
      need: 'people.export',
      summary: `Exports or erases up to ${ENTRIES_MAX} people, named by id, e-mail address or phone number; erasing needs people.erase. The server goes on by itself`,
      status: 201,
      body: z.strictObject({
        kind: z.enum(['export', 'erase']),
        entries: z.array(z.string().min(1).max(254)).min(1).max(ENTRIES_MAX),
      }),
      run: async ({ body, caller }) => {
        if (body.kind === 'erase' && !holds(caller, 'people.erase')) throw new RekindleError('forbidden');
        const run = await startPrivacyRun(db, { ...body, actor: actorOf(caller) }, now());
        begin();
        return run;
      },
    }),
    endpoint({
      method: 'delete',
      path: '/privacy-runs/{runId}',
      need: 'people.export',
      summary: 'Stops a run: whoever has not had her turn stays as she is',
      refusals: ['not_found', 'conflict'],
      run: async ({ params }) => {
        await cancelPrivacyRun(db, params.runId, now());
        return { runId: params.runId };
      },
    }),
    endpoint({
      method: 'get',
      path: '/privacy-runs/{runId}/file',
      need: 'people.export',
      summary: 'What an export has gathered, as a JSON list; kept for a week',
      refusals: ['not_found'],
      run: async ({ params }) => {
        const files = privacyFiles(db, params.runId);
        const first = await files.next();
        if (first.done === true)
          throw new RekindleError('not_found', {
            what: { en: `file of ${params.runId}`, zh: `${params.runId} 的文件` },
          });
        const encoder = new TextEncoder();
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => controller.enqueue(encoder.encode(`[${JSON.stringify(first.value, null, 2)}`)),
          pull: async (controller) => {
            const { value, done } = await files.next();
            controller.enqueue(encoder.encode(done === true ? ']\n' : `,\n${JSON.stringify(value, null, 2)}`));
            if (done === true) controller.close();
          },
        });
        return new Response(body, {
          headers: {
            'Content-Type': 'application/json; charset=utf-8',
            'Content-Disposition': `attachment; filename="${params.runId}.json"`,
          },
        });
      },
    }),
  ];
};
