// Every refusal over HTTP is a problem document (RFC 9457) with our code, in the caller's language.
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { RekindleError } from '../kernel/errors.ts';
import { langOf } from '../kernel/lang.ts';

/** As Node says it of a body that ends before its length. */
const isHangUp = (cause: unknown): boolean =>
  cause instanceof Error && cause.message === 'aborted' && 'code' in cause && cause.code === 'ECONNRESET';

export function problem(c: Context, cause: unknown, log: (error: Error) => void): Response {
  if (cause instanceof HTTPException) return cause.getResponse();
  // Whoever asked hung up in the middle of the question: nobody is there to answer, and nothing of ours went wrong.
  if (isHangUp(cause)) return c.body(null, 400);
  const known = cause instanceof RekindleError;
  const error = known
    ? cause
    : new RekindleError('unexpected', { what: { en: 'see the server log', zh: '详见服务器日志' } }, { cause });
  if (!known || error.status >= 500) log(cause instanceof Error ? cause : error);
  if (error.code === 'busy') {
    const seconds = String(error.detailsIn('en')['seconds'] ?? 1);
    c.header('Retry-After', seconds);
    c.header('X-RateLimit-Reset', seconds);
  }
  const lang = langOf(c.req.header('accept-language'));
  return c.json(
    {
      type: `urn:rekindle:error:${error.code}`,
      title: error.in(lang),
      status: error.status,
      code: error.code,
      ...error.detailsIn(lang),
    },
    error.status,
    {
      'Content-Type': 'application/problem+json',
    },
  );
}
