// How numbers of the picture are written, in either language: terminal screen and report say the same.
import type { Lang, Text } from '../../kernel/lang.ts';
import { minorDigits } from '../../kernel/money.ts';
import { percentText } from '../../kernel/figures.ts';

export type Formats = {
  readonly count: (n: number) => string;
  /** A share in [0, 1] as per cent. */
  readonly percent: (share: number, digits?: number) => string;
  /** Cents of the analysis's currency; whole units from a hundred up. */
  readonly money: (cents: number) => string;
  /** As `money`, shortened (`$12.5M`, `1250万`) from ten million up. */
  readonly shortMoney: (cents: number) => string;
};

// Building ICU formats costs more than a page of formatting with them.
const built = new Map<string, Formats>();

export function formatsOf(lang: Lang, currency: string): Formats {
  const key = `${lang} ${currency}`;
  const formats = built.get(key) ?? newFormats(lang, currency);
  built.set(key, formats);
  return formats;
}

function newFormats(lang: Lang, currency: string): Formats {
  const locale = lang === 'zh' ? 'zh-CN' : 'en-US';
  const unit = 10 ** minorDigits(currency);
  const style = { style: 'currency', currency, currencyDisplay: 'narrowSymbol' } as const;
  const integer = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const whole = new Intl.NumberFormat(locale, { ...style, maximumFractionDigits: 0 });
  const exact = new Intl.NumberFormat(locale, style);
  const short = new Intl.NumberFormat(locale, { ...style, notation: 'compact', maximumFractionDigits: 1 });
  const money = (cents: number): string => (Math.abs(cents) >= 100 * unit ? whole : exact).format(cents / unit);
  return {
    count: (n) => integer.format(n),
    percent: percentText,
    money,
    shortMoney: (cents) => (Math.abs(cents) >= 10_000_000 * unit ? short.format(cents / unit) : money(cents)),
  };
}

/** The same number in both languages. */
export const inBoth = (currency: string, write: (formats: Formats) => string): Text => ({
  en: write(formatsOf('en', currency)),
  zh: write(formatsOf('zh', currency)),
});
