// Figures inside of sentences, the same on every page, screen and report: English and Chinese write them alike (CLDR's patterns). Pure.
const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A share of one as per cent with so many decimals, without a space: .879 → `87.9%`. */
export const percentText = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)}%`;

/** A whole number: 12500 → `12,500`. */
export const countText = (count: number): string => grouped.format(count);
