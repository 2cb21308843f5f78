// BG/BB on the donations of Fader, Hardie & Shang 2010: 11,104 people who first gave in 1995, six further years. The 22 counts are the
// paper's table of recency and frequency.
import { describe, expect, it } from 'vitest';
import {
  bgBbAliveProbability,
  bgBbCountProbability,
  bgBbExpectedPeriods,
  fitBgBb,
} from '../../src/understand/value/bg-bb.ts';

const donations = [
  [0, 0, 3464],
  [1, 1, 1091],
  [1, 2, 277],
  [1, 3, 129],
  [1, 4, 78],
  [1, 5, 119],
  [1, 6, 129],
  [2, 2, 613],
  [2, 3, 255],
  [2, 4, 155],
  [2, 5, 173],
  [2, 6, 234],
  [3, 3, 322],
  [3, 4, 181],
  [3, 5, 225],
  [3, 6, 357],
  [4, 4, 240],
  [4, 5, 284],
  [4, 6, 512],
  [5, 5, 335],
  [5, 6, 728],
  [6, 6, 1203],
].map(([x, tx, count]) => ({ x: x!, tx: tx!, T: 6, count: count! }));

describe('BG/BB (lifetimes test_estimation.py, Hardie BGBB_2011-01-20_XLSX)', () => {
  const fit = fitBgBb(donations, { method: 'ml' });
  if (!fit.ok) throw new Error(JSON.stringify(fit.error));
  const { params, logLikelihood, people } = fit.value;
  it('parameters and log-likelihood', () => {
    expect(people).toBe(11_104);
    expect(params.alpha).toBeCloseTo(1.2035, 3);
    expect(params.beta).toBeCloseTo(0.7497, 3);
    expect(params.gamma).toBeCloseTo(0.6567, 3);
    expect(params.delta).toBeCloseTo(2.7834, 3);
    expect(logLikelihood).toBeCloseTo(-33225.581, 3);
  });
  it.each([
    [0, 0, '0.1081'],
    [2, 4, '0.5897'],
    [6, 6, '0.9304'],
  ])('P(alive in 2002) for x = %d, last in period %d', (x, tx, expected) => {
    expect(bgBbAliveProbability(params, x, tx, 6).toFixed(4)).toBe(expected);
  });
  it('expected in the next five years, and counts in sample', () => {
    const total = donations.reduce((sum, g) => sum + g.count * bgBbExpectedPeriods(params, g.x, g.tx, g.T, 5), 0);
    expect(total.toFixed(1)).toBe('12884.2');
    expect([0, 6].map((x) => (people * bgBbCountProbability(params, x, 6)).toFixed(1))).toEqual(['3454.9', '1253.1']);
  });
  it('the counts of six years add up to one', () => {
    const sum = [0, 1, 2, 3, 4, 5, 6].reduce((s, x) => s + bgBbCountProbability(params, x, 6), 0);
    expect(sum).toBeCloseTo(1, 12);
  });
  it('refuses periods that are not whole, or more active periods than there were', () => {
    for (const broken of [
      { x: 1, tx: 1.5, T: 6, count: 100 },
      { x: 3, tx: 2, T: 6, count: 100 },
    ]) {
      expect(fitBgBb([...donations, broken])).toMatchObject({ ok: false, error: { reason: 'invalid_history' } });
    }
  });
});
