// How does MJML become something that renders thousands of times a second? Once per (language, variant): Liquid tags are put
// aside, MJML → HTML → text part, the tags are put back, and the results are cut and parsed. Rendering a person is then filling in.
// Loops: put `{% for … %}` and `{% endfor %}` in an `<mj-raw>` of their own between sections (or inside mj-text content).
import { compile as htmlToText } from 'html-to-text';
import { RekindleError } from '../../kernel/errors.ts';
import type { Lang } from '../../kernel/lang.ts';
import { betweenLinks, escapeHtml, markLinks } from './links.ts';
import { htmlLiquid, textLiquid } from './liquid.ts';
import { fillOf, standingIn, type Fill } from './pieces.ts';
import { LANGUAGES, VARIANTS, type MailTemplate, type MailVersion, type Variant } from './template.ts';

type CompiledPart = {
  readonly subject: Fill;
  readonly html: Fill;
  readonly text: Fill;
  /** Passages of the HTML that are the same in every mail, in order: whole lines, each long enough to be worth a look. */
  readonly standing: readonly string[];
};
export type CompiledMail = {
  readonly kind: 'email';
  readonly key: string;
  /** Does any of its texts speak of recommended products? Only then are they looked up. */
  readonly showsProducts: boolean;
  /** Or of what she looked at last? */
  readonly showsBrowsed: boolean;
  readonly parts: Readonly<Partial<Record<Lang, Readonly<Record<Variant, CompiledPart>>>>>;
};

/** The four sources of one variant; the generic one shares the preheader, rendered without the person. */
export function sourceOf(version: MailVersion, variant: Variant): { subject: string; preheader: string; mjml: string } {
  return {
    subject: variant === 'personal' ? version.subject : version.genericSubject,
    preheader: version.preheader ?? '',
    mjml: variant === 'personal' ? version.mjml : version.genericMjml,
  };
}

const LIQUID_TAG = /\{%[\s\S]*?%\}|\{\{[\s\S]*?\}\}/g;
const MARK = /lqx(\d+)xql/g;

// MJML and the text converter see a plain word in place of each tag, in content and in attributes alike.
function setAside(source: string): { plain: string; restore: (text: string) => string } {
  const tags: string[] = [];
  const plain = source.replaceAll(LIQUID_TAG, (tag) => {
    const decoded = tag
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&');
    return `lqx${tags.push(decoded) - 1}xql`;
  });
  return { plain, restore: (text) => text.replaceAll(MARK, (_all, at: string) => tags[Number(at)] ?? '') };
}

const toText = htmlToText({
  wordwrap: false,
  selectors: [
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, linkBrackets: [' ', ' '] } },
    { selector: 'img', format: 'skip' },
    { selector: 'tr', format: 'block', options: { leadingLineBreaks: 2, trailingLineBreaks: 2 } },
    ...['h1', 'h2', 'h3'].map((selector) => ({ selector, options: { uppercase: false } })),
  ],
});

// A linked picture would leave an address without words in the text part.
const PICTURE_LINK = /<a\b[^>]*>\s*<img\b[^>]*>\s*<\/a>/gi;

const htmlTag: Readonly<Record<Lang, string>> = { en: 'en', zh: 'zh-CN' };

// Inbox previews show the first words of the body; the padding keeps the rest of the mail out of them. In short lines: a long one would have
// the whole mail encoded.
const PADDING = `${'&#847;&zwnj;&nbsp;'.repeat(10)}\n`.repeat(4);
const preheaderHtml = (text: string): string =>
  `<div style="display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;opacity:0;overflow:hidden;mso-hide:all;">${text}${PADDING}</div>`;

const NOT_ASCII = /[\u0080-\u{10ffff}]/gu;
/** Where so few characters of the words are not ASCII, references stand for them: the mail travels as it is, and no filter has to decode it. */
const REFERENCES_SHARE_MAX = 0.02;
const isNearlyAscii = (text: string): boolean =>
  (text.match(NOT_ASCII)?.length ?? 0) <= REFERENCES_SHARE_MAX * text.length;
