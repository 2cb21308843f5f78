import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { couponCode, offerSchema } from './offer.ts';

const TERMS = { kind: 'coupon', percentOff: 20, maxDiscountCents: 1_000, validDays: 30 };
const OFFER = { offerId: 'back-20', name: 'Back', terms: TERMS, budgetCents: 10_000, capacity: 10 };
const wrongField = (input: unknown): string => {
  const parsed = offerSchema.safeParse(input);
  return parsed.success ? 'accepted' : (parsed.error.issues[0]?.path.join('.') ?? '');
};

describe('offers', () => {
  it('fills in what may be left out', () => {
    expect(offerSchema.parse(OFFER)).toEqual({
      ...OFFER,
      perPersonLimit: 1,
      terms: { ...TERMS, minBasketCents: 0, codePrefix: 'BACK' },
    });
  });

  it.each([
    ['offerId', { ...OFFER, offerId: 'Back 20' }],
    ['budgetCents', { ...OFFER, budgetCents: -1 }],
    ['budgetCents', { ...OFFER, budgetCents: 10.5 }],
    ['capacity', { ...OFFER, capacity: '10' }],
    ['perPersonLimit', { ...OFFER, perPersonLimit: 0 }],
    ['terms', { ...OFFER, terms: { ...TERMS, amountOffCents: 500 } }],
    ['terms', { ...OFFER, terms: { kind: 'coupon', maxDiscountCents: 1, validDays: 1 } }],
    ['terms.percentOff', { ...OFFER, terms: { ...TERMS, percentOff: 101 } }],
    ['terms.maxDiscountCents', { ...OFFER, terms: { ...TERMS, maxDiscountCents: 0 } }],
    ['terms.validDays', { ...OFFER, terms: { ...TERMS, validDays: 366 } }],
    ['terms.codePrefix', { ...OFFER, terms: { ...TERMS, codePrefix: 'back' } }],
    ['terms.kind', { ...OFFER, terms: { ...TERMS, kind: 'gold' } }],
    ['', { ...OFFER, surprise: 1 }],
  ])('names the wrong field %j', (field, input) => expect(wrongField(input)).toBe(field));

  it('makes codes that can be read aloud, one for each 50 bits', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 10, maxLength: 10 }),
        fc.uint8Array({ minLength: 10, maxLength: 10 }),
        (a, b) => {
          expect(couponCode('BACK', a)).toMatch(/^BACK-[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}$/);
          const bits = (bytes: Uint8Array): string => [...bytes].map((byte) => byte & 31).join();
          expect(couponCode('BACK', a) === couponCode('BACK', b)).toBe(bits(a) === bits(b));
        },
      ),
    );
  });
});
