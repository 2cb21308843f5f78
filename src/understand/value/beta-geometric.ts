// The common ground of BG/NBD and MBG/NBD: people buy at a Gamma-distributed rate while alive and may drop out, with a
// Beta-distributed chance, at certain moments. The two models differ only in how many such moments a person with x repeat
// purchases has survived:  BG/NBD x (after each repeat), MBG/NBD x + 1 (after each purchase, the first one too).
// Fader, Hardie & Lee 2005 (BG/NBD); Batislam, Denizel & Filiztekin 2007 (MBG/NBD). Time in weeks.
import { hyp2f1Signed } from '../../kernel/numeric/hypergeometric.ts';
import { logBeta, logGamma, logSumExp, regularisedBeta } from '../../kernel/numeric/special-functions.ts';
import type { History, HistoryGroup } from './purchase-history.ts';

/** Purchase rate ~ Gamma(r, alpha), chance of dropping out ~ Beta(a, b). */
export type BetaGeometricParams = {
  readonly r: number;
  readonly alpha: number;
  readonly a: number;
  readonly b: number;
};

/** 0 for BG/NBD, 1 for MBG/NBD: chances to drop out at the first purchase. */
export type FirstChance = 0 | 1;

/** ln L of one history: both ways it can have come about, alive until now or gone right after the last purchase. */
export function logLikelihoodOf(params: BetaGeometricParams, history: History, first: FirstChance): number {
  const { r, alpha, a, b } = params;
  const { x, tx, T } = history;
  const chances = x + first;
  const rate = logGamma(r + x) - logGamma(r) + r * Math.log(alpha);
  const alive = logBeta(a, b + chances) - logBeta(a, b) - (r + x) * Math.log(alpha + T);
  if (chances === 0) return rate + alive;
  const gone = logBeta(a + 1, b + chances - 1) - logBeta(a, b) - (r + x) * Math.log(alpha + tx);
  return rate + logSumExp(alive, gone);
}

/** ln L of all histories as a function of [r, alpha, a, b]. What depends on x alone is computed once per distinct x. */
export function compileLogLikelihood(
  groups: readonly HistoryGroup[],
  first: FirstChance,
): (params: readonly number[]) => number {
  const distinct = [...new Set(groups.map((g) => g.x))];
  const indexOf = new Map(distinct.map((x, i) => [x, i]));
  const index = Int32Array.from(groups, (g) => indexOf.get(g.x)!);
  const tx = Float64Array.from(groups, (g) => g.tx);
  const T = Float64Array.from(groups, (g) => g.T);
  const count = Float64Array.from(groups, (g) => g.count);
  const rate = new Float64Array(distinct.length);
  const aliveBeta = new Float64Array(distinct.length);
  const goneBeta = new Float64Array(distinct.length);
  return ([r, alpha, a, b]) => {
    const base = logBeta(a!, b!);
    const start = r! * Math.log(alpha!) - logGamma(r!);
    distinct.forEach((x, i) => {
      const chances = x + first;
      rate[i] = logGamma(r! + x) + start;
      aliveBeta[i] = logBeta(a!, b! + chances) - base;
      goneBeta[i] = chances === 0 ? -Infinity : logBeta(a! + 1, b! + chances - 1) - base;
    });
    let sum = 0;
    for (let g = 0; g < count.length; g++) {
      const i = index[g]!;
      const exponent = r! + distinct[i]!;
      const alive = aliveBeta[i]! - exponent * Math.log(alpha! + T[g]!);
      const gone = goneBeta[i]! - exponent * Math.log(alpha! + tx[g]!);
      sum += count[g]! * (rate[i]! + logSumExp(alive, gone));
    }
    return sum;
  };
}

/** P(alive at T | history). */
export function aliveProbability(params: BetaGeometricParams, { x, tx, T }: History, first: FirstChance): number {
  const { r, alpha, a, b } = params;
  const chances = x + first;
  if (chances === 0) return 1;
  const logOdds = Math.log(a / (b + chances - 1)) + (r + x) * Math.log((alpha + T) / (alpha + tx));
  return 1 / (1 + Math.exp(logOdds));
}

/**
 * P(at least one purchase in (T, T+t] | history) = P(alive) · [1 − ((α+T)/(α+T+t))^(r+x)].
 *
 * Why: dropping out happens only right after a purchase, so somebody alive at T stays alive until her next purchase, and the
 * wait for it is exponential with her rate λ. "Alive at T" has likelihood λ^x e^(−λT) times a factor in the dropout chance
 * only, so λ given alive is Gamma(r+x, α+T), independent of that chance, and E[e^(−λt)] = ((α+T)/(α+T+t))^(r+x). The same
 * figure is 1 − L(x, tx, T+t)/L(x, tx, T), since no purchase means the same history observed for longer; a test holds them equal.
 */
export function returnProbability(
  params: BetaGeometricParams,
  history: History,
  t: number,
  first: FirstChance,
): number {
  const { r, alpha } = params;
  const silent = (r + history.x) * Math.log1p(-t / (alpha + history.T + t));
  return aliveProbability(params, history, first) * -Math.expm1(silent);
}

/** The formulas divide by a − 1; the limit exists, and 1e-7 away from it they are right to seven digits. */
const awayFromOne = (a: number): number => (Math.abs(a - 1) < 1e-7 ? 1 + 1e-7 : a);

/** E[purchases in (T, T+t] | history]. With x = tx = T = 0 it is E[X(t)] of a person about to be acquired. */
export function expectedPurchases(
  params: BetaGeometricParams,
  history: History,
  t: number,
  first: FirstChance,
): number {
  const { x, T } = history;
  const { r, alpha, b } = params;
  const a = awayFromOne(params.a);
  const alive = aliveProbability(params, history, first);
  if (alive === 0 || t <= 0) return 0;
  const chances = x + first;
  const c = a + b + chances - 1;
  const f = hyp2f1Signed(r + x, b + chances, c, t / (alpha + T + t));
  const kept = f.sign * Math.exp(f.log + (r + x) * Math.log((alpha + T) / (alpha + T + t)));
  return ((alive * c) / (a - 1)) * (1 - kept);
}

/** P(X(t) = n): the n-th purchase came and she is still alive, or she dropped out right after the n-th before t. */
export function purchaseCountProbability(
  params: BetaGeometricParams,
  n: number,
  t: number,
  first: FirstChance,
): number {
  const { r, alpha, a, b } = params;
  const chances = n + first;
  const z = t / (alpha + t);
  const base = logBeta(a, b);
  const logCount =
    logGamma(r + n) - logGamma(r) - logGamma(n + 1) + r * Math.log1p(-z) + (n === 0 ? 0 : n * Math.log(z));
  const alive = Math.exp(logBeta(a, b + chances) - base + logCount);
  if (chances === 0) return alive;
  // P(a Gamma-Poisson count reaches n by t) as an incomplete beta: the usual 1 − Σ loses every digit for rare counts.
  const reached = n === 0 ? 1 : regularisedBeta(z, n, r);
  return alive + Math.exp(logBeta(a + 1, b + chances - 1) - base) * reached;
}
