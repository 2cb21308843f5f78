import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { armOf, variantOf } from './assignment.ts';

const PEOPLE = Array.from({ length: 20_000 }, (_, i) => `person-${i}`);
const VARIANTS = [
  { key: 'a', share: 1 },
  { key: 'b', share: 2 },
  { key: 'c', share: 1 },
] as const;
const shareOf = (people: readonly string[], is: (person: string) => boolean): number =>
  people.filter(is).length / people.length;
/** Five standard errors of a share: false alarm one in a million, and the hash is fixed anyway. */
const within = (share: number, n: number): number => 5 * Math.sqrt((share * (1 - share)) / n);

describe('assignment', () => {
  it('is the same for ever: MD5("1:salt:arm:key") worked out with md5sum', () => {
    // printf '1:s1:arm:p1' | md5sum → d0ebd3c9…; 0xd0ebd3c9 = 3,505,116,105 → bucket 6,105.
    expect(armOf('s1', 'p1', 0.6105)).toBe('treated');
    expect(armOf('s1', 'p1', 0.6106)).toBe('control');
  });

  it.each([0, 0.05, 0.2, 0.5, 0.9])('gives control a share of %f', (share) => {
    const found = shareOf(PEOPLE, (person) => armOf('salt', person, share) === 'control');
    expect(Math.abs(found - share)).toBeLessThanOrEqual(within(share, PEOPLE.length));
  });

  it('only adds people to control when its share grows', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (salt, key, a, b) => {
          const arms = [Math.min(a, b), Math.max(a, b)].map((share) => armOf(salt, key, share));
          expect(arms).not.toEqual(['control', 'treated']);
        },
      ),
    );
  });

  it('splits variants by share, independently of the arm, the step and the other programme', () => {
    const control = PEOPLE.filter((person) => armOf('salt', person, 0.5) === 'control');
    const firsts = PEOPLE.filter((person) => variantOf('salt', 0, person, VARIANTS).variant.key === 'b');
    for (const [people, salt, step] of [
      [PEOPLE, 'salt', 0],
      [control, 'salt', 0],
      [firsts, 'salt', 1],
      [firsts, 'other', 0],
    ] as const) {
      for (const { key, share } of VARIANTS) {
        const found = shareOf(people, (person) => variantOf(salt, step, person, VARIANTS).variant.key === key);
        expect(Math.abs(found - share / 4)).toBeLessThanOrEqual(within(share / 4, people.length));
      }
    }
    const both = shareOf(control, (person) => armOf('other', person, 0.5) === 'control');
    expect(Math.abs(both - 0.5)).toBeLessThanOrEqual(within(0.5, control.length));
  });

  it('says the probability with which it chose', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1, maxLength: 20 }),
        fc.string(),
        (shares, key) => {
          const variants = shares.map((share, i) => ({ key: `v${i}`, share }));
          const { variant, propensity } = variantOf('s', 0, key, variants);
          expect(propensity).toBeCloseTo(variant.share / shares.reduce((sum, share) => sum + share, 0), 12);
        },
      ),
    );
  });

  it('refuses to choose among nothing', () => {
    expect(() => variantOf('s', 0, 'k', [])).toThrow('variants');
    expect(() => variantOf('s', 0, 'k', [{ key: 'a', share: 0 }])).toThrow('shares');
  });
});
