// Pareto/NBD (Schmittlein, Morrison & Colombo 1987): people may leave at any moment, not only after a purchase. The reference
// model and a second opinion; its likelihood needs two ₂F₁ per history, so scoring stays with MBG/NBD. Time in weeks.
import { logHyp2f1 } from '../../kernel/numeric/hypergeometric.ts';
import { logDiffExp, logGamma, logSumExp } from '../../kernel/numeric/special-functions.ts';
import { ok, type Result } from '../../kernel/result.ts';
import { fitPositive, needed, type Fit, type FitOptions } from './fit-parameters.ts';
import { refusalOf, type FitRefusal, type HistoryGroup } from './purchase-history.ts';

/** Purchase rate ~ Gamma(r, alpha), rate of leaving ~ Gamma(s, beta). */
export type ParetoNbdParams = { readonly r: number; readonly alpha: number; readonly s: number; readonly beta: number };

const PRIOR_CENTRE = [1, 10, 1, 10];

/**
 * ln A₀ = ln ∫ from tx to T of (r+s+x) (α+y)^−(r+x) (β+y)^−(s+1) dy, as the difference of two ₂F₁ terms (Fader & Hardie 2005,
 * "A note on deriving the Pareto/NBD model"), arranged so that the argument lies in [0, 1).
 */
function logA0({ r, alpha, s, beta }: ParetoNbdParams, x: number, tx: number, T: number): number {
  const power = r + s + x;
  const larger = Math.max(alpha, beta);
  const second = alpha >= beta ? s + 1 : r + x;
  const term = (y: number): number =>
    logHyp2f1(power, second, power + 1, Math.abs(alpha - beta) / (larger + y)) - power * Math.log(larger + y);
  return tx === T ? -Infinity : logDiffExp(term(tx), term(T));
}

/** ln of the two ways a history can have come about, without the factor Γ(r+x) α^r β^s / Γ(r) they share. */
function branches(params: ParetoNbdParams, x: number, tx: number, T: number): { alive: number; gone: number } {
  const { r, alpha, s, beta } = params;
  return {
    alive: -(r + x) * Math.log(alpha + T) - s * Math.log(beta + T),
    gone: Math.log(s / (r + s + x)) + logA0(params, x, tx, T),
  };
}

/** ln L of one person's history. */
export function paretoLogLikelihood(params: ParetoNbdParams, x: number, tx: number, T: number): number {
  const { r, alpha, s, beta } = params;
  const { alive, gone } = branches(params, x, tx, T);
  return logGamma(r + x) - logGamma(r) + r * Math.log(alpha) + s * Math.log(beta) + logSumExp(alive, gone);
}

/** Fits r, alpha, s, beta to grouped histories in weeks. Refuses too little, impossible or degenerate data. */
export function fitParetoNbd(
  groups: readonly HistoryGroup[],
  options: FitOptions = {},
): Result<Fit<ParetoNbdParams>, FitRefusal> {
  const refusal = refusalOf(groups, needed(options));
  if (refusal) return { ok: false, error: refusal };
  const method = options.method ?? 'map';
  const named = ([r, alpha, s, beta]: readonly number[]): ParetoNbdParams => ({
    r: r!,
    alpha: alpha!,
    s: s!,
    beta: beta!,
  });
  const logLikelihood = (values: readonly number[]): number => {
    const params = named(values);
    let sum = 0;
    for (const { x, tx, T, count } of groups) sum += count * paretoLogLikelihood(params, x, tx, T);
    return sum;
  };
  const fit = fitPositive(logLikelihood, PRIOR_CENTRE, method);
  if (!fit.ok) return fit;
  const people = groups.reduce((sum, g) => sum + g.count, 0);
  return ok({ ...fit.value, params: named(fit.value.params), method, people });
}

/** P(alive at T). */
export function paretoAliveProbability(params: ParetoNbdParams, x: number, tx: number, T: number): number {
  const { alive, gone } = branches(params, x, tx, T);
  return 1 / (1 + Math.exp(gone - alive));
}

/** E[time alive in (T, T+t] | alive at T] / (β+T): [1 − ((β+T)/(β+T+t))^(s−1)]/(s−1), with its limit at s = 1. */
function timeShare(s: number, start: number, t: number): number {
  const log = Math.log1p(t / start);
  return s === 1 ? log : -Math.expm1(-(s - 1) * log) / (s - 1);
}

/** E[purchases in the next t weeks]. */
export function paretoExpectedPurchases(params: ParetoNbdParams, x: number, tx: number, T: number, t: number): number {
  const { r, alpha, s, beta } = params;
  const rate = (r + x) / (alpha + T);
  return paretoAliveProbability(params, x, tx, T) * rate * (beta + T) * timeShare(s, beta + T, t);
}

/** E[X(t)]: repeat purchases of a newly acquired person in her first t weeks. */
export const paretoExpectedOfNew = ({ r, alpha, s, beta }: ParetoNbdParams, t: number): number =>
  (r / alpha) * beta * timeShare(s, beta, t);

/** P(at least one purchase in the next t weeks): no purchase is the same history observed for t weeks longer. Absolute error about 1e-13. */
export const paretoReturnProbability = (params: ParetoNbdParams, x: number, tx: number, T: number, t: number): number =>
  Math.max(0, -Math.expm1(paretoLogLikelihood(params, x, tx, T + t) - paretoLogLikelihood(params, x, tx, T)));
