// What exactly does this person receive? Subject, HTML and text from a compiled template. Guarantees: the subject is one line,
// every value in HTML is escaped, no variable is empty of words, the right to object is told in the reader's language, links and the open pixel
// are the caller's.
import { RekindleError } from '../../kernel/errors.ts';
import type { Lang } from '../../kernel/lang.ts';
import type { CompiledMail } from './compile.ts';
import { oneLine, ownLinks, scopeOf, type MailContext } from './context.ts';
import { escapeHtml, finishLinks, type TrackLink } from './links.ts';
import { withObjection } from './objection.ts';
import type { MsLeft } from './pieces.ts';
import { languageUsed, type Variant } from './template.ts';

export type RenderRequest = {
  readonly lang: Lang;
  /** `generic` when she refused personalisation: the template gets neither her name nor her products. */
  readonly variant: Variant;
  readonly context: MailContext;
  readonly trackLink?: TrackLink | undefined;
  readonly openPixelUrl?: string | undefined;
  /** A link no person can see; whoever follows it is a machine. */
  readonly honeypotUrl?: string | undefined;
  /** For all its texts together. */
  readonly msLeft?: MsLeft | undefined;
};

export type RenderedMail = {
  readonly kind: 'email';
  /** The language really used: the other one when the template lacks the wish. */
  readonly lang: Lang;
  readonly variant: Variant;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** `links[i]` is the destination of tracked link `i`. */
  readonly links: readonly string[];
};

// Tags that print nothing leave empty lines behind in the text part.
const BLANK_LINES = /[ \t]*\n(?:[ \t]*\n)+/g;

function withTraps(html: string, request: RenderRequest): string {
  const { openPixelUrl, honeypotUrl } = request;
  if (!openPixelUrl && !honeypotUrl) return html;
  const trap = honeypotUrl
    ? `<a href="${escapeHtml(honeypotUrl)}" tabindex="-1" aria-hidden="true" style="display:none;mso-hide:all;"></a>`
    : '';
  const pixel = openPixelUrl
    ? `<img src="${escapeHtml(openPixelUrl)}" width="1" height="1" alt="" style="display:block;width:1px;height:1px;border:0;">`
    : '';
  const at = html.lastIndexOf('</body>');
  return at === -1 ? html + trap + pixel : html.slice(0, at) + trap + pixel + html.slice(at);
}

export function renderMail(compiled: CompiledMail, request: RenderRequest): RenderedMail {
  const lang = languageUsed(compiled.parts, request.lang);
  const part = compiled.parts[lang]?.[request.variant];
  if (!part)
    throw new RekindleError('template_invalid', {
      template: compiled.key,
      what: { en: 'has no language', zh: '没有任何语言的内容' },
    });
  const scope = scopeOf(request.context, lang, request.variant);
  try {
    const subject = oneLine(part.subject(scope, request.msLeft));
    const html = part.html(scope, request.msLeft);
    const text = part.text(scope, request.msLeft);
    const { links, ...linked } = finishLinks(html, text, new Set(ownLinks(request.context, scope)), request.trackLink);
    const told = withObjection(linked, request.lang, String(scope['objection_url']));
    return {
      kind: 'email',
      lang,
      variant: request.variant,
      subject,
      html: withTraps(told.html, request),
      text: told.text.replaceAll(BLANK_LINES, '\n\n'),
      links,
    };
  } catch (cause) {
    if (cause instanceof RekindleError) throw cause;
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new RekindleError('template_invalid', { template: compiled.key, what }, { cause });
  }
}
