// The SDK as a shop's pages fetch it: every file within its budget, zero dependencies, typed, and cached as it should be.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sdkRoutes } from '../../src/http/sdk.routes.ts';
import { buildSdk, type BuiltSdk } from '../support/sdk-build.ts';

const GZIP_BYTES_MAX = 6_000;

describe('the browser SDK', () => {
  let built: BuiltSdk;
  beforeAll(() => {
    built = buildSdk();
  });
  afterAll(() => built?.remove());
  const read = (name: string): Buffer => readFileSync(join(built.folder, name));

  it.each(['sdk.js', 'sdk.mjs', 'sw.js'])('%s weighs at most 6 kB packed, and needs nothing else', (name) => {
    expect(gzipSync(read(name), { level: 9 }).length).toBeLessThanOrEqual(GZIP_BYTES_MAX);
    expect(read(name).toString('utf8')).not.toMatch(/\bimport\s*[("'{*]|\brequire\(|https?:\/\//);
  });

  it('is typed, without a type that is not shipped', () => {
    const types = read('sdk.d.ts').toString('utf8');
    for (const name of ['createRekindle', 'RekindleOptions', 'InAppMessage']) expect(types).toContain(name);
    const shipped = readdirSync(built.folder);
    for (const [, from] of types.matchAll(/from '\.\/([\w-]+)\.ts'/g)) expect(shipped).toContain(`${from}.d.ts`);
  });

  it.each([
    ['sdk.js', 'public, max-age=3600, stale-while-revalidate=86400'],
    ['sdk.mjs', 'public, max-age=3600, stale-while-revalidate=86400'],
    ['sw.js', 'no-cache'],
  ])('serves /%s to any origin', async (name, cache) => {
    const routes = sdkRoutes(built.folder);
    const plain = await routes.request(`/${name}`);
    expect(plain.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(plain.headers.get('access-control-allow-origin')).toBe('*');
    expect(plain.headers.get('cache-control')).toBe(cache);
    expect(plain.headers.get('service-worker-allowed')).toBe(name === 'sw.js' ? '/' : null);
    expect(await plain.text()).toBe(read(name).toString('utf8'));
    const packed = await routes.request(`/${name}`, { headers: { 'accept-encoding': 'br, gzip' } });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(gunzipSync(Buffer.from(await packed.arrayBuffer()))).toEqual(read(name));
    const tag = packed.headers.get('etag') ?? '';
    expect((await routes.request(`/${name}`, { headers: { 'if-none-match': `W/${tag}` } })).status).toBe(304);
    expect((await routes.request(`/${name}`, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  it('says how to build what is not there', async () => {
    const routes = sdkRoutes('/nowhere').onError((error, c) => c.text(error.message, 404));
    expect(await (await routes.request('/sdk.js')).text()).toContain('npm run build:sdk');
  });
});
