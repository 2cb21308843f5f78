// How is a text filled in that is the same for everybody but for a few words? Cut once into what stands and what changes: what stands is copied,
// a plain `{{ person.first_name }}` is looked up, and Liquid is asked for the rest only. Guarantees: the text is the one Liquid makes of the
// whole, under the same limits, which hold for all its pieces together; a source whose tags depend on each other is left to Liquid whole.
import { Context, type Liquid, type Template } from 'liquidjs';

type Scope = Readonly<Record<string, unknown>>;

/** How many milliseconds are left for the message this text is of; without it each text has Liquid's own limit. */
export type MsLeft = () => number;
/** Fills a text in. Throws what Liquid throws. */
export type Fill = (scope: Scope, msLeft?: MsLeft) => string;

/** Liquid's limit of time, where the message has one. */
export const timeLimit = (msLeft: MsLeft | undefined): { readonly renderLimit?: number } =>
  msLeft === undefined ? {} : { renderLimit: msLeft() };

type Piece = (scope: Scope, ask: (template: readonly Template[]) => string) => string;

const TAG = /\{%[\s\S]*?%\}|\{\{[\s\S]*?\}\}/g;
/** Between tags nothing may be carried on, and no white space taken away: `assign` and its kin, `{%-` and `-}}` need the whole text. */
const IS_LOOSE = /^\{(?:%\s*(?:(?:if|elsif|unless|for)\s[\s\S]*|else|endif|endunless|endfor)\s*%|\{[^{}]*\})\}$/;
const IS_TRIMMED = /^\{[{%]-|-[%}]\}$/;
const OPENS = /^\{%\s*(?:if|unless|for)\s/;
const CLOSES = /^\{%\s*end/;
const OTHERWISE = /\{%\s*(?:else|elsif)\b/;
const PATH = /^\{\{\s*([a-z]\w*(?:\.[a-z]\w*)*)\s*\}\}$/;
/** `{% if coupon %}`, `{% if products.size > 0 %}` */
const CONDITION = /^\{%\s*if\s+([a-z]\w*)(?:\.size\s*>\s*0)?\s*%\}/;
const NEEDS_ESCAPE = /[&<>"']/;

/** What an own property says; undefined where there is none. */
const ownOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

/** Only words come straight out of the scope; how anything else is written is Liquid's affair. */
function lookedUp(path: readonly string[], isEscaped: boolean, template: readonly Template[]): Piece {
  return (scope, ask) => {
    const value = path.reduce<unknown>(ownOf, scope);
    return typeof value === 'string' && !(isEscaped && NEEDS_ESCAPE.test(value)) ? value : ask(template);
  };
}

/** A block with one condition and no other branch is nothing where the condition names nothing. */
function block(source: string, template: readonly Template[]): Piece {
  const [head, name] = CONDITION.exec(source) ?? [];
  if (head === undefined || name === undefined || OTHERWISE.test(source)) return (_scope, ask) => ask(template);
  const isCounted = head.includes('.size');
  return (scope, ask) => {
    const value = ownOf(scope, name);
    return (isCounted ? Array.isArray(value) && value.length === 0 : value === false) ? '' : ask(template);
  };
}

/** The source from one tag at the top to the next; undefined where it has to stay in one piece. */
function cut(source: string): readonly string[] | undefined {
  const pieces: string[] = [];
  let depth = 0;
  let from = 0;
  let openedAt = 0;
  const add = (text: string): void => void (text !== '' && pieces.push(text));
  for (const { 0: tag, index } of source.matchAll(TAG)) {
    if (!IS_LOOSE.test(tag) || IS_TRIMMED.test(tag)) return undefined;
    const end = index + tag.length;
    if (OPENS.test(tag) && depth++ === 0) {
      add(source.slice(from, index));
      openedAt = index;
    } else if (CLOSES.test(tag) && --depth === 0) {
      add(source.slice(openedAt, end));
      from = end;
    } else if (depth === 0) {
      add(source.slice(from, index));
      add(tag);
      from = end;
    }
    if (depth < 0) return undefined;
  }
  add(source.slice(from));
  return depth === 0 ? pieces : undefined;
}

/** What of `source` stands as it is in every text made of it, in order; nothing where it has to stay in one piece. */
export const standingIn = (source: string): readonly string[] =>
  (cut(source) ?? []).filter((text) => !text.startsWith('{{') && !text.startsWith('{%'));

/** Parses `source` for `engine`; `isEscaped`: every output of this engine is escaped for HTML. Throws what Liquid throws. */
export function fillOf(engine: Liquid, source: string, isEscaped: boolean): Fill {
  const whole = engine.parse(source);
  const pieces = cut(source)?.map((text): Piece => {
    if (!text.startsWith('{{') && !text.startsWith('{%')) return () => text;
    const template = engine.parse(text);
    const path = PATH.exec(text)?.[1]?.split('.');
    return path === undefined ? block(text, template) : lookedUp(path, isEscaped, template);
  });
  if (pieces === undefined) return (scope, msLeft) => String(engine.renderSync([...whole], scope, timeLimit(msLeft)));
  return (scope, msLeft) => {
    // One for all pieces: time and memory are counted in it.
    let context: Context | undefined;
    const ask = (template: readonly Template[]): string => {
      context ??= new Context(scope, engine.options, { sync: true, ...timeLimit(msLeft) }, { liquid: engine });
      return String(engine.renderSync([...template], context));
    };
    let text = '';
    for (const piece of pieces) text += piece(scope, ask);
    return text;
  };
}
