// Who is calling: the first thing the console asks.
import type { App } from '../../app.ts';
import type { SessionState } from '../contract/session.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

export const sessionEndpoints = (app: App): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/session',
    need: 'none',
    summary: 'Whether somebody is signed in, as whom, and for which business',
    run: async ({ caller }): Promise<SessionState> => {
      const { brand, currency, timeZone, defaultLanguage } = app.business;
      if (caller.kind === 'nobody') return { state: 'signed_out', brand, singleSignOn: null };
      const { permissions } = caller;
      const me =
        caller.kind === 'key'
          ? ({ memberId: null, name: 'API', email: '', role: 'owner', permissions } as const)
          : { ...caller };
      return { state: 'signed_in', me, business: { brand, currency, timeZone, defaultLanguage } };
    },
  }),
];
