// Minting person tokens: what a shop's server asks for when somebody signs in, for the page to read her inbox with.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { linkedPeople } from '../../collect/people/people.sql.ts';
import { addMs } from '../../kernel/days.ts';
import { PERSON_TOKEN_SECONDS_MAX, signPersonToken } from '../../reach/inbox/person-token.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

export const personTokenEndpoints = (app: App): readonly Endpoint[] => [
  endpoint({
    method: 'post',
    path: '/people/{personId}/token',
    need: 'people.write',
    summary:
      'A short-lived token with which this person’s browser or app reads her inbox (`GET /v1/inbox`); an hour unless said otherwise',
    status: 201,
    body: z.strictObject({
      expiresInSeconds: z.number().int().min(60).max(PERSON_TOKEN_SECONDS_MAX).default(3_600),
    }),
    run: async ({ params, body }) => {
      const personId = (await linkedPeople(app.records.db, [params.personId])).get(params.personId) ?? params.personId;
      const expiresAt = addMs(app.clock.now(), body.expiresInSeconds * 1000);
      return { personId, token: signPersonToken(app.secrets.token, personId, expiresAt), expiresAt };
    },
  }),
];
