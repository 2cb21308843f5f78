// The preview mailbox as pages: what would have been sent on every channel that has no provider yet. Served to this machine only.
import { Hono } from 'hono';
import type { App } from '../app.ts';
import { RekindleError } from '../kernel/errors.ts';
import { textOf, type JsonObject } from '../kernel/json.ts';
import { listPreviewMails, readPreviewMail } from '../reach/channels/email/preview-mailbox.service.ts';
import { CHANNELS, isChannelKey } from '../reach/channels/channels.ts';
import { listSunkMessages, type SunkMessage } from '../reach/channels/sink-channel.service.ts';
import { escapeHtml } from '../reach/templates/links.ts';

const STYLE = `:root{color-scheme:light dark}body{font:15px/1.5 system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.3rem}h2{font-size:1.05rem;margin-top:2rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.5rem .75rem;border-bottom:1px solid #8884;vertical-align:top}a{color:#b3401f}iframe{width:100%;height:70vh;border:1px solid #8884;border-radius:8px;background:#fff}pre{white-space:pre-wrap}
.phones{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:1rem;padding:0;list-style:none}.phones li{border:1px solid #8884;border-radius:18px;padding:.9rem 1rem;overflow-wrap:anywhere}.phones small{display:block;opacity:.75}.phones p{margin:.5rem 0 0;white-space:pre-wrap}.phones .sms p{background:#8882;border-radius:14px;padding:.6rem .8rem}.phones b{display:block;margin-top:.5rem}.phones span{display:inline-block;border:1px solid #8886;border-radius:999px;padding:.1rem .7rem;margin:.5rem .4rem 0 0}`;

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title><link rel="icon" href="data:,"><style>${STYLE}</style></head><body>${body}</body></html>`;

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

const labelOf = (channel: string): string => (isChannelKey(channel) ? CHANNELS[channel].en : channel);
const minuteOf = (at: Date): string => at.toISOString().slice(0, 16).replace('T', ' ');

const phones = (messages: readonly SunkMessage[]): string =>
  messages.length === 0
    ? ''
    : `<h2>Other channels</h2><ul class="phones">${messages
        .map(
          (message) =>
            `<li class="${escapeHtml(message.kind)}" lang="${escapeHtml(message.language)}"><small>${escapeHtml(labelOf(message.channel))} · ${minuteOf(message.receivedAt)}</small><small>${escapeHtml(message.recipient)}</small>${faceOf(message)}</li>`,
        )
        .join('')}</ul>`;

export function mailboxRoutes(app: App): Hono {
  const routes = new Hono();
  routes.get('/mailbox', async (c) => {
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
        ? '<p>No mail yet. Mails appear here while no mail server is set (REKINDLE_SMTP_URL).</p>'
        : `<table><thead><tr><th>When (UTC)</th><th>To</th><th>Subject</th></tr></thead><tbody>${rows}</tbody></table>`;
    return c.html(page('Preview mailbox', `<h1>Preview mailbox</h1>${body}${phones(messages)}`));
  });
  routes.get('/mailbox/:id', async (c) => {
    const mail = await readPreviewMail(app.records.db, Number(c.req.param('id')));
    if (mail === undefined) throw new RekindleError('not_found', { what: `mail ${c.req.param('id')}` });
    const headers = mail.headers.map(({ key, value }) => `${key}: ${value}`).join('\n');
    // `sandbox` without scripts: a mail is somebody else's page. What is clicked in it opens as a page of its own, as from any mailbox.
    const body = `<p><a href="/mailbox">← mailbox</a></p><h1>${escapeHtml(mail.subject)}</h1><iframe sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${escapeHtml(`<base target="_blank">${mail.html}`)}" title="mail"></iframe><h2>Text part</h2><pre>${escapeHtml(mail.text)}</pre><h2>Headers</h2><pre>${escapeHtml(headers)}</pre>`;
    return c.html(page(mail.subject, body));
  });
  return routes;
}
