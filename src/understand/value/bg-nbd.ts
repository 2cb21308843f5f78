// BG/NBD (Fader, Hardie & Lee 2005): the model of the papers, kept as a reference. Its P(alive) is 1 for everybody who bought
// once, so it must not be a dormancy score; MBG/NBD is what the product uses.
import { ok, type Result } from '../../kernel/result.ts';
import {
  aliveProbability,
  compileLogLikelihood,
  expectedPurchases,
  logLikelihoodOf,
  purchaseCountProbability,
  returnProbability,
  type BetaGeometricParams,
} from './beta-geometric.ts';
import { fitPositive, needed, type Fit, type FitOptions } from './fit-parameters.ts';
import { refusalOf, type FitRefusal, type HistoryGroup } from './purchase-history.ts';

export type BgNbdParams = BetaGeometricParams;

const FIRST_CHANCE = 0;
const PRIOR_CENTRE = [1, 10, 1, 3];

/** Fits r, alpha, a, b to grouped histories in weeks. Refuses too little, impossible or degenerate data. */
export function fitBgNbd(
  groups: readonly HistoryGroup[],
  options: FitOptions = {},
): Result<Fit<BgNbdParams>, FitRefusal> {
  const refusal = refusalOf(groups, needed(options));
  if (refusal) return { ok: false, error: refusal };
  const method = options.method ?? 'map';
  const fit = fitPositive(compileLogLikelihood(groups, FIRST_CHANCE), PRIOR_CENTRE, method);
  if (!fit.ok) return fit;
  const [r, alpha, a, b] = fit.value.params;
  const people = groups.reduce((sum, g) => sum + g.count, 0);
  return ok({ ...fit.value, params: { r: r!, alpha: alpha!, a: a!, b: b! }, method, people });
}

/** ln L of one person's history. */
export const bgLogLikelihood = (params: BgNbdParams, x: number, tx: number, T: number): number =>
  logLikelihoodOf(params, { x, tx, T }, FIRST_CHANCE);

/** P(alive at T). Show it, never rank by it. */
export const bgAliveProbability = (params: BgNbdParams, x: number, tx: number, T: number): number =>
  aliveProbability(params, { x, tx, T }, FIRST_CHANCE);

/** P(at least one purchase in the next t weeks). */
export const bgReturnProbability = (params: BgNbdParams, x: number, tx: number, T: number, t: number): number =>
  returnProbability(params, { x, tx, T }, t, FIRST_CHANCE);

/** E[purchases in the next t weeks]. */
export const bgExpectedPurchases = (params: BgNbdParams, x: number, tx: number, T: number, t: number): number =>
  expectedPurchases(params, { x, tx, T }, t, FIRST_CHANCE);

/** E[X(t)]: repeat purchases of a newly acquired person in her first t weeks. */
export const bgExpectedOfNew = (params: BgNbdParams, t: number): number =>
  expectedPurchases(params, { x: 0, tx: 0, T: 0 }, t, FIRST_CHANCE);

/** P(X(t) = n) for a newly acquired person. */
export const bgCountProbability = (params: BgNbdParams, n: number, t: number): number =>
  purchaseCountProbability(params, n, t, FIRST_CHANCE);
