// Seeded randomness: same seed, same stream, on every machine. Nothing in the product uses Math.random for decisions.
export type Rng = {
  /** Uniform in [0, 1). */
  readonly next: () => number;
  /** Integer in [0, n). */
  readonly below: (n: number) => number;
  readonly chance: (p: number) => boolean;
  readonly normal: (mean?: number, sd?: number) => number;
  /** Exponential with the given mean. */
  readonly exponential: (mean: number) => number;
  readonly gamma: (shape: number, scale: number) => number;
  readonly poisson: (mean: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
  /** An independent stream named by `label`; forking never disturbs this stream. */
  readonly fork: (label: string | number) => Rng;
};

/** FNV-1a, 32 bits: only for seeding streams, never for assignment (see hash.ts). */
function seedOf(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** sfc32 (PractRand suite; Chris Doty-Humphrey), seeded from a string or number. */
export function seededRng(seed: number | string): Rng {
  const label = String(seed);
  let a = seedOf(`${label}/a`);
  let b = seedOf(`${label}/b`);
  let c = seedOf(`${label}/c`);
  let d = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i++) next();
  const normal = (mean = 0, sd = 1): number =>
    mean + sd * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const gamma = (shape: number, scale: number): number => {
    // Marsaglia & Tsang 2000; the boost for shape < 1 is theirs too.
    if (shape < 1) return gamma(shape + 1, scale) * Math.pow(1 - next(), 1 / shape);
    const dd = shape - 1 / 3;
    const cc = 1 / Math.sqrt(9 * dd);
    for (;;) {
      const x = normal();
      const v = (1 + cc * x) ** 3;
      if (v <= 0) continue;
      if (Math.log(1 - next()) < 0.5 * x * x + dd - dd * v + dd * Math.log(v)) return dd * v * scale;
    }
  };
  const poisson = (mean: number): number => {
    if (mean > 500) return Math.max(0, Math.round(normal(mean, Math.sqrt(mean))));
    const limit = Math.exp(-mean);
    let k = 0;
    for (let p = next(); p > limit; p *= next()) k++;
    return k;
  };
  return {
    next,
    below: (n) => Math.floor(next() * n),
    chance: (p) => next() < p,
    normal,
    exponential: (mean) => -mean * Math.log(1 - next()),
    gamma,
    poisson,
    pick: (items) => {
      if (items.length === 0) throw new Error('pick from an empty list');
      return items[Math.floor(next() * items.length)]!;
    },
    fork: (name) => seededRng(`${label}/${name}`),
  };
}
