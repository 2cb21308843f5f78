// The closed table of what may be given: for each kind its words, its terms, what one grant may cost at worst, how a customer reads it and
// which events say that she took it. Adding a kind is adding one entry. Pure.
import { z } from 'zod';
import { inWords } from '../../kernel/issue.ts';
import type { Lang, Text } from '../../kernel/lang.ts';
import { formatMoney } from '../../kernel/money.ts';

const text = z.strictObject({ en: z.string().min(1).max(200), zh: z.string().min(1).max(200) });

/** What every kind has: how long a grant is good for, and the first letters of its code. */
const granted = {
  validDays: z.number().int().min(1).max(365),
  codePrefix: z
    .string()
    .regex(/^[A-Z0-9]{2,8}$/, inWords('2–8 capital letters or digits', '须为 2–8 个大写字母或数字'))
    .default('BACK'),
};
const costCents = z.number().int().nonnegative();

export const couponSchema = z
  .strictObject({
    kind: z.literal('coupon'),
    percentOff: z.number().int().min(1).max(100).optional(),
    amountOffCents: z.number().int().positive().optional(),
    /** The largest discount one redemption may cost; also what a reserved coupon holds of the budget. */
    maxDiscountCents: z.number().int().positive(),
    minBasketCents: z.number().int().nonnegative().default(0),
    ...granted,
  })
  .refine((coupon) => (coupon.percentOff === undefined) !== (coupon.amountOffCents === undefined), {
    error: inWords('give either percentOff or amountOffCents', 'percentOff 与 amountOffCents 须且只能填一项'),
  });

export const pointsSchema = z
  .strictObject({
    kind: z.literal('points'),
    /** Credited with the next order. */
    points: z.number().int().nonnegative().default(0),
    /** What that order earns is multiplied by this. */
    multiplier: z.number().min(1).max(10).default(1),
    /** What an order earns without the multiplier: points per whole unit of money. */
    pointsPerUnit: z.number().positive().default(1),
    /** The most extra points that the multiplier may bring; bounds what a grant can cost. */
    bonusPointsMax: z.number().int().nonnegative().default(0),
    centsPer100Points: z.number().int().positive(),
    ...granted,
  })
  .refine((terms) => terms.points > 0 || terms.multiplier > 1, {
    error: inWords('give points or a multiplier above 1', '须填写积分，或大于 1 的倍数'),
  })
  .refine((terms) => terms.multiplier === 1 || terms.bonusPointsMax > 0, {
    error: inWords(
      'a multiplier needs bonusPointsMax, the most extra points it may bring',
      '设置倍数时须填 bonusPointsMax（最多额外赠送的积分）',
    ),
  });

export const benefitSchema = z.strictObject({
  kind: z.literal('benefit'),
  /** `free delivery`, `gold membership`: what she has for `benefitDays` days. */
  benefit: text,
  benefitDays: z.number().int().min(1).max(365),
  costCents,
  ...granted,
});

export const trialSchema = z.strictObject({
  kind: z.literal('trial'),
  product: text,
  trialDays: z.number().int().min(1).max(365),
  costCents,
  ...granted,
});

export const exclusiveSchema = z
  .strictObject({
    kind: z.literal('exclusive'),
    /** The event or the content that only who is invited gets to see. */
    title: text,
    startsAt: z.iso.datetime().optional(),
    endsAt: z.iso.datetime().optional(),
    costCents: costCents.default(0),
    ...granted,
  })
  .refine(
    ({ startsAt, endsAt }) =>
      startsAt === undefined || endsAt === undefined || new Date(startsAt).getTime() < new Date(endsAt).getTime(),
    { error: inWords('endsAt is not after startsAt', 'endsAt 须晚于 startsAt') },
  );

export const termsSchema = z.discriminatedUnion('kind', [
  couponSchema,
  pointsSchema,
  benefitSchema,
  trialSchema,
  exclusiveSchema,
]);

export type Terms = z.infer<typeof termsSchema>;
export type OfferKind = Terms['kind'];

type KindEntry<T extends Terms> = Text & {
  /** The most one grant may cost, in cents: what it holds of the budget until it is settled. */
  readonly unitCostCents: (terms: T) => number;
  /** `20% off`, `30 days of free delivery`: as a customer reads it. */
  readonly amountText: (terms: T, currency: string, lang: Lang) => string;
  /** What keeps her from all of it, told wherever the amount is: `on orders from $50.00, $30.00 at most`; absent: nothing does. */
  readonly conditionsText?: (terms: T, currency: string, lang: Lang) => string;
  /** Events that carry the grant's code when she takes it; none for what her next order settles without a code. */
  readonly redeemedBy: readonly string[];
};

