// The dormancy picture: one readable structure that answers how many people went quiet, what that costs, when silence means dormancy,
// and who is worth waking first. `rekindle analyze`, the console and the HTTP contract all show this one.
import type { Text } from '../../kernel/lang.ts';
import type { LeftOutMoney } from '../../kernel/money-rules.ts';
import type { Day } from '../../kernel/days.ts';
import type { DormancyPolicy } from '../dormancy/policy.ts';
import type { Stage } from '../dormancy/stage.ts';
import type { RfmGroup } from '../value/rfm.ts';
import type { ScoreModel } from '../value/score.ts';

/** Somebody of a stage, to look at: those who spent most. */
export type ExamplePerson = {
  readonly personId: string;
  readonly silentDays: number;
  readonly thresholdDays: number;
  readonly lastOn: Day;
  readonly activeDays: number;
  readonly spentCents: number;
};

/** Money is in cents of the business's currency. Expected values and probabilities are null where no model could be fitted. */
export type StageRow = {
  readonly stage: Stage;
  readonly label: Text;
  readonly people: number;
  readonly share: number;
  readonly spentCents: number;
  readonly expectedValueCents: number | null;
  readonly meanReturnProbability: number | null;
  readonly examples: readonly ExamplePerson[];
};

export type RfmRow = {
  readonly group: RfmGroup;
  readonly label: Text;
  readonly advice: Text;
  readonly people: number;
  readonly dormantPeople: number;
  readonly spentCents: number;
  readonly expectedValueCents: number | null;
  readonly meanReturnProbability: number | null;
};

/** What the dormant of day `asOf` really did on the `horizonDays` days after it. */
export type MeasuredReturn =
  | {
      readonly kind: 'measured';
      readonly dormantPeople: number;
      readonly returnedPeople: number;
      readonly returnShare: number;
      /** Mean of the predicted probabilities of the same people, to hold beside `returnShare`. */
      readonly predictedShare: number | null;
    }
  | { readonly kind: 'not_yet'; readonly dataUntil: Day; readonly reason: Text };

/** Share still silent after so many silent days (Kaplan–Meier), with a 95% interval. */
export type CurvePoint = {
  readonly day: number;
  readonly stillSilent: number;
  readonly low: number;
  readonly high: number;
  readonly atRisk: number;
  /** People who have been silent for exactly so many days. */
  readonly open: number;
};

export type RecommendedThreshold =
  | { readonly kind: 'recommended'; readonly days: number; readonly reason: Text }
  | { readonly kind: 'none'; readonly reason: Text };

export type PersonToWake = {
  readonly personId: string;
  readonly stage: Stage;
  readonly silentDays: number;
  readonly lastOn: Day;
  readonly activeDays: number;
  readonly spentCents: number;
  readonly rfmGroup: RfmGroup;
  readonly returnProbability: number;
  readonly expectedValueCents: number;
  /** Expected cents times the chance that she would not come by herself: what the list is ordered by. */
  readonly priorityCents: number;
};

export type MonthRow = {
  /** First day of the month. */
  readonly month: Day;
  readonly activePeople: number;
  readonly firstSeen: number;
  readonly becameDormant: number;
  readonly returned: number;
  /** At the end of the month, or of `asOf` in the last row. */
  readonly dormantAtEnd: number;
};

export type DormancyPicture = {
  readonly policy: DormancyPolicy;
  readonly asOf: Day;
  readonly horizonDays: number;
  readonly people: number;
  readonly repeatPeople: number;
  readonly dormantPeople: number;
  readonly dormantShare: number;
  readonly spentCents: number;
  /** Amounts that no sum of the picture holds; null where there are none. */
  readonly leftOut: LeftOutMoney | null;
  readonly stages: readonly StageRow[];
  readonly measuredReturn: MeasuredReturn;
  readonly returnCurve: readonly CurvePoint[];
  readonly recommendedThreshold: RecommendedThreshold;
  /** Expected value within the horizon of those who are going or gone; null where no model could be fitted. */
  readonly atRisk: { readonly coolingCents: number | null; readonly dormantCents: number | null };
  readonly rfm: readonly RfmRow[];
  readonly wakeFirst: { readonly explanation: Text; readonly people: readonly PersonToWake[] };
  readonly months: readonly MonthRow[];
  readonly model: ScoreModel;
  /** For a policy that predicts: with what, or why it cannot yet and what holds instead. Null for the others. */
  readonly judgedBy: Text | null;
};

export const WAKE_EXPLANATION: Text = {
  en: 'Dormant people, ordered by expected value of a return within the horizon, times the chance that they would not return by themselves. This assumes that a message raises everybody’s odds by the same factor; once a control group has measured the effect, the measured one counts.',
  zh: '按休眠用户在预测期内回归的预期价值 × 其不会自行回归的概率排序。此排序假设触达对每个人回归几率的提升倍数相同；一旦对照组测得真实效果，以实测为准。',
};

export const NO_MODEL_EXPLANATION: Text = {
  en: 'Not enough data to say who is worth waking first.',
  zh: '数据不足，无法判断应优先唤醒谁。',
};
