// The links inside mails: /u/ unsubscribe, /c/ click, /o/ open, /h/ the link that no person sees. No login, no cookie, no redirect on the one-click POST (RFC 8058).
import { Hono, type Context } from 'hono';
import { langOf, type Lang } from '../../kernel/lang.ts';
import { pageHtml } from '../pages/page-frame.ts';
import {
  openLog,
  unsubscribeByToken,
  unsubscribeTarget,
  visitLink,
  visitPixel,
  visitTrap,
  type TrackingContext,
  type UnsubscribeTarget,
  type Visit,
} from './tracking.service.ts';
import { OBJECTION, objectionUrlOf } from '../templates/objection.ts';
import { signToken } from './token.ts';

const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

const WORDS = {
  en: {
    title: 'Stop these messages?',
    ask: 'One click and we stop writing to you this way.',
    button: 'Unsubscribe',
    done: 'You are unsubscribed.',
    doneMore: 'It is in force now. We will not write to you this way again.',
  },
  zh: {
    title: '不再接收此类消息？',
    ask: '点击一次，我们将不再通过此方式向您发送营销消息。',
    button: '退订',
    done: '您已成功退订。',
    doneMore: '已立即生效，我们不会再通过此方式向您发送营销消息。',
  },
} as const satisfies Record<Lang, Record<string, string>>;

/** Every way out of every channel leads here, so the right to object is told here, apart from the rest, with the way to use it. */
const rightToObject = (lang: Lang, preferencesPath: string): string =>
  `<hr><p>${OBJECTION[lang].right} <a href="${objectionUrlOf(preferencesPath)}">${OBJECTION[lang].use}</a></p>`;

const visitOf = (c: Context, token: string): Visit => ({
  token,
  method: c.req.method,
  userAgent: c.req.header('user-agent'),
  purpose: c.req.header('sec-purpose') ?? c.req.header('purpose') ?? c.req.header('x-purpose'),
});

export function trackingRoutes(context: TrackingContext, now: () => Date, brand: () => string): Hono {
  const routes = new Hono();
  const opens = openLog(context.db);
  const objectionOf = ({ messageId }: UnsubscribeTarget, lang: Lang): string =>
    rightToObject(lang, `../p/${signToken(context.tokenSecret, { kind: 'preferences', messageId })}`);
  routes.use('*', async (c, next) => {
    await next();
    c.header('Cache-Control', 'no-store');
    c.header('Referrer-Policy', 'no-referrer');
  });
  // Nobody is made to press the button inside of another page.
  routes.use('/u/:token', async (c, next) => {
    await next();
    c.header(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    );
  });

  routes.get('/u/:token', async (c) => {
    const target = await unsubscribeTarget(context, c.req.param('token'));
    const lang = langOf(c.req.query('lang') ?? target.language);
    const words = WORDS[lang];
    const form = `<h1>${words.title}</h1><p>${words.ask}</p><form method="post"><input type="hidden" name="from" value="page"><button>${words.button}</button></form>${objectionOf(target, lang)}`;
    return c.html(pageHtml({ lang, title: words.title, brand: brand(), body: form }));
  });

  // Mail programs POST `List-Unsubscribe=One-Click` in either encoding; the page posts its own field. Both mean the same.
  routes.post('/u/:token', async (c) => {
    // A malformed body must not cost anybody her wish: the address itself says all there is to say.
    const body: Record<string, unknown> = await c.req.parseBody().catch(() => ({}));
    const how = body['from'] === 'page' ? 'page' : 'one-click';
    const target = await unsubscribeByToken(context, c.req.param('token'), how, now());
    const lang = langOf(c.req.query('lang') ?? target.language);
    const words = WORDS[lang];
    return c.html(
      pageHtml({
        lang,
        title: words.done,
        brand: brand(),
        body: `<h1>${words.done}</h1><p>${words.doneMore}</p>${objectionOf(target, lang)}`,
      }),
    );
  });

  routes.on(['GET', 'HEAD'], '/c/:token', async (c) => {
    const target = await visitLink(context, visitOf(c, c.req.param('token')), now());
    return c.redirect(target, 302);
  });

  routes.on(['GET', 'HEAD'], '/h/:token', async (c) => {
    await visitTrap(context, visitOf(c, c.req.param('token')), now());
    return c.body(null, 204);
  });

  routes.on(['GET', 'HEAD'], '/o/:token', async (c) => {
    await visitPixel(context, opens, visitOf(c, c.req.param('token')), now());
    c.header('Content-Type', 'image/gif');
    return c.body(new Uint8Array(PIXEL));
  });
  return routes;
}
