import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { problem } from '../../src/http/problem.ts';
import { ERRORS, RekindleError, type ErrorCode } from '../../src/kernel/errors.ts';

describe('problem documents', () => {
  const logged: Error[] = [];
  const routes = new Hono().onError((error, c) => problem(c, error, (told) => logged.push(told)));
  routes.get('/:code', (c) => {
    const code = Object.keys(ERRORS).find((known): known is ErrorCode => known === c.req.param('code'));
    throw code === undefined ? new TypeError('secret detail') : new RekindleError(code, { seconds: 7, what: 'it' });
  });

  it.each(Object.entries(ERRORS))('answer %s with its status and both languages', async (code, entry) => {
    logged.length = 0;
    for (const [language, words] of [
      ['zh', entry.zh],
      ['en', entry.en],
    ] as const) {
      const response = await routes.request(`/${code}`, { headers: { 'accept-language': language } });
      expect([response.status, response.headers.get('content-type')]).toEqual([
        entry.status,
        'application/problem+json',
      ]);
      const title = words.replaceAll('{seconds}', '7').replaceAll('{what}', 'it');
      expect(await response.json()).toMatchObject({
        type: `urn:rekindle:error:${code}`,
        code,
        status: entry.status,
        title,
      });
    }
    expect(logged).toHaveLength(entry.status >= 500 ? 2 : 0);
  });

  it('tells a busy sender when to come back', async () => {
    const response = await routes.request('/busy');
    expect([response.headers.get('retry-after'), response.headers.get('x-ratelimit-reset')]).toEqual(['7', '7']);
  });

  it('keeps what went wrong inside for the log', async () => {
    logged.length = 0;
    const response = await routes.request('/surprise');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret detail');
    expect(logged).toEqual([new TypeError('secret detail')]);
  });

  it('does not call it our error when the caller hangs up in the middle of a body', async () => {
    logged.length = 0;
    const leaving = new Hono().onError((error, c) => problem(c, error, (told) => logged.push(told)));
    leaving.post('/', () => {
      throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    });
    expect((await leaving.request('/', { method: 'POST' })).status).toBe(400);
    expect(logged).toEqual([]);
  });
});
