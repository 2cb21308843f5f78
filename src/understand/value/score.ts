// Which model scores a base, and why not a better one: the answers of `score.service.ts`. P(alive) alone is never a score.
import type { Text } from '../../kernel/lang.ts';
import type { GammaGammaParams } from './gamma-gamma.ts';
import type { MbgNbdParams } from './mbg-nbd.ts';

/** Below either of these the answer to "how likely is a return" is "not enough data". */
export const PEOPLE_MIN = 100;
export const REPEATERS_MIN = 30;

/** Largest |correlation| of frequency and spend at which Gamma-Gamma's independence is taken as good enough. */
export const CORRELATION_MAX = 0.3;

/** How likely is any activity within the horizon. `sampled` of `people` histories were fitted. */
export type ReturnModel =
  | {
      readonly kind: 'mbg-nbd';
      readonly params: MbgNbdParams;
      readonly people: number;
      readonly sampled: number;
      readonly logLikelihood: number;
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
