// The steering API under /api: what the CLI and the console call. Every operation declares its need; it is asked for here, once.
import { timingSafeEqual } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { App } from '../app.ts';
import { RekindleError } from '../kernel/errors.ts';
import { sha256Hex } from '../kernel/hash.ts';
import { analyticsEndpoints } from './api/analytics.routes.ts';
import type { Caller } from './access/caller.ts';
import { PERMISSIONS } from './access/permissions.ts';
import { businessEndpoints } from './api/business.routes.ts';
import { catalogueEndpoints } from './api/catalogue.routes.ts';
import { channelEndpoints } from './api/channels.routes.ts';
import { consentEndpoints } from './api/consents.routes.ts';
import { mount, type Endpoint, type Need } from './api/endpoint.ts';
import { healthEndpoints } from './api/health.routes.ts';
import { importEndpoints } from './api/imports.routes.ts';
import { keyEndpoints } from './api/keys.routes.ts';
import { messageEndpoints } from './api/messages.routes.ts';
import { offerEndpoints } from './api/offers.routes.ts';
import { peopleEndpoints } from './api/people.routes.ts';
import { personTokenEndpoints } from './api/person-tokens.routes.ts';
import { policyInsightEndpoints } from './api/policy-insight.routes.ts';
import { policyEndpoints } from './api/policies.routes.ts';
import { preferenceEndpoints } from './api/preferences.routes.ts';
import { programmeEndpoints } from './api/programmes.routes.ts';
import { reachRuleEndpoints } from './api/reach-rules.routes.ts';
import { reasonEndpoints } from './api/reasons.routes.ts';
import { recommendEndpoints } from './api/recommend.routes.ts';
import { sessionEndpoints } from './api/session.routes.ts';
import { segmentEndpoints } from './api/segments.routes.ts';
import { smsEndpoints } from './api/sms.routes.ts';
import { surveyEndpoints } from './api/surveys.routes.ts';
import { templateEndpoints } from './api/templates.routes.ts';
import { vocabularyEndpoints } from './api/vocabulary.routes.ts';
import { problem } from './problem.ts';

export type ApiOptions = {
  /** Where the built browser SDK lies; by default beside this program. */
  readonly sdkFolder?: string;
  /** A secret that only this machine's owner can read, good as a secret key while this process lives. */
  readonly localSecret?: string;
  /** Hears of what went wrong on our side. */
  readonly log?: (error: Error) => void;
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
  ...offerEndpoints(app),
  ...programmeEndpoints(app),
  ...peopleEndpoints(app),
  ...personTokenEndpoints(app),
  ...consentEndpoints(app),
  ...reachRuleEndpoints(app),
  ...preferenceEndpoints(app),
  ...messageEndpoints(app),
  ...importEndpoints(app),
  ...keyEndpoints(app),
  ...sessionEndpoints(app),
  ...vocabularyEndpoints(),
];

const isSame = (a: string, b: string): boolean =>
  timingSafeEqual(Buffer.from(sha256Hex(a), 'hex'), Buffer.from(sha256Hex(b), 'hex'));

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
  const admit = async (need: Need, request: Request): Promise<Caller> => {
    const key = request.headers.get('authorization')?.replace(/^Bearer /i, '');
    if (key === undefined && need === 'none') return { kind: 'nobody' };
    const isLocal = key !== undefined && options.localSecret !== undefined && isSame(key, options.localSecret);
    if (!isLocal) await app.checkKey(key, 'secret');
    return { kind: 'key', keyId: isLocal ? 'local' : 'key', permissions: PERMISSIONS };
  };
  mount(routes, apiEndpoints(app), admit);
  routes.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Rekindle steering API', version: '1' },
    servers: [{ url: '/api' }],
  });
  return routes;
}
