// How does a person learn that she may object (GDPR 21(4): at the first communication at the latest, clearly, apart from everything else)? One wording in
// each language for every place that tells it, and the block that a mail gets whose template does not lead there itself. Pure.
import type { Lang } from '../../kernel/lang.ts';
import { escapeHtml } from './links.ts';

/** Where the preference centre tells of it and takes it. */
export const OBJECTION_ANCHOR = 'object';

/** The right, and the words of the link on which it is used. */
export const OBJECTION: Readonly<Record<Lang, { readonly right: string; readonly use: string }>> = {
  en: {
    right:
      'You have the right to object to our marketing, and to being profiled for it, at any time and free of charge.',
    use: 'Object',
  },
  zh: { right: '您有权随时免费反对我们的营销，以及为此进行的用户画像。', use: '提出反对' },
};

export const objectionUrlOf = (preferencesUrl: string): string => `${preferencesUrl}#${OBJECTION_ANCHOR}`;

const HTML_LANG: Readonly<Record<Lang, string>> = { en: 'en', zh: 'zh-CN' };

/** On a ground of its own, because nobody knows the mail's: legible under a dark one as well. */
const blockOf = (lang: Lang, url: string): string =>
  `<div lang="${HTML_LANG[lang]}" style="max-width:600px;margin:0 auto;padding:12px 24px;background:#ffffff;color:#5a5a5a;font:12px/1.8 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,'PingFang SC','Microsoft YaHei',sans-serif;text-align:center;">${OBJECTION[lang].right} <a href="${escapeHtml(url)}" style="color:#5a5a5a;text-decoration:underline;">${OBJECTION[lang].use}</a></div>`;

export const tellsObjection = (html: string, url: string): boolean => html.includes(`"${escapeHtml(url)}"`);

/** Both parts of a mail with the block at their foot, where they do not lead to `url` themselves. `lang` is the reader's own. */
export function withObjection(
  { html, text }: { readonly html: string; readonly text: string },
  lang: Lang,
  url: string,
): { readonly html: string; readonly text: string } {
  const foot = html.lastIndexOf('</body>');
  const at = foot === -1 ? html.length : foot;
  return {
    html: tellsObjection(html, url) ? html : html.slice(0, at) + blockOf(lang, url) + html.slice(at),
    text: text.includes(url) ? text : `${text.trimEnd()}\n\n${OBJECTION[lang].right} ${OBJECTION[lang].use}: ${url}\n`,
  };
}
