// BG/BB (Fader, Hardie & Shang 2010): people who may act once per period (a yearly donation, a monthly renewal). In each period a
// person who is alive acts with chance p ~ Beta(alpha, beta) and then leaves with chance θ ~ Beta(gamma, delta).
import { logBeta, logGamma, logSumExp } from '../../kernel/numeric/special-functions.ts';
import { ok, type Result } from '../../kernel/result.ts';
import { fitPositive, needed, type Fit, type FitOptions } from './fit-parameters.ts';
import { refusalOf, type FitRefusal, type HistoryGroup } from './purchase-history.ts';

export type BgBbParams = {
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  readonly delta: number;
};

const PRIOR_CENTRE = [1, 1, 1, 3];

/** ln P(acts in `x` given periods out of `n` while alive for n of them, and alive still `later` periods on). */
function aliveBranch({ alpha, beta, gamma, delta }: BgBbParams, x: number, n: number, later = 0): number {
  return (
    logBeta(alpha + x, beta + n - x) - logBeta(alpha, beta) + logBeta(gamma, delta + n + later) - logBeta(gamma, delta)
  );
}

/** ln P(acts in `x` given periods out of i, then leaves). */
function goneBranch({ alpha, beta, gamma, delta }: BgBbParams, x: number, i: number): number {
  return (
    logBeta(alpha + x, beta + i - x) - logBeta(alpha, beta) + logBeta(gamma + 1, delta + i) - logBeta(gamma, delta)
  );
}

/** ln L of x active periods, the last one tx, out of n. */
function bgBbLogLikelihood(params: BgBbParams, x: number, tx: number, n: number): number {
  let sum = aliveBranch(params, x, n);
  for (let i = tx; i < n; i++) sum = logSumExp(sum, goneBranch(params, x, i));
  return sum;
}

/** Fits to groups whose tx and T count whole periods. Refuses too little, impossible or degenerate data. */
export function fitBgBb(
  groups: readonly HistoryGroup[],
  options: FitOptions = {},
): Result<Fit<BgBbParams>, FitRefusal> {
  const broken = groups.find((g) => !Number.isInteger(g.tx) || !Number.isInteger(g.T) || g.x > g.tx);
  if (broken) return { ok: false, error: { reason: 'invalid_history', history: broken } };
  const refusal = refusalOf(groups, needed(options));
  if (refusal) return { ok: false, error: refusal };
  const method = options.method ?? 'map';
  const named = ([alpha, beta, gamma, delta]: readonly number[]): BgBbParams => ({
    alpha: alpha!,
    beta: beta!,
    gamma: gamma!,
    delta: delta!,
  });
  const logLikelihood = (values: readonly number[]): number => {
    const params = named(values);
    let sum = 0;
    for (const { x, tx, T, count } of groups) sum += count * bgBbLogLikelihood(params, x, tx, T);
    return sum;
  };
  const fit = fitPositive(logLikelihood, PRIOR_CENTRE, method);
  if (!fit.ok) return fit;
  const people = groups.reduce((sum, g) => sum + g.count, 0);
  return ok({ ...fit.value, params: named(fit.value.params), method, people });
}

/** P(alive in period n + later | history), `later` ≥ 1. */
export const bgBbAliveProbability = (params: BgBbParams, x: number, tx: number, n: number, later = 1): number =>
  Math.exp(aliveBranch(params, x, n, later) - bgBbLogLikelihood(params, x, tx, n));

/** E[active periods among the next `periods`]: her chance to act if alive, times being alive, period by period. */
export function bgBbExpectedPeriods(params: BgBbParams, x: number, tx: number, n: number, periods: number): number {
  const chance = (params.alpha + x) / (params.alpha + params.beta + n);
  let sum = 0;
  for (let later = 1; later <= periods; later++) sum += bgBbAliveProbability(params, x, tx, n, later);
  return chance * sum;
}

/** P(a new person is active in exactly x of her first n periods). */
export function bgBbCountProbability(params: BgBbParams, x: number, n: number): number {
  const logChoose = (i: number): number => logGamma(i + 1) - logGamma(x + 1) - logGamma(i - x + 1);
  let sum = logChoose(n) + aliveBranch(params, x, n);
  for (let i = x; i < n; i++) sum = logSumExp(sum, logChoose(i) + goneBranch(params, x, i));
  return Math.exp(sum);
}
