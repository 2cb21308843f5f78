// Which return model answers, by evidence: each candidate predicts people whose outcome is known and that it was not fitted on, and the
// one that ranks them better (AUC) is taken. Ranking decides because size can be repaired afterwards and ranking cannot: the logistic
// model is refitted on the latest outcomes, MBG/NBD is recalibrated on them (Platt). Pure.
import type { Day } from '../../kernel/days.ts';
import { fitLogistic, logisticProbability, type LogisticParams } from './logistic.ts';
import { MBG_NBD } from './beta-geometric-nbd.ts';
import {
  brierScore,
  calibrationCurve,
  fitRecalibration,
  rankingAuc,
  recalibrated,
  type Recalibration,
} from './prediction-quality.ts';
import { groupHistories, type History } from './purchase-history.ts';
import type { CandidateQuality, ModelName, ReturnEvidence, ReturnModel } from './score.ts';
import { FEATURE_NAMES, HISTORY_POSITIONS } from './snapshot-features.ts';

/** People as of the end of a day whose horizon is over. Features in the order of FEATURE_NAMES. */
export type Snapshot = {
  readonly asOf: Day;
  readonly features: readonly (readonly number[])[];
  readonly returned: Uint8Array;
};

export const toSnapshot = (
  asOf: Day,
  rows: readonly { readonly features: readonly number[]; readonly returned: number }[],
): Snapshot => ({
  asOf,
  features: rows.map((row) => row.features),
  returned: Uint8Array.from(rows, (row) => row.returned),
});

const returnedIn = (snapshot: Snapshot): number => snapshot.returned.reduce((sum, label) => sum + label, 0);

/** People of the rarer outcome. */
export const rarerOutcome = (snapshot: Snapshot): number =>
  Math.min(returnedIn(snapshot), snapshot.returned.length - returnedIn(snapshot));

const part = (snapshot: Snapshot, keep: (row: number) => boolean): Snapshot => ({
  asOf: snapshot.asOf,
  features: snapshot.features.filter((_, i) => keep(i)),
  returned: snapshot.returned.filter((_, i) => keep(i)),
});

const historyOf = (features: readonly number[]): History => ({
  x: features[HISTORY_POSITIONS.x]!,
  tx: features[HISTORY_POSITIONS.tx]!,
  T: features[HISTORY_POSITIONS.T]!,
});

type Predictor = (features: readonly number[]) => number;

export function fitLogisticOn({ features, returned }: Snapshot): LogisticParams | undefined {
  const columns = FEATURE_NAMES.length;
  const values = new Float64Array(features.length * columns);
  features.forEach((row, i) => values.set(row, i * columns));
  const fit = fitLogistic({ rows: features.length, columns, values }, returned);
  return fit.ok ? fit.value.params : undefined;
}

/** MBG/NBD knows no outcomes: it is fitted on histories alone. At most so many, or its fit would cost more than all the rest. */
const HISTORIES_MAX = 5_000;
const fitMbgOn = ({ features }: Snapshot) => {
  const fit = MBG_NBD.fit(groupHistories(features.slice(0, HISTORIES_MAX).map(historyOf)));
  return fit.ok ? fit.value : undefined;
};

type MbgFit = NonNullable<ReturnType<typeof fitMbgOn>>;

const mbgPredictor =
  ({ params }: MbgFit, horizonDays: number, correction?: Recalibration): Predictor =>
  (features) => {
    const { x, tx, T } = historyOf(features);
    const chance = MBG_NBD.returnProbability(params, x, tx, T, horizonDays / 7);
    return correction === undefined ? chance : recalibrated(correction, chance);
  };

type DormantAfter = (count: number, spanDays: number) => number;

const isDormant = (features: readonly number[], dormantAfter: DormantAfter): boolean => {
  const { x, tx } = historyOf(features);
  const silentDays = Math.round(features[HISTORY_POSITIONS.silent]! * 7);
  return silentDays >= dormantAfter(x + 1, Math.round(tx * 7));
};

/** Quality of a predictor on a snapshot it was not fitted on. */
export function qualityOf(
  model: ModelName,
  predict: Predictor,
  snapshot: Snapshot,
  dormantAfter: DormantAfter,
): CandidateQuality {
  const chances = snapshot.features.map(predict);
  const labels = [...snapshot.returned];
  const dormant = snapshot.features.flatMap((features, i) => (isDormant(features, dormantAfter) ? [i] : []));
  const aucDormant = rankingAuc(
    dormant.map((i) => chances[i]!),
    dormant.map((i) => labels[i]!),
  );
  return {
    model,
    auc: rankingAuc(chances, labels),
    aucDormant: Number.isFinite(aucDormant) ? aucDormant : null,
    brier: brierScore(chances, labels),
  };
}

export type ChoiceInput = {
  /** The last snapshot whose horizon is over: the model that answers is fitted on it. */
  readonly latest: Snapshot;
  /** One horizon before it, where there is enough of it. */
  readonly earlier: Snapshot | undefined;
  readonly horizonDays: number;
  readonly dormantAfter: DormantAfter;
  /** Everybody, for the record. */
  readonly people: number;
};

/** Undefined where neither model can be fitted. */
export function chooseReturnModel(input: ChoiceInput): ReturnModel | undefined {
  const { latest, earlier, horizonDays, dormantAfter, people } = input;
  const train = earlier ?? part(latest, (row) => row % 2 === 0);
  const tested = earlier === undefined ? part(latest, (row) => row % 2 === 1) : latest;

  const logistic = fitLogisticOn(train);
  const mbg = fitMbgOn(train);
  const predictors: readonly (readonly [ModelName, Predictor])[] = [
    ...(logistic
      ? [['logistic', (features: readonly number[]) => logisticProbability(logistic, features)] as const]
      : []),
    ...(mbg
      ? [
          [
            'mbg-nbd',
            mbgPredictor(
              mbg,
              horizonDays,
              fitRecalibration(train.features.map(mbgPredictor(mbg, horizonDays)), train.returned),
            ),
          ] as const,
        ]
      : []),
  ];
  const candidates = predictors.map(([model, predict]) => qualityOf(model, predict, tested, dormantAfter));
  // `toSorted` is stable: of equals the logistic model, which learns from every new outcome, stays first.
  const best = candidates.toSorted((a, b) => b.auc - a.auc)[0];
  if (best === undefined) return undefined;
  const predict = predictors.find(([model]) => model === best.model)![1];
  const evidence: ReturnEvidence = {
    kind: earlier === undefined ? 'held_out_people' : 'earlier_snapshot',
    testedAsOf: tested.asOf,
    people: tested.returned.length,
    returned: returnedIn(tested),
    candidates,
    calibration: calibrationCurve(tested.features.map(predict), [...tested.returned]),
  };

  const fitted = { people, sampled: latest.returned.length, evidence };
  if (best.model === 'logistic') {
    const params = fitLogisticOn(latest);
    if (params) return { kind: 'logistic', params, features: FEATURE_NAMES, trainedAsOf: latest.asOf, ...fitted };
  }
  const final = fitMbgOn(latest);
  if (final === undefined) return undefined;
  const recalibration = fitRecalibration(latest.features.map(mbgPredictor(final, horizonDays)), latest.returned);
  return {
    kind: 'mbg-nbd',
    params: final.params,
    logLikelihood: final.logLikelihood,
    ...fitted,
    sampled: final.people,
    ...(recalibration ? { recalibration } : {}),
  };
}
