// Reading JSON of unknown shape without trusting it.
export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {});

/** Is there anything nested more than `levels` deep? Looks no deeper than that, so no input can exhaust the stack. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(inner, levels - 1));
}

const CLEANED_LEVELS_MAX = 100;

/** The same value without what no database stores as text: NUL characters go, half surrogate pairs become U+FFFD. Below 100 levels: null. */
export function cleaned(value: unknown, level = 0): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '').toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  if (level === CLEANED_LEVELS_MAX) return null;
  if (Array.isArray(value)) return value.map((inner) => cleaned(inner, level + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [cleaned(key), cleaned(inner, level + 1)] as const),
  );
}

const UNSTORABLE = /\\u(?:0000|d[89a-f])/i;

/** A JSON text as it can be kept. Only escapes can bring in what no store takes, so nearly every text is spared the walk. Throws SyntaxError. */
export function storableJson(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  return UNSTORABLE.test(text) ? cleaned(parsed) : parsed;
}

/** A non-empty string (numbers become text), or undefined. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

/** A finite number (numeric strings count), or undefined. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
