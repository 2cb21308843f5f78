// The links inside mails: /u/ unsubscribe, /c/ click, /o/ open. No login, no cookie, no redirect on the one-click POST (RFC 8058).
import { Hono, type Context } from 'hono';
import { langOf, type Lang } from '../../kernel/lang.ts';
import { escapeHtml } from '../templates/links.ts';
import {
  unsubscribeByToken,
  unsubscribeTarget,
  visitLink,
  visitPixel,
  type TrackingContext,
  type Visit,
} from './tracking.service.ts';

const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

const WORDS = {
  en: {
    title: 'Stop these e-mails?',
    ask: 'One click and we stop writing to this address.',
    button: 'Unsubscribe',
    done: 'You are unsubscribed.',
    doneMore: 'It is in force now. We will not write to this address again.',
  },
  zh: {
    title: '不再接收邮件？',
    ask: '点击一次，我们将不再向此地址发送营销邮件。',
    button: '退订',
    done: '您已成功退订。',
    doneMore: '已立即生效，我们不会再向此地址发送营销邮件。',
  },
} as const satisfies Record<Lang, Record<string, string>>;

const page = (lang: Lang, title: string, body: string): string => `<!doctype html>
<html lang="${lang === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>${escapeHtml(title)}</title><style>
:root{color-scheme:light dark}body{font:16px/1.6 system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;margin:0;min-height:100vh;display:grid;place-items:center;background:#faf7f4;color:#2b2320}
main{max-width:26rem;padding:2.5rem 2rem;margin:1rem;background:#fff;border-radius:16px;box-shadow:0 1px 3px #0002;text-align:center}h1{font-size:1.4rem;margin:0 0 .5rem}p{margin:.5rem 0 1.5rem}
button{font:inherit;font-weight:600;color:#fff;background:#b3401f;border:0;border-radius:10px;padding:.75rem 2rem;cursor:pointer}button:focus-visible{outline:3px solid #f0a58a;outline-offset:2px}
@media(prefers-color-scheme:dark){body{background:#1d1917;color:#f3ece7}main{background:#2a2422}}</style></head><body><main>${body}</main></body></html>`;

const visitOf = (c: Context, token: string): Visit => ({
  token,
  method: c.req.method,
  userAgent: c.req.header('user-agent'),
  purpose: c.req.header('sec-purpose') ?? c.req.header('purpose') ?? c.req.header('x-purpose'),
});

export function trackingRoutes(context: TrackingContext, now: () => Date): Hono {
  const routes = new Hono();
  routes.use('*', async (c, next) => {
    await next();
    c.header('Cache-Control', 'no-store');
    c.header('Referrer-Policy', 'no-referrer');
  });

  routes.get('/u/:token', async (c) => {
    const target = await unsubscribeTarget(context, c.req.param('token'));
    const lang = langOf(c.req.query('lang') ?? target.language);
    const words = WORDS[lang];
    const form = `<h1>${words.title}</h1><p>${words.ask}</p><form method="post"><input type="hidden" name="from" value="page"><button>${words.button}</button></form>`;
    return c.html(page(lang, words.title, form));
  });

  // Mail programs POST `List-Unsubscribe=One-Click` in either encoding; the page posts its own field. Both mean the same.
  routes.post('/u/:token', async (c) => {
    // A malformed body must not cost anybody her wish: the address itself says all there is to say.
    const body: Record<string, unknown> = await c.req.parseBody().catch(() => ({}));
    const how = body['from'] === 'page' ? 'page' : 'one-click';
    const target = await unsubscribeByToken(context, c.req.param('token'), how, now());
    const lang = langOf(target.language);
    const words = WORDS[lang];
    return c.html(page(lang, words.done, `<h1>${words.done}</h1><p>${words.doneMore}</p>`));
  });

  routes.on(['GET', 'HEAD'], '/c/:token', async (c) => {
    const target = await visitLink(context, visitOf(c, c.req.param('token')), now());
    return c.redirect(target, 302);
  });

  routes.on(['GET', 'HEAD'], '/o/:token', async (c) => {
    await visitPixel(context, visitOf(c, c.req.param('token')), now());
    c.header('Content-Type', 'image/gif');
    return c.body(new Uint8Array(PIXEL));
  });
  return routes;
}
