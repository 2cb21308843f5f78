// The preview mailbox as pages: what would have been sent on every channel that has no provider yet. For whoever
// may see people's addresses in the console; in the demo, whose people are made up, for everybody on this machine.
import { Hono, type Context } from 'hono';
import type { App } from '../app.ts';
import { RekindleError } from '../kernel/errors.ts';
import { langOf, type Lang } from '../kernel/lang.ts';
import { textOf, type JsonObject } from '../kernel/json.ts';
import { listPreviewMails, readPreviewMail } from '../reach/channels/email/preview-mailbox.service.ts';
import { CHANNELS, isChannelKey } from '../reach/channels/channels.ts';
import { listSunkMessages, type SunkMessage } from '../reach/channels/sink-channel.service.ts';
import { escapeHtml } from '../reach/templates/links.ts';
import { admission } from './access/admission.ts';

const WORDS = {
  en: {
    title: 'Preview mailbox',
    none: 'No mail yet. Mails appear here while no mail server is set (REKINDLE_SMTP_URL).',
    when: 'When (UTC)',
    to: 'To',
    subject: 'Subject',
    others: 'Other channels',
    back: '← mailbox',
    textPart: 'Text part',
    headers: 'Headers',
    mail: 'Mail',
    closed: 'The preview mailbox shows what people were written. Sign in to the console to read it.',
    forbidden: 'Your role does not show people’s addresses, and so not the preview mailbox either.',
    console: 'To the console',
  },
  zh: {
    title: '预览邮箱',
    none: '还没有邮件。未设置邮件服务器（REKINDLE_SMTP_URL）时，邮件会显示在这里。',
    when: '时间（UTC）',
    to: '收件人',
    subject: '主题',
    others: '其他渠道',
    back: '← 返回邮箱',
    textPart: '纯文本部分',
    headers: '邮件头',
    mail: '邮件',
    closed: '预览邮箱显示发给用户的内容，请先登录控制台。',
    forbidden: '您的角色不能查看用户的联系方式，因此也不能查看预览邮箱。',
    console: '前往控制台',
  },
} as const satisfies Record<Lang, unknown>;

const STYLE = `:root{color-scheme:light dark}body{font:15px/1.5 system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.3rem}h2{font-size:1.05rem;margin-top:2rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.5rem .75rem;border-bottom:1px solid #8884;vertical-align:top}a{color:#b3401f}iframe{width:100%;height:70vh;border:1px solid #8884;border-radius:8px;background:#fff}pre{white-space:pre-wrap}
.phones{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:1rem;padding:0;list-style:none}.phones li{border:1px solid #8884;border-radius:18px;padding:.9rem 1rem;overflow-wrap:anywhere}.phones small{display:block;opacity:.75}.phones p{margin:.5rem 0 0;white-space:pre-wrap}.phones .sms p{background:#8882;border-radius:14px;padding:.6rem .8rem}.phones b{display:block;margin-top:.5rem}.phones span{display:inline-block;border:1px solid #8886;border-radius:999px;padding:.1rem .7rem;margin:.5rem .4rem 0 0}`;

const page = (lang: Lang, title: string, body: string): string =>
  `<!doctype html><html lang="${lang === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title><link rel="icon" href="data:,"><style>${STYLE}</style></head><body>${body}</body></html>`;

const textIn = (fields: JsonObject, name: string): string => textOf(fields[name]) ?? '';

/** The fields of a message as the person would see them: a bubble, a notification, a card; what has no face of its own as its data. */
function faceOf({ kind, fields }: SunkMessage): string {
  const buttons = Array.isArray(fields['buttons'])
    ? fields['buttons'].map((button: unknown) =>
        typeof button === 'object' && button !== null && 'label' in button
          ? `<span>${escapeHtml(String(button.label))}</span>`
          : '',
      )
    : [];
  switch (kind) {
    case 'sms':
      return `<p>${escapeHtml(textIn(fields, 'text'))}</p>`;
    case 'push':
    case 'in_app':
      return `<b>${escapeHtml(textIn(fields, 'title'))}</b><p>${escapeHtml(textIn(fields, 'body'))}</p>${buttons.join('')}`;
    case 'wechat':
      return `<p>${escapeHtml(textIn(fields, 'text') || JSON.stringify(fields['data'] ?? {}, null, 2))}</p>`;
    case 'webhook':
      return `<b>${escapeHtml(textIn(fields, 'event'))}</b><p>${escapeHtml(JSON.stringify(fields['data'] ?? {}, null, 2))}</p>`;
  }
}

