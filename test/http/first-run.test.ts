// From an empty installation to the first picture: nothing to analyse yet, the demo shop cancelled, then loaded, its progress told.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApp, type App } from '../../src/app.ts';
import { configOf } from '../../src/config.ts';
import type { SampleShopState } from '../../src/http/contract/overview.ts';
import { httpRoutes } from '../../src/http/server.ts';
import { systemClock } from '../../src/kernel/clock.ts';

const LOCAL = 'local-secret';
const folder = mkdtempSync(join(tmpdir(), 'rekindle-first-run-'));
let app: App;
let routes: ReturnType<typeof httpRoutes>;

const call = async (method: string, path: string): Promise<{ status: number; json: Record<string, unknown> }> => {
  const response = await routes.request(`/api${path}`, { method, headers: { Authorization: `Bearer ${LOCAL}` } });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
};

/** Follows the demo shop over server-sent events until it stops. */
async function followed(): Promise<SampleShopState[]> {
  const response = await routes.request('/api/first-run/sample-shop', {
    headers: { Authorization: `Bearer ${LOCAL}`, Accept: 'text/event-stream' },
  });
  const states: SampleShopState[] = [];
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { value = '', done } = await reader.read();
    text += value;
    for (const match of text.matchAll(/event: state\ndata: (.*)\n\n/g))
      states.push(JSON.parse(match[1]!) as SampleShopState);
    text = text.slice(text.lastIndexOf('\n\n') + 2);
    if (done || (states.length > 1 && states.at(-1)?.state !== 'running')) break;
  }
  await reader.cancel();
  return states;
}

beforeAll(async () => {
  app = await openApp(configOf({ REKINDLE_DATA_DIR: join(folder, 'data') }), systemClock);
  routes = httpRoutes(app, (error) => console.error(error), { localSecret: LOCAL });
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the first run', () => {
  it('begins with nothing', async () => {
    expect((await call('GET', '/overview')).json).toEqual({ state: 'empty', kind: null });
    expect((await call('POST', '/first-run/analysis')).json).toMatchObject({ code: 'not_enough_data', status: 422 });
    expect((await call('GET', '/analysis')).json).toMatchObject({ code: 'not_enough_data', status: 422 });
  });

  it('can stop the demo shop before anything is written', async () => {
    expect((await call('POST', '/first-run/sample-shop')).json).toMatchObject({ state: 'running', canCancel: true });
    expect((await call('POST', '/first-run/sample-shop')).json).toMatchObject({ code: 'conflict' });
    const states = followed();
    await call('DELETE', '/first-run/sample-shop');
    expect((await states).at(-1)).toEqual({ state: 'cancelled' });
    expect((await call('GET', '/overview')).json).toMatchObject({ state: 'empty' });
  });

  it('loads it, tells how far it is, and shows a picture without a further choice', async () => {
    await call('POST', '/first-run/sample-shop');
    const states = await followed();
    const steps = new Set(states.map((each) => (each.state === 'running' ? each.step : each.state)));
    expect([...steps]).toEqual(['history', 'import', 'analysis', 'done']);
    const { json } = await call('GET', '/overview');
    expect(json).toMatchObject({ state: 'ready', policy: { policyId: 'shop' }, programmes: [] });
    expect(json['people']).toBeGreaterThan(1_000);
    expect(json['dormantPeople']).toBeGreaterThan(100);
    expect(json['attention']).toContainEqual({ kind: 'no_programme' });
    expect((await call('POST', '/first-run/sample-shop')).json).toMatchObject({ code: 'conflict' });
  });
});
