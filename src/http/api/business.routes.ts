// Steering the business profile: who is writing to the customer.
import type { App } from '../../app.ts';
import { businessSchema } from '../../collect/business.service.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

export const businessEndpoints = (app: App): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/business',
    need: 'business.read',
    summary: 'The business profile',
    answer: businessSchema,
    run: async () => app.business,
  }),
  endpoint({
    method: 'patch',
    path: '/business',
    need: 'business.write',
    summary:
      'Changes some fields of the profile; `restartFor` names those that take effect when the server starts again',
    body: businessSchema.partial(),
    refusals: ['conflict'],
    // A field that is set to undefined in a partial is a field that was not sent.
    run: ({ body }) =>
      app.changeBusiness(Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))),
  }),
];
