// Dormancy policies: how silence becomes a stage, the picture a policy draws, and whether it would have been right.
import type { LeftOutMoney } from '../../kernel/money-rules.ts';

type Words = { readonly en: string; readonly zh: string };

export type StageName =
  'new' | 'active' | 'cooling' | 'dormant' | 'lost' | 'recovered' | 'relapsed' | 'sunset' | 'repermissioned';

/** Lengths are whole days; chances are between 0 and 1. */
export type RuleWire =
  | {
      readonly kind: 'window';
      readonly coolingDays: number;
      readonly dormantDays: number;
      readonly lostDays: number;
    }
  | {
      readonly kind: 'cadence';
      readonly multiplier: number;
      readonly minDays: number;
      readonly maxDays: number;
      readonly shrinkage: number;
      readonly lostMultiplier: number;
    }
  | {
      readonly kind: 'predicted';
      readonly horizonDays: number;
      readonly coolingBelow: number;
      readonly dormantBelow: number;
      readonly lostBelow: number;
      readonly minDays: number;
      readonly maxDays: number;
      readonly fallbackDays: number;
    };

export type PolicyWire = {
  readonly policyId: string;
  readonly name: Words;
  /** A segment written out. */
  readonly scope?: unknown;
  readonly activity: readonly string[];
  readonly rule: RuleWire;
  readonly newDays: number;
  readonly recoveredDays: number;
  readonly relapsedDays: number;
  readonly sunset?:
    | {
        readonly contacts: number;
        readonly days: number;
        readonly channels?: readonly string[] | undefined;
        readonly askAgain?: { readonly afterDays: number; readonly templateId: string } | undefined;
      }
    | undefined;
};

export type SavedPolicyWire = {
  readonly policy: PolicyWire;
  readonly version: number;
  readonly active: boolean;
  readonly createdAt: string;
};

export type CurvePointWire = {
  readonly day: number;
  readonly stillSilent: number;
  readonly low: number;
  readonly high: number;
  readonly atRisk: number;
  /** People who have been silent for exactly so many days. */
  readonly open: number;
};

export type ThresholdWire =
  | { readonly kind: 'recommended'; readonly days: number; readonly reason: Words }
  | { readonly kind: 'none'; readonly reason: Words };

export type StageExample = {
  readonly personId: string;
  readonly silentDays: number;
  readonly thresholdDays: number;
  readonly lastOn: string;
  readonly activeDays: number;
  readonly spentCents: number;
};

export type StageFigures = {
  readonly stage: StageName;
  readonly label: Words;
  readonly people: number;
  readonly share: number;
  readonly spentCents: number;
  readonly expectedValueCents: number | null;
  readonly meanReturnProbability: number | null;
  readonly examples: readonly StageExample[];
};

export type PictureWire = {
  readonly policy: PolicyWire;
  readonly asOf: string;
  readonly horizonDays: number;
  readonly people: number;
  readonly repeatPeople: number;
  readonly dormantPeople: number;
  readonly dormantShare: number;
  readonly leftOut: LeftOutMoney | null;
  readonly stages: readonly StageFigures[];
  readonly recommendedThreshold: ThresholdWire;
  readonly atRisk: { readonly coolingCents: number | null; readonly dormantCents: number | null };
  readonly judgedBy: Words | null;
};

export type GroupCurveWire = {
  readonly group: string;
  readonly label: Words;
  readonly silences: number;
  readonly returningAfter30Days: number | null;
  readonly returningAfter90Days: number | null;
  readonly points: readonly CurvePointWire[];
  readonly recommendedThreshold: ThresholdWire;
};

export type CurvesWire = {
  readonly asOf: string;
  readonly horizonDays: number;
  readonly all: GroupCurveWire;
  readonly groups: readonly GroupCurveWire[];
  readonly leftOut: number;
};

export type CurveGroupingName = 'rfm' | 'orders' | 'category' | 'trait';

