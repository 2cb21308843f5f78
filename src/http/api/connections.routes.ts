// Steering connections: which outside accounts there are, and their settings without secrets.
import { z } from 'zod';
import type { App } from '../../app.ts';
import {
  CONNECTION_KEYS,
  CONNECTIONS,
  connectionKeyOf,
  type ConnectionKey,
} from '../../reach/connections/connections.ts';
import { CALLBACK_KEYS } from '../../reach/channels/wechat/wechat-events.service.ts';
import { accountKey } from '../../reach/messages/closures.service.ts';
import { closedChannels } from '../../reach/messages/pace.sql.ts';
import type { ConnectionWire } from '../contract/connections.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

export const connectionEndpoints = (app: App): readonly Endpoint[] => {
  const shown = async (key: ConnectionKey): Promise<ConnectionWire> => ({
    connection: key,
    label: CONNECTIONS[key],
    source: app.connections.source(key),
    settings: app.connections.show(key),
    secretsSince: await app.connections.secretsSince(key),
    hookUrl: CALLBACK_KEYS.some((each) => each === key) ? `${app.business.publicUrl}/hooks/wechat/${key}` : null,
  });
  return [
    endpoint({
      method: 'get',
      path: '/connections',
      need: 'reach.read',
      summary:
        'Accounts for push, with WeChat, ad networks, social networks and webhooks, without their secrets; of those that audiences and posts go through, whether one stands still (`closed`)',
      run: async () => {
        await app.connections.refresh();
        const closed = await closedChannels(app.records.db, app.clock.now());
        const lines = CONNECTION_KEYS.map(async (key) => ({
          ...(await shown(key)),
          closed: closed.get(accountKey(key)) ?? null,
        }));
        return { connections: await Promise.all(lines) };
      },
    }),
    endpoint({
      method: 'get',
      path: '/connections/{connection}',
      need: 'reach.read',
      summary: 'One account without its secrets, and since when each of them is set',
      refusals: ['not_found'],
      run: async ({ params }) => {
        const key = connectionKeyOf(params.connection);
        await app.connections.refresh();
        return shown(key);
      },
    }),
    endpoint({
      method: 'put',
      path: '/connections/{connection}',
      need: 'business.write',
      summary:
        'Connects an account from now on; secrets that are not given stay, null takes one away. `settings` null leaves it to the environment',
      body: z.strictObject({ settings: z.looseObject({}).nullable() }),
      refusals: ['not_found', 'changed_elsewhere'],
      run: async ({ params, body }) => {
        const key = connectionKeyOf(params.connection);
        await app.connections.change(key, body.settings);
        return shown(key);
      },
    }),
  ];
};
