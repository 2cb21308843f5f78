import { describe, expect, it } from 'vitest';
import { termsSchema } from '../../decide/offers/kinds.ts';
import { quote, type CodeStanding } from './till.ts';

const terms = (more: object) =>
  termsSchema.parse({ kind: 'coupon', percentOff: 20, maxDiscountCents: 6_000, validDays: 30, ...more });
const code = (more: object = {}): CodeStanding => ({ personId: 'mei', isGood: true, terms: terms({}), ...more });
/** 2 × 19.95 + 40.00 = 79.90 */
const lines = [
  { priceCents: 1_995, quantity: 2 },
  { priceCents: 4_000, quantity: 1 },
];

describe('the till', () => {
  it('asks the list price without a code', () => {
    expect(quote(lines, 'mei', undefined)).toEqual({
      listCents: 7_990,
      discountCents: 0,
      totalCents: 7_990,
      refusal: null,
    });
  });

  it('takes a share off, up to its bound', () => {
    expect(quote(lines, 'mei', code())).toMatchObject({ discountCents: 1_598, totalCents: 6_392, refusal: null });
    const bounded = code({ terms: terms({ maxDiscountCents: 1_000 }) });
    expect(quote(lines, 'mei', bounded)).toMatchObject({ discountCents: 1_000, totalCents: 6_990 });
  });

  it('never pays for buying', () => {
    const amount = code({ terms: terms({ percentOff: undefined, amountOffCents: 5_000 }) });
    expect(quote([{ priceCents: 1_995, quantity: 1 }], 'mei', amount)).toMatchObject({
      discountCents: 1_995,
      totalCents: 0,
    });
  });

  it.each([
    ['unknown', 'unknown' as const],
    ['not_yours', code({ personId: 'tom' })],
    ['over', code({ isGood: false })],
    ['basket_too_small', code({ terms: terms({ minBasketCents: 10_000 }) })],
    [
      'no_coupon',
      code({
        terms: termsSchema.parse({
          kind: 'benefit',
          benefit: { en: 'free delivery', zh: '免运费' },
          benefitDays: 30,
          costCents: 500,
          validDays: 30,
        }),
      }),
    ],
  ])('takes nothing off when the code is %s', (refusal, standing) => {
    expect(quote(lines, 'mei', standing)).toMatchObject({ refusal, discountCents: 0, totalCents: 7_990 });
  });
});
