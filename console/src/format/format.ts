// Numbers, money, shares, instants and intervals as a person reads them, by language, currency and the business's time zone. Pure.
import type { Language } from '../words/language.ts';

const localeOf = (language: Language): string => (language === 'zh' ? 'zh-CN' : 'en-GB');

/** A true minus sign, so that signs line up and are read out. */
const minus = (text: string): string => text.replace('-', '−');
const signed = (value: number, show: (size: number) => string): string =>
  value === 0 ? show(0) : `${value < 0 ? '−' : '+'}${show(Math.abs(value))}`;

export type Format = {
  readonly count: (value: number) => string;
  /** 1,284,000 → 1.3M · 128.4万 */
  readonly compact: (value: number) => string;
  readonly decimal: (value: number, digits?: number) => string;
  /** Minor units in a whole one of the business's currency: 100 cents, 1 yen. */
  readonly minorUnits: number;
  /** Cents in the business's currency; whole amounts above 1,000 lose their cents. */
  readonly money: (cents: number) => string;
  /** The same of another currency, in its own minor units; none is the business's. */
  readonly moneyIn: (currency: string, cents: number) => string;
  readonly moneyCompact: (cents: number) => string;
  /** 0.082 → 8.2% */
  readonly percent: (share: number, digits?: number) => string;
  /** 0.082 → +8.2 (percentage points) */
  readonly pointsNumber: (share: number) => string;
  readonly signedCount: (value: number) => string;
  readonly signedMoney: (cents: number) => string;
  /** A calendar day such as 2026-11-22. */
  readonly day: (day: string) => string;
  /** The month of a day: Nov 2026 · 2026年11月. */
  readonly month: (day: string) => string;
  /** $, ¥: beside a field for an amount. */
  readonly currencySymbol: string;
  /** An instant, in the business's time zone. */
  readonly instant: (at: string | Date) => string;
  /** 3 minutes ago, in 2 days. */
  readonly ago: (at: string | Date, now: Date) => string;
};

const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

const WHOLE_FROM = 1_000;

/** Formats for one language, currency (ISO 4217) and IANA time zone. */
export function formatFor(language: Language, currency: string, timeZone: string): Format {
  const locale = localeOf(language);
  const number = (options: Intl.NumberFormatOptions): ((value: number) => string) => {
    const formatter = new Intl.NumberFormat(locale, options);
    return (value) => minus(formatter.format(value));
  };
  const count = number({ maximumFractionDigits: 0 });
  const compact = number({ notation: 'compact', maximumFractionDigits: 1 });
  const exact = number({ style: 'currency', currency, currencyDisplay: 'narrowSymbol' });
  const whole = number({ style: 'currency', currency, currencyDisplay: 'narrowSymbol', maximumFractionDigits: 0 });
  const short = number({
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    notation: 'compact',
    maximumFractionDigits: 1,
  });
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits;
  const minorUnits = 10 ** (digits ?? 2);
  const money = (cents: number): string =>
    Math.abs(cents) >= WHOLE_FROM * minorUnits ? whole(cents / minorUnits) : exact(cents / minorUnits);
  const days = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  const instants = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone });
  const months = new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: language === 'zh' ? 'long' : 'short',
    timeZone: 'UTC',
  });
  const symbol = new Intl.NumberFormat(locale, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' })
    .formatToParts(0)
    .find(({ type }) => type === 'currency');
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  return {
    count,
    compact,
    minorUnits,
    decimal: (value, digits = 1) => number({ minimumFractionDigits: digits, maximumFractionDigits: digits })(value),
    money,
    moneyIn: (other, cents) =>
      other === '' || other === currency ? money(cents) : formatFor(language, other, timeZone).money(cents),
    moneyCompact: (cents) => short(cents / minorUnits),
    percent: (share, digits = 1) =>
      number({ style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits })(share),
    pointsNumber: (share) => signed(Math.round(share * 1_000) / 10, (size) => size.toFixed(1)),
    signedCount: (value) => signed(Math.round(value), count),
    signedMoney: (cents) => signed(cents, money),
    day: (day) => days.format(new Date(`${day}T00:00:00Z`)),
    month: (day) => months.format(new Date(`${day}T00:00:00Z`)),
    currencySymbol: symbol?.value ?? currency,
    instant: (at) => instants.format(new Date(at)),
    ago: (at, now) => {
      const seconds = (new Date(at).getTime() - now.getTime()) / 1_000;
      const unit = UNITS.find(([, size]) => Math.abs(seconds) >= size);
      return unit === undefined
        ? relative.format(0, 'second')
        : relative.format(Math.round(seconds / unit[1]), unit[0]);
    },
  };
}
