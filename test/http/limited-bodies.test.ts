// Bodies that are too large, at every kind of door, over a real socket: refused with a reason, and not read to their end.
import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type RunningServer } from '../../src/http/server.ts';
import { openShop, type Shop } from '../support/shop.ts';

const MB = 1024 * 1024;
const DOORS = [
  ['POST', '/api/programmes'],
  ['PUT', '/api/channels/email'],
  ['POST', '/v1/track'],
  ['POST', '/v1/endpoints'],
  ['POST', '/hooks/mail/ses/anything'],
  ['POST', '/hooks/sms/twilio/anything'],
  ['POST', '/hooks/wechat/wechat_mini'],
  ['POST', '/u/anything'],
  ['POST', '/p/anything'],
  ['POST', '/s/anything'],
  ['POST', '/no/such/page'],
] as const;

let shop: Shop;
let server: RunningServer;
beforeAll(async () => {
  shop = await openShop();
  server = await startServer(shop.app, () => undefined, 0);
}, 120_000);
afterAll(async () => {
  await server?.close();
  await shop?.close();
});

type Told = { readonly status: number | undefined; readonly code: unknown };

/** Sends without end until there is an answer; `declared` bytes are promised beforehand, or none. */
async function flood(method: string, path: string, declared: number | undefined): Promise<Told & { sent: number }> {
  const headers = {
    'content-type': 'application/json',
    ...(declared === undefined ? {} : { 'content-length': declared }),
  };
  const call = request({ host: '127.0.0.1', port: server.port, method, path, headers });
  const most = Math.min(64 * MB, declared ?? Infinity);
  const line = { sent: 0, isOver: false };
  call.on('error', () => (line.isOver = true));
  const chunk = Buffer.alloc(MB / 4, ' ');
  const answered = once(call, 'response') as Promise<[NodeJS.ReadableStream & { statusCode?: number }]>;
  const told = answered.then(async ([response]): Promise<Told> => {
    line.isOver = true;
    let text = '';
    for await (const part of response) text += String(part);
    const body = JSON.parse(text) as { code?: unknown };
    return { status: response.statusCode, code: body.code };
  });
  told.catch(() => undefined);
  while (!line.isOver && line.sent < most) {
    const isTaken = call.write(chunk);
    line.sent += chunk.length;
    if (!isTaken) await Promise.race([once(call, 'drain'), told.catch(() => undefined)]);
    // Lets the answer in.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const end = await told;
  call.destroy();
  return { ...end, sent: line.sent };
}

describe('a body', () => {
  it.each(DOORS)('without end is refused at %s %s while it comes', async (method, path) => {
    const { status, code, sent } = await flood(method, path, undefined);
    expect([status, code]).toEqual([413, 'too_large']);
    expect(sent).toBeLessThan(32 * MB);
  });
  it.each(DOORS)('that says it is too large is refused at %s %s before it comes', async (method, path) => {
    const { status, code } = await flood(method, path, 1024 * MB);
    expect([status, code]).toEqual([413, 'too_large']);
  });
  it('of a mail program that unsubscribes is small, and taken', async () => {
    const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click', padding: 'x'.repeat(100_000) });
    const answer = await fetch(`${server.url}/u/anything`, { method: 'POST', body });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'token_invalid' });
  });
});
