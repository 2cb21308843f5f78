import { describe, expect, it } from 'vitest';
import { biasNote, npsOf, weightedShare, wilson } from './tally.ts';

describe('figures of a survey', () => {
  it('gives Wilson’s interval', () => {
    // Newcombe 1998 (Statistics in Medicine 17:857), table I, method 3: 81/263 → .2553 to .3662; 15/148 → .0624 to .1605; 0/20 → 0 to .1611.
    const shown = (count: number, of: number): string[] => {
      const { low, high } = wilson(count, of);
      return [low.toFixed(4), high.toFixed(4)];
    };
    expect(shown(81, 263)).toEqual(['0.2553', '0.3662']);
    expect(shown(15, 148)).toEqual(['0.0624', '0.1605']);
    expect(shown(0, 20)).toEqual(['0.0000', '0.1611']);
    expect(wilson(0, 0)).toEqual({ share: 0, low: 0, high: 1 });
  });

  it('gives the Net Promoter Score', () => {
    // 50 promoters, 30 passives, 20 detractors of 100: NPS 30; variance (.5 + .2 − .3²)/100 = .0061, 1.96 · .0781 = 15.3.
    const nps = npsOf(
      new Map([
        ['9', 20],
        ['10', 30],
        ['7', 10],
        ['8', 20],
        ['0', 5],
        ['6', 15],
      ]),
    )!;
    expect(nps.score).toBeCloseTo(30, 10);
    expect(nps.low).toBeCloseTo(30 - 15.31, 1);
    expect(nps.high).toBeCloseTo(30 + 15.31, 1);
    expect(npsOf(new Map())).toBeUndefined();
  });

  it('weights answers back to everybody asked', () => {
    // A: 100 asked, 10 answered, 8 of them yes; B: 300 asked, 100 answered, 20 yes. Plain 28/110; weighted .25·.8 + .75·.2 = .35.
    const groups = [
      {
        group: 'A',
        invited: 100,
        answers: new Map([
          ['yes', 8],
          ['no', 2],
        ]),
      },
      {
        group: 'B',
        invited: 300,
        answers: new Map([
          ['yes', 20],
          ['no', 80],
        ]),
      },
      { group: 'C', invited: 50, answers: new Map<string, number>() },
    ];
    expect(weightedShare(groups, 'yes')).toBeCloseTo(0.35, 12);
    expect(weightedShare([], 'yes')).toBe(0);
    const note = biasNote(groups);
    expect(note.en).toContain('24.4% of 450');
    expect(note.en).toContain('from 0.0% (C) to 33.3% (B)');
    expect(biasNote([]).zh).toBe('尚未询问任何人。');
  });
});
