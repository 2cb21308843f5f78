// Where SMS providers report to. The address holds an unguessable word, because most of them sign nothing; whoever signs is also checked.
import { Hono } from 'hono';
import { RekindleError } from '../../../kernel/errors.ts';
import type { Sms } from './sms.service.ts';

const BODY_BYTES_MAX = 512 * 1024;

export function smsRoutes(sms: Pick<Sms, 'takePush'>): Hono {
  const routes = new Hono();
  routes.on(['POST', 'GET'], '/hooks/sms/:provider/:token', async (c) => {
    const body = await c.req.text();
    if (Buffer.byteLength(body) > BODY_BYTES_MAX)
      throw new RekindleError('too_large', { what: { en: 'The body', zh: '请求体' }, limit: '512 kB' });
    const { search } = new URL(c.req.url);
    const answer = await sms.takePush(c.req.param('provider'), c.req.param('token'), {
      method: c.req.method,
      search,
      headers: c.req.header(),
      // Some gateways report in the address of a GET.
      body: c.req.method === 'GET' ? search.slice(1) : body,
    });
    return c.body(answer.body, 200, { 'content-type': answer.contentType, 'cache-control': 'no-store' });
  });
  return routes;
}
