// The web console: static files that the build left in dist/console, under a content security policy that lets in nothing but them.
import { readFileSync, existsSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { Hono } from 'hono';

const FOLDER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../dist/console/' : '../console/', import.meta.url),
);

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.png': 'image/png',
};
const TEXTUAL = new Set(['.html', '.js', '.css', '.svg', '.json']);
/** What the build puts in place of a nonce. */
const NONCE_PLACE = /__CSP_NONCE__/g;

/**
 * Scripts only from our own files; styles from our own files and those made at run time that carry this answer's nonce. `data:` images are
 * icons of the component library; mails are shown in sandboxed frames of our own origin.
 */
const policyOf = (nonce: string): string =>
  [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self' 'nonce-${nonce}'`,
    `img-src 'self' data: blob:`,
    `font-src 'self'`,
    `connect-src 'self'`,
    `worker-src 'self'`,
    `frame-src 'self'`,
    `manifest-src 'self'`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
  ].join('; ');

const HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
} as const;

/**
 * A mail in the preview is somebody else's page: it stands in a sandbox of an origin of its own, gets its HTML from the console that holds the
 * frame, and may show nothing but itself and pictures. `dark` shows it as a reader in dark mode would.
 */
const mailFrame = (
  nonce: string,
): string => `<!doctype html><html lang="und"><head><meta charset="utf-8"><title>Mail</title></head><body>
<script nonce="${nonce}">
const tell = () => parent.postMessage({ height: Math.ceil(document.documentElement.getBoundingClientRect().height) }, '*');
addEventListener('message', (event) => {
  if (event.source !== parent || typeof event.data?.html !== 'string') return;
  document.documentElement.lang = event.data.lang;
  document.documentElement.style.colorScheme = event.data.dark ? 'dark' : 'light';
  document.documentElement.innerHTML = event.data.html;
  for (const sheet of document.styleSheets)
    for (const rule of sheet.cssRules)
      if (rule instanceof CSSMediaRule && /prefers-color-scheme/.test(rule.conditionText))
        rule.media.mediaText = /dark/.test(rule.conditionText) === event.data.dark ? 'all' : 'not all';
  for (const link of document.querySelectorAll('a')) link.target = '_blank';
  tell();
});
new ResizeObserver(tell).observe(document.documentElement);
parent.postMessage({ ready: true }, '*');
</script></body></html>`;

const framePolicy = (nonce: string): string =>
  `sandbox allow-scripts allow-popups; default-src 'none'; script-src 'nonce-${nonce}'; style-src 'unsafe-inline'; img-src https: data:; frame-ancestors 'self'`;

const MISSING = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Rekindle</title></head><body>
<h1>The console is not built</h1><p>Run <code>npm run build:console</code>, then reload this page. The API works without it.</p>
<h1 lang="zh-CN">控制台尚未构建</h1><p lang="zh-CN">请运行 <code>npm run build:console</code>，然后刷新此页。没有它，API 也可正常使用。</p>
</body></html>`;

type Asset = { readonly plain: Buffer<ArrayBuffer>; readonly zipped: Buffer<ArrayBuffer> | undefined };

export function consoleRoutes(folder = FOLDER): Hono {
  const routes = new Hono();
  const assets = new Map<string, Asset>();

  /** A built file, zipped once; undefined where there is none. Names of the build carry a hash of their content. */
  const assetAt = (path: string): Asset | undefined => {
    const known = assets.get(path);
    if (known !== undefined) return known;
    const full = normalize(join(folder, path));
    if (!full.startsWith(normalize(folder)) || !/^[\w./-]+$/.test(path) || !existsSync(full)) return undefined;
    const plain = Buffer.from(readFileSync(full));
    const zipped = TEXTUAL.has(extname(path)) ? Buffer.from(gzipSync(plain, { level: 9 })) : undefined;
    const asset = { plain, zipped };
    assets.set(path, asset);
    return asset;
  };

  routes.get('/', (c) => c.redirect('/console/', 302));
  routes.get('/console', (c) => c.redirect('/console/', 302));
  routes.get('/console/mail-frame', (c) => {
    const nonce = randomBytes(18).toString('base64');
    return c.html(mailFrame(nonce), 200, {
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Content-Security-Policy': framePolicy(nonce),
      'Cache-Control': 'no-store',
    });
  });
  routes.get('/console/*', (c) => {
    const path = c.req.path.slice('/console/'.length);
    const type = TYPES[extname(path)];
    if (type !== undefined && path !== 'index.html') {
      const asset = assetAt(path);
      if (asset === undefined) return c.notFound();
      const zips = asset.zipped !== undefined && /\bgzip\b/.test(c.req.header('accept-encoding') ?? '');
      return c.body(zips ? asset.zipped : asset.plain, 200, {
        ...HEADERS,
        'Content-Type': type,
        'Cache-Control': path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'public, max-age=3600',
        Vary: 'Accept-Encoding',
        ...(zips ? { 'Content-Encoding': 'gzip' } : {}),
      });
    }
    // Every other address is a place inside the console.
    const nonce = randomBytes(18).toString('base64');
    const index = join(folder, 'index.html');
    const headers = { ...HEADERS, 'Content-Security-Policy': policyOf(nonce), 'Cache-Control': 'no-store' };
    if (!existsSync(index)) return c.html(MISSING, 503, headers);
    return c.html(readFileSync(index, 'utf8').replaceAll(NONCE_PLACE, nonce), 200, headers);
  });
  return routes;
}