export type BacktestOutcomeWire =
  | {
      readonly kind: 'measured';
      readonly returnedPeople: number;
      readonly returnShare: number | null;
      readonly returnLow: number | null;
      readonly returnHigh: number | null;
      readonly othersReturnShare: number | null;
      readonly lostPeople: number;
      readonly caughtPeople: number;
      readonly caughtShare: number | null;
      readonly noticedAfterDays: number | null;
      readonly knownBeforeDays: number | null;
    }
  | { readonly kind: 'not_yet' | 'nobody'; readonly reason: Words };

export type BacktestWire = {
  readonly horizonDays: number;
  readonly dataUntil: string | null;
  readonly days: readonly {
    readonly asOf: string;
    readonly people: number;
    readonly dormantPeople: number;
    readonly dormantShare: number | null;
    readonly outcome: BacktestOutcomeWire;
  }[];
  readonly notes: readonly Words[];
};

export type ReturnModelName = 'logistic' | 'mbg-nbd';

export type ReturnEvidenceWire = {
  readonly kind: 'earlier_snapshot' | 'held_out_people';
  readonly testedAsOf: string;
  readonly people: number;
  readonly returned: number;
  readonly candidates: readonly {
    readonly model: ReturnModelName;
    readonly auc: number;
    readonly aucDormant: number | null;
    readonly brier: number;
  }[];
  readonly calibration: readonly { readonly people: number; readonly predicted: number; readonly observed: number }[];
};

export type ModelWire = {
  readonly asOf: string;
  readonly fittedAsOf: string;
  readonly horizonDays: number;
  readonly returns:
    | {
        readonly kind: ReturnModelName;
        readonly people: number;
        readonly sampled: number;
        readonly evidence?: ReturnEvidenceWire | undefined;
      }
    | { readonly kind: 'none'; readonly reason: Words; readonly people: number; readonly repeaters: number };
};

type OfPolicy = { readonly params: { readonly policyId: string } };

export type PolicyOperations = {
  'GET /policies': {
    readonly answer: { readonly policies: readonly (SavedPolicyWire & { readonly evaluatedUntil: string | null })[] };
  };
  'POST /policies': { readonly body: PolicyWire; readonly answer: SavedPolicyWire };
  'GET /policies/presets': {
    readonly answer: {
      readonly presets: readonly { readonly preset: string; readonly policy: PolicyWire; readonly usable: boolean }[];
      readonly occurringEvents: readonly string[];
    };
  };
  'POST /policies/preview': {
    readonly body: { readonly policy: PolicyWire; readonly asOf?: string };
    readonly answer: PictureWire & { readonly asOfNote: Words | null };
  };
  'POST /policies/curve': {
    readonly body: { readonly policy: PolicyWire; readonly by?: CurveGroupingName; readonly trait?: string };
    readonly answer: CurvesWire & { readonly asOfNote: Words | null };
  };
  'POST /policies/backtest': {
    readonly body: { readonly policy: PolicyWire; readonly on: readonly string[]; readonly horizonDays?: number };
    readonly answer: BacktestWire;
  };
  'GET /policies/{policyId}': OfPolicy & {
    readonly query?: { readonly version?: number };
    readonly answer: SavedPolicyWire & {
      readonly evaluatedUntil: string | null;
      /** The day for which the reasons of its quiet people were last explained. */
      readonly reasonsAsOf: string | null;
      readonly stages: readonly { readonly stage: StageName; readonly people: number }[];
    };
  };
  'POST /policies/{policyId}/activate': OfPolicy & {
    readonly body: { readonly version: number };
    readonly answer: SavedPolicyWire;
  };
  'POST /policies/{policyId}/evaluate': OfPolicy & {
    readonly body: { readonly asOf?: string };
    readonly answer: { readonly version: number };
  };
  'GET /policies/{policyId}/picture': OfPolicy & {
    readonly query?: { readonly version?: number; readonly asOf?: string };
    readonly answer: PictureWire;
  };
  'GET /policies/{policyId}/model': OfPolicy & { readonly answer: ModelWire };
};
