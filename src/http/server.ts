// The HTTP server: ingest, tracked links, the steering API and the preview mailbox, on one port.
import { serve, type ServerType } from '@hono/node-server';
import { Hono } from 'hono';
import type { App } from '../app.ts';
import { ingestRoutes } from '../collect/ingest/ingest.routes.ts';
import { RekindleError } from '../kernel/errors.ts';
import { devicesRoutes } from '../reach/channels/push/devices.routes.ts';
import { doubleOptInRoutes } from '../reach/consent/double-opt-in.routes.ts';
import { preferenceRoutes } from '../reach/preferences/preferences.routes.ts';
import { inboxRoutes } from '../reach/inbox/inbox.routes.ts';
import { mailHookRoutes } from '../reach/channels/email/providers/mail-hooks.routes.ts';
import { smsRoutes } from '../reach/channels/sms/sms.routes.ts';
import { wechatRoutes } from '../reach/channels/wechat/wechat.routes.ts';
import { surveyRoutes } from '../reach/surveys/survey.routes.ts';
import { trackingRoutes } from '../reach/tracking/tracking.routes.ts';
import { apiRoutes, type ApiOptions } from './api.routes.ts';
import { consoleRoutes } from './console.routes.ts';
import { limitedBodies } from './limited-bodies.ts';
import { forReaders } from './link-pages.ts';
import { mailboxRoutes } from './mailbox.routes.ts';
import { problem } from './problem.ts';
import { sdkRoutes } from './sdk.routes.ts';

/** All routes over an app; `log` hears of what went wrong on our side. */
export function httpRoutes(app: App, log: (error: Error) => void, options: ApiOptions = {}): Hono {
  const routes = new Hono();
  const now = app.clock.now;
  const brand = (): string => app.business.brand;
  routes.onError((error, c) => forReaders(c, problem(c, error, log), app.business));
  routes.notFound((c) => {
    const refusal = problem(
      c,
      new RekindleError('not_found', { what: { en: `page ${c.req.path}`, zh: `页面 ${c.req.path}` } }),
      log,
    );
    return forReaders(c, refusal, app.business);
  });
  routes.use(limitedBodies);
  // First, because tracked links tell browsers to keep nothing of whatever comes after them.
  routes.route('/', consoleRoutes());
  if (options.site !== undefined) routes.route('/', options.site);
  routes.get('/health', (c) => c.json({ ok: true }));
  routes.route(
    '/',
    ingestRoutes({
      ingest: app.ingest,
      checkKey: app.checkKey,
      timeZone: app.business.timeZone,
      get currency() {
        return app.business.currency;
      },
      publicUrl: () => app.business.publicUrl,
      vapidPublicKey: app.vapidPublicKey,
      now,
    }),
  );
  routes.route('/', trackingRoutes(app.tracking, now, brand));
  routes.route(
    '/',
    devicesRoutes({
      db: app.records.db,
      checkKey: app.checkKey,
      checkPerson: app.checkPerson,
      addressSecret: app.secrets.address,
      now,
    }),
  );
  routes.route('/', surveyRoutes(app.tracking, now, brand));
  routes.route('/', preferenceRoutes(app.preferences, now));
  routes.route('/', doubleOptInRoutes(app.tracking, now, brand));
  routes.route('/', inboxRoutes({ inboxes: app.inboxes, checkPerson: app.checkPerson, tracking: app.tracking, now }));
  routes.route('/', smsRoutes(app.sms));
  routes.route('/', mailHookRoutes(app.mail));
  routes.route('/', wechatRoutes(app.wechatEvents));
  routes.route('/api', apiRoutes(app, { log, ...options }));
  routes.route('/', sdkRoutes(options.sdkFolder));
  routes.route('/', mailboxRoutes(app, options));
  return routes;
}

export type RunningServer = {
  readonly url: string;
  readonly port: number;
  /** Takes no new request, lets running ones finish (for at most five seconds), hangs up. */
  readonly close: () => Promise<void>;
};

const FINISH_MS_MAX = 5_000;
/** A large order file over a slow line: five minutes, which is what Node allows by itself, would cut it off. */
const REQUEST_MS_MAX = 3_600_000;

const listenError = (cause: Error, port: number): Error =>
  'code' in cause && cause.code === 'EADDRINUSE'
    ? new RekindleError(
        'conflict',
        {
          what: {
            en: `Port ${port} is taken by another program; choose another with REKINDLE_PORT`,
            zh: `端口 ${port} 已被其他程序占用，请用 REKINDLE_PORT 指定另一个`,
          },
        },
        { cause },
      )
    : cause;

/** Listens; port 0 takes any free one. Throws `conflict` when the port is taken. */
export function startServer(
  app: App,
  log: (error: Error) => void,
  port = app.config.port,
  options: ApiOptions = {},
): Promise<RunningServer> {
  return new Promise((resolve, reject) => {
    const server: ServerType = serve(
      {
        fetch: httpRoutes(app, log, options).fetch,
        hostname: app.config.host,
        port,
        serverOptions: { requestTimeout: REQUEST_MS_MAX },
      },
      (address) => {
        const host = app.config.host.includes(':') ? `[${app.config.host}]` : app.config.host;
        resolve({
          url: `http://${host}:${address.port}`,
          port: address.port,
          close: () =>
            new Promise((done) => {
              const hangUp = setTimeout(() => {
                if ('closeAllConnections' in server) server.closeAllConnections();
              }, FINISH_MS_MAX);
              server.close(() => {
                clearTimeout(hangUp);
                done();
              });
              if ('closeIdleConnections' in server) server.closeIdleConnections();
            }),
        });
      },
    );
    server.once('error', (cause) => reject(listenError(cause, port)));
  });
}
