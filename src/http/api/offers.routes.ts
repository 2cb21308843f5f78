// Steering offers: what may be given, and how much of its budget is spoken for.
import type { App } from '../../app.ts';
import { createOffer } from '../../decide/offers/grants.sql.ts';
import { listOffers } from '../../decide/offers/offers.sql.ts';
import { offerSchema } from '../../decide/offers/offer.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

export const offerEndpoints = (app: App): readonly Endpoint[] => [
  endpoint({
    method: 'get',
    path: '/offers',
    need: 'offers.read',
    summary: 'All offers with what is granted, redeemed and committed of the budget',
    run: async () => ({ offers: await listOffers(app.records.db) }),
  }),
  endpoint({
    method: 'post',
    path: '/offers',
    need: 'offers.write',
    summary: 'Adds an offer; what was promised does not change afterwards',
    status: 201,
    body: offerSchema,
    refusals: ['conflict'],
    run: ({ body }) => createOffer(app.records.db, body, app.clock.now()),
  }),
];
