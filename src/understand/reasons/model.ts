// How likely is each reason? A log-linear model: score_k = prior_k + Σ_s w_sk · log₂(1 + strength_s), probabilities by softmax. A person's own
// survey answer multiplies in by Bayes' rule. Rows are signals in the table's order, columns reasons in the order of REASONS.
import { REASONS, type Reason } from './causes.ts';
import { SIGNALS } from './signals.ts';

export type ReasonModel = {
  /** Log prior scores, one per reason. */
  readonly priors: readonly number[];
  /** weights[signal][reason]. */
  readonly weights: readonly (readonly number[])[];
};

/**
 * How often a survey answer names the real reason; the rest is taken as spread evenly over the other reasons. People give the polite, the
 * nearest or the first answer; 0.8 is an assumption, stated in docs/science.md.
 */
export const ANSWER_RELIABILITY = 0.8;

/** Log scores of a person who shows no signal at all. Who shows none has mostly just forgotten; tuned with the weights (docs/science.md). */
const TABLE_PRIORS: Readonly<Record<Reason, number>> = {
  changed_need: 0.8,
  bad_experience: 0.1,
  competitor: 0.4,
  forgot: 2,
  overload: -0.9,
  privacy: -0.4,
  unknown: 0,
};

/** What the table says before any survey. */
export const TABLE_MODEL: ReasonModel = {
  priors: REASONS.map((reason) => TABLE_PRIORS[reason]),
  weights: SIGNALS.map(({ weights }) => REASONS.map((reason) => weights[reason] ?? 0)),
};

export function softmax(scores: readonly number[]): number[] {
  const most = Math.max(...scores);
  const parts = scores.map((score) => Math.exp(score - most));
  const sum = parts.reduce((total, part) => total + part, 0);
  return parts.map((part) => part / sum);
}

/** Score per reason for features in the order of SIGNALS. */
export const scoresOf = (model: ReasonModel, features: readonly number[]): number[] =>
  model.priors.map((prior, k) =>
    features.reduce((sum, x, s) => (x === 0 ? sum : sum + x * model.weights[s]![k]!), prior),
  );

/** P(answer | reason is k), for every k. */
export const answerLikelihood = (answer: Reason, reliability = ANSWER_RELIABILITY): number[] =>
  REASONS.map((reason) => (reason === answer ? reliability : (1 - reliability) / (REASONS.length - 1)));

/** Probabilities in the order of REASONS; they sum to 1. */
export function reasonProbabilities(model: ReasonModel, features: readonly number[], answer?: Reason): number[] {
  const scores = scoresOf(model, features);
  if (answer === undefined) return softmax(scores);
  const likelihood = answerLikelihood(answer);
  return softmax(scores.map((score, k) => score + Math.log(likelihood[k]!)));
}

/** The likeliest reason; of equals the first. */
export const topReason = (probabilities: readonly number[]): Reason =>
  REASONS[probabilities.indexOf(Math.max(...probabilities))]!;
