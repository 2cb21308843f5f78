// What one run of `rekindle analyze` found: the dormancy picture of the files, and what a reader must know about them to believe it.
import type { ImportResult } from '../../collect/imports/import.service.ts';
import type { Day } from '../../kernel/days.ts';
import { chanceOfReturn } from '../../understand/dormancy/return-curve.ts';
import type { AnalysisBeyond } from './analysis-beyond.ts';
import type { DormancyPicture } from '../../understand/picture/picture.ts';

/** What was read of one file. `orders` is 0 for a file of events. */
export type AnalysedFile = Pick<
  ImportResult,
  | 'path'
  | 'kind'
  | 'mapping'
  | 'rowsRead'
  | 'rowsKept'
  | 'orders'
  | 'people'
  | 'rejected'
  | 'rejectReasons'
  | 'excluded'
  | 'dayOrder'
>;

/** `assumed`: neither the caller nor the files say which. `mixed` lists every currency where there are several: then only amounts in `code` are money. */
export type AnalysedCurrency = {
  readonly code: string;
  readonly source: 'given' | 'file' | 'assumed';
  readonly mixed: readonly string[];
};

export type Analysis = {
  readonly files: readonly AnalysedFile[];
  readonly currency: AnalysedCurrency;
  readonly dataFrom: Day;
  readonly dataUntil: Day;
  /** The dormancy window in days; undefined where the policy works by personal cadence. */
  readonly windowDays: number | undefined;
  readonly picture: DormancyPicture;
  readonly beyond: AnalysisBeyond;
};

/** Whether the activity carries amounts at all; a file of logins does not. */
export const hasMoney = ({ picture }: Analysis): boolean => picture.spentCents > 0;

export type ChancePoint = { readonly day: number; readonly chance: number };

/** Days reached by fewer silences than this are not drawn: the curve there is noise. As the threshold's recommendation has it. */
const AT_RISK_MIN = 30;

/** The curve from day 0 up to the last day that enough silences reach; empty where none does. */
export function drawnCurve({ returnCurve }: DormancyPicture): DormancyPicture['returnCurve'] {
  const kept = returnCurve.slice(0, 1 + returnCurve.findLastIndex((point) => point.atRisk >= AT_RISK_MIN));
  const [first] = kept;
  if (first === undefined || first.day === 0) return kept;
  return [{ day: 0, stillSilent: 1, low: 1, high: 1, atRisk: first.atRisk, open: 0 }, ...kept];
}

/**
 * P(comes back within the horizon | silent for so many days), unaided, for every day that has a whole horizon of the drawn curve
 * behind it (Kaplan–Meier: 1 − S(day + horizon)/S(day)). Empty where the history is shorter than the horizon.
 */
export function chancesOfReturn(picture: DormancyPicture): readonly ChancePoint[] {
  const curve = drawnCurve(picture).map(({ stillSilent, ...point }) => ({ ...point, survival: stillSilent }));
  const lastDay = (curve.at(-1)?.day ?? -1) - picture.horizonDays;
  return Array.from({ length: Math.max(0, lastDay + 1) }, (_, day) => ({
    day,
    chance: chanceOfReturn(curve, day, picture.horizonDays),
  }));
}
