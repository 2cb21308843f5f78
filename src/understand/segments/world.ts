// What a segment may look at in memory: everything known of one person, as the stores hold it for everybody.
import type { Day } from '../../kernel/days.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { Reason } from '../reasons/causes.ts';

/** A row of `person_states`. */
export type PersonStanding = {
  readonly stage: string;
  readonly stageSince: Day;
  readonly rfmGroup: string;
  readonly silentDays: number;
  readonly spentCents: number;
  /** 1 … 5, five is most. */
  readonly frequencyQuintile: number;
  readonly monetaryQuintile: number;
  /** Null where no model could be fitted: then no range matches. */
  readonly returnProbability: number | null;
  readonly expectedValueCents: number | null;
};

export type PersonProduct = {
  readonly productId: string;
  readonly name: string;
  readonly category: string;
  readonly brand: string;
};

export type PersonEvent = {
  readonly name: string;
  readonly day: Day;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly amountCents: number;
  readonly currency: string;
  /** What the amount is in the business's currency; null where it is none of its money. */
  readonly moneyCents: number | null;
  readonly products: readonly PersonProduct[];
  readonly properties: JsonObject;
};

export type PersonConsent = {
  readonly channel: string;
  readonly purpose: string;
  /** `implied`: nothing was said, on a channel where the absence of a no is enough. */
  readonly status: 'granted' | 'withdrawn' | 'implied';
  readonly expiresAt: Date | null;
};

/** What programmes did with her, and what she did with what they sent. */
export const TOUCHES = ['entered', 'control', 'messaged', 'clicked', 'redeemed', 'returned'] as const;
export type Touch = (typeof TOUCHES)[number];

export type PersonTouch = {
  readonly what: Touch;
  readonly programmeId: string;
  /** '' where the touch has no channel. */
  readonly channel: string;
  readonly on: Day;
};

/** A row of `person_facts`: the records store's word on her. */
export type PersonFacts = {
  readonly addresses: readonly string[];
  readonly consents: readonly PersonConsent[];
  /** Channels, `*` for all. */
  readonly suppressed: readonly string[];
  readonly globalControl: boolean;
  readonly touches: readonly PersonTouch[];
};

/** A row of `person_preferences`. */
export type PersonTastes = {
  readonly categories: readonly { readonly name: string; readonly share: number }[];
  readonly brands: readonly { readonly name: string; readonly share: number }[];
  readonly priceBands: readonly number[];
  readonly hours: readonly number[];
};

export type SegmentPerson = {
  readonly personId: string;
  /** The day of her first event or of the first word about her. */
  readonly knownOn: Day;
  /** By policy. */
  readonly standing: Readonly<Record<string, PersonStanding>>;
  /** By policy: the likeliest reason, and the probability of each. */
  readonly reasons: Readonly<
    Record<string, { readonly reason: Reason; readonly probabilities: Readonly<Record<Reason, number>> }>
  >;
  readonly traits: JsonObject;
  readonly events: readonly PersonEvent[];
  readonly facts: PersonFacts | undefined;
  readonly tastes: PersonTastes | undefined;
  /** Ids of the snapshots she is in. */
  readonly snapshots: readonly string[];
};
