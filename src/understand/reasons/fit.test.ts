import { describe, expect, it } from 'vitest';
import { seededRng } from '../../kernel/random.ts';
import { REASONS, type Reason } from './causes.ts';
import { fitReasonModel, type Answered } from './fit.ts';
import { reasonProbabilities, softmax, TABLE_MODEL, type ReasonModel } from './model.ts';
import { sharesOf } from './shares.ts';

const SILENT = TABLE_MODEL.weights.map(() => 0);

/** Answers of people who show no signal, their reasons drawn from `shares`, told as `reliability` says. */
function answersFrom(shares: readonly number[], people: number, reliability: number): Answered[] {
  const rng = seededRng(`fit/${people}/${reliability}`);
  return Array.from({ length: people }, () => {
    let left = rng.next();
    let truth: Reason = 'unknown';
    for (const [k, share] of shares.entries()) {
      left -= share;
      if (left < 0) {
        truth = REASONS[k]!;
        break;
      }
    }
    const answer = rng.chance(reliability) ? truth : rng.pick(REASONS.filter((other) => other !== truth));
    return { features: SILENT, answer };
  });
}

describe('recalibration by survey answers', () => {
  it('leaves the table as it is without answers', () => {
    expect(fitReasonModel(TABLE_MODEL, [])).toEqual(TABLE_MODEL);
  });

  it('finds the base rates behind unreliable answers', () => {
    // Of 5,000 answers the prior's pull is next to nothing; the standard error of an answered share of .3 is .65%, of the share behind it
    // .65% / (0.8 − 0.2 / 6) = .85%; three of those are allowed.
    const shares = [0.3, 0.05, 0.1, 0.2, 0.05, 0.1, 0.2];
    const fitted = fitReasonModel(TABLE_MODEL, answersFrom(shares, 5_000, 0.8));
    reasonProbabilities(fitted, SILENT).forEach((p, k) => expect(Math.abs(p - shares[k]!)).toBeLessThan(0.026));
  });

  it('moves a weight only as far as the answers reach against the prior', () => {
    // Two reasons with equal priors and one signal: n answers all of the first reason cannot pull to infinity.
    const flat: ReasonModel = {
      priors: REASONS.map(() => 0),
      weights: TABLE_MODEL.weights.map(() => REASONS.map(() => 0)),
    };
    const features = SILENT.map((_, s) => (s === 0 ? 1 : 0));
    const answered = Array.from({ length: 50 }, (): Answered => ({ features, answer: 'privacy' }));
    const fitted = fitReasonModel(flat, answered, 1 - 1e-9);
    const k = REASONS.indexOf('privacy');
    // Stationarity of the penalised likelihood: (w − 0) / sd² = n (1 − p), with sd = 0.15 for weights and 0.4 for priors.
    const p = softmax(REASONS.map((_, j) => fitted.priors[j]! + fitted.weights[0]![j]!))[k]!;
    expect(fitted.weights[0]![k]! / 0.15 ** 2).toBeCloseTo(50 * (1 - p), 1);
    expect(fitted.priors[k]! / 0.4 ** 2).toBeCloseTo(50 * (1 - p), 1);
  });
});

describe('shares', () => {
  it('are sure about as much as the answers are many, and never leave (0, 1)', () => {
    const sample = [SILENT];
    const means = reasonProbabilities(TABLE_MODEL, SILENT);
    const base = { means, variances: means.map(() => 0) };
    const width = (answers: number): number => {
      const answered = answersFrom(means, answers, 0.8);
      const [first] = sharesOf(TABLE_MODEL, answered, sample, base);
      expect(first!.low).toBeGreaterThan(0);
      expect(first!.low).toBeLessThan(first!.share);
      expect(first!.high).toBeGreaterThan(first!.share);
      expect(first!.high).toBeLessThan(1);
      return first!.high - first!.low;
    };
    expect(width(0)).toBeGreaterThan(width(200));
    // Once answers outweigh the prior, four times the answers halve the interval.
    expect(width(5_000) / width(20_000)).toBeCloseTo(2, 1);
  });
});
