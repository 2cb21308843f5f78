// A typed tag for the report's HTML: whatever is put into a slot is text and is escaped, unless it is HTML made by this tag.
import type { Text } from '../../kernel/lang.ts';

export type Html = { readonly kind: 'html'; readonly text: string };
type Slot = Html | string | number | readonly Html[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
// Directions and invisible controls are dropped: they would reorder what stands beside a hostile id.
const UNSEEN = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu;

export const escaped = (text: string): string =>
  text.replaceAll(UNSEEN, ' ').replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);

const slotText = (slot: Slot): string => {
  if (typeof slot === 'string') return escaped(slot);
  if (typeof slot === 'number') return String(slot);
  return 'kind' in slot ? slot.text : slot.map((part) => part.text).join('');
};

export function markup(chunks: TemplateStringsArray, ...slots: readonly Slot[]): Html {
  return {
    kind: 'html',
    text: chunks.map((chunk, i) => chunk + (i < slots.length ? slotText(slots[i]!) : '')).join(''),
  };
}

/** Our own style sheet and script, as they are. Never anything that comes from data. */
export const asIs = (text: string): Html => ({ kind: 'html', text });

export const NOTHING: Html = asIs('');
export const when = (isShown: boolean, part: () => Html): Html => (isShown ? part() : NOTHING);

/** A text in both languages; the page shows one. */
export const say = (text: Text): Html =>
  text.en === text.zh
    ? markup`${text.en}`
    : markup`<span lang="en">${text.en}</span><span lang="zh-CN">${text.zh}</span>`;

/** The same inside an SVG `<text>`. */
export const saySvg = (text: Text): Html =>
  text.en === text.zh
    ? markup`${text.en}`
    : markup`<tspan lang="en">${text.en}</tspan><tspan lang="zh-CN">${text.zh}</tspan>`;
