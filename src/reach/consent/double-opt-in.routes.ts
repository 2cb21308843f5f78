// The page behind a confirmation link: GET shows the words and a button, POST confirms. Robots that open the link confirm nothing.
import { Hono } from 'hono';
import { langOf, type Lang } from '../../kernel/lang.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { pageHtml } from '../pages/page-frame.ts';
import { escapeHtml } from '../templates/links.ts';
import { OBJECTION } from '../templates/objection.ts';
import { confirmConsent, requestState, type RequestState } from './double-opt-in.service.ts';

const WORDS = {
  en: {
    title: 'Please confirm',
    button: 'Yes, I agree',
    ignore: 'If you did not ask for this, close the page: nothing will be sent.',
    done: 'Thank you. It is confirmed.',
    doneMore: 'You can change your mind with the link in every message.',
    expired: 'This link has expired.',
    expiredMore: 'Nothing was confirmed. Please sign up again if you still want to.',
  },
  zh: {
    title: '请确认',
    button: '是，我同意',
    ignore: '如果这不是您本人的请求，请直接关闭本页，我们不会发送任何内容。',
    done: '谢谢，已确认。',
    doneMore: '您可随时通过每条消息中的链接更改选择。',
    expired: '该链接已过期。',
    expiredMore: '未作任何确认。如仍需订阅，请重新登记。',
  },
} as const satisfies Record<Lang, Record<string, string>>;

function pageOf(lang: Lang, brand: string, request: RequestState): string {
  const words = WORDS[lang];
  const page = (title: string, more: string): string =>
    pageHtml({ lang, title, brand, body: `<h1>${title}</h1>${more}` });
  switch (request.state) {
    case 'confirmed':
      return page(words.done, `<p>${words.doneMore}</p><hr><p>${OBJECTION[lang].right}</p>`);
    case 'expired':
      return page(words.expired, `<p>${words.expiredMore}</p>`);
    case 'open':
      return page(
        words.title,
        `<p>${escapeHtml(request.text[lang])}</p><form method="post"><button>${words.button}</button></form><p>${words.ignore}</p><hr><p>${OBJECTION[lang].right}</p>`,
      );
  }
}

export function doubleOptInRoutes(
  context: { readonly db: RecordsDb; readonly tokenSecret: string },
  now: () => Date,
  brand: () => string,
): Hono {
  const routes = new Hono();
  routes.use('/d/:token', async (c, next) => {
    await next();
    c.header('Cache-Control', 'no-store');
    c.header('Referrer-Policy', 'no-referrer');
    c.header(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    );
  });
  routes.get('/d/:token', async (c) => {
    const request = await requestState(context, c.req.param('token'), now());
    const lang = langOf(c.req.query('lang') ?? request.language);
    return c.html(pageOf(lang, brand(), request), request.state === 'expired' ? 410 : 200);
  });
  routes.post('/d/:token', async (c) => {
    const proof = { how: 'button', userAgent: (c.req.header('user-agent') ?? '').slice(0, 200) };
    const request = await confirmConsent(context, c.req.param('token'), proof, now());
    const lang = langOf(c.req.query('lang') ?? request.language);
    return c.html(pageOf(lang, brand(), request), request.state === 'expired' ? 410 : 200);
  });
  return routes;
}
