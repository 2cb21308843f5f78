// What do survey answers say about the weights? Regularised multinomial logistic regression: the posterior mode under a Gaussian prior centred
// at the table's weights, with answers that name the real reason only `reliability` of the time. With no answers it is the table; each
// answer moves it a little. The inverse Hessian is the posterior's covariance (Laplace), from which the shares get their intervals.
import { bfgs } from '../../kernel/numeric/minimise.ts';
import { REASONS, type Reason } from './causes.ts';
import { ANSWER_RELIABILITY, answerLikelihood, reasonProbabilities, type ReasonModel } from './model.ts';

/**
 * How far the answers may pull from the table, one standard deviation in log-odds: base rates differ between businesses, traces less.
 * Chosen on demo worlds of seeds 1–3, plain and with other base rates: looser, 150 answers make it worse than the table; tighter, 700 do.
 */
const PRIOR_SD = 0.4;
const WEIGHT_SD = 0.15;
/** Below this many answers the table is used as it is. */
export const ANSWERS_MIN = 100;

const K = REASONS.length;

export type Answered = { readonly features: readonly number[]; readonly answer: Reason };

/** Parameters in one vector: the priors, then the weights signal by signal. */
export const vectorOf = (model: ReasonModel): number[] => [...model.priors, ...model.weights.flat()];

const modelOf = (vector: readonly number[]): ReasonModel => ({
  priors: vector.slice(0, K),
  weights: Array.from({ length: vector.length / K - 1 }, (_, s) => vector.slice(K * (s + 1), K * (s + 2))),
});

export const sdAt = (i: number): number => (i < K ? PRIOR_SD : WEIGHT_SD);

/**
 * The model that answers and table agree on. `features` are `featureOf` of the strengths, in the table's order. Deterministic.
 * P(answer a) = Σ_k p_k · P(a | k), P(a | k) = reliability for a = k and (1 − reliability) / 6 otherwise.
 */
export function fitReasonModel(
  table: ReasonModel,
  answered: readonly Answered[],
  reliability = ANSWER_RELIABILITY,
): ReasonModel {
  const centre = vectorOf(table);
  const evaluate = (vector: readonly number[]): { readonly value: number; readonly gradient: number[] } => {
    const model = modelOf(vector);
    const gradient = vector.map((v, i) => (v - centre[i]!) / sdAt(i) ** 2);
    let value = vector.reduce((sum, v, i) => sum + ((v - centre[i]!) / sdAt(i)) ** 2 / 2, 0);
    for (const { features, answer } of answered) {
      const probabilities = reasonProbabilities(model, features);
      const likelihood = answerLikelihood(answer, reliability);
      const chance = probabilities.reduce((sum, p, k) => sum + p * likelihood[k]!, 0);
      value -= Math.log(chance);
      for (let k = 0; k < K; k++) {
        // ∂(−log chance)/∂score_k = p_k − (posterior of k given the answer)
        const slope = probabilities[k]! * (1 - likelihood[k]! / chance);
        gradient[k]! += slope;
        features.forEach((x, s) => {
          if (x !== 0) gradient[K * (s + 1) + k]! += slope * x;
        });
      }
    }
    return { value, gradient };
  };
  const fitted = bfgs((vector) => evaluate(vector).value, centre, {
    gradient: (vector) => evaluate(vector).gradient,
    gradientTolerance: 1e-3,
    iterationsMax: 300,
  });
  return modelOf(fitted.x);
}
