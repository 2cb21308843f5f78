// Steering keys: made once (and shown once), listed, revoked.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { createKey, listKeys, revokeKey } from '../../collect/keys.service.ts';
import { addMs, DAY_MS } from '../../kernel/days.ts';
import { PERMISSIONS } from '../access/permissions.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

export const keyEndpoints = (app: App): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/keys',
    need: 'keys.read',
    summary: 'All keys, without the keys themselves',
    run: async () => ({
      keys: (await listKeys(app.records.db)).map(({ scopes, ...key }) => ({
        ...key,
        scopes: scopes === null ? null : PERMISSIONS.filter((each) => scopes.includes(each)),
      })),
    }),
  }),
  endpoint({
    method: 'post',
    path: '/keys',
    need: 'keys.write',
    summary: 'Makes a key; the answer is the only time it can be read',
    status: 201,
    body: z.strictObject({
      kind: z.enum(['write', 'secret']),
      label: z.string().max(100).default(''),
      scopes: z.array(z.enum(PERMISSIONS)).min(1).optional(),
      expiresInDays: z.int().min(1).max(3_650).optional(),
    }),
    answer: z.strictObject({ keyId: z.string(), key: z.string() }),
    run: ({ body }) => {
      const now = app.clock.now();
      return createKey(app.records.db, body.kind, body.label, now, {
        scopes: body.scopes,
        expiresAt: body.expiresInDays === undefined ? undefined : addMs(now, body.expiresInDays * DAY_MS),
      });
    },
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
