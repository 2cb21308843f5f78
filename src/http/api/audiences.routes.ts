// Steering audiences at ad networks: which there are, what is in them, and syncing now.
import { z } from 'zod';
import { inWords } from '../../kernel/issue.ts';
import type { App } from '../../app.ts';
import {
  audienceInFull,
  closeAudience,
  createAudience,
  listAudiences,
  newAudienceSchema,
} from '../../reach/audiences/audiences.service.ts';
import { audienceFile, identifierFile } from '../../reach/audiences/files.service.ts';
import { syncAudience } from '../../reach/audiences/sync.service.ts';
import { NETWORK_KEYS, NETWORKS } from '../../reach/audiences/network.ts';
import { MAINLAND_KINDS } from '../../reach/audiences/mainland-identifiers.ts';
import { accountKey } from '../../reach/messages/closures.service.ts';
import { closedChannels } from '../../reach/messages/pace.sql.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

export const audienceEndpoints = (app: App): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/audiences',
    need: 'reach.read',
    summary:
      'Audiences at ad networks: how many are wanted, in, to add and to take out, and what stands in the way; `closed` networks are left alone for a while, and why',
    run: async () => {
      await app.connections.refresh();
      const closed = await closedChannels(app.records.db, app.clock.now());
      return {
        audiences: await listAudiences(app.records.db),
        networks: NETWORK_KEYS.map((network) => {
          const { en, zh, minimum, made } = NETWORKS[network];
          return {
            network,
            label: { en, zh },
            minimum,
            made,
            isConnected: app.audiences.network(network) !== undefined,
            closed: closed.get(accountKey(network)) ?? null,
          };
        }),
      };
    },
  }),
  endpoint({
    method: 'post',
    path: '/audiences',
    need: 'reach.write',
    summary:
      'Declares an audience of a segment or programme, to reach or to leave out; it is made at the network by its first sync',
    status: 201,
    body: newAudienceSchema,
    refusals: ['not_found', 'conflict'],
    run: ({ body }) => createAudience(app.audiences, body),
  }),
  endpoint({
    method: 'get',
    path: '/audiences/{audienceId}',
    need: 'reach.read',
    summary: 'An audience with its last batches and why people are not in it',
    refusals: ['not_found'],
    run: ({ params }) => audienceInFull(app.records.db, params.audienceId),
  }),
  endpoint({
    method: 'post',
    path: '/audiences/{audienceId}/sync',
    need: 'reach.write',
    summary: 'Works out anew who is wanted and sends the difference now; it is done every hour anyway',
    refusals: ['not_found', 'conflict'],
    run: async ({ params }) => {
      await app.connections.refresh();
      return syncAudience(app.audiences, params.audienceId);
    },
  }),
  endpoint({
    method: 'post',
    path: '/audiences/{audienceId}/file',
    need: 'people.export',
    summary:
      'Works out anew who is wanted and answers with their hashed identifiers as CSV, for an upload by hand where no account is connected; with `identifier` one kind alone, one a line, as 千川, 巨量 and 腾讯 take it',
    query: z
      .strictObject({
        identifier: z.enum(MAINLAND_KINDS).optional(),
        /** Whose openids are meant. */
        openAppId: z.string().min(1).max(128).optional(),
      })
      .refine(({ identifier, openAppId }) => identifier !== 'openid' || openAppId !== undefined, {
        path: ['openAppId'],
        error: inWords('openids are of one app: name it', 'openid 只属于一个应用，须指明是哪个应用'),
      }),
    refusals: ['not_found', 'conflict'],
    run: async ({ params, query: { identifier, openAppId } }) => {
      const pages =
        identifier === undefined
          ? await audienceFile(app.audiences, params.audienceId)
          : await identifierFile(app.audiences, params.audienceId, identifier, openAppId);
      const encoder = new TextEncoder();
      const body = new ReadableStream<Uint8Array>({
        pull: async (controller) => {
          const { value, done } = await pages.next();
          if (done === true) controller.close();
          else controller.enqueue(encoder.encode(value));
        },
      });
      return new Response(body, {
        headers: {
          'Content-Type': identifier === undefined ? 'text/csv; charset=utf-8' : 'text/plain; charset=utf-8',
          'Content-Disposition': `attachment; filename="${params.audienceId}${identifier === undefined ? '.csv' : `-${identifier}.txt`}"`,
        },
      });
    },
  }),
  endpoint({
    method: 'post',
    path: '/audiences/{audienceId}/close',
    need: 'reach.write',
    summary: 'Nobody is wanted in it any more: everybody is taken out from the next sync on',
    refusals: ['not_found'],
    run: ({ params }) => closeAudience(app.audiences, params.audienceId),
  }),
];
