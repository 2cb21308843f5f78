import { describe, expect, it } from 'vitest';
import { amountText, conditionsText, pointsCostCents, termsSchema, unitCostCents } from './kinds.ts';

const of = (terms: object) => termsSchema.parse({ validDays: 14, ...terms });
const wrongField = (terms: object): string => {
  const parsed = termsSchema.safeParse({ validDays: 14, ...terms });
  return parsed.success ? 'accepted' : `${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`;
};

const COUPON = { kind: 'coupon', maxDiscountCents: 700 };
const POINTS = { kind: 'points', centsPer100Points: 150 };
const BENEFIT = {
  kind: 'benefit',
  benefit: { en: 'free delivery', zh: '免运费' },
  benefitDays: 30,
  costCents: 900,
};
const TRIAL = { kind: 'trial', product: { en: 'Premium', zh: '高级版' }, trialDays: 1, costCents: 250 };
const EXCLUSIVE = { kind: 'exclusive', title: { en: 'Autumn preview evening', zh: '秋季新品预览之夜' } };

describe('kinds of offers', () => {
  it.each([
    [{ ...COUPON, percentOff: 20 }, '20% off', '8 折'],
    [{ ...COUPON, percentOff: 15 }, '15% off', '8.5 折'],
    [{ ...COUPON, percentOff: 100 }, '100% off', '免单'],
    [{ ...COUPON, amountOffCents: 2_000 }, '¥20.00 off', '立减 ¥20.00'],
    [{ ...POINTS, points: 1_500 }, '1,500 points', '1,500 积分'],
    [{ ...POINTS, multiplier: 3, bonusPointsMax: 500 }, '3× points', '3 倍积分'],
    [
      { ...POINTS, points: 100, multiplier: 2, bonusPointsMax: 500 },
      '100 points and 2× points',
      '100 积分，外加 2 倍积分',
    ],
    [BENEFIT, '30 days of free delivery', '免运费 30 天'],
    [TRIAL, '1 day of Premium, free to try', '高级版 免费试用 1 天'],
    [EXCLUSIVE, 'Autumn preview evening', '秋季新品预览之夜'],
  ])('reads %j as a customer does', (terms, en, zh) => {
    expect(amountText(of(terms), 'CNY', 'en')).toBe(en);
    expect(amountText(of(terms), 'CNY', 'zh')).toBe(zh);
  });

  it.each([
    // What the till does with the same terms: nothing below the least basket, and never more than the largest discount.
    [{ ...COUPON, percentOff: 20 }, '¥7.00 at most', '最高减 ¥7.00'],
    [
      { ...COUPON, percentOff: 20, minBasketCents: 5_000 },
      'on orders from ¥50.00, ¥7.00 at most',
      '满 ¥50.00 可用，最高减 ¥7.00',
    ],
    [{ ...COUPON, amountOffCents: 700 }, '', ''],
    [{ ...COUPON, amountOffCents: 900 }, '¥7.00 at most', '最高减 ¥7.00'],
    [{ ...COUPON, amountOffCents: 700, minBasketCents: 1 }, 'on orders from ¥0.01', '满 ¥0.01 可用'],
    [{ ...POINTS, points: 1_500 }, '', ''],
    [{ ...POINTS, multiplier: 3, bonusPointsMax: 1_500 }, '1,500 extra points at most', '最多额外 1,500 积分'],
    [BENEFIT, '', ''],
    [TRIAL, '', ''],
    [EXCLUSIVE, '', ''],
  ])('says what limits %j', (terms, en, zh) => {
    expect(conditionsText(of(terms), 'CNY', 'en')).toBe(en);
    expect(conditionsText(of(terms), 'CNY', 'zh')).toBe(zh);
  });

  it.each([
    [{ ...COUPON, percentOff: 20 }, 700],
    // 1,500 + 500 points at 1.50 a hundred.
    [{ ...POINTS, points: 1_500, multiplier: 2, bonusPointsMax: 500 }, 3_000],
    [BENEFIT, 900],
    [TRIAL, 250],
    [EXCLUSIVE, 0],
  ])('knows the most that one piece of %j may cost', (terms, cents) => expect(unitCostCents(of(terms))).toBe(cents));

  it('lets no part of a cent go unpaid', () => expect(pointsCostCents(1, 150)).toBe(2));

  it.each([
    ['give points or a multiplier', POINTS],
    ['bonusPointsMax', { ...POINTS, multiplier: 2 }],
    ['multiplier', { ...POINTS, multiplier: 11, bonusPointsMax: 1 }],
    ['benefit.zh', { ...BENEFIT, benefit: { en: 'x', zh: '' } }],
    ['trialDays', { ...TRIAL, trialDays: 0 }],
    ['costCents', { ...TRIAL, costCents: undefined }],
    ['endsAt is not after', { ...EXCLUSIVE, startsAt: '2026-05-02T10:00:00Z', endsAt: '2026-05-02T10:00:00Z' }],
  ])('refuses what makes no sense: %s', (what, terms) => expect(wrongField(terms)).toContain(what));
});
