// Steering keys: made once (and shown once), listed, revoked.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { createKey, listKeys, revokeKey } from '../../collect/keys.service.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

export const keyEndpoints = (app: App): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/keys',
    need: 'keys.read',
    summary: 'All keys, without the keys themselves',
    run: async () => ({ keys: await listKeys(app.records.db) }),
  }),
  endpoint({
    method: 'post',
    path: '/keys',
    need: 'keys.write',
    summary: 'Makes a key; the answer is the only time it can be read',
    status: 201,
    body: z.strictObject({ kind: z.enum(['write', 'secret']), label: z.string().max(100).default('') }),
    answer: z.strictObject({ keyId: z.string(), key: z.string() }),
    run: ({ body }) => createKey(app.records.db, body.kind, body.label, app.clock.now()),
  }),
  endpoint({
    method: 'delete',
    path: '/keys/{keyId}',
    need: 'keys.write',
    summary: 'Revokes a key within seconds',
    refusals: ['not_found'],
    run: async ({ params }) => {
      await revokeKey(app.records.db, params.keyId, app.clock.now());
      return { keyId: params.keyId, revoked: true };
    },
  }),
];
