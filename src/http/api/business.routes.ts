// Steering the business profile: who is writing to the customer.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { businessSchema, unfinishedFields } from '../../collect/business.service.ts';
import type { Business } from '../../kernel/business.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

/** An address nobody has said is empty to whoever reads the profile, in whatever language; what mails go by is the profile itself. */
const shown = (business: Business): Business =>
  unfinishedFields(business).includes('postalAddress') ? { ...business, postalAddress: '' } : business;

export const businessEndpoints = (app: App): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/business',
    need: 'business.read',
    summary: 'The business profile',
    answer: businessSchema.extend({ postalAddress: z.string().max(300) }),
    run: async () => shown(app.business),
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
