// Why people went quiet: shares, the traces they rest on, groups, drift; and what people say themselves when asked.
import type { DimensionNameWire } from './analytics.ts';

type Words = { readonly en: string; readonly zh: string };

export type ReasonName =
  'changed_need' | 'bad_experience' | 'competitor' | 'forgot' | 'overload' | 'privacy' | 'unknown';

export type ReasonShareWire = {
  readonly reason: ReasonName;
  readonly label: Words;
  readonly share: number;
  readonly low: number;
  readonly high: number;
};

export type ReasonSharesWire = {
  readonly policyId: string;
  readonly asOf: string;
  readonly people: number;
  /** How many of them left a trace or an answer; for the others assumptions speak. Absent where it was not counted yet. */
  readonly traced?: number | undefined;
  readonly weights: { readonly kind: 'table' | 'survey'; readonly answers: number; readonly why: Words };
  readonly shares: readonly ReasonShareWire[];
  readonly calibration?:
    | {
        readonly answers: number;
        readonly confidence: number;
        readonly agreed: number;
        readonly expected: number;
      }
    | null
    | undefined;
};

/** What the people of one likeliest reason left behind. */
export type ReasonEvidenceWire = {
  readonly reason: ReasonName;
  readonly label: Words;
  /** For whom it is the likeliest reason, and how many of them left no trace at all. */
  readonly people: number;
  readonly withoutTrace: number;
  /** The most frequent first; those that speak for the reason before the others. */
  readonly signals: readonly {
    readonly signal: string;
    readonly label: Words;
    readonly people: number;
    readonly speaksForIt: boolean;
  }[];
};

export type ReasonDriftWire = {
  readonly since: string;
  readonly asOf: string;
  readonly people: { readonly since: number; readonly now: number };
  readonly reasons: readonly {
    readonly reason: ReasonName;
    readonly label: Words;
    readonly since: number;
    readonly now: number;
    readonly change: number;
    readonly low: number;
    readonly high: number;
    readonly isClear: boolean;
  }[];
  readonly note: Words;
};

export type SurveyKindName = 'reason' | 'nps';

export type WaveWire = {
  readonly surveyId: string;
  readonly kind: SurveyKindName;
  readonly name: string;
  readonly question: Words;
  readonly openedAt: string;
  readonly closedAt: string | null;
};

type ShareWire = { readonly share: number; readonly low: number; readonly high: number };

export type AskedProfileWire = {
  readonly people: number;
  readonly stages: Readonly<Record<string, number>>;
  readonly meanSpentCents: number | null;
  readonly meanSilentDays: number | null;
};

export type SurveyResultsWire = {
  readonly survey: WaveWire;
  readonly invited: number;
  readonly answered: number;
  readonly response: ShareWire;
  readonly answers: readonly (ShareWire & {
    readonly answer: string;
    readonly label: Words;
    readonly count: number;
    readonly weightedShare: number;
  })[];
  readonly nps: { readonly score: number; readonly low: number; readonly high: number } | null;
  readonly groups: readonly {
    readonly group: string;
    readonly invited: number;
    readonly answered: number;
    readonly response: ShareWire;
  }[];
  readonly bias: Words;
  readonly comparison: { readonly invited: AskedProfileWire; readonly answered: AskedProfileWire } | null;
  readonly texts: readonly { readonly answer: string; readonly text: string; readonly at: string }[];
};

type OfPolicy = { readonly params: { readonly policyId: string } };
type OfSurvey = { readonly params: { readonly surveyId: string } };

export type ReasonOperations = {
  'GET /policies/{policyId}/reasons': OfPolicy & { readonly answer: ReasonSharesWire };
  'POST /policies/{policyId}/reasons': OfPolicy & { readonly answer: ReasonSharesWire };
  'GET /policies/{policyId}/reasons/evidence': OfPolicy & {
    readonly answer: { readonly policyId: string; readonly reasons: readonly ReasonEvidenceWire[] };
  };
  'POST /policies/{policyId}/reasons/groups': OfPolicy & {
    readonly body: { readonly by: DimensionNameWire; readonly trait?: string; readonly limit?: number };
    readonly answer: {
      readonly policyId: string;
      readonly groupedBy: Words;
      readonly groups: readonly {
        readonly group: string;
        readonly label: Words;
        readonly people: number;
        readonly shares: readonly ReasonShareWire[];
      }[];
    };
  };
  'GET /policies/{policyId}/reasons/drift': OfPolicy & {
    readonly query: { readonly since: string };
    readonly answer: ReasonDriftWire;
  };
  'GET /surveys': {
    readonly answer: {
      readonly surveys: readonly (WaveWire & { readonly invited: number; readonly answered: number })[];
    };
  };
  'POST /surveys': {
    readonly body: {
      readonly surveyId: string;
      readonly kind: SurveyKindName;
      readonly name: string;
      readonly question?: Words;
    };
    readonly answer: WaveWire;
  };
  'POST /surveys/{surveyId}/close': OfSurvey & { readonly answer: WaveWire };
  'POST /surveys/{surveyId}/results': OfSurvey & {
    readonly body: { readonly policyId?: string };
    readonly answer: SurveyResultsWire;
  };
};
