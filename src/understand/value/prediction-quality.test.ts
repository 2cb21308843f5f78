// Ranking, error and calibration against values counted by hand.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRng } from '../../kernel/random.ts';
import { sigmoid } from './logistic.ts';
import { brierScore, calibrationCurve, fitRecalibration, rankingAuc, recalibrated } from './prediction-quality.ts';

describe('quality of predictions', () => {
  test('AUC is the share of pairs ranked right, ties half', () => {
    const chances = fc.array(fc.record({ chance: fc.nat({ max: 6 }), label: fc.nat({ max: 1 }) }), { minLength: 2 });
    fc.assert(
      fc.property(chances, (rows) => {
        const ones = rows.filter((row) => row.label === 1);
        const zeros = rows.filter((row) => row.label === 0);
        fc.pre(ones.length > 0 && zeros.length > 0);
        const won = ones.flatMap((one) => zeros.map((zero) => (Math.sign(one.chance - zero.chance) + 1) / 2));
        const pairs = won.reduce((sum, w) => sum + w, 0) / won.length;
        const auc = rankingAuc(
          rows.map((row) => row.chance),
          rows.map((row) => row.label),
        );
        expect(auc).toBeCloseTo(pairs, 12);
      }),
    );
    expect(rankingAuc([0.1, 0.2], [1, 1])).toBeNaN();
  });

  test('Brier is the mean squared error', () => {
    expect(brierScore([0.8, 0.4], [1, 0])).toBeCloseTo((0.04 + 0.16) / 2, 12);
  });

  test('the calibration curve counts everybody once and never splits equal chances', () => {
    const curve = calibrationCurve([0.9, 0.1, 0.1, 0.1, 0.5, 0.9], [1, 0, 1, 0, 1, 0], 3);
    expect(curve.map(({ people }) => people)).toEqual([3, 1, 2]);
    expect(curve[0]!.predicted).toBeCloseTo(0.1, 12);
    expect(curve[0]!.observed).toBeCloseTo(1 / 3, 12);
    expect(curve[2]!.observed).toBeCloseTo(1 / 2, 12);
  });

  test('recalibration undoes a known distortion', () => {
    const rng = seededRng('platt');
    const truth = Array.from({ length: 20_000 }, () => sigmoid(rng.normal(-1, 1)));
    const labels = Uint8Array.from(truth, (chance) => (rng.chance(chance) ? 1 : 0));
    // Shown log-odds are twice the true ones plus one: the correction is half of them minus a half.
    const shown = truth.map((chance) => sigmoid(2 * Math.log(chance / (1 - chance)) + 1));
    const found = fitRecalibration(shown, labels)!;
    expect(found.slope).toBeCloseTo(0.5, 1);
    expect(found.intercept).toBeCloseTo(-0.5, 1);
    const mean = shown.reduce((sum, chance) => sum + recalibrated(found, chance), 0) / shown.length;
    expect(mean).toBeCloseTo(labels.reduce((sum, label) => sum + label, 0) / labels.length, 4);
  });

  test('chances that rank the wrong way round are not turned over', () => {
    expect(fitRecalibration([0.9, 0.8, 0.2, 0.1], Uint8Array.from([0, 0, 1, 1]))).toBeUndefined();
  });
});
