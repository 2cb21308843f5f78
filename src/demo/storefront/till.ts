// What a basket costs at the storefront's checkout, with or without a coupon. Pure: what a code stands for comes in.
import type { Terms } from '../../decide/offers/kinds.ts';

export type BasketLine = { readonly priceCents: number; readonly quantity: number };

/** Why a code takes nothing off: nobody has it, it is another person's, used or out of date, not a coupon, or the basket is too small. */
export type CodeRefusal = 'unknown' | 'not_yours' | 'over' | 'no_coupon' | 'basket_too_small';

export type Quote = {
  readonly listCents: number;
  readonly discountCents: number;
  readonly totalCents: number;
  readonly refusal: CodeRefusal | null;
};

/** What `GET /grants/{code}` answers, and whose it is. */
export type CodeStanding = { readonly personId: string; readonly isGood: boolean; readonly terms: Terms };

/** `code` is undefined when none was given, `unknown` when nobody has it. */
export function quote(
  lines: readonly BasketLine[],
  personId: string,
  code: CodeStanding | 'unknown' | undefined,
): Quote {
  const listCents = lines.reduce((sum, line) => sum + line.priceCents * line.quantity, 0);
  const full = (refusal: CodeRefusal | null): Quote => ({
    listCents,
    discountCents: 0,
    totalCents: listCents,
    refusal,
  });
  if (code === undefined) return full(null);
  if (code === 'unknown') return full('unknown');
  if (code.personId !== personId) return full('not_yours');
  if (!code.isGood) return full('over');
  const { terms } = code;
  if (terms.kind !== 'coupon') return full('no_coupon');
  if (listCents < terms.minBasketCents) return full('basket_too_small');
  const wished = terms.amountOffCents ?? Math.round((listCents * (terms.percentOff ?? 0)) / 100);
  const discountCents = Math.min(wished, terms.maxDiscountCents, listCents);
  return { listCents, discountCents, totalCents: listCents - discountCents, refusal: null };
}
