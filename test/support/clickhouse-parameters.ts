// How ClickHouse reads a `param_x` value of its HTTP interface: text in the Escaped (TSV) form, typed by the placeholder `{x:Type}`.
// https://clickhouse.com/docs/en/interfaces/http#cli-queries-with-parameters

/** The declared type of every `{name:Type}` placeholder of a query. */
export function parameterTypes(query: string): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  for (const [, name, type] of query.matchAll(/\{\s*(\w+)\s*:\s*([^{}]+?)\s*\}/g)) {
    if (name !== undefined && type !== undefined) types.set(name, type);
  }
  return types;
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  r: '\r',
  n: '\n',
  t: '\t',
  '0': '\0',
  a: '\u0007',
  v: '\v',
};

/** Undoes backslash escapes: `\n` and its kin, and `\x` for itself otherwise. */
const unescaped = (text: string): string => text.replaceAll(/\\([\s\S])/g, (_, char: string) => ESCAPES[char] ?? char);

const bad = (value: string, type: string): Error =>
  new Error(`Code: 457. DB::Exception: Value ${value} cannot be parsed as ${type}. (BAD_QUERY_PARAMETER)`);

const numberOf = (text: string): number | bigint => {
  if (/^[+-]?\d+$/.test(text)) return BigInt(text.replace('+', ''));
  return Number(text);
};

/** The value that a typed placeholder receives. Arrays of texts and numbers are understood; other composites are refused. */
export function parameterValue(type: string, value: string): unknown {
  const element = /^Array\((.+)\)$/.exec(type)?.[1];
  if (element === undefined) {
    if (/^(?:Tuple|Map)\(/.test(type)) throw bad(value, type);
    return value === '\\N' ? null : unescaped(value);
  }
  if (!value.startsWith('[') || !value.endsWith(']')) throw bad(value, type);
  const inner = value.slice(1, -1);
  const items: unknown[] = [];
  const item = /\s*(?:'((?:[^'\\]|\\[\s\S])*)'|([^,'\s]+))\s*(,|$)/y;
  while (item.lastIndex < inner.length) {
    const match = item.exec(inner);
    if (match === null) throw bad(value, type);
    items.push(match[1] === undefined ? numberOf(match[2] ?? '') : unescaped(match[1]));
  }
  return items;
}
