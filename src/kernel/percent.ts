// Shares as people read them: "87.9%", without a space, in English and in Chinese (CLDR's pattern for both), on every page, screen and report. Pure.

/** A share of one as per cent with so many decimals: .879 → `87.9%`. */
export const percentText = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)}%`;
