// Ready-made programmes: one idea each, said in words, with the audience it suits. What is picked becomes a draft of one's own. Pure.
import type { Text } from '../../kernel/lang.ts';
import type { Offer } from '../offers/offer.ts';
import type { Programme } from './programme.ts';

export type GalleryEntry = {
  readonly key: string;
  readonly name: Text;
  /** When to take it, and why it is built so. */
  readonly idea: Text;
  /** Ready-made templates it uses. */
  readonly templates: readonly string[];
  /** The offer it brings along; money is the marketer's to change. */
  readonly offer: Offer | null;
  readonly programme: (policyId: string) => Omit<Programme, 'programmeId' | 'name'>;
};

const mail = (
  variants: readonly { readonly key: string; readonly templateId: string; readonly offerId?: string }[],
) => ({
  kind: 'message' as const,
  channel: 'email' as const,
  purpose: 'marketing' as const,
  validHours: 72,
  costCents: 0,
  variants: variants.map((variant) => ({ offerId: null, share: 1, ...variant })),
});

const nostalgic = { key: 'nostalgic', templateId: 'nostalgic' };
const question = { key: 'question', templateId: 'question' };
const wait = (days: number) => ({ kind: 'wait' as const, days });

const coupon = (offerId: string, percentOff: number): Offer => ({
  offerId,
  name: `${percentOff}%`,
  terms: { kind: 'coupon', percentOff, maxDiscountCents: 3_000, minBasketCents: 0, validDays: 30, codePrefix: 'BACK' },
  budgetCents: 300_000,
  capacity: 1_000,
  perPersonLimit: 1,
});

const reason = (...causes: readonly string[]) => ({ kind: 'reason', in: causes });

const RECURRING = { mode: 'recurring', everyDays: 7, reentryAfterDays: 180 } as const;
const EVERY_WEEK = { entry: RECURRING, controlShare: 0.2, exitOnReturn: true } as const;

export const GALLERY: readonly GalleryEntry[] = [
  {
    key: 'kind-words',
    name: { en: 'Kind words', zh: '一句问候' },
    idea: {
      en: 'For people who simply forgot. Two ways of saying it against a control group, and no discount: many come back for less than you think.',
      zh: '适合只是忘了的人。两种说法与对照组比较，不给折扣：很多人回来所需的比想象中少。',
    },
    templates: ['nostalgic', 'question'],
    offer: null,
    programme: (policyId) => ({
      audience: { policyId, stages: ['dormant'], segment: null },
      ...EVERY_WEEK,
      steps: [mail([nostalgic, question])],
      goal: { withinDays: 30 },
    }),
  },
  {
    key: 'ladder',
    name: { en: 'Words first, then an offer', zh: '先问候，后优惠' },
    idea: {
      en: 'The coupon goes only to those whom two weeks of kind words did not bring back, so that nobody is paid for coming anyway.',
      zh: '优惠券只发给两周问候仍未回来的人，不为本来就会回来的人付钱。',
    },
    templates: ['nostalgic', 'question', 'offer'],
    offer: coupon('ladder-15', 15),
    programme: (policyId) => ({
      audience: { policyId, stages: ['dormant', 'relapsed'], segment: null },
      ...EVERY_WEEK,
      steps: [
        mail([nostalgic, question]),
        wait(14),
        mail([{ key: 'offer', templateId: 'offer', offerId: 'ladder-15' }]),
      ],
      goal: { withinDays: 56 },
    }),
  },
  {
    key: 'make-it-right',
    name: { en: 'Make it right', zh: '弥补一次糟糕的体验' },
    idea: {
      en: 'For people who left over a bad experience. It asks first and gives something of use second; who left over service comes back less often and stays longer.',
      zh: '适合因体验不佳而离开的人。先询问，再给实在的补偿；这类人回来得少，但留得久。',
    },
    templates: ['question', 'offer'],
    offer: {
      offerId: 'free-delivery',
      name: 'Free delivery',
      terms: {
        kind: 'benefit',
        benefit: { en: 'free delivery', zh: '免运费' },
        benefitDays: 60,
        costCents: 1_200,
        validDays: 60,
        codePrefix: 'CARE',
      },
      budgetCents: 300_000,
      capacity: 1_000,
      perPersonLimit: 1,
    },
    programme: (policyId) => ({
      audience: { policyId, stages: ['dormant', 'lost'], segment: reason('bad_experience') },
      ...EVERY_WEEK,
      steps: [mail([question]), wait(7), mail([{ key: 'care', templateId: 'offer', offerId: 'free-delivery' }])],
      goal: { withinDays: 60 },
    }),
  },
  {
    key: 'less-is-more',
    name: { en: 'Less is more', zh: '少即是多' },
    idea: {
      en: 'For people who had too many messages. One mail in half a year, with the way to fewer of them in plain sight, and a larger control group.',
      zh: '适合被消息淹没的人。半年一封，并清楚给出减少打扰的方式，对照组也更大。',
    },
    templates: ['question'],
    offer: null,
    programme: (policyId) => ({
      audience: { policyId, stages: ['dormant', 'lost'], segment: reason('overload') },
      entry: { mode: 'recurring', everyDays: 30, reentryAfterDays: 180 },
      controlShare: 0.3,
      exitOnReturn: true,
      steps: [mail([question])],
      goal: { withinDays: 60 },
    }),
  },
  {
    key: 'best-customers',
    name: { en: 'The best, before they are gone', zh: '挽回最重要的客户' },
    idea: {
      en: 'For people who used to buy often and for much. It begins while they are cooling, and what it gives is worth their while.',
      zh: '适合过去买得多、花得多的人。在趋冷时就开始，给的东西也配得上他们。',
    },
    templates: ['nostalgic', 'offer'],
    offer: coupon('best-customers-20', 20),
    programme: (policyId) => ({
      audience: {
        policyId,
        stages: ['cooling', 'dormant'],
        segment: { kind: 'rfm', in: ['AT_RISK', 'PREVIOUSLY_LOYAL', 'NEEDS_ATTENTION'] },
      },
      ...EVERY_WEEK,
      steps: [mail([nostalgic]), wait(10), mail([{ key: 'offer', templateId: 'offer', offerId: 'best-customers-20' }])],
      goal: { withinDays: 45 },
    }),
  },
  {
    key: 'offer-or-words',
    name: { en: 'Is a discount worth it?', zh: '折扣值不值' },
    idea: {
      en: 'A test for the finance director: kind words, an offer and nothing at all, drawn by chance. The result says what the discount earned beyond the words.',
      zh: '给财务负责人的测试：问候、优惠与完全不触达随机分配，结果会说明折扣比问候多挣了多少。',
    },
    templates: ['nostalgic', 'offer'],
    offer: coupon('worth-it-15', 15),
    programme: (policyId) => ({
      audience: { policyId, stages: ['dormant'], segment: null },
      entry: { mode: 'once' },
      controlShare: 0.33,
      exitOnReturn: true,
      steps: [mail([nostalgic, { key: 'offer', templateId: 'offer', offerId: 'worth-it-15' }])],
      goal: { withinDays: 30 },
    }),
  },
];
