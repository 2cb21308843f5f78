// Steering e-mail: who hands it over.
import { z } from 'zod';
import type { App } from '../../app.ts';
import type { MailAccount } from '../contract/connections.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

export const mailEndpoints = (app: App): readonly Endpoint[] => {
  const shown = async (): Promise<MailAccount> => ({
    provider: app.providers().email,
    source: app.mail.isSet()
      ? (await app.mail.isSaved())
        ? 'saved'
        : 'environment'
      : app.mailIsPreview()
        ? 'none'
        : 'environment',
    ...app.mail.show(),
    secretsSince: await app.mail.secretsSince(),
    from: app.business.fromAddress,
    dkim: app.dkim,
  });
  return [
    endpoint({
      method: 'get',
      path: '/channels/email',
      need: 'reach.read',
      summary: 'Who hands mail over, its settings without secrets, and the address it should report to',
      run: () => shown(),
    }),
    endpoint({
      method: 'put',
      path: '/channels/email',
      need: 'business.write',
      summary:
        'Sets the mail server or provider from the next mail on; secrets that are not given stay. `settings` null leaves it to the environment',
      body: z.strictObject({ settings: z.looseObject({}).nullable() }),
      refusals: ['changed_elsewhere'],
      run: async ({ body }) => {
        await app.mail.change(body.settings);
        return shown();
      },
    }),
  ];
};
