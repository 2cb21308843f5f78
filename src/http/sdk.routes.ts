// The browser SDK as files: /sdk.js, /sdk.mjs and /sw.js, for pages of any origin. They are asked for on every page of every shop, so they
// are read and packed once, carry an entity tag, and may be kept for an hour; a service worker's browser asks again by itself.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Hono, type Context } from 'hono';
import { RekindleError } from '../kernel/errors.ts';
import { sha256Hex } from '../kernel/hash.ts';

const FILES = ['sdk.js', 'sdk.mjs', 'sw.js'] as const;
type FileName = (typeof FILES)[number];

const CACHE: Readonly<Record<FileName, string>> = {
  'sdk.js': 'public, max-age=3600, stale-while-revalidate=86400',
  'sdk.mjs': 'public, max-age=3600, stale-while-revalidate=86400',
  'sw.js': 'no-cache',
};

type Packed = { readonly plain: Buffer; readonly gzip: Buffer; readonly tag: string };

/** `dist/sdk` lies beside the built program, and beside the sources when they run unbuilt. */
const builtFolder = (): string =>
  ['../sdk', '../../dist/sdk']
    .map((path) => join(import.meta.dirname, path))
    .find((path) => existsSync(join(path, 'sdk.js'))) ?? '';

export function sdkRoutes(folder = builtFolder()): Hono {
  const routes = new Hono();
  const packed = new Map<FileName, Packed>();
  const load = (name: FileName): Packed => {
    const known = packed.get(name);
    if (known !== undefined) return known;
    const path = join(folder, name);
    if (folder === '' || !existsSync(path))
      throw new RekindleError('not_found', {
        what: { en: `/${name}: npm run build:sdk`, zh: `/${name}：npm run build:sdk` },
      });
    const plain = readFileSync(path);
    const fresh = { plain, gzip: gzipSync(plain, { level: 9 }), tag: `"${sha256Hex(plain).slice(0, 20)}"` };
    packed.set(name, fresh);
    return fresh;
  };
  const serve = (c: Context, name: FileName): Response => {
    const { plain, gzip, tag } = load(name);
    const isPacked = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '');
    const headers = {
      'Content-Type': 'text/javascript; charset=utf-8',
      'Cache-Control': CACHE[name],
      'Access-Control-Allow-Origin': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
      'X-Content-Type-Options': 'nosniff',
      Vary: 'Accept-Encoding',
      ETag: tag,
      ...(name === 'sw.js' ? { 'Service-Worker-Allowed': '/' } : {}),
    };
    // A proxy that packs by itself weakens the tag; the file is the same.
    const asked = (c.req.header('if-none-match') ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''));
    if (asked.includes(tag)) return c.body(null, 304, headers);
    const body = new Uint8Array(isPacked ? gzip : plain);
    return c.body(body, 200, isPacked ? { ...headers, 'Content-Encoding': 'gzip' } : headers);
  };
  for (const name of FILES) routes.get(`/${name}`, (c) => serve(c, name));
  return routes;
}
