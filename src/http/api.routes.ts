// The steering API under /api: what the CLI and the console call. Every route needs a secret key.
import { Hono } from 'hono';
import type { App } from '../app.ts';
import { reportProgramme } from '../prove/outcomes/report.service.ts';

export function apiRoutes(app: App): Hono {
  const routes = new Hono();
  routes.use('*', async (c, next) => {
    await app.checkKey(c.req.header('authorization')?.replace(/^Bearer /i, ''), 'secret');
    await next();
  });
  routes.get('/programmes/:id/report', async (c) =>
    c.json(
      await reportProgramme({ ...app, marginShare: app.business.marginShare }, c.req.param('id'), app.clock.now()),
    ),
  );
  return routes;
}
