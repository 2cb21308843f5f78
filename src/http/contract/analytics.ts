// Figures over time and by group, ready to be drawn.
import type { LeftOutMoney } from '../../kernel/money-rules.ts';
import type { StageName } from './policies.ts';

type Words = { readonly en: string; readonly zh: string };
export type TimeUnit = 'week' | 'month';

export type DimensionNameWire = 'category' | 'brand' | 'product' | 'trait' | 'first_month' | 'stage' | 'rfm' | 'reason';

export type StageFlowWire = {
  readonly unit: TimeUnit;
  readonly columns: readonly string[];
  readonly nodes: readonly {
    readonly id: string;
    readonly on: string;
    readonly stage: StageName | 'not_yet';
    readonly label: Words;
    readonly people: number;
  }[];
  readonly links: readonly { readonly source: string; readonly target: string; readonly people: number }[];
  readonly moves: readonly {
    readonly from: StageName | 'not_yet';
    readonly to: StageName;
    readonly cause: string;
    readonly causeLabel: Words;
    readonly changes: number;
  }[];
};

export type RetentionWire = {
  readonly unit: TimeUnit;
  readonly asOf: string;
  readonly leftOut: LeftOutMoney | null;
  readonly cohorts: readonly {
    readonly cohort: string;
    readonly people: number;
    readonly cells: readonly {
      readonly period: number;
      readonly people: number;
      readonly share: number;
      readonly spentCents: number;
      readonly isOver: boolean;
    }[];
  }[];
  readonly overall: readonly {
    readonly period: number;
    readonly people: number;
    readonly of: number;
    readonly share: number;
    readonly low: number;
    readonly high: number;
  }[];
};

export type AnalyticsOperations = {
  'GET /analytics/dimensions': {
    readonly answer: {
      readonly dimensions: readonly {
        readonly by: DimensionNameWire;
        readonly label: Words;
        readonly needs: 'policyId' | 'trait' | null;
      }[];
    };
  };
  'POST /analytics/retention': {
    readonly body: {
      readonly unit?: TimeUnit;
      readonly activity?: readonly string[];
      readonly from?: string;
      readonly to?: string;
      readonly periods?: number;
      readonly policyId?: string;
    };
    readonly answer: RetentionWire;
  };
  'GET /policies/{policyId}/flow': {
    readonly params: { readonly policyId: string };
    readonly query: { readonly unit?: TimeUnit; readonly from?: string; readonly to?: string };
    readonly answer: StageFlowWire;
  };
};
