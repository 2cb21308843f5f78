// Where WeChat and WeCom call: `/hooks/wechat/{connection}`. A GET proves that the address is ours, a POST brings an event.
import { Hono } from 'hono';
import { RekindleError } from '../../../kernel/errors.ts';
import { CALLBACK_KEYS, type CallbackKey, type WechatEvents } from './wechat-events.service.ts';

const BODY_BYTES_MAX = 256 * 1024;

function keyOf(text: string): CallbackKey {
  const key = CALLBACK_KEYS.find((each) => each === text);
  if (key === undefined) throw new RekindleError('not_found', { what: { en: 'such a hook', zh: '这个回调地址' } });
  return key;
}

export function wechatRoutes(events: WechatEvents): Hono {
  const routes = new Hono();
  routes.get('/hooks/wechat/:connection', (c) => {
    const proof = events.prove(keyOf(c.req.param('connection')), c.req.query());
    return c.text(proof, 200, { 'cache-control': 'no-store' });
  });
  routes.post('/hooks/wechat/:connection', async (c) => {
    const body = await c.req.text();
    if (Buffer.byteLength(body) > BODY_BYTES_MAX)
      throw new RekindleError('too_large', { what: { en: 'The body', zh: '请求体' }, limit: '256 kB' });
    await events.take(keyOf(c.req.param('connection')), c.req.query(), body);
    return c.text('success', 200, { 'cache-control': 'no-store' });
  });
  return routes;
}
