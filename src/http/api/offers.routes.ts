// Steering offers: what may be given, how much of its budget is spoken for, and what a till asks about a code.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { closeOffer, createOffer } from '../../decide/offers/grants.sql.ts';
import { OFFER_KINDS } from '../../decide/offers/kinds.ts';
import { listOffers, redemptionsByDay, showOffer } from '../../decide/offers/offers.sql.ts';
import { offerSchema } from '../../decide/offers/offer.ts';
import { grantByCode, listGrants, redeemCode } from '../../decide/offers/redemptions.sql.ts';
import { addMs, DAY_MS } from '../../kernel/days.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

const DAYS_SHOWN = 90;

export const offerEndpoints = (app: App): readonly Endpoint[] => {
  const { clock } = app;
  const { db } = app.records;
  return [
    endpoint({
      method: 'get',
      path: '/offers',
      need: 'offers.read',
      summary: 'All offers with what is granted, redeemed, still owed and committed of the budget',
      run: async () => ({ offers: await listOffers(db, clock.now()), currency: app.business.currency }),
    }),
    endpoint({
      method: 'post',
      path: '/offers',
      need: 'offers.write',
      summary: 'Adds an offer; what was promised does not change afterwards',
      status: 201,
      body: offerSchema,
      refusals: ['conflict'],
      run: ({ body }) => createOffer(db, body, clock.now()),
    }),
    endpoint({
      method: 'get',
      path: '/offer-kinds',
      need: 'offers.read',
      summary: 'The kinds of offers, in words, with the JSON Schema of an offer',
      run: () =>
        Promise.resolve({
          kinds: Object.entries(OFFER_KINDS).map(([kind, { en, zh, redeemedBy }]) => ({ kind, en, zh, redeemedBy })),
          schema: z.toJSONSchema(offerSchema, { io: 'input' }),
        }),
    }),
    endpoint({
      method: 'get',
      path: '/offers/{offerId}',
      need: 'offers.read',
      summary: `One offer with its figures and its redemptions of the last ${DAYS_SHOWN} days`,
      refusals: ['not_found'],
      run: async ({ params }) => {
        const now = clock.now();
        const since = addMs(now, -DAYS_SHOWN * DAY_MS);
        return {
          ...(await showOffer(db, params.offerId, now)),
          currency: app.business.currency,
          redemptions: await redemptionsByDay(db, params.offerId, since, app.business.timeZone),
        };
      },
    }),
    endpoint({
      method: 'get',
      path: '/offers/{offerId}/grants',
      need: 'offers.read',
      summary: 'The latest grants of an offer',
      query: z.strictObject({
        state: z.enum(['reserved', 'issued', 'redeemed', 'expired', 'revoked']).optional(),
        limit: z.coerce.number().int().min(1).max(1_000).default(100),
      }),
      refusals: ['not_found'],
      run: async ({ params, query }) => {
        await showOffer(db, params.offerId, clock.now());
        return { grants: await listGrants(db, params.offerId, query) };
      },
    }),
    endpoint({
      method: 'post',
      path: '/offers/{offerId}/close',
      need: 'offers.write',
      summary: 'Gives no more of it; what was given stays good',
      refusals: ['not_found'],
      run: async ({ params }) => {
        await closeOffer(db, params.offerId, clock.now());
        return showOffer(db, params.offerId, clock.now());
      },
    }),
    endpoint({
      method: 'get',
      path: '/grants/{code}',
      need: 'offers.read',
      summary: 'What a code stands for, and whether it is still good',
      refusals: ['not_found'],
      run: async ({ params }) => {
        const grant = await grantByCode(db, params.code);
        const { offer } = await showOffer(db, grant.offerId, clock.now());
        const isGood = ['reserved', 'issued'].includes(grant.state) && grant.expiresAt >= clock.now();
        return { grant, terms: offer.terms, isGood };
      },
    }),
    endpoint({
      method: 'post',
      path: '/grants/{code}/redeem',
      need: 'offers.write',
      summary: 'Redeems a code at a till or a checkout, once; the same order asking again gets the same answer',
      body: z.strictObject({
        orderId: z.string().min(1).max(200),
        /** Refused when the code is another person's. */
        personId: z.string().min(1).optional(),
        costCents: z.number().int().nonnegative().nullable().default(null),
      }),
      refusals: ['not_found', 'conflict'],
      run: async ({ params, body }) => ({
        grant: await redeemCode(db, { code: params.code, at: clock.now(), ...body }),
      }),
    }),
  ];
};