const labelOf = (lang: Lang, channel: string): string => (isChannelKey(channel) ? CHANNELS[channel][lang] : channel);
const minuteOf = (at: Date): string => at.toISOString().slice(0, 16).replace('T', ' ');

const phones = (lang: Lang, messages: readonly SunkMessage[]): string =>
  messages.length === 0
    ? ''
    : `<h2>${WORDS[lang].others}</h2><ul class="phones">${messages
        .map(
          (message) =>
            `<li class="${escapeHtml(message.kind)}" lang="${escapeHtml(message.language)}"><small>${escapeHtml(labelOf(lang, message.channel))} · ${minuteOf(message.receivedAt)}</small><small>${escapeHtml(message.recipient)}</small>${faceOf(message)}</li>`,
        )
        .join('')}</ul>`;

const HEADERS = {
  'Cache-Control': 'no-store',
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
} as const;

export function mailboxRoutes(
  app: App,
  options: { readonly localSecret?: string; readonly isMailboxOpen?: boolean } = {},
): Hono {
  const routes = new Hono();
  const admit = admission(app, options.localSecret);
  const langIn = (c: Context): Lang => langOf(c.req.query('lang') ?? c.req.header('accept-language'));
  /** Why this visitor may not look; undefined when she may. Whoever is not let in learns nothing, not even whether a mail is there. */
  const refusalOf = async (c: Context): Promise<RekindleError | undefined> => {
    if (options.isMailboxOpen === true) return undefined;
    try {
      await admit('people.contact_data', { headers: c.req.raw.headers, address: '' }, 'GET');
      return undefined;
    } catch (error) {
      if (error instanceof RekindleError && error.status < 500) return error;
      throw error;
    }
  };
  routes.use('/mailbox/*', async (c, next) => {
    const refusal = await refusalOf(c);
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
    if (refusal === undefined) return next();
    const lang = langIn(c);
    const say = WORDS[lang];
    const text = refusal.code === 'forbidden' ? say.forbidden : say.closed;
    return c.html(
      page(lang, say.title, `<h1>${say.title}</h1><p>${text}</p><p><a href="/console/reach">${say.console}</a></p>`),
      refusal.status,
    );
  });
  routes.get('/mailbox', async (c) => {
    const lang = langIn(c);
    const say = WORDS[lang];
    const mails = await listPreviewMails(app.records.db, 200);
    const messages = await listSunkMessages(app.records.db, 200);
    const rows = mails
      .map(
        (mail) =>
          `<tr><td>${escapeHtml(minuteOf(mail.receivedAt))}</td><td>${escapeHtml(mail.recipient)}</td><td><a href="/mailbox/${mail.mailId}">${escapeHtml(mail.subject)}</a></td></tr>`,
      )
      .join('');
    const body =
      mails.length === 0
        ? `<p>${say.none}</p>`
        : `<table><thead><tr><th>${say.when}</th><th>${say.to}</th><th>${say.subject}</th></tr></thead><tbody>${rows}</tbody></table>`;
    return c.html(page(lang, say.title, `<h1>${say.title}</h1>${body}${phones(lang, messages)}`));
  });
  routes.get('/mailbox/:id', async (c) => {
    const lang = langIn(c);
    const say = WORDS[lang];
    const mail = await readPreviewMail(app.records.db, Number(c.req.param('id')));
    if (mail === undefined)
      throw new RekindleError('not_found', {
        what: { en: `mail ${c.req.param('id')}`, zh: `邮件 ${c.req.param('id')}` },
      });
    const headers = mail.headers.map(({ key, value }) => `${key}: ${value}`).join('\n');
    // `sandbox` without scripts: a mail is somebody else's page. What is clicked in it opens as a page of its own, as from any mailbox.
    const body = `<p><a href="/mailbox">${say.back}</a></p><h1>${escapeHtml(mail.subject)}</h1><iframe sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${escapeHtml(`<base target="_blank">${mail.html}`)}" title="${say.mail}"></iframe><h2>${say.textPart}</h2><pre>${escapeHtml(mail.text)}</pre><h2>${say.headers}</h2><pre>${escapeHtml(headers)}</pre>`;
    return c.html(page(lang, mail.subject, body));
  });
  return routes;
}
