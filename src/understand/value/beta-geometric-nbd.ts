// BG/NBD (Fader, Hardie & Lee 2005) and MBG/NBD (Batislam, Denizel & Filiztekin 2007) are one model but for one thing: whether a person may
// drop out right after her first purchase. In BG/NBD she may not, so its P(alive) is 1 for everybody who bought once and must not be a dormancy
// score: it is kept as the reference of the papers. In MBG/NBD one-time buyers decay too: the product's model where there is little history.
// Times are weeks.
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

const PRIOR_CENTRE = [1, 10, 1, 3];

/** `firstChance`: 1 where she may drop out after the first purchase, else 0. */
function betaGeometricNbd(firstChance: 0 | 1) {
  return {
    /** Fits r, alpha, a, b to grouped histories. Refuses too little, impossible or degenerate data. */
    fit: (groups: readonly HistoryGroup[], options: FitOptions = {}): Result<Fit<BetaGeometricParams>, FitRefusal> => {
      const refusal = refusalOf(groups, needed(options));
      if (refusal) return { ok: false, error: refusal };
      const method = options.method ?? 'map';
      const fit = fitPositive(compileLogLikelihood(groups, firstChance), PRIOR_CENTRE, method);
      if (!fit.ok) return fit;
      const [r, alpha, a, b] = fit.value.params;
      const people = groups.reduce((sum, g) => sum + g.count, 0);
      return ok({ ...fit.value, params: { r: r!, alpha: alpha!, a: a!, b: b! }, method, people });
    },
    /** ln L of one person's history. */
    logLikelihood: (params: BetaGeometricParams, x: number, tx: number, T: number): number =>
      logLikelihoodOf(params, { x, tx, T }, firstChance),
    /** P(alive at T). Show it, never rank by it. */
    aliveProbability: (params: BetaGeometricParams, x: number, tx: number, T: number): number =>
      aliveProbability(params, { x, tx, T }, firstChance),
    /** P(at least one purchase in the next t weeks). */
    returnProbability: (params: BetaGeometricParams, x: number, tx: number, T: number, t: number): number =>
      returnProbability(params, { x, tx, T }, t, firstChance),
    /** E[purchases in the next t weeks]. */
    expectedPurchases: (params: BetaGeometricParams, x: number, tx: number, T: number, t: number): number =>
      expectedPurchases(params, { x, tx, T }, t, firstChance),
    /** E[X(t)]: repeat purchases of a newly acquired person in her first t weeks. */
    expectedOfNew: (params: BetaGeometricParams, t: number): number =>
      expectedPurchases(params, { x: 0, tx: 0, T: 0 }, t, firstChance),
    /** P(X(t) = n) for a newly acquired person. */
    countProbability: (params: BetaGeometricParams, n: number, t: number): number =>
      purchaseCountProbability(params, n, t, firstChance),
  } as const;
}

export const BG_NBD = betaGeometricNbd(0);
export const MBG_NBD = betaGeometricNbd(1);
