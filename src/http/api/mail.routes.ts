// Steering e-mail: who hands it over.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

export const mailEndpoints = (app: App): readonly Endpoint[] => {
  const shown = () => ({ provider: app.providers().email, ...app.mail.show() });
  return [
    endpoint({
      method: 'get',
      path: '/channels/email',
      need: 'reach.read',
      summary: 'Who hands mail over, its settings without secrets, and the address it should report to',
      run: () => Promise.resolve(shown()),
    }),
    endpoint({
      method: 'put',
      path: '/channels/email',
      need: 'business.write',
      summary: 'Sets the mail provider from the next mail on; `settings` null leaves it to the environment',
      body: z.strictObject({ settings: z.looseObject({}).nullable() }),
      run: async ({ body }) => {
        await app.mail.change(body.settings);
        return shown();
      },
    }),
  ];
};
