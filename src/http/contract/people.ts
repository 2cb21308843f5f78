// Everybody page by page, and one person's whole story.
import type { LeftOutMoney } from '../../kernel/money-rules.ts';

type Words = { readonly en: string; readonly zh: string };
type OfPerson = { readonly params: { readonly personId: string } };

export type PeopleSort = 'lastOn' | 'spent' | 'returnProbability' | 'expectedValue';

/** Null where it is not known, or where no policy says anything of her. */
export type PersonRow = {
  readonly personId: string;
  readonly firstName: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly stage: string | null;
  readonly stageSince: string | null;
  readonly cause: string | null;
  readonly silentDays: number | null;
  readonly lastOn: string | null;
  readonly spentCents: number | null;
  readonly rfmGroup: string | null;
  readonly returnProbability: number | null;
  readonly expectedValueCents: number | null;
  readonly reason: string | null;
  readonly reasonProbability: number | null;
};

type PeoplePage = {
  readonly policyId: string | null;
  readonly evaluatedUntil: string | null;
  readonly policies: readonly { readonly policyId: string; readonly name: string }[];
  readonly rows: readonly PersonRow[];
  readonly total: number;
  /** What people paid in currencies without a rate: in none of the sums. */
  readonly leftOut: LeftOutMoney | null;
  /** The search found more people than it looks through. */
  readonly isSearchCut: boolean;
};

type CodeInWords = { readonly code: string; readonly effect: 'refuse' | 'defer'; readonly text: Words };

export type StoryConsent = {
  readonly consent_id: string;
  readonly channel: string;
  readonly purpose: string;
  readonly status: 'granted' | 'withdrawn';
  readonly basis: string;
  readonly text_version: string;
  readonly source: string;
  /** Only for those who may see contact data. */
  readonly proof?: Readonly<Record<string, unknown>>;
  readonly decided_at: string;
  readonly expires_at: string | null;
};

export type StoryMessage = {
  readonly message_id: string;
  readonly programme_id: string;
  readonly channel: string;
  readonly variant: string;
  readonly template_id: string;
  readonly state: string;
  readonly code: string | null;
  readonly due_at: string;
  readonly sent_at: string | null;
  readonly created_at: string;
  readonly finished_at: string | null;
};

export type StoryDecision = {
  readonly decision_id: number;
  readonly programme_id: string;
  readonly decided_at: string;
  readonly outcome: 'contact' | 'control' | 'refused' | 'deferred';
  readonly codes: readonly string[];
  readonly channel: string | null;
  readonly variant: string | null;
  readonly deferred_until: string | null;
};

export type StoryGrant = {
  readonly grant_id: string;
  readonly offer_id: string;
  readonly programme_id: string | null;
  readonly code: string;
  readonly state: 'reserved' | 'issued' | 'redeemed' | 'expired' | 'revoked';
  readonly cost_cents: number;
  readonly reserved_at: string;
  readonly expires_at: string;
  readonly redeemed_at: string | null;
};

export type StoryState = {
  readonly policyId: string;
  readonly asOf: string;
  readonly stage: string;
  readonly stageSince: string;
  readonly cause: string;
  readonly silentDays: number;
  readonly thresholdDays: number;
  readonly activeDays: number;
  readonly firstOn: string;
  readonly lastOn: string;
  readonly spentCents: number;
  readonly rfmGroup: string;
  readonly returnProbability: number | null;
  readonly expectedValueCents: number | null;
  readonly label: Words;
  readonly causeLabel: Words;
  readonly scoreInWords: Words | null;
};

export type StoryReasons = {
  readonly policyId: string;
  readonly asOf: string;
  readonly reason: string;
  readonly probability: number;
  readonly probabilities: Readonly<Record<string, number>>;
  readonly answer: string | null;
  readonly evidence: readonly { readonly signal: string; readonly speaksFor: string | null; readonly text: Words }[];
  readonly label: Words;
};

export type StoryContact = {
  readonly channel: string;
  readonly label: Words;
  readonly permitted: boolean;
  readonly refusals: readonly CodeInWords[];
  readonly deferrals: readonly CodeInWords[];
  readonly deferredUntil: string | null;
};

export type HappeningWire = {
  readonly at: string;
  readonly name: string;
  readonly amountCents: number;
  readonly currency: string;
  readonly orderId: string;
  readonly products: readonly string[];
};

export type PersonStory = {
  readonly personId: string;
  readonly identity: {
    readonly ids: readonly string[];
    readonly email: string | null;
    readonly phone: string | null;
    readonly firstName: string | null;
    readonly language: string | null;
    readonly country: string | null;
    readonly timeZone: string | null;
    readonly knownSince: string | null;
    readonly traits: Readonly<Record<string, unknown>>;
  };
  readonly states: readonly StoryState[];
  readonly stageChanges: readonly {
    readonly policyId: string;
    readonly changedOn: string;
    readonly from: string;
    readonly to: string;
    readonly toLabel: Words;
    readonly causeLabel: Words;
  }[];
  readonly reasons: readonly StoryReasons[];
  readonly totals: readonly {
    readonly name: string;
    readonly times: number;
    readonly amountCents: number;
    readonly firstOn: string;
    readonly lastOn: string;
  }[];
  /** What she paid in currencies without a rate: in none of the totals. */
  readonly leftOut: LeftOutMoney | null;
  readonly events: readonly HappeningWire[];
  /** Leads to the events before these. */
  readonly eventsBefore: string | null;
  readonly recommendations: readonly {
    readonly itemId: string;
    readonly name: string;
    readonly category: string;
    readonly priceCents: number;
    readonly reason: Words;
  }[];
  readonly contact: readonly StoryContact[];
  readonly consents: readonly StoryConsent[];
  readonly suppressions: readonly {
    readonly suppression_id: string;
    readonly channel: string;
    readonly reason: string;
    readonly created_at: string;
  }[];
  readonly messages: readonly StoryMessage[];
  readonly grants: readonly StoryGrant[];
  readonly decisions: readonly StoryDecision[];
};

export type PeopleOperations = {
  'GET /people/table': {
    readonly query: {
      readonly policyId?: string | undefined;
      readonly stage?: string | undefined;
      readonly reason?: string | undefined;
      readonly rfmGroup?: string | undefined;
      readonly segmentId?: string | undefined;
      readonly search?: string;
      readonly sort?: PeopleSort | undefined;
      readonly descending?: boolean;
      readonly page?: number;
      readonly pageSize?: number;
    };
    readonly answer: PeoplePage;
  };
  'GET /people/{personId}/story': OfPerson & { readonly answer: PersonStory };
  'GET /people/{personId}/events': OfPerson & {
    readonly query: { readonly before?: string; readonly limit?: number };
    readonly answer: { readonly events: readonly HappeningWire[]; readonly before: string | null };
  };
  'GET /people/{personId}/export': OfPerson & { readonly answer: Readonly<Record<string, unknown>> };
  'POST /people/{personId}/merge': OfPerson & {
    readonly body: { readonly into: string };
    readonly answer: { readonly personId: string; readonly merged: string };
  };
  'DELETE /people/{personId}': OfPerson & { readonly answer: { readonly personId: string; readonly erased: boolean } };
  'POST /consents/withdraw': {
    readonly body: { readonly personId: string; readonly channel: string; readonly purpose?: string };
    readonly answer: { readonly personId: string; readonly withdrawn: boolean; readonly stopped: number };
  };
};
