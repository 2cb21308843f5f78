import { describe, expect, it } from 'vitest';
import { recommendThreshold } from './recommend-threshold.ts';
import { chanceOfReturn, returnCurve, survivalAt, type SilenceGroup } from './return-curve.ts';

const one = (silentDays: number, ended: boolean): SilenceGroup => ({
  silentDays,
  returned: ended ? 1 : 0,
  censored: ended ? 0 : 1,
});

describe('returnCurve', () => {
  // Miller 1981, acute myelogenous leukaemia, maintained arm (data `aml` of the R package survival):
  // 9 13 13+ 18 23 28+ 31 34 45+ 48 161+; survfit(…, conf.type = "log-log").
  const aml = [
    one(9, true),
    one(13, true),
    one(13, false),
    one(18, true),
    one(23, true),
    one(28, false),
    one(31, true),
    one(34, true),
    one(45, false),
    one(48, true),
    one(161, false),
  ];
  it('reproduces survfit on aml', () => {
    const points = returnCurve(aml).filter((point) => ![28, 45, 161].includes(point.day));
    expect(points.map((point) => [point.day, point.atRisk, point.survival.toFixed(3)])).toEqual([
      [9, 11, '0.909'],
      [13, 10, '0.818'],
      [18, 8, '0.716'],
      [23, 7, '0.614'],
      [31, 5, '0.491'],
      [34, 4, '0.368'],
      [48, 2, '0.184'],
    ]);
    expect(points.map((point) => [point.low.toFixed(4), point.high.toFixed(3)])).toEqual([
      ['0.5081', '0.987'],
      ['0.4474', '0.951'],
      ['0.3502', '0.899'],
      ['0.2658', '0.835'],
      ['0.1673', '0.753'],
      ['0.0928', '0.657'],
      ['0.0117', '0.525'],
    ]);
  });
  it('does not care how silences are grouped or ordered', () => {
    const merged = [...aml.slice(3), { silentDays: 13, returned: 1, censored: 1 }, one(9, true)];
    expect(returnCurve(merged)).toEqual(returnCurve(aml));
  });
  it('has open ends where nothing is known', () => {
    expect(returnCurve([])).toEqual([]);
    expect(returnCurve([one(5, true)])).toEqual([{ day: 5, survival: 0, low: 0, high: 1, atRisk: 1, open: 0 }]);
  });
  it('bounds what nobody has done yet by how many were watched: P(none of n) = S^n = 2.5%', () => {
    const [one5] = returnCurve([one(5, false)]);
    expect(one5).toMatchObject({ survival: 1, high: 1, atRisk: 1 });
    expect(one5?.low).toBeCloseTo(0.025, 12);
    const [hundred] = returnCurve([{ silentDays: 5, returned: 0, censored: 100 }]);
    expect(hundred!.low ** 100).toBeCloseTo(0.025, 12);
  });
  it('is read as a step function', () => {
    const curve = returnCurve(aml);
    expect(survivalAt(curve, 8)).toBe(1);
    expect(survivalAt(curve, 12)).toBeCloseTo(10 / 11, 12);
    expect(survivalAt(curve, 1000)).toBe(curve.at(-1)!.survival);
    // 1 − S(18)/S(12): of ten at risk after day 12 one returned on 13 and one of eight on 18.
    expect(chanceOfReturn(curve, 12, 6)).toBeCloseTo(1 - 0.9 * (7 / 8), 12);
  });
});

/**
 * Silences that end with probability `share` at all, after an exponential time of `meanDays`, observed for `days`: expected
 * counts of a million, so that the answer is the one of the formula and no luck is in it.
 */
function exponentialMixture(share: number, meanDays: number, days: number): SilenceGroup[] {
  const people = 1e6;
  const open = (day: number): number => people * (1 - share + share * Math.exp(-day / meanDays));
  const ended = Array.from({ length: days }, (_, i) => ({
    silentDays: i + 1,
    returned: open(i) - open(i + 1),
    censored: 0,
  }));
  return [...ended, { silentDays: days, returned: 0, censored: open(days) }];
}

