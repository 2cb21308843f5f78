// What programmes came to: the report of a programme, and the same in depth. Every effect comes with its always-valid 95% interval.
import type { LeftOutMoney } from '../../kernel/money-rules.ts';

/** An effect, or why there is none yet. `low` and `high` hold the true value with 95% confidence, at any look. */
export type Estimate =
  | {
      readonly kind: 'estimated';
      readonly estimate: number;
      readonly low: number;
      readonly high: number;
      readonly p: number;
    }
  | {
      readonly kind: 'not_enough_data';
      readonly reason: 'too_few_people' | 'no_variance' | 'control_mean_not_positive';
    };

export type ArmFigures = {
  readonly people: number;
  readonly contacted: number;
  readonly delivered: number;
  readonly clicked: number;
  readonly returned: number;
  readonly returnRate: number;
  readonly orders: number;
  readonly revenueCents: number;
  readonly netMarginCents: number;
  readonly offerCostCents: number;
  readonly messageCostCents: number;
};

export type Comparison = {
  readonly returnRateLift: Estimate;
  readonly incrementalReturns: Estimate;
  readonly netIncrementalMarginCents: Estimate;
  readonly costPerIncrementalReturnCents: number | null;
  readonly varianceExplained: number | null;
};

export type ReportAnswer = {
  readonly programmeId: string;
  readonly name: string;
  readonly state: string;
  readonly until: string;
  readonly goalDays: number;
  readonly considered: number;
  readonly refused: readonly { readonly code: string; readonly people: number }[];
  readonly messages: Readonly<Record<string, number>>;
  readonly treated: ArmFigures;
  readonly control: ArmFigures;
  readonly total: Comparison;
  readonly variants: readonly { readonly key: string; readonly figures: ArmFigures; readonly comparison: Comparison }[];
  readonly sampleRatio: { readonly p: number; readonly alarm: boolean; readonly plannedControlShare: number };
  readonly currency: string;
  /** What members paid in currencies without a rate: in none of the figures. */
  readonly leftOut: LeftOutMoney | null;
};

type ArmCounts = {
  readonly treatedPeople: number;
  readonly treatedReturned: number;
  readonly controlPeople: number;
  readonly controlReturned: number;
};

export type LiftPoint = ArmCounts & {
  readonly on: string;
  readonly comparison: Pick<Comparison, 'returnRateLift' | 'incrementalReturns'>;
};

export type GroupLift = ArmCounts & { readonly group: string; readonly comparison: Comparison };

export type SecondLife = {
  readonly arm: 'treated' | 'control';
  readonly days: number;
  readonly returned: number;
  readonly observed: number;
  readonly keptShare: number | null;
  readonly ordersPerPerson: number | null;
  readonly revenueCentsPerPerson: number | null;
};

export type Grouping = 'stage' | 'rfm_group' | 'reason';

export type ResultsAnswer = {
  readonly programmeId: string;
  readonly until: string;
  readonly goalDays: number;
  readonly overTime: readonly LiftPoint[];
  readonly groups: Readonly<Record<Grouping, readonly GroupLift[]>>;
  readonly secondLife: readonly SecondLife[];
  readonly longRun: readonly { readonly days: number; readonly people: number; readonly comparison: Comparison }[];
  readonly attributed: {
    readonly windowDays: number;
    readonly returned: number;
    readonly orders: number;
    readonly revenueCents: number;
  };
  readonly leftOut: LeftOutMoney | null;
  readonly currency: string;
};

type OfProgramme = { readonly params: { readonly programmeId: string } };

export type ResultOperations = {
  'GET /programmes/{programmeId}/report': OfProgramme & { readonly answer: ReportAnswer };
  'GET /programmes/{programmeId}/results': OfProgramme & { readonly answer: ResultsAnswer };
};
