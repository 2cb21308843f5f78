// How are `{{ … }}` filled in? Two Liquid engines with the same filters and the same limits: `htmlLiquid` escapes every output
// (there is no way to switch it off), `textLiquid` escapes nothing and serves subjects and text parts.
import { Liquid, type LiquidOptions } from 'liquidjs';
import { dayNumber } from '../../kernel/days.ts';
import type { Lang } from '../../kernel/lang.ts';
import { formatMoney } from '../../kernel/money.ts';

/** Characters of source, milliseconds and memory units one rendering may use; generous for a mail, deadly for a runaway loop. */
const LIQUID_LIMITS = { parseLimit: 400_000, renderLimit: 1_000, memoryLimit: 2_000_000 } as const;

const MEMO_SIZE = 5_000;
const memo = new Map<string, string>();

// Intl formatting costs as much as the rest of a mail, and shops have few prices and days: remember them.
function remembered(key: string, make: () => string): string {
  let text = memo.get(key);
  if (text === undefined) {
    if (memo.size >= MEMO_SIZE) memo.clear();
    text = make();
    memo.set(key, text);
  }
  return text;
}

const dayFormats = {
  en: new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeZone: 'UTC' }),
  zh: new Intl.DateTimeFormat('zh-CN', { dateStyle: 'long', timeZone: 'UTC' }),
} as const;

const langArgument = (value: unknown): Lang => (value === 'zh' ? 'zh' : 'en');

function dayText(value: unknown, lang: unknown): string {
  if (typeof value !== 'string' || value === '') return '';
  try {
    const language = langArgument(lang);
    return remembered(`${value}|${language}`, () => dayFormats[language].format(dayNumber(value) * 86_400_000));
  } catch (error) {
    if (error instanceof RangeError) return value;
    throw error;
  }
}

function priceText(value: unknown, currency: unknown, lang: unknown): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) return '';
  const code = typeof currency === 'string' && /^[A-Z]{3}$/.test(currency) ? currency : 'USD';
  const language = langArgument(lang);
  return remembered(`${value}|${code}|${language}`, () => formatMoney(value, code, language));
}

// `brand.url | with_query: "coupon", coupon.code`: correct whether or not the address has a query already.
function withQuery(url: unknown, name: unknown, value: unknown): unknown {
  if (typeof url !== 'string' || !URL.canParse(url) || typeof name !== 'string' || typeof value !== 'string')
    return url;
  const parsed = new URL(url);
  parsed.searchParams.set(name, value);
  return parsed.href;
}

function engine(options: LiquidOptions): Liquid {
  const liquid = new Liquid({
    ...LIQUID_LIMITS,
    ownPropertyOnly: true,
    strictFilters: true,
    // The file system stays out of reach: include, render and layout find nothing.
    relativeReference: false,
    fs: {
      exists: () => Promise.resolve(false),
      existsSync: () => false,
      readFile: () => Promise.reject(new Error('templates cannot read files')),
      readFileSync: () => {
        throw new Error('templates cannot read files');
      },
      resolve: (_root, file) => file,
    },
    ...options,
  });
  // `1999 | money: "USD", lang` → $19.99 (minor units) · `"2026-12-01" | date_in: lang` → December 1, 2026 / 2026年12月1日
  liquid.registerFilter('money', priceText);
  liquid.registerFilter('date_in', dayText);
  liquid.registerFilter('with_query', withQuery);
  // The stock `raw` switches escaping off; here it is only a word.
  liquid.registerFilter('raw', (value: unknown) => value);
  return liquid;
}

export const htmlLiquid = engine({ outputEscape: 'escape' });
export const textLiquid = engine({});
