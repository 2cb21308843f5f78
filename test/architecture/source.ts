// Reads TypeScript as text: its code without comments and quoted contents, and what it imports.

/** A `/` begins a regular expression after these, a division otherwise. */
const BEFORE_REGEX = /(?:^|[=([{,;:!&|?+\-*%~^<>]|\b(?:return|typeof|case|of|in|=>))\s*$/;

/**
 * The same text, lines kept, with comments and the insides of strings and regular expressions blanked out. Code inside `${…}` of a
 * template stays. `keepStrings` leaves quoted text (not templates' and comments').
 */
export function codeOf(text: string, keepStrings = false): string {
  let out = '';
  let i = 0;
  const blank = (until: number): void => {
    out += text.slice(i, until).replaceAll(/[^\n]/g, ' ');
    i = until;
  };
  const endOfQuote = (quote: string): number => {
    let end = i + 1;
    while (end < text.length && text[end] !== quote && text[end] !== '\n') end += text[end] === '\\' ? 2 : 1;
    return Math.min(end + 1, text.length);
  };
  const endOfRegex = (): number => {
    let inClass = false;
    let end = i + 1;
    while (end < text.length && text[end] !== '\n' && (inClass || text[end] !== '/')) {
      if (text[end] === '\\') end++;
      else if (text[end] === '[') inClass = true;
      else if (text[end] === ']') inClass = false;
      end++;
    }
    return Math.min(end + 1, text.length);
  };
  /** Copies code until `close` at depth 0, or the end. */
  const copyCode = (close: string): void => {
    let depth = 0;
    while (i < text.length) {
      const char = text[i]!;
      const two = text.slice(i, i + 2);
      if (two === '//') blank(text.indexOf('\n', i) < 0 ? text.length : text.indexOf('\n', i));
      else if (two === '/*') blank(text.indexOf('*/', i) < 0 ? text.length : text.indexOf('*/', i) + 2);
      else if (char === "'" || char === '"') {
        const end = endOfQuote(char);
        if (keepStrings) {
          out += text.slice(i, end);
          i = end;
        } else blank(end);
      } else if (char === '`') copyTemplate();
      else if (char === '/' && BEFORE_REGEX.test(out.slice(-40))) blank(endOfRegex());
      else {
        if (char === '{') depth++;
        if (char === '}' && depth-- === 0 && close === '}') return;
        out += char;
        i++;
      }
    }
  };
  const copyTemplate = (): void => {
    blank(i + 1);
    while (i < text.length && text[i] !== '`') {
      if (text[i] === '\\') blank(Math.min(i + 2, text.length));
      else if (text.startsWith('${', i)) {
        blank(i + 2);
        copyCode('}');
        blank(Math.min(i + 1, text.length));
      } else blank(i + 1);
    }
    blank(Math.min(i + 1, text.length));
  };
  copyCode('');
  return out;
}

export type Import = { readonly from: string; readonly names: readonly string[]; readonly reExport: boolean };

const STATEMENT = /\b(import|export)\s+(?:type\s+)?([\w*\s{},$]*?)\s*\bfrom\s*['"]([^'"\n]+)['"]/g;
const BARE = /\bimport\s*\(?\s*['"]([^'"\n]+)['"]/g;

/** Static, dynamic and side-effect imports, and re-exports. */
export function importsOf(text: string): readonly Import[] {
  const code = codeOf(text, true);
  const found: Import[] = [];
  for (const [, keyword, clause, from] of code.matchAll(STATEMENT)) {
    const names = (clause ?? '')
      .replaceAll(/[{}]/g, ',')
      .split(',')
      .map((name) =>
        name
          .replace(/^\s*type\s+/, '')
          .split(/\s+as\s+/)[0]!
          .trim(),
      )
      .filter((name) => name !== '');
    found.push({ from: from ?? '', names, reExport: keyword === 'export' });
  }
  for (const [, from] of code.matchAll(BARE)) found.push({ from: from ?? '', names: [], reExport: false });
  return found;
}