/** Cents that points cost, a part of one counting as one. */
export const pointsCostCents = (points: number, centsPer100Points: number): number =>
  Math.ceil((points * centsPer100Points) / 100);

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

export const OFFER_KINDS: { readonly [K in OfferKind]: KindEntry<Extract<Terms, { kind: K }>> } = {
  coupon: {
    en: 'Coupon',
    zh: '优惠券',
    unitCostCents: (terms) => terms.maxDiscountCents,
    amountText: (terms, currency, lang) => {
      if (terms.percentOff === 100 && lang === 'zh') return '免单';
      if (terms.percentOff !== undefined)
        return lang === 'zh' ? `${(100 - terms.percentOff) / 10} 折` : `${terms.percentOff}% off`;
      const money = formatMoney(terms.amountOffCents ?? 0, currency, lang);
      return lang === 'zh' ? `立减 ${money}` : `${money} off`;
    },
    conditionsText: ({ minBasketCents, maxDiscountCents, amountOffCents }, currency, lang) => {
      const [least, most] = [minBasketCents, maxDiscountCents].map((cents) => formatMoney(cents, currency, lang));
      return [
        ...(minBasketCents > 0 ? [lang === 'zh' ? `满 ${least} 可用` : `on orders from ${least}`] : []),
        ...(amountOffCents === undefined || amountOffCents > maxDiscountCents
          ? [lang === 'zh' ? `最高减 ${most}` : `${most} at most`]
          : []),
      ].join(lang === 'zh' ? '，' : ', ');
    },
    redeemedBy: ['Order Completed'],
  },
  points: {
    en: 'Points',
    zh: '积分',
    unitCostCents: (terms) => pointsCostCents(terms.points + terms.bonusPointsMax, terms.centsPer100Points),
    amountText: ({ points, multiplier }, _currency, lang) => {
      const number = new Intl.NumberFormat(lang === 'zh' ? 'zh-CN' : 'en-US');
      const parts = [
        ...(points > 0 ? [lang === 'zh' ? `${number.format(points)} 积分` : `${number.format(points)} points`] : []),
        ...(multiplier > 1 ? [lang === 'zh' ? `${multiplier} 倍积分` : `${multiplier}× points`] : []),
      ];
      return parts.join(lang === 'zh' ? '，外加 ' : ' and ');
    },
    conditionsText: ({ multiplier, bonusPointsMax }, _currency, lang) => {
      const most = new Intl.NumberFormat(lang === 'zh' ? 'zh-CN' : 'en-US').format(bonusPointsMax);
      return multiplier === 1 ? '' : lang === 'zh' ? `最多额外 ${most} 积分` : `${most} extra points at most`;
    },
    redeemedBy: [],
  },
  benefit: {
    en: 'Member benefit',
    zh: '会员权益',
    unitCostCents: (terms) => terms.costCents,
    amountText: ({ benefit, benefitDays }, _currency, lang) =>
      lang === 'zh' ? `${benefit.zh} ${benefitDays} 天` : `${plural(benefitDays, 'day')} of ${benefit.en}`,
    redeemedBy: ['Offer Redeemed', 'Benefit Activated'],
  },
  trial: {
    en: 'Free trial',
    zh: '免费试用',
    unitCostCents: (terms) => terms.costCents,
    amountText: ({ product, trialDays }, _currency, lang) =>
      lang === 'zh'
        ? `${product.zh} 免费试用 ${trialDays} 天`
        : `${plural(trialDays, 'day')} of ${product.en}, free to try`,
    redeemedBy: ['Offer Redeemed', 'Trial Started'],
  },
  exclusive: {
    en: 'Exclusive event or content',
    zh: '专属活动或内容',
    unitCostCents: (terms) => terms.costCents,
    amountText: ({ title }, _currency, lang) => title[lang],
    redeemedBy: ['Offer Redeemed', 'Event Registered'],
  },
};

const entryOf = (kind: OfferKind): KindEntry<Terms> => OFFER_KINDS[kind] as KindEntry<Terms>;

export const unitCostCents = (terms: Terms): number => entryOf(terms.kind).unitCostCents(terms);

/** `20% off` / `立减 ¥20` / `30 days of free delivery`, as a customer reads it. */
export const amountText = (terms: Terms, currency: string, lang: Lang): string =>
  entryOf(terms.kind).amountText(terms, currency, lang);

/** What limits it, in the same words for her as for the till; '' where nothing does. */
export const conditionsText = (terms: Terms, currency: string, lang: Lang): string =>
  entryOf(terms.kind).conditionsText?.(terms, currency, lang) ?? '';

/** Every event that may carry a code. */
export const REDEEMING_EVENTS: ReadonlySet<string> = new Set(
  Object.values(OFFER_KINDS).flatMap((entry) => entry.redeemedBy),
);
