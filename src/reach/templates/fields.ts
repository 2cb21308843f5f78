// What does this person receive on a channel that takes plain fields (SMS, push, in-app, WeChat, webhook)? Every text in the fields is
// Liquid, parsed once; rendering keeps their shape. Guarantees: no text without words where there were some, only http(s) links, and the
// links of a message are the caller's.
import type { Template as LiquidTemplate } from 'liquidjs';
import { RekindleError } from '../../kernel/errors.ts';
import type { Lang } from '../../kernel/lang.ts';
import { oneLine, ownLinks, scopeOf } from './context.ts';
import { safeUrl } from './links.ts';
import { textLiquid } from './liquid.ts';
import { timeLimit } from './pieces.ts';
import type { RenderRequest } from './render.ts';
import {
  languageUsed,
  LANGUAGES,
  VARIANTS,
  type FieldKind,
  type FieldsOf,
  type FieldTemplate,
  type Variant,
} from './template.ts';

/** Fills every text of one variant. */
type Filled<Kind extends FieldKind> = (fill: Fill) => FieldsOf<Kind>;
type Fill = (source: readonly LiquidTemplate[], path: readonly string[]) => string;

export type CompiledFields<Kind extends FieldKind> = {
  readonly kind: Kind;
  readonly key: string;
  /** Does any of its texts speak of recommended products? Only then are they looked up. */
  readonly showsProducts: boolean;
  /** Or of what she looked at last? */
  readonly showsBrowsed: boolean;
  readonly parts: Readonly<Partial<Record<Lang, Readonly<Record<Variant, Filled<Kind>>>>>>;
};

export type RenderedFields<Kind extends FieldKind> = {
  readonly kind: Kind;
  /** The language really used: the other one when the template lacks the wish. */
  readonly lang: Lang;
  readonly variant: Variant;
  readonly fields: FieldsOf<Kind>;
  /** `links[i]` is the destination of tracked link `i`. */
  readonly links: readonly string[];
};

type Compiled = (fill: Fill) => unknown;

function compileValue(value: unknown, path: readonly string[]): Compiled {
  if (typeof value === 'string') {
    const source = textLiquid.parse(value);
    return (fill) => fill(source, path);
  }
  if (Array.isArray(value)) {
    const items = value.map((item: unknown, at) => compileValue(item, [...path, String(at)]));
    return (fill) => items.map((item) => item(fill));
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([name, item]) => [name, compileValue(item, [...path, name])] as const);
    return (fill) => Object.fromEntries(entries.map(([name, item]) => [name, item(fill)]));
  }
  return () => value;
}

/** Every text in the fields, with where it stands: `buttons.0.label`. */
export function textsOf(
  value: unknown,
  path: readonly string[] = [],
): { readonly path: string; readonly text: string }[] {
  if (typeof value === 'string') return [{ path: path.join('.'), text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => textsOf(item, [...path, name]));
}

/** Parses every language and both variants; throws `template_invalid` when Liquid refuses. */
export function compileFields<Kind extends FieldKind>(template: FieldTemplate<Kind>): CompiledFields<Kind> {
  const parts: Partial<Record<Lang, Record<Variant, Filled<Kind>>>> = {};
  for (const lang of LANGUAGES) {
    const version = template.versions[lang];
    if (version === undefined) continue;
    try {
      // Filling keeps the shape: what went in as a Kind's fields comes out as such.
      const [personal, generic] = VARIANTS.map((variant) => compileValue(version[variant], []) as Filled<Kind>);
      parts[lang] = { personal: personal!, generic: generic! };
    } catch (cause) {
      const what = cause instanceof Error ? cause.message : String(cause);
      throw new RekindleError('template_invalid', { template: template.key, what: `${lang}: ${what}` }, { cause });
    }
  }
  const source = JSON.stringify(template.versions);
  const showsProducts = /\bproducts\b/.test(source);
  const showsBrowsed = /\bbrowsed\b/.test(source);
  return { kind: template.kind, key: template.key, showsProducts, showsBrowsed, parts };
}

const WEB_ADDRESS = /https?:\/\/[^\s<>"'，。；！？、（）【】]+/gi;
/** Texts that may run over several lines; everything else is one. */
const MULTILINE = new Set(['text', 'body']);

export function renderFields<Kind extends FieldKind>(
  compiled: CompiledFields<Kind>,
  request: RenderRequest,
): RenderedFields<Kind> {
  const lang = languageUsed(compiled.parts, request.lang);
  const part = compiled.parts[lang]?.[request.variant];
  if (!part)
    throw new RekindleError('template_invalid', {
      template: compiled.key,
      what: { en: 'has no language', zh: '没有任何语言的内容' },
    });
  const scope = scopeOf(request.context, lang, request.variant);
  const untracked = new Set(ownLinks(request.context, scope));
  const links: string[] = [];
  const tracked = new Map<string, string>();
  const follow = (url: string): string => {
    if (untracked.has(url) || !/^https?:/i.test(url)) return url;
    const known = tracked.get(url);
    if (known !== undefined) return known;
    const index = links.push(url) - 1;
    const out = request.trackLink ? request.trackLink(url, index) : url;
    tracked.set(url, out);
    return out;
  };
  try {
    const fields = part((source, path) => {
      const name = path.at(-1) ?? '';
      const text = String(textLiquid.renderSync([...source], scope, timeLimit(request.msLeft)));
      if (name === 'imageUrl') return safeUrl(oneLine(text));
      if (name === 'url') return follow(safeUrl(oneLine(text)));
      if (compiled.kind === 'webhook') return text;
      const clean = MULTILINE.has(name) ? text.split('\n').map(oneLine).join('\n').trim() : oneLine(text);
      return clean.replaceAll(WEB_ADDRESS, follow);
    });
    return { kind: compiled.kind, lang, variant: request.variant, fields, links };
  } catch (cause) {
    if (cause instanceof RekindleError) throw cause;
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new RekindleError('template_invalid', { template: compiled.key, what }, { cause });
  }
}
