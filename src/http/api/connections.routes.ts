// Steering connections: which outside accounts there are, and their settings without secrets.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { CONNECTION_KEYS, CONNECTIONS, connectionKeyOf } from '../../reach/connections/connections.ts';
import { CALLBACK_KEYS } from '../../reach/channels/wechat/wechat-events.service.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

export const connectionEndpoints = (app: App): readonly Endpoint[] => {
  const shown = (key: (typeof CONNECTION_KEYS)[number]) => ({
    connection: key,
    label: CONNECTIONS[key],
    settings: app.connections.show(key),
    hookUrl: CALLBACK_KEYS.some((each) => each === key) ? `${app.business.publicUrl}/hooks/wechat/${key}` : null,
  });
  return [
    endpoint({
      method: 'get',
      path: '/connections',
      need: 'reach.read',
      summary: 'Accounts with ad networks, WeChat, social networks and webhooks, without their secrets',
      run: () => Promise.resolve({ connections: CONNECTION_KEYS.map(shown) }),
    }),
    endpoint({
      method: 'put',
      path: '/connections/{connection}',
      need: 'business.write',
      summary: 'Connects an account from now on; `settings` null leaves it to the environment',
      body: z.strictObject({ settings: z.looseObject({}).nullable() }),
      refusals: ['not_found'],
      run: async ({ params, body }) => {
        const key = connectionKeyOf(params.connection);
        await app.connections.change(key, body.settings);
        return shown(key);
      },
    }),
  ];
};
