// Where are the links of a mail? Compiling marks them once; rendering then finds, checks and replaces them in one pass over the
// HTML and one over the text. Only http(s), mailto and tel survive; anything else (javascript:, data:) becomes '#'.
// Values are freed of these; being ASCII, they leave a mail of ASCII the short string it is.
const OPEN = '\u0001';
const CLOSE = '\u0002';
const ANCHOR = /(<a\b[^>]*?\shref=)(?:"([^"]*)"|'([^']*)')/gi;

/** Puts our marks around the address of every `<a href>`. */
export const markLinks = (html: string): string =>
  html.replaceAll(
    ANCHOR,
    (_all, head: string, double?: string, single?: string) => `${head}"${OPEN}${double ?? single ?? ''}${CLOSE}"`,
  );

/** The text between the marks and around them: what finishing the links leaves as it is. */
export const betweenLinks = (text: string): readonly string[] =>
  text.split(OPEN).flatMap((piece) => piece.split(CLOSE));

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#34': '"', '#39': "'" };
const unescapeHtml = (text: string): string =>
  text.includes('&')
    ? text.replaceAll(/&(amp|lt|gt|quot|#34|#39);/g, (_all, name: string) => ENTITIES[name] ?? '')
    : text;

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&#34;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export const safeUrl = (url: string): string => (/^(https?:\/\/|mailto:|tel:)/i.test(url) ? url : '#');

/** Replaces each marked address by `replace(address)`. */
function replaceMarked(text: string, head: string, tail: string, replace: (address: string) => string): string {
  let out = '';
  let from = 0;
  for (let at = text.indexOf(head); at !== -1; at = text.indexOf(head, from)) {
    const end = text.indexOf(tail, at + head.length);
    if (end === -1) break;
    out += text.slice(from, at) + replace(text.slice(at + head.length, end));
    from = end + tail.length;
  }
  return out + text.slice(from);
}

export type TrackLink = (url: string, index: number) => string;
export type LinkedMail = { readonly html: string; readonly text: string; readonly links: readonly string[] };

/**
 * Finishes both parts. `links[index]` is the address behind tracked link `index`; the same address in HTML and text shares an
 * index. Addresses in `untracked` (unsubscribe, preferences) and mailto:, tel: and '#' are never handed to `track`.
 */
export function finishLinks(
  html: string,
  text: string,
  untracked: ReadonlySet<string>,
  track: TrackLink | undefined,
): LinkedMail {
  const links: string[] = [];
  const tracked = new Map<string, string>();
  const finish = (raw: string): string => {
    const url = safeUrl(raw.trim());
    if (!/^http/i.test(url) || untracked.has(url)) return url;
    const known = tracked.get(url);
    if (known !== undefined) return known;
    const index = links.push(url) - 1;
    const out = track ? track(url, index) : url;
    tracked.set(url, out);
    return out;
  };
  const doneHtml = replaceMarked(html, `"${OPEN}`, `${CLOSE}"`, (url) => `"${escapeHtml(finish(unescapeHtml(url)))}"`);
  const doneText = replaceMarked(text, OPEN, CLOSE, finish);
  return { html: doneHtml, text: doneText, links };
}
