// What does a browser show when a link out of a message cannot be opened? A page in the reader's language, with the status and the headers of the
// refusal. Programs keep the problem document: whoever does not ask for HTML first, and mail programs that unsubscribe with one click (RFC 8058).
import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import type { Business } from '../kernel/business.ts';
import { langOf } from '../kernel/lang.ts';
import { LINK_KINDS, strayLinkPage, type StrayKind } from '../reach/pages/stray-link.ts';

const PATH = /^\/([a-z])(?:\/|$)/;

function kindOf(path: string): StrayKind | undefined {
  const letter = PATH.exec(path)?.[1] ?? '';
  return Object.hasOwn(LINK_KINDS, letter) ? LINK_KINDS[letter as keyof typeof LINK_KINDS] : undefined;
}

const wantsHtml = (c: Context): boolean =>
  accepts(c, {
    header: 'Accept',
    supports: ['text/html', 'application/xhtml+xml', 'application/problem+json', 'application/json'],
    default: 'application/problem+json',
  }).includes('html');

async function isOneClick(c: Context): Promise<boolean> {
  if (c.req.method !== 'POST') return false;
  // What cannot be read was sent by no page of ours.
  const body: Record<string, unknown> | undefined = await c.req.parseBody().catch(() => undefined);
  return body === undefined || 'List-Unsubscribe' in body;
}

/** The refusal as a page, where a person reads it in a browser; otherwise as it is. */
export async function forReaders(c: Context, refusal: Response, business: Business): Promise<Response> {
  const kind = kindOf(c.req.path);
  if (kind === undefined || !wantsHtml(c) || (await isOneClick(c))) return refusal;
  const headers = new Headers(refusal.headers);
  headers.set('Content-Type', 'text/html; charset=UTF-8');
  headers.delete('Content-Length');
  headers.set('Cache-Control', 'no-store');
  headers.set('Referrer-Policy', 'no-referrer');
  headers.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
  headers.set('Vary', 'Accept, Accept-Language');
  const lang = langOf(c.req.query('lang') ?? c.req.header('accept-language'));
  const trouble = refusal.status >= 500 || refusal.status === 429;
  return new Response(strayLinkPage({ lang, kind, trouble, sender: business }), { status: refusal.status, headers });
}
