import { describe, expect, it } from 'vitest';
import { DAY_MS, dayNumber } from '../../kernel/days.ts';
import { seededRng } from '../../kernel/random.ts';
import { drawGap, gapSurvival } from './life.ts';
import { awakeAt, createSeason, strengthOn } from './season.ts';

describe('gaps between orders', () => {
  it('have the survival function of their draws', () => {
    const rng = seededRng('gaps');
    const gaps = Array.from({ length: 20_000 }, () => drawGap(rng, 48));
    for (const x of [10, 40, 48, 90]) {
      const share = gaps.filter((gap) => gap > x).length / gaps.length;
      // Standard error of a share of 20,000 draws is at most 0.0036.
      expect(Math.abs(share - gapSurvival(x, 48))).toBeLessThan(4 * 0.0036);
    }
  });

  it('have the stated mean: the survival function integrates to it', () => {
    let area = 0;
    for (let x = 0; x < 600; x += 0.05) area += 0.05 * gapSurvival(x + 0.025, 48);
    expect(area).toBeCloseTo(48, 3);
  });
});

describe('the season', () => {
  it('is stronger at the November festival than in the New Year lull', () => {
    expect(strengthOn('2025-11-11')).toBeGreaterThan(1.5 * strengthOn('2026-02-03'));
  });

  it('maps time to need and back', () => {
    const season = createSeason('2024-09-01', 800);
    for (let day = 0; day < 799; day += 7.3) {
      const ms = (dayNumber('2024-09-01') + day) * DAY_MS;
      expect(Math.abs(season.timeOf(season.needAt(ms)) - ms)).toBeLessThan(5);
    }
    expect(season.timeOf(1e6)).toBe(Infinity);
  });

  it('moves visits to waking hours without changing their order', () => {
    const hours = Array.from({ length: 48 }, (_, i) => awakeAt((20_000 + i / 24) * DAY_MS, 8));
    expect(hours).toEqual(hours.toSorted((a, b) => a - b));
    // 0.06 of the day's activity lies before 07:00 local, which is 23:00 UTC of the day before in China.
    expect(new Date(awakeAt((20_000 + 0.06) * DAY_MS, 8)).toISOString().slice(11, 16)).toBe('23:00');
  });
});
