// Which model scores a base, and why not a better one: the answers of `score.service.ts`. P(alive) alone is never a score.
import type { BetaGeometricParams } from './beta-geometric.ts';
import type { Day } from '../../kernel/days.ts';
import type { Text } from '../../kernel/lang.ts';
import type { GammaGammaParams } from './gamma-gamma.ts';
import type { LogisticParams } from './logistic.ts';
import type { CalibrationBin, Recalibration } from './prediction-quality.ts';
import type { FeatureName } from './snapshot-features.ts';

/** Below either of these the answer to "how likely is a return" is "not enough data". */
export const PEOPLE_MIN = 100;
export const REPEATERS_MIN = 30;

/**
 * People of the rarer outcome (returned, or not) that a snapshot must hold before the logistic model is fitted on it: ten for each of
 * its sixteen features (Peduzzi et al. 1996). Below it MBG/NBD with its four parameters answers.
 */
export const RARER_OUTCOME_MIN = 160;

/** Largest |correlation| of frequency and spend at which Gamma-Gamma's independence is taken as good enough. */
export const CORRELATION_MAX = 0.3;

export type ModelName = 'logistic' | 'mbg-nbd';

/** How well one model predicted what is known by now. `aucDormant`: among those dormant at the time; null where all of them did the same. */
export type CandidateQuality = {
  readonly model: ModelName;
  readonly auc: number;
  readonly aucDormant: number | null;
  readonly brier: number;
};

/**
 * What the choice of the model rests on. `earlier_snapshot`: fitted one horizon earlier, predicted `testedAsOf`, compared with what
 * happened since. `held_out_people`: history is too short for that, so half of the people were predicted from the other half.
 */
export type ReturnEvidence = {
  readonly kind: 'earlier_snapshot' | 'held_out_people';
  readonly testedAsOf: Day;
  readonly people: number;
  readonly returned: number;
  readonly candidates: readonly CandidateQuality[];
  /** Of the chosen model. */
  readonly calibration: readonly CalibrationBin[];
};

/** How likely is any activity within the horizon. `sampled` of `people` histories were fitted. */
export type ReturnModel =
  | {
      readonly kind: 'logistic';
      readonly params: LogisticParams;
      readonly features: readonly FeatureName[];
      /** The features are of the end of this day, the outcomes of the horizon after it: its chances are right on average there. */
      readonly trainedAsOf: Day;
      readonly people: number;
      readonly sampled: number;
      readonly evidence: ReturnEvidence;
    }
  | {
      readonly kind: 'mbg-nbd';
      readonly params: BetaGeometricParams;
      readonly people: number;
      readonly sampled: number;
      readonly logLikelihood: number;
      /** Fitted on the outcomes of the last horizon where there are enough. */
      readonly recalibration?: Recalibration;
      readonly evidence?: ReturnEvidence;
    }
  | { readonly kind: 'none'; readonly reason: Text; readonly people: number; readonly repeaters: number };

/** What the next active day is worth, in cents. */
export type ValueModel =
  | { readonly kind: 'gamma-gamma'; readonly params: GammaGammaParams; readonly correlation: number }
  | { readonly kind: 'mean'; readonly meanCents: number; readonly reason: Text };

/** `expected value` of a person = P(return within the horizon) × value of the next active day: the first order back, not all later ones. */
export type ScoreModel = {
  readonly horizonDays: number;
  readonly returns: ReturnModel;
  readonly value: ValueModel;
};
