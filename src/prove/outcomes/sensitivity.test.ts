import { describe, expect, it } from 'vitest';
import { peopleNeeded } from '../statistics/power.ts';
import { smallestLift } from './sensitivity.ts';

describe('the smallest lift that can be seen', () => {
  it.each([
    [0.0973, 0.01, 0.5],
    [0.0973, 0.01, 0.2],
    [0.02, 0.002, 0.1],
  ])('turns the sample size formula around: base %d, lift %d, control share %d', (controlRate, lift, controlShare) => {
    const { control, treated } = peopleNeeded({ controlRate, treatedRate: controlRate + lift, controlShare });
    expect(smallestLift({ controlRate, controlPeople: control, treatedPeople: treated })).toBeCloseTo(lift, 4);
  });

  it('knows the published size: 28,824 people at equal shares show one point on 9.73% (α .05, power .8)', () =>
    expect(smallestLift({ controlRate: 0.0973, controlPeople: 14_412, treatedPeople: 14_412 })).toBeCloseTo(0.01, 4));

  it('has no answer where there is no comparison', () => {
    expect(smallestLift({ controlRate: 0.1, controlPeople: 0, treatedPeople: 1_000 })).toBeNull();
    expect(smallestLift({ controlRate: 0.9, controlPeople: 5, treatedPeople: 5 })).toBeNull();
  });
});
