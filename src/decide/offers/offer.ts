// What may be given: an offer, its validity and its worst cost. Pure. The full loop gives coupons; the other kinds share the same ledger.
import { z } from 'zod';
import type { Lang } from '../../kernel/lang.ts';
import { formatMoney } from '../../kernel/money.ts';

export const couponSchema = z
  .strictObject({
    kind: z.literal('coupon'),
    percentOff: z.number().int().min(1).max(100).optional(),
    amountOffCents: z.number().int().positive().optional(),
    /** The largest discount one redemption may cost; also what a reserved coupon holds of the budget. */
    maxDiscountCents: z.number().int().positive(),
    minBasketCents: z.number().int().nonnegative().default(0),
    validDays: z.number().int().min(1).max(365),
    codePrefix: z
      .string()
      .regex(/^[A-Z0-9]{2,8}$/, '2–8 capital letters or digits')
      .default('BACK'),
  })
  .refine((coupon) => (coupon.percentOff === undefined) !== (coupon.amountOffCents === undefined), {
    error: 'give either percentOff or amountOffCents',
  });

export const offerSchema = z.strictObject({
  offerId: z.string().regex(/^[a-z0-9][a-z0-9-]{1,63}$/),
  name: z.string().min(1).max(200),
  terms: couponSchema,
  budgetCents: z.number().int().nonnegative(),
  capacity: z.number().int().nonnegative(),
  perPersonLimit: z.number().int().positive().default(1),
});

export type Offer = z.infer<typeof offerSchema>;
export type CouponTerms = z.infer<typeof couponSchema>;

/** `20 % off` / `立减 ¥20`, as a customer reads it. */
export function amountText(terms: CouponTerms, currency: string, lang: Lang): string {
  if (terms.percentOff !== undefined)
    return lang === 'zh' ? `${(100 - terms.percentOff) / 10} 折` : `${terms.percentOff}% off`;
  const money = formatMoney(terms.amountOffCents ?? 0, currency, lang);
  return lang === 'zh' ? `立减 ${money}` : `${money} off`;
}

const CODE_ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** A code a person can read aloud: no 0/O, no 1/I. `bytes` are 10 random bytes, of which 50 bits are used. */
export function couponCode(prefix: string, bytes: Uint8Array): string {
  const letters = [...bytes.subarray(0, 10)].map((byte) => CODE_ALPHABET.charAt(byte & 31)).join('');
  return `${prefix}-${letters.slice(0, 5)}-${letters.slice(5)}`;
}
