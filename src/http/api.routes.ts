// The steering API under /api: what the CLI and the console call. Every operation declares its need; it is asked for here, once.
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Hono } from 'hono';
import type { App } from '../app.ts';
import { RekindleError } from '../kernel/errors.ts';
import { sameText } from '../kernel/hash.ts';
import type { Visitor } from './access/accounts.service.ts';
import { recordAudit } from './access/audit.service.ts';
import { audienceEndpoints } from './api/audiences.routes.ts';
import { analyticsEndpoints } from './api/analytics.routes.ts';
import type { Caller } from './access/caller.ts';
import { maskedAnswer } from './access/masking.ts';
import { PERMISSIONS } from './access/permissions.ts';
import { accountEndpoints } from './api/accounts.routes.ts';
import { businessEndpoints } from './api/business.routes.ts';
import { catalogueEndpoints } from './api/catalogue.routes.ts';
import { channelEndpoints } from './api/channels.routes.ts';
import { connectionEndpoints } from './api/connections.routes.ts';
import { consentFileEndpoints } from './api/consent-files.routes.ts';
import { consentEndpoints } from './api/consents.routes.ts';
import { mount, type Endpoint, type Need } from './api/endpoint.ts';
import { healthEndpoints } from './api/health.routes.ts';
import { importEndpoints } from './api/imports.routes.ts';
import { keyEndpoints } from './api/keys.routes.ts';
import { messageEndpoints } from './api/messages.routes.ts';
import { offerEndpoints } from './api/offers.routes.ts';
import { overviewEndpoints } from './api/overview.routes.ts';
import { peopleEndpoints } from './api/people.routes.ts';
import { personTokenEndpoints } from './api/person-tokens.routes.ts';
import { policyInsightEndpoints } from './api/policy-insight.routes.ts';
import { policyEndpoints } from './api/policies.routes.ts';
import { postEndpoints } from './api/posts.routes.ts';
import { preferenceEndpoints } from './api/preferences.routes.ts';
import { programmeEndpoints } from './api/programmes.routes.ts';
import { reachRuleEndpoints } from './api/reach-rules.routes.ts';
import { reasonEndpoints } from './api/reasons.routes.ts';
import { recommendEndpoints } from './api/recommend.routes.ts';
import { segmentEndpoints } from './api/segments.routes.ts';
import { deliverabilityEndpoints } from './api/deliverability.routes.ts';
import { mailEndpoints } from './api/mail.routes.ts';
import { smsEndpoints } from './api/sms.routes.ts';
import { surveyEndpoints } from './api/surveys.routes.ts';
import { templateEndpoints } from './api/templates.routes.ts';
import { uploadEndpoints } from './api/uploads.routes.ts';
import { vocabularyEndpoints } from './api/vocabulary.routes.ts';
import { problem } from './problem.ts';

export type ApiOptions = {
  /** Where the built browser SDK lies; by default beside this program. */
  readonly sdkFolder?: string;
  /** A secret that only this machine's owner can read, good as a secret key while this process lives. */
  readonly localSecret?: string;
  /** Hears of what went wrong on our side. */
  readonly log?: (error: Error) => void;
  /** A site served beside the product: the demo's shop. */
  readonly site?: Hono;
};

export const apiEndpoints = (app: App): readonly Endpoint[] => [
  ...healthEndpoints(app),
  ...businessEndpoints(app),
  ...policyEndpoints(app),
  ...policyInsightEndpoints(app),
  ...reasonEndpoints(app),
  ...segmentEndpoints(app),
  ...recommendEndpoints(app),
  ...analyticsEndpoints(app),
  ...catalogueEndpoints(app),
  ...surveyEndpoints(app),
  ...templateEndpoints(app),
  ...channelEndpoints(app),
  ...smsEndpoints(app),
  ...mailEndpoints(app),
  ...deliverabilityEndpoints(app),
  ...connectionEndpoints(app),
  ...audienceEndpoints(app),
  ...postEndpoints(app),
  ...offerEndpoints(app),
  ...programmeEndpoints(app),
  ...peopleEndpoints(app),
  ...personTokenEndpoints(app),
  ...consentEndpoints(app),
  ...reachRuleEndpoints(app),
  ...consentFileEndpoints(app),
  ...preferenceEndpoints(app),
  ...messageEndpoints(app),
  ...importEndpoints(app),
  ...uploadEndpoints(app),
  ...keyEndpoints(app),
  ...accountEndpoints(app),
  ...overviewEndpoints(app),
  ...vocabularyEndpoints(),
];

/** A browser names the page that a request comes from; one of another site is refused, and so is a browser that says nothing. */
function isOwnOrigin(headers: Headers, publicUrl: string): boolean {
  const origin = headers.get('origin');
  if (origin === null) return headers.get('sec-fetch-site') === 'same-origin';
  if (!URL.canParse(origin)) return false;
  const { host } = new URL(origin);
  return host === headers.get('host') || host === new URL(publicUrl).host;
}

export function apiRoutes(app: App, options: ApiOptions = {}): OpenAPIHono {
  const routes = new OpenAPIHono();
  const log = options.log ?? (() => undefined);
  routes.onError((error, c) => problem(c, error, log));
  routes.notFound((c) => problem(c, new RekindleError('not_found', { what: `page ${c.req.path}` }), log));
  routes.openAPIRegistry.registerComponent('securitySchemes', 'secret', { type: 'http', scheme: 'bearer' });
  routes.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: 'rekindle.session_token',
  });
  const admit = async (need: Need, visitor: Visitor, method: string): Promise<Caller> => {
    const caller = await callerOf(visitor, method);
    if (need === 'none') return caller;
    if (caller.kind === 'nobody') throw new RekindleError('unauthorised');
    if (need === 'member' ? caller.kind !== 'member' : !caller.permissions.includes(need))
      throw new RekindleError('forbidden');
    return caller;
  };
  /** A key says who calls before a session does: a program has no cookies, and the tests of a browser have both. */
  const callerOf = async (visitor: Visitor, method: string): Promise<Caller> => {
    const key = visitor.headers.get('authorization')?.replace(/^Bearer /i, '');
    if (key !== undefined) {
      if (options.localSecret !== undefined && sameText(key, options.localSecret))
        return { kind: 'key', keyId: 'local', permissions: PERMISSIONS };
      const { keyId, scopes } = await app.checkKey(key, 'secret');
      return {
        kind: 'key',
        keyId,
        permissions: scopes === null ? PERMISSIONS : PERMISSIONS.filter((each) => scopes.includes(each)),
      };
    }
    const found = await app.accounts.memberOf(visitor);
    if (found === undefined) return { kind: 'nobody' };
    if (method !== 'GET' && !isOwnOrigin(visitor.headers, app.business.publicUrl)) throw new RekindleError('forbidden');
    return found.caller;
  };
  mount(routes, apiEndpoints(app), {
    admit,
    mask: maskedAnswer,
    audit: (entry) => recordAudit(app.records.db, entry, app.clock.now()),
  });
  // Where the identity provider sends people back to.
  for (const path of ['/auth/callback/*', '/auth/oauth2/*'])
    routes.on(['GET', 'POST'], path, (c) => app.accounts.handleCallback(c.req.raw));
  routes.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Rekindle steering API', version: '1' },
    servers: [{ url: '/api' }],
  });
  return routes;
}
