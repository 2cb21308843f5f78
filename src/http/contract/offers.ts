// What may be given, what it has cost, and what is still owed.
type Words = { readonly en: string; readonly zh: string };
type Granted = { readonly validDays: number; readonly codePrefix?: string | undefined };

export type OfferKind = 'coupon' | 'points' | 'benefit' | 'trial' | 'exclusive';

export type OfferTerms = Granted &
  (
    | {
        readonly kind: 'coupon';
        readonly percentOff?: number | undefined;
        readonly amountOffCents?: number | undefined;
        readonly maxDiscountCents: number;
        readonly minBasketCents?: number | undefined;
      }
    | {
        readonly kind: 'points';
        readonly points?: number | undefined;
        readonly multiplier?: number | undefined;
        readonly pointsPerUnit?: number | undefined;
        readonly bonusPointsMax?: number | undefined;
        readonly centsPer100Points: number;
      }
    | {
        readonly kind: 'benefit';
        readonly benefit: Words;
        readonly benefitDays: number;
        readonly costCents: number;
      }
    | { readonly kind: 'trial'; readonly product: Words; readonly trialDays: number; readonly costCents: number }
    | {
        readonly kind: 'exclusive';
        readonly title: Words;
        readonly startsAt?: string | undefined;
        readonly endsAt?: string | undefined;
        readonly costCents?: number | undefined;
      }
  );

export type OfferBody = {
  readonly offerId: string;
  readonly name: string;
  readonly terms: OfferTerms;
  readonly budgetCents: number;
  readonly capacity: number;
  readonly perPersonLimit?: number | undefined;
};

export type OfferFigures = {
  readonly offer: OfferBody;
  readonly granted: number;
  readonly redeemed: number;
  readonly expired: number;
  readonly open: number;
  readonly liabilityCents: number;
  readonly spentCents: number;
  readonly committedCents: number;
  readonly expiringSoon: number;
  readonly createdAt: string;
  readonly closedAt: string | null;
};

export type GrantState = 'reserved' | 'issued' | 'redeemed' | 'expired' | 'revoked';

export type GrantRow = {
  readonly grantId: string;
  readonly offerId: string;
  readonly personId: string;
  readonly code: string;
  readonly state: GrantState;
  readonly costCents: number;
  readonly reservedAt: string;
  readonly issuedAt: string | null;
  readonly expiresAt: string;
  readonly redeemedAt: string | null;
  readonly orderId: string | null;
};

type OfOffer = { readonly params: { readonly offerId: string } };

export type OfferOperations = {
  'GET /offers': { readonly answer: { readonly offers: readonly OfferFigures[]; readonly currency: string } };
  'POST /offers': { readonly body: OfferBody; readonly answer: OfferBody };
  'GET /offers/{offerId}': OfOffer & {
    readonly answer: OfferFigures & {
      readonly currency: string;
      readonly redemptions: readonly { readonly day: string; readonly redeemed: number; readonly costCents: number }[];
    };
  };
  'GET /offers/{offerId}/grants': OfOffer & {
    readonly query: { readonly state?: GrantState; readonly limit?: number };
    readonly answer: { readonly grants: readonly GrantRow[] };
  };
  'GET /grants/{code}': {
    readonly params: { readonly code: string };
    readonly answer: { readonly grant: GrantRow; readonly terms: OfferTerms; readonly isGood: boolean };
  };
  'POST /grants/{code}/redeem': {
    readonly params: { readonly code: string };
    readonly body: { readonly orderId: string };
    readonly answer: { readonly grant: GrantRow };
  };
  'POST /offers/{offerId}/close': OfOffer & { readonly answer: OfferFigures };
};
