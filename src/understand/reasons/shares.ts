// How many went quiet for which reason, and how sure is that? The share of a reason is the mean of its probabilities. Two things make it
// uncertain: which of these people it really was (Σ p(1 − p) / n²), and the weights themselves, whose posterior covariance (Laplace) goes
// through the delta method. Without answers the second is the table's own doubt, and the intervals are as wide as they should be.
import { cholesky, inverseQuadratic } from '../../kernel/numeric/cholesky.ts';
import { REASONS, type Reason } from './causes.ts';
import { answerLikelihood, ANSWER_RELIABILITY, reasonProbabilities, type ReasonModel } from './model.ts';
import { sdAt, vectorOf, type Answered } from './fit.ts';

const K = REASONS.length;
const Z95 = 1.959964;

/** 95% interval; `share`, `low` and `high` in [0, 1]. */
export type ReasonShare = {
  readonly reason: Reason;
  readonly share: number;
  readonly low: number;
  readonly high: number;
};

/** ∂p_k/∂score_j = p_k (1[k = j] − p_j). */
const slopes = (p: readonly number[]): number[][] => p.map((pk, k) => p.map((pj, j) => pk * ((k === j ? 1 : 0) - pj)));

/** Nobody has held the table against this business while there are no answers: its doubt counts so many times over. */
const UNCHECKED = 2;

/** Expected (Fisher) information of the answers plus the prior's precision: the curvature at the mode. */
function precision(model: ReasonModel, answered: readonly Answered[]): number[][] {
  const size = vectorOf(model).length;
  const doubt = answered.length === 0 ? UNCHECKED : 1;
  const matrix = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_unused, j) => (i === j ? 1 / (doubt * sdAt(i)) ** 2 : 0)),
  );
  // P(answer a | reason k) is symmetric, so a row serves as a column.
  const confusion = REASONS.map((reason) => answerLikelihood(reason, ANSWER_RELIABILITY));
  for (const { features } of answered) {
    const p = reasonProbabilities(model, features);
    const slope = slopes(p);
    const chances = confusion.map((row) => row.reduce((sum, c, k) => sum + c * p[k]!, 0));
    const moved = confusion.map((row) => REASONS.map((_, j) => row.reduce((sum, c, k) => sum + c * slope[k]![j]!, 0)));
    const seen = features.flatMap((x, s) => (x === 0 ? [] : [{ x, at: K * (s + 1) }]));
    const inputs = [{ x: 1, at: 0 }, ...seen];
    for (let i = 0; i < K; i++) {
      for (let j = 0; j < K; j++) {
        const information = chances.reduce((sum, chance, a) => sum + (moved[a]![i]! * moved[a]![j]!) / chance, 0);
        for (const left of inputs)
          for (const right of inputs) matrix[left.at + i]![right.at + j]! += information * left.x * right.x;
      }
    }
  }
  return matrix;
}

/**
 * Shares with intervals. `means` and `variances` as `reasonMeans` gives them over everybody; `sample`: features of some hundred of the same
 * people, on which the sensitivity to the weights is measured. Intervals are symmetric in log-odds, so they stay inside (0, 1).
 */
export function sharesOf(
  model: ReasonModel,
  answered: readonly Answered[],
  sample: readonly (readonly number[])[],
  base: { readonly means: readonly number[]; readonly variances: readonly number[] },
): ReasonShare[] {
  const lower = cholesky(precision(model, answered));
  const size = lower.length;
  const gradients = REASONS.map(() => Array.from({ length: size }, () => 0));
  for (const features of sample) {
    const slope = slopes(reasonProbabilities(model, features));
    for (let k = 0; k < K; k++) {
      for (let j = 0; j < K; j++) {
        const d = slope[k]![j]! / sample.length;
        gradients[k]![j]! += d;
        features.forEach((x, s) => {
          if (x !== 0) gradients[k]![K * (s + 1) + j]! += d * x;
        });
      }
    }
  }
  return REASONS.map((reason, k) => {
    const share = base.means[k]!;
    if (share <= 0 || share >= 1) return { reason, share, low: share, high: share };
    const sd = Math.sqrt(inverseQuadratic(lower, gradients[k]!) + base.variances[k]!);
    const middle = Math.log(share / (1 - share));
    const reach = (Z95 * sd) / (share * (1 - share));
    const at = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));
    return { reason, share, low: at(middle - reach), high: at(middle + reach) };
  });
}
