// Steering SMS: the provider and its settings, and the texts a human should read.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { listTexts, RESOLUTIONS, resolveText } from '../../reach/channels/sms/sms-replies.service.ts';
import type { Operations } from '../contract/operations.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

export const smsEndpoints = (app: App): readonly Endpoint[] => {
  const { db } = app.records;
  const shown = async (): Promise<Operations['GET /channels/sms']['answer']> => ({
    provider: app.sms.provider(),
    source: app.sms.provider() === 'sink' ? 'none' : (await app.sms.isSaved()) ? 'saved' : 'environment',
    ...app.sms.show(),
    secretsSince: await app.sms.secretsSince(),
  });
  return [
    endpoint({
      method: 'get',
      path: '/channels/sms',
      need: 'reach.read',
      summary: 'The SMS provider, its settings without secrets, and the address it should report to',
      run: () => shown(),
    }),
    endpoint({
      method: 'put',
      path: '/channels/sms',
      need: 'business.write',
      summary: 'Sets the SMS provider from the next text on; `settings` null leaves it to the environment',
      body: z.strictObject({ settings: z.looseObject({}).nullable() }),
      refusals: ['changed_elsewhere'],
      run: async ({ body }) => {
        await app.sms.change(body.settings);
        return shown();
      },
    }),
    endpoint({
      method: 'get',
      path: '/sms/inbound',
      need: 'people.contact_data',
      summary: 'Texts that came in: those that wait for a human (the oldest first), or all (the latest first)',
      query: z.strictObject({
        waiting: z.enum(['true', 'false']).default('true'),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
      run: async ({ query }) => ({ texts: await listTexts(db, query.waiting === 'true', query.limit) }),
    }),
    endpoint({
      method: 'post',
      path: '/sms/inbound/{inboundId}/resolve',
      need: 'reach.write',
      summary: 'A human read it: what she meant is done',
      body: z.strictObject({ resolution: z.enum(RESOLUTIONS) }),
      refusals: ['not_found', 'conflict'],
      run: async ({ params, body }) => {
        await resolveText({ db }, params.inboundId, body.resolution, app.clock.now());
        return { inboundId: params.inboundId, resolution: body.resolution };
      },
    }),
  ];
};
