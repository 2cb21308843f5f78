// Of the people who fell silent, how many come back unaided, and how long does it take? Kaplan & Meier 1958 over silences:
// a silence ends by a return or is cut off by today (censored), so people who are still silent count for what they are.
import { normalCdf } from '../../kernel/numeric/distributions.ts';

/** Silences of this many whole days: `returned` ended on that day, `censored` were still open at that age. */
export type SilenceGroup = { readonly silentDays: number; readonly returned: number; readonly censored: number };

export type CurvePoint = {
  readonly day: number;
  /** Share of silences that last longer than `day` days, with its interval. */
  readonly survival: number;
  readonly low: number;
  readonly high: number;
  /** Silences that reached `day`. */
  readonly atRisk: number;
  /** Silences that are open and exactly so long. */
  readonly open: number;
};

/**
 * One point per day on which somebody returned or was cut off, ascending. Interval: Greenwood's variance on the log(−log)
 * scale, which stays inside [0, 1]; `z` 1.96 for 95%. Somebody cut off on a day was still at risk on it.
 */
export function returnCurve(groups: readonly SilenceGroup[], z: number = 1.959963984540054): CurvePoint[] {
  const byDay = new Map<number, { returned: number; censored: number }>();
  for (const { silentDays, returned, censored } of groups) {
    const day = byDay.get(silentDays) ?? { returned: 0, censored: 0 };
    byDay.set(silentDays, { returned: day.returned + returned, censored: day.censored + censored });
  }
  const days = [...byDay].sort(([p], [q]) => p - q);
  let atRisk = days.reduce((sum, [, d]) => sum + d.returned + d.censored, 0);
  let logSurvival = 0;
  let greenwood = 0;
  const points: CurvePoint[] = [];
  for (const [day, { returned, censored }] of days) {
    if (atRisk > 0 && returned > 0) {
      logSurvival += Math.log1p(-returned / atRisk);
      greenwood += returned / (atRisk * (atRisk - returned));
    }
    const survival = Math.exp(logSurvival);
    points.push({ day, survival, ...interval(logSurvival, greenwood, atRisk, z), atRisk, open: censored });
    atRisk -= returned + censored;
  }
  return points;
}

/**
 * S^exp(±z·√V/|ln S|). While nobody has returned there is no variance to estimate: then the exact binomial bound of none among those at risk
 * (Clopper & Pearson 1934), about 1 − 3.7/n at 95%. Where everybody has, the upper end stays open.
 */
function interval(logSurvival: number, greenwood: number, atRisk: number, z: number): { low: number; high: number } {
  if (logSurvival === 0) return { low: normalCdf(-z) ** (1 / atRisk), high: 1 };
  if (logSurvival === -Infinity) return { low: 0, high: 1 };
  const spread = Math.exp((z * Math.sqrt(greenwood)) / -logSurvival);
  return { low: Math.exp(logSurvival * spread), high: Math.exp(logSurvival / spread) };
}

/** S(day): share of silences longer than `day` days. The curve is a step function; beyond its end the last value holds. */
export function survivalAt(curve: readonly CurvePoint[], day: number): number {
  let low = 0;
  let high = curve.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (curve[middle]!.day <= day) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 1 : curve[low - 1]!.survival;
}

/** P(returns within the next `horizonDays` | silent for `day` days) = 1 − S(day + horizon)/S(day). */
export function chanceOfReturn(curve: readonly CurvePoint[], day: number, horizonDays: number): number {
  const now = survivalAt(curve, day);
  return now === 0 ? 0 : 1 - survivalAt(curve, day + horizonDays) / now;
}
