// What the data says at first sight: the answer of `rekindle analyze`, over what is here.
import type { Text } from '../../kernel/lang.ts';
import type { LeftOutMoney } from '../../kernel/money-rules.ts';
import type { CurvePointWire, PolicyWire, ThresholdWire } from './policies.ts';

export type AnalysisWire = {
  readonly policy: PolicyWire;
  readonly version: number;
  readonly asOf: string;
  /** Why it is not yesterday; null where it is. */
  readonly asOfNote: Text | null;
  readonly dataFrom: string;
  readonly dataUntil: string;
  readonly horizonDays: number;
  readonly people: number;
  readonly dormantPeople: number;
  readonly dormantShare: number;
  readonly stages: readonly {
    readonly stage: string;
    readonly label: Text;
    readonly people: number;
    readonly share: number;
    readonly spentCents: number;
  }[];
  readonly recommendedThreshold: ThresholdWire;
  readonly curve: readonly CurvePointWire[];
  /** Expected value within the horizon of who is going or gone; null where no model could be fitted. */
  readonly atRisk: { readonly coolingCents: number | null; readonly dormantCents: number | null };
  /** False for data without amounts, such as logins. */
  readonly hasMoney: boolean;
  readonly leftOut: LeftOutMoney | null;
  readonly wakeFirst: {
    readonly explanation: Text;
    readonly people: readonly {
      readonly personId: string;
      readonly stage: string;
      readonly silentDays: number;
      readonly spentCents: number;
      readonly returnProbability: number;
      readonly expectedValueCents: number;
    }[];
  };
};

export type AnalysisOperations = { 'GET /analysis': { readonly answer: AnalysisWire } };
