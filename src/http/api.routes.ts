// The steering API under /api: what the CLI and the console call. Every operation declares its need; it is asked for here, once.
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Hono } from 'hono';
import type { App } from '../app.ts';
import { RekindleError } from '../kernel/errors.ts';
import { exclusively } from '../stores/records/locks.ts';
import { admission } from './access/admission.ts';
import { recordAudit } from './access/audit.service.ts';
import { audienceEndpoints } from './api/audiences.routes.ts';
import { analysisEndpoints } from './api/analysis.routes.ts';
import { analyticsEndpoints } from './api/analytics.routes.ts';
import { maskedAnswer } from './access/masking.ts';
import { accountEndpoints } from './api/accounts.routes.ts';
import { businessEndpoints } from './api/business.routes.ts';
import { catalogueEndpoints } from './api/catalogue.routes.ts';
import { channelEndpoints } from './api/channels.routes.ts';
import { connectionEndpoints } from './api/connections.routes.ts';
import { consentFileEndpoints } from './api/consent-files.routes.ts';
import { consentEndpoints } from './api/consents.routes.ts';
import { mount, type Endpoint } from './api/endpoint.ts';
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
import { privacyEndpoints } from './api/privacy.routes.ts';
import { preferenceEndpoints } from './api/preferences.routes.ts';
import { programmeEndpoints } from './api/programmes.routes.ts';
import { reachRuleEndpoints } from './api/reach-rules.routes.ts';
import { reasonEndpoints } from './api/reasons.routes.ts';
import { recommendEndpoints } from './api/recommend.routes.ts';
import { segmentEndpoints } from './api/segments.routes.ts';
import { deliverabilityEndpoints } from './api/deliverability.routes.ts';
import { firstMailEndpoints } from './api/first-mail.routes.ts';
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
  /** The preview mailbox asks nobody who he is: made-up people on one's own machine. */
  readonly isMailboxOpen?: boolean;
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
  ...firstMailEndpoints(app),
  ...deliverabilityEndpoints(app),
  ...connectionEndpoints(app),
  ...audienceEndpoints(app),
  ...postEndpoints(app),
  ...offerEndpoints(app),
  ...programmeEndpoints(app),
  ...peopleEndpoints(app),
  ...privacyEndpoints(app),
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
  ...analysisEndpoints(app),
  ...vocabularyEndpoints(),
];

export function apiRoutes(app: App, options: ApiOptions = {}): OpenAPIHono {
  const routes = new OpenAPIHono();
  const log = options.log ?? (() => undefined);
  routes.onError((error, c) => problem(c, error, log));
  routes.notFound((c) =>
    problem(c, new RekindleError('not_found', { what: { en: `page ${c.req.path}`, zh: `页面 ${c.req.path}` } }), log),
  );
  routes.openAPIRegistry.registerComponent('securitySchemes', 'secret', { type: 'http', scheme: 'bearer' });
  routes.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: 'rekindle.session_token',
  });
  mount(routes, apiEndpoints(app), {
    admit: admission(app, options.localSecret),
    mask: maskedAnswer,
    exclusively: (thing, work) => exclusively(app.records, thing, work),
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
