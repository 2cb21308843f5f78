// A link out of a message that opens nothing: cut by a mail program, altered, or of a message that is no longer kept. Whoever opens it in a browser
// reads what happened and what she can do all the same. Nothing of the request is in the page: it is made of our words and the business's own name.
import type { Business } from '../../kernel/business.ts';
import type { Lang } from '../../kernel/lang.ts';
import { escapeHtml } from '../templates/links.ts';
import { pageHtml } from './page-frame.ts';

/** By the first letter of its path. */
export const LINK_KINDS = {
  u: 'unsubscribe',
  p: 'preferences',
  s: 'survey',
  d: 'consent',
  c: 'click',
} as const;
export type StrayKind = (typeof LINK_KINDS)[keyof typeof LINK_KINDS];

type Words = Record<StrayKind, string> &
  Record<'title' | 'why' | 'again' | 'write' | 'by' | 'site' | 'trouble' | 'troubleMore', string>;

const WORDS = {
  en: {
    title: 'This link does not work',
    why: 'Its address is incomplete or was changed on the way, or the message it came in is no longer kept. Nothing was changed.',
    again: 'Open it once more from the message itself, or copy it in full: mail programs sometimes cut long addresses.',
    unsubscribe:
      'To unsubscribe all the same, use the link in any other message of ours, answer a text message with STOP, or write to us. We stop at once, and you need give no reason.',
    preferences:
      'To change what you receive, use the link in any other message of ours. To receive nothing more, answer a text message with STOP, or write to us.',
    survey: 'Your answer was not recorded. If you want to tell us, use the link in the message, or write to us.',
    consent: 'Nothing was confirmed, so nothing will be sent. If you want to receive messages, please sign up again.',
    click: 'What you were looking for is still on our site.',
    write: 'Write to us: ',
    by: ', ',
    site: 'Go to our site',
    trouble: 'That did not work just now',
    troubleMore: 'It is our fault, not yours. Please try again in a minute; what you had chosen before still holds.',
  },
  zh: {
    title: '这个链接无法打开',
    why: '链接不完整、在传递中被改动，或所属的消息已不再保存。您的设置没有任何变化。',
    again: '请回到原消息中重新点击，或完整复制链接：部分邮件程序会截断较长的链接。',
    unsubscribe:
      '如仍想退订，可点击我们其他消息中的退订链接，回复短信“TD”或“R”，或直接写信给我们。我们会立即停止，无需说明理由。',
    preferences:
      '如需修改接收内容，请点击我们其他消息中的链接。如不想再收到任何消息，可回复短信“TD”或“R”，或写信给我们。',
    survey: '您的回答未被记录。如仍愿意告诉我们，请点击消息中的链接，或写信给我们。',
    consent: '未作任何确认，因此不会发送任何内容。如需接收消息，请重新登记。',
    click: '您想看的内容仍可在我们的网站上找到。',
    write: '写信给我们：',
    by: '，',
    site: '前往网站',
    trouble: '刚才没有成功',
    troubleMore: '这是我们的问题，与您无关。请稍后再试，您之前的选择仍然有效。',
  },
} as const satisfies Record<Lang, Words>;

const STYLE = 'address{font-style:normal;overflow-wrap:anywhere}';

type Sender = Pick<Business, 'brand' | 'fromAddress' | 'websiteUrl'>;

function contact(lang: Lang, { brand, fromAddress, websiteUrl }: Sender, kind: StrayKind): string {
  const words = WORDS[lang];
  const isSite = /^https?:\/\//i.test(websiteUrl);
  if (kind === 'click' && isSite) return `<p><a href="${escapeHtml(websiteUrl)}">${words.site}</a></p>`;
  if (!/^[^\s@]+@[^\s@]+$/.test(fromAddress)) return `<address>${escapeHtml(brand)}</address>`;
  const mail = escapeHtml(fromAddress);
  return `<address>${words.write}${escapeHtml(brand)}${words.by}<a href="mailto:${mail}">${mail}</a></address>`;
}

/** `trouble`: it is our side that failed, and the link may be as good as ever. */
export function strayLinkPage(page: {
  readonly lang: Lang;
  readonly kind: StrayKind;
  readonly trouble: boolean;
  readonly sender: Sender;
}): string {
  const { lang, kind, trouble, sender } = page;
  const words = WORDS[lang];
  const title = trouble ? words.trouble : words.title;
  const body = trouble
    ? `<p>${words.troubleMore}</p>`
    : `<p>${words.why}</p><p>${words.again}</p><hr><p>${words[kind]}</p>`;
  return pageHtml({ lang, title, style: STYLE, body: `<h1>${title}</h1>${body}${contact(lang, sender, kind)}` });
}
