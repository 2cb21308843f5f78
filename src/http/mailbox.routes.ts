// The preview mailbox as pages: what would have been sent, when no mail server is set. Served to this machine only.
import { Hono } from 'hono';
import type { App } from '../app.ts';
import { RekindleError } from '../kernel/errors.ts';
import { listPreviewMails, readPreviewMail } from '../reach/channels/email/preview-mailbox.service.ts';
import { escapeHtml } from '../reach/templates/links.ts';

const STYLE = `:root{color-scheme:light dark}body{font:15px/1.5 system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.3rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.5rem .75rem;border-bottom:1px solid #8884;vertical-align:top}a{color:#b3401f}iframe{width:100%;height:70vh;border:1px solid #8884;border-radius:8px;background:#fff}pre{white-space:pre-wrap}`;

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body>${body}</body></html>`;

export function mailboxRoutes(app: App): Hono {
  const routes = new Hono();
  routes.get('/mailbox', async (c) => {
    const mails = await listPreviewMails(app.records.db, 200);
    const rows = mails
      .map(
        (mail) =>
          `<tr><td>${escapeHtml(mail.receivedAt.toISOString().slice(0, 16).replace('T', ' '))}</td><td>${escapeHtml(mail.recipient)}</td><td><a href="/mailbox/${mail.mailId}">${escapeHtml(mail.subject)}</a></td></tr>`,
      )
      .join('');
    const body =
      mails.length === 0
        ? '<p>No mail yet. Mails appear here while no mail server is set (REKINDLE_SMTP_URL).</p>'
        : `<table><thead><tr><th>When (UTC)</th><th>To</th><th>Subject</th></tr></thead><tbody>${rows}</tbody></table>`;
    return c.html(page('Preview mailbox', `<h1>Preview mailbox</h1>${body}`));
  });
  routes.get('/mailbox/:id', async (c) => {
    const mail = await readPreviewMail(app.records.db, Number(c.req.param('id')));
    if (mail === undefined) throw new RekindleError('not_found', { what: `mail ${c.req.param('id')}` });
    const headers = mail.headers.map(({ key, value }) => `${key}: ${value}`).join('\n');
    // `sandbox` without scripts: a mail is somebody else's page.
    const body = `<p><a href="/mailbox">← mailbox</a></p><h1>${escapeHtml(mail.subject)}</h1><iframe sandbox="allow-popups" srcdoc="${escapeHtml(mail.html)}" title="mail"></iframe><h2>Text part</h2><pre>${escapeHtml(mail.text)}</pre><h2>Headers</h2><pre>${escapeHtml(headers)}</pre>`;
    return c.html(page(mail.subject, body));
  });
  return routes;
}
