import { describe, expect, it } from 'vitest';
import { seededRng } from './random.ts';

const N = 200_000;

/** sfc32 and FNV-1a once more, in exact integers, after PractRand's sfc.cpp and the FNV page (offset basis 2166136261, prime 16777619). */
function* reference(label: string): Generator<number> {
  const M = 0xffffffffn;
  const fnv = (text: string): bigint => {
    let h = 2166136261n;
    for (const byte of Buffer.from(text)) h = ((h ^ BigInt(byte)) * 16777619n) & M;
    return h;
  };
  let [a, b, c, counter] = [fnv(`${label}/a`), fnv(`${label}/b`), fnv(`${label}/c`), 1n];
  for (let i = 0; ; i++) {
    const result = (a + b + counter++) & M;
    a = b ^ (b >> 9n);
    b = (c + (c << 3n)) & M;
    c = ((((c << 21n) | (c >> 11n)) & M) + result) & M;
    if (i >= 12) yield Number(result) / 2 ** 32;
  }
}

const moments = (draw: () => number): { mean: number; variance: number } => {
  const values = Array.from({ length: N }, draw);
  const mean = values.reduce((sum, x) => sum + x, 0) / N;
  return { mean, variance: values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (N - 1) };
};

describe('seededRng', () => {
  it('is sfc32', () => {
    const rng = seededRng('shop-7');
    const other = reference('shop-7');
    for (let i = 0; i < 1000; i++) expect(rng.next()).toBe(other.next().value);
  });

  it('gives one stream per seed, and forks that leave it alone', () => {
    const [a, b] = [seededRng(7), seededRng('7')];
    a.fork('x').next();
    expect(a.next()).toBe(b.next());
    expect(a.fork('x').next()).toBe(b.fork('x').next());
    expect(a.fork('x').next()).not.toBe(a.fork('y').next());
  });

  // Each mean within 5 standard errors of the distribution's own, each variance within 5%.
  it.each([
    ['uniform', (r: ReturnType<typeof seededRng>) => r.next(), 1 / 2, 1 / 12],
    ['normal(3, 2)', (r: ReturnType<typeof seededRng>) => r.normal(3, 2), 3, 4],
    ['exponential(5)', (r: ReturnType<typeof seededRng>) => r.exponential(5), 5, 25],
    ['gamma(2.5, 3)', (r: ReturnType<typeof seededRng>) => r.gamma(2.5, 3), 7.5, 22.5],
    ['gamma(0.3, 2)', (r: ReturnType<typeof seededRng>) => r.gamma(0.3, 2), 0.6, 1.2],
    ['poisson(4)', (r: ReturnType<typeof seededRng>) => r.poisson(4), 4, 4],
    ['poisson(800)', (r: ReturnType<typeof seededRng>) => r.poisson(800), 800, 800],
    ['chance(0.2)', (r: ReturnType<typeof seededRng>) => Number(r.chance(0.2)), 0.2, 0.16],
  ])('%s has its mean and variance', (name, draw, mean, variance) => {
    const rng = seededRng(name);
    const seen = moments(() => draw(rng));
    expect(Math.abs(seen.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / N));
    expect(Math.abs(seen.variance / variance - 1)).toBeLessThan(0.05);
  });

  it('picks every item about equally, and refuses an empty list', () => {
    const rng = seededRng(1);
    const counts = new Map<string, number>();
    for (let i = 0; i < 30_000; i++) {
      const item = rng.pick(['a', 'b', 'c']);
      counts.set(item, (counts.get(item) ?? 0) + 1);
    }
    // Standard deviation of one count: √(30,000 · ⅓ · ⅔) = 82.
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(5 * 82);
    expect(() => rng.pick([])).toThrow('empty');
  });
});
