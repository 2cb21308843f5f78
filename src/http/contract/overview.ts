// The overview and the first run: how many are dormant, what it costs, what came back because of us, what needs attention.
import type { Text } from '../../kernel/lang.ts';
import type { LeftOutMoney } from '../../kernel/money-rules.ts';

/** A difference between arms with its always-valid 95% interval, or why there is none yet. */
export type EstimateWire =
  | {
      readonly kind: 'estimated';
      readonly estimate: number;
      readonly low: number;
      readonly high: number;
      readonly p: number;
    }
  | { readonly kind: 'not_enough_data'; readonly reason: string };

export type BusinessKind = 'shop' | 'social' | 'tools' | 'content' | 'finance' | 'subscription';

export type Attention =
  | { readonly kind: 'profile_unfinished'; readonly fields: readonly string[] }
  | { readonly kind: 'mail_preview' }
  | { readonly kind: 'messages_unknown'; readonly count: number }
  | { readonly kind: 'events_dropped'; readonly count: number }
  | { readonly kind: 'sample_ratio'; readonly programmeId: string; readonly name: string }
  | { readonly kind: 'no_programme' };

export type OverviewReady = {
  readonly state: 'ready';
  readonly policy: { readonly policyId: string; readonly name: Text };
  readonly asOf: string;
  readonly horizonDays: number;
  readonly people: number;
  readonly dormantPeople: number;
  readonly dormantShare: number;
  readonly stages: readonly {
    readonly stage: string;
    readonly label: Text;
    readonly people: number;
    readonly share: number;
  }[];
  /** Expected value within the horizon, in cents; null where no model could be fitted. */
  readonly dormantValueCents: number | null;
  readonly coolingValueCents: number | null;
  /** Amounts in currencies without a rate: in none of the sums. */
  readonly leftOut: LeftOutMoney | null;
  readonly months: readonly {
    readonly month: string;
    readonly becameDormant: number;
    readonly returned: number;
    readonly dormantAtEnd: number;
  }[];
  readonly programmes: readonly {
    readonly programmeId: string;
    readonly name: string;
    readonly state: string;
    readonly treated: number;
    readonly contacted: number;
    readonly returned: number;
    readonly returnRateLift: EstimateWire;
    readonly incrementalReturns: EstimateWire;
    readonly netIncrementalMarginCents: EstimateWire;
  }[];
  readonly attention: readonly Attention[];
};

export type Overview =
  /** Nothing is known yet. `kind` is what was chosen, if anything. */
  | { readonly state: 'empty'; readonly kind: BusinessKind | null }
  /** There are events and no policy: an analysis can be made at once. */
  | { readonly state: 'unread'; readonly kind: BusinessKind | null; readonly events: number }
  | OverviewReady;

export type SampleShopState =
  | { readonly state: 'none' | 'cancelled' | 'done' }
  | {
      readonly state: 'running';
      readonly step: 'history' | 'import' | 'analysis';
      readonly share: number;
      readonly canCancel: boolean;
    }
  | { readonly state: 'failed'; readonly message: string };

export type LiveEvents = {
  readonly events: readonly { readonly event: string; readonly personId: string; readonly at: string }[];
};

export type OverviewOperations = {
  'GET /overview': { readonly answer: Overview };
  'POST /first-run/kind': {
    readonly body: { readonly kind: BusinessKind };
    readonly answer: { readonly kind: BusinessKind };
  };
  'POST /first-run/analysis': { readonly answer: { readonly policyId: string; readonly asOf: string } };
  'POST /first-run/sample-shop': { readonly answer: SampleShopState };
  'DELETE /first-run/sample-shop': { readonly answer: SampleShopState };
  'GET /first-run/sample-shop': { readonly answer: SampleShopState };
};
