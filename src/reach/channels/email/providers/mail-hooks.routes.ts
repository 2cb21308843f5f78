// Where mail providers report to. The address holds an unguessable word; beside it each report must prove whose it is.
import { Hono } from 'hono';
import { RekindleError } from '../../../../kernel/errors.ts';
import type { MailOut } from './mail-out.service.ts';

/** SendGrid sends a thousand events at once, each about a kilobyte. */
const BODY_BYTES_MAX = 4 * 1024 * 1024;

export function mailHookRoutes(mail: Pick<MailOut, 'takeHook'>): Hono {
  const routes = new Hono();
  routes.post('/hooks/email/:provider/:token', async (c) => {
    const body = await c.req.text();
    if (Buffer.byteLength(body) > BODY_BYTES_MAX)
      throw new RekindleError('too_large', { what: { en: 'The body', zh: '请求体' }, limit: '4 MB' });
    const taken = await mail.takeHook(c.req.param('provider'), c.req.param('token'), {
      headers: c.req.header(),
      body,
    });
    return c.json({ taken }, 200, { 'cache-control': 'no-store' });
  });
  return routes;
}