describe('recommendThreshold', () => {
  // With S(d) = 1 − π + π e^(−d/m), the chance of return is π u (1 − e^(−H/m)) / (1 − π + π u), u = e^(−d/m): highest at d = 0, half of
  // that where u = (1 − π)/(2 − π), so at d = m ln((2 − π)/(1 − π)).
  it.each([
    [0.8, 20, 30],
    [0.5, 10, 14],
    [0.9, 40, 60],
  ])('half of the best chance: share %d, mean %d days, horizon %d', (share, mean, horizonDays) => {
    const curve = returnCurve(exponentialMixture(share, mean, 400));
    const advice = recommendThreshold(curve, { horizonDays });
    expect(advice.reason).toBe('target_reached');
    expect(advice.thresholdDays).toBe(Math.ceil(mean * Math.log((2 - share) / (1 - share))));
    expect(advice.bestDay).toBe(0);
    expect(advice.bestChance).toBeCloseTo(share * (1 - Math.exp(-horizonDays / mean)), 9);
    const left = Math.exp(-advice.thresholdDays! / mean);
    expect(advice.returnedByThen).toBeCloseTo(share * (1 - left), 9);
    expect(advice.stillReturning).toBeLessThanOrEqual(advice.targetChance);
  });
  it('an absolute chance: π u (1−e^(−H/m)) / (1−π+πu) = c gives u = c (1−π) / (π (1 − e^(−H/m) − c))', () => {
    const [share, mean, horizonDays, chance] = [0.8, 20, 30, 0.1];
    const u = (chance * (1 - share)) / (share * (1 - Math.exp(-horizonDays / mean) - chance));
    const curve = returnCurve(exponentialMixture(share, mean, 400));
    const advice = recommendThreshold(curve, { horizonDays, target: { kind: 'chance', chance } });
    expect(advice.thresholdDays).toBe(Math.ceil(-mean * Math.log(u)));
    expect(advice.targetChance).toBe(chance);
  });
  it('people who come every thirty days are not dormant in their first week, although nobody returns in it', () => {
    // Eight of ten return on day 30, one on day 60, one never.
    const curve = returnCurve([
      { silentDays: 30, returned: 800, censored: 0 },
      { silentDays: 60, returned: 100, censored: 0 },
      { silentDays: 120, returned: 0, censored: 100 },
    ]);
    const advice = recommendThreshold(curve, { horizonDays: 7 });
    // The chance is .8 on days 23–29, ½ on 53–59 (above .4), 0 from day 60 on.
    expect(advice).toMatchObject({ thresholdDays: 60, reason: 'target_reached', bestDay: 23, stillReturning: 0 });
    expect(advice.bestChance).toBeCloseTo(0.8, 12);
  });
  it('the knee where the target is never reached', () => {
    // Hazard 5% a day for 20 days, 1.5% ever after: the one-day chance falls from .05 to .015 and stays, the target of 1% is not met.
    const groups: SilenceGroup[] = [];
    let open = 1e6;
    for (let day = 1; day <= 200; day++) {
      const returned = open * (day <= 20 ? 0.05 : 0.015);
      groups.push({ silentDays: day, returned, censored: day === 200 ? open - returned : 0 });
      open -= returned;
    }
    const advice = recommendThreshold(returnCurve(groups), {
      horizonDays: 1,
      target: { kind: 'chance', chance: 0.01 },
    });
    expect(advice).toMatchObject({ thresholdDays: 20, reason: 'knee' });
    expect(advice.stillReturning).toBeCloseTo(0.015, 9);
  });
  it('says so where silence tells nothing: a pure exponential has no memory', () => {
    const advice = recommendThreshold(returnCurve(exponentialMixture(1, 60, 200)), { horizonDays: 30 });
    expect(advice.reason).toBe('silence_tells_nothing');
    expect(advice.stillReturning).toBeCloseTo(1 - Math.exp(-30 / 60), 6);
  });
  it('says that nobody came back where enough were watched for long enough', () => {
    const silent = returnCurve([{ silentDays: 400, returned: 0, censored: 100 }]);
    expect(recommendThreshold(silent, { horizonDays: 90 })).toMatchObject({
      thresholdDays: undefined,
      reason: 'nobody_returned',
    });
  });
  it('asks for more history where nobody was watched for a whole horizon', () => {
    const nothing = { thresholdDays: undefined, reason: 'not_enough_history' };
    expect(recommendThreshold([], { horizonDays: 30 })).toMatchObject(nothing);
    expect(recommendThreshold(returnCurve([one(5, true)]), { horizonDays: 30 })).toMatchObject(nothing);
    const short = returnCurve(exponentialMixture(0.5, 10, 20));
    expect(recommendThreshold(short, { horizonDays: 30 })).toMatchObject(nothing);
  });
});
