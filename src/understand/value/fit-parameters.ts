// Finds positive parameters by maximum likelihood, or maximum a posteriori with a weak Gaussian prior on their logarithms.
// Plain maximum likelihood runs away on real retail data (BG/NBD on Online Retail: b to 7e13); the prior costs about one unit
// of log-likelihood there and nothing visible elsewhere. A fit that ran away is refused and never returned.
import { bfgs, nelderMead, type Minimum } from '../../kernel/numeric/minimise.ts';
import { ok, refused, type Result } from '../../kernel/result.ts';
import type { FitRefusal } from './purchase-history.ts';

export type FitMethod = 'map' | 'ml';
export type FitOptions = {
  /** Default `map`. */
  readonly method?: FitMethod;
  /** Smallest data a fit is attempted on; below it the answer is a refusal. Default 50 people, 10 of them repeaters. */
  readonly peopleMin?: number;
  readonly repeatersMin?: number;
};

export type Fit<Params> = {
  readonly params: Params;
  /** Without the prior's share, so fits by either method can be compared. */
  readonly logLikelihood: number;
  readonly method: FitMethod;
  readonly people: number;
  readonly evaluations: number;
};

export const needed = ({ peopleMin = 50, repeatersMin = 10 }: FitOptions): { people: number; repeaters: number } => ({
  people: peopleMin,
  repeaters: repeatersMin,
});

/** Standard deviation of ln(parameter) around ln(centre): the middle 95% of a parameter spans a factor of 19 either way. */
const PRIOR_SD = 1.5;

/** Outside these bounds (in weeks) a "maximum" is the edge of the likelihood's plain, not a property of the customers. */
const PLAUSIBLE = { min: 1e-3, max: 1e3 };

/**
 * Maximises `logLikelihood` over positive parameters, starting at `centre`, which is also the centre of the prior.
 * Refuses `diverged` where the search does not settle or settles outside [0.001, 1000] times `scale`.
 */
export function fitPositive(
  logLikelihood: (params: readonly number[]) => number,
  centre: readonly number[],
  method: FitMethod,
  scale: readonly number[] = centre.map(() => 1),
): Result<{ params: readonly number[]; logLikelihood: number; evaluations: number }, FitRefusal> {
  const mode = centre.map(Math.log);
  const low = scale.map((unit) => Math.log(PLAUSIBLE.min * unit));
  const high = scale.map((unit) => Math.log(PLAUSIBLE.max * unit));
  const ranAway = (logs: readonly number[]): boolean => logs.some((v, i) => v < low[i]! || v > high[i]!);
  const objective = (logs: readonly number[]): number => {
    // A trial step far out would cost a series of a million terms only to be rejected.
    if (logs.some((v, i) => v < low[i]! - 3 || v > high[i]! + 3)) return Infinity;
    const penalty = logs.reduce((sum, v, i) => sum + ((v - mode[i]!) / PRIOR_SD) ** 2 / 2, 0);
    return (method === 'map' ? penalty : 0) - logLikelihood(logs.map(Math.exp));
  };
  let best: Minimum = bfgs(objective, mode, { giveUp: ranAway });
  let evaluations = best.evaluations;
  if (!best.converged && !ranAway(best.x)) {
    const coarse = nelderMead(objective, best.x, { evaluationsMax: 1500 });
    best = bfgs(objective, coarse.x, { giveUp: ranAway });
    evaluations += coarse.evaluations + best.evaluations;
  }
  const params = best.x.map(Math.exp);
  if (!best.converged || ranAway(best.x)) return refused({ reason: 'diverged', params });
  return ok({ params, logLikelihood: logLikelihood(params), evaluations });
}