const withReferences = (html: string): string =>
  html.replaceAll(NOT_ASCII, (character) => `&#${character.codePointAt(0)!};`);

const tidy = (html: string): string => html.replaceAll(/\n\s*\n+/g, '\n').replaceAll(/^[ \t]+/gm, '');

/** MJML and HTML sources of one variant with the Liquid tags back in place; MJML's own complaints come along. */
export async function toHtmlAndText(
  source: { subject: string; preheader: string; mjml: string },
  lang: Lang,
): Promise<{ html: string; text: string; complaints: readonly string[] }> {
  const { plain, restore } = setAside(source.mjml);
  const preheader = setAside(source.preheader);
  // Half a second of loading, which most commands and every start of a server can do without.
  const { default: mjml2html } = await import('mjml');
  const { html, errors } = await mjml2html(plain, {
    validationLevel: 'soft',
    keepComments: false,
    fonts: {},
    ignoreIncludes: true,
  });
  const marked = markLinks(tidy(html.replaceAll('lang="und"', `lang="${htmlTag[lang]}"`)));
  const text = toText(marked.replaceAll(PICTURE_LINK, '')).trim();
  const written = (part: string): string => (isNearlyAscii(text) ? withReferences(part) : part);
  // Styles know no references: what stands before the body is left as it is.
  const bodyAt = Math.max(marked.search(/<body\b/i), 0);
  const hidden = source.preheader ? preheaderHtml(preheader.restore(written(escapeHtml(preheader.plain)))) : '';
  const shown = written(marked.slice(bodyAt)).replace(/^<body\b[^>]*>/i, (tag) => tag + hidden);
  return {
    html: restore(marked.slice(0, bodyAt) + shown),
    text: `${restore(text)}\n`,
    complaints: errors.map((error) => error.message),
  };
}

const STANDING_MIN = 100;
/** Links are replaced, and what counts opens stands before the end of the body. */
const standingLines = (text: string): readonly string[] =>
  betweenLinks(text)
    .flatMap((piece) => piece.split(/(?=<\/body>)/))
    .map((piece) => piece.slice(piece.indexOf('\n') + 1, piece.lastIndexOf('\n') + 1))
    .filter((lines) => lines.length >= STANDING_MIN);

async function compilePart(version: MailVersion, lang: Lang, variant: Variant): Promise<CompiledPart> {
  const source = sourceOf(version, variant);
  const { html, text } = await toHtmlAndText(source, lang);
  return {
    subject: fillOf(textLiquid, source.subject, false),
    html: fillOf(htmlLiquid, html, true),
    text: fillOf(textLiquid, text, false),
    standing: standingIn(html).flatMap(standingLines),
  };
}

/** Compiles every language and both variants; throws `template_invalid` when MJML or Liquid refuses. */
export async function compileMail(template: MailTemplate): Promise<CompiledMail> {
  const parts: Partial<Record<Lang, Record<Variant, CompiledPart>>> = {};
  for (const lang of LANGUAGES) {
    const version = template.versions[lang];
    if (!version) continue;
    if (!version.genericSubject.trim() || !version.genericMjml.trim()) {
      throw new RekindleError('template_invalid', {
        template: template.key,
        what: { en: `no generic variant (${lang})`, zh: `缺少通用版本（${lang}）` },
      });
    }
    try {
      const [personal, generic] = await Promise.all(VARIANTS.map((variant) => compilePart(version, lang, variant)));
      parts[lang] = { personal: personal!, generic: generic! };
    } catch (cause) {
      const what = cause instanceof Error ? cause.message : String(cause);
      throw new RekindleError('template_invalid', { template: template.key, what: `${lang}: ${what}` }, { cause });
    }
  }
  const source = JSON.stringify(template.versions);
  const showsProducts = /\bproducts\b/.test(source);
  const showsBrowsed = /\bbrowsed\b/.test(source);
  return { kind: 'email', key: template.key, showsProducts, showsBrowsed, parts };
}
