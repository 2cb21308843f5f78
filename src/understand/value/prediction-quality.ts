// How good were predicted chances, once it is known what happened? Ranking (AUC), squared error (Brier 1950) and the calibration curve;
// and Platt's correction (1999) of chances that rank well and are off in size. Chances are in [0, 1], labels 0 or 1, same length.
import { fitLogistic, logisticLogit, sigmoid } from './logistic.ts';

/** P(a random 1 is ranked above a random 0), ties count half (Mann–Whitney). NaN where the labels are all alike. */
export function rankingAuc(chances: readonly number[], labels: readonly number[]): number {
  const order = chances.map((_, i) => i).sort((a, b) => chances[a]! - chances[b]!);
  let ranks = 0;
  let ones = 0;
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && chances[order[to]!] === chances[order[from]!]) to++;
    for (let k = from; k < to; k++) {
      if (labels[order[k]!] !== 1) continue;
      ranks += (from + 1 + to) / 2;
      ones++;
    }
    from = to;
  }
  return (ranks - (ones * (ones + 1)) / 2) / (ones * (order.length - ones));
}

export const brierScore = (chances: readonly number[], labels: readonly number[]): number =>
  chances.reduce((sum, chance, i) => sum + (chance - labels[i]!) ** 2, 0) / chances.length;

/** Mean predicted chance and observed share of people with similar predictions, lowest first. */
export type CalibrationBin = { readonly people: number; readonly predicted: number; readonly observed: number };

/** Bins of (nearly) equal numbers of people; equal chances never fall into two bins, so there may be fewer than `bins`. */
export function calibrationCurve(
  chances: readonly number[],
  labels: readonly number[],
  bins = 10,
): readonly CalibrationBin[] {
  const order = chances.map((_, i) => i).sort((a, b) => chances[a]! - chances[b]!);
  const curve: CalibrationBin[] = [];
  for (let from = 0; from < order.length;) {
    const part = curve.length + 1;
    let to = Math.max(from + 1, Math.round((part * order.length) / bins));
    if (part >= bins) to = order.length;
    while (to < order.length && chances[order[to]!] === chances[order[to - 1]!]) to++;
    const inside = order.slice(from, to);
    curve.push({
      people: inside.length,
      predicted: inside.reduce((sum, i) => sum + chances[i]!, 0) / inside.length,
      observed: inside.reduce((sum, i) => sum + labels[i]!, 0) / inside.length,
    });
    from = to;
  }
  return curve;
}

/** Recalibrated chance = 1 / (1 + exp(−(intercept + slope · ln(p/(1−p))))). */
export type Recalibration = { readonly intercept: number; readonly slope: number };

/** Chances are kept this far from 0 and 1 before their log-odds are taken. */
export const CHANCE_MARGIN = 1e-9;
const logOdds = (chance: number): number => {
  const kept = Math.min(1 - CHANCE_MARGIN, Math.max(CHANCE_MARGIN, chance));
  return Math.log(kept / (1 - kept));
};

/** Undefined where the labels are all alike, or the chances rank the wrong way round (then no correction of size helps). */
export function fitRecalibration(chances: readonly number[], labels: Uint8Array): Recalibration | undefined {
  const values = Float64Array.from(chances, logOdds);
  const fit = fitLogistic({ rows: chances.length, columns: 1, values }, labels, 1e-6);
  if (!fit.ok) return undefined;
  const { params } = fit.value;
  const slope = params.coefficients[0]! / params.sds[0]!;
  return slope > 0 ? { intercept: logisticLogit(params, [0]), slope } : undefined;
}

export const recalibrated = ({ intercept, slope }: Recalibration, chance: number): number =>
  sigmoid(intercept + slope * logOdds(chance));
