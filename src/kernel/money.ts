// Money is a whole number of minor units (`…Cents`) and an ISO 4217 code. Nothing in the product adds floats of money.

const digitsCache = new Map<string, number>();

/** Minor-unit digits of a currency (JPY 0, USD 2, KWD 3), from ICU. Throws RangeError for a malformed code. */
export function minorDigits(currency: string): number {
  let digits = digitsCache.get(currency);
  if (digits === undefined) {
    digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
    digitsCache.set(currency, digits);
  }
  return digits;
}

/** Nearest minor unit of a decimal amount; halves round away from zero. Throws RangeError beyond ±2^53 minor units and for NaN. */
export function toCents(amount: number, currency: string): number {
  const scaled = amount * 10 ** minorDigits(currency);
  const cents = Math.round(Math.abs(scaled) + Number.EPSILON * Math.abs(scaled));
  if (!Number.isSafeInteger(cents)) throw new RangeError(`not an amount of money: ${amount}`);
  return scaled < 0 && cents !== 0 ? -cents : cents;
}

export function formatMoney(cents: number, currency: string, lang: 'en' | 'zh'): string {
  const digits = minorDigits(currency);
  return new Intl.NumberFormat(lang === 'zh' ? 'zh-CN' : 'en-US', {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
  }).format(cents / 10 ** digits);
}
