// Unconstrained minimisation in a few dimensions: Nelder–Mead to get near without derivatives, BFGS with central
// differences (or a given gradient) to finish. Both are deterministic and bounded in evaluations.
export type Objective = (x: readonly number[]) => number;
export type Minimum = {
  readonly x: readonly number[];
  readonly value: number;
  readonly evaluations: number;
  /** True where the method stopped by its own tolerance and not by its bound. */
  readonly converged: boolean;
};

/** NaN and ±Infinity count as "very bad", so a likelihood may be undefined somewhere. */
const guarded =
  (f: Objective): Objective =>
  (x) => {
    const value = f(x);
    return Number.isFinite(value) ? value : Number.MAX_VALUE;
  };

export type NelderMeadOptions = {
  readonly step?: number;
  readonly tolerance?: number;
  readonly evaluationsMax?: number;
};

/** Nelder & Mead 1965 with the standard coefficients 1, 2, ½, ½. Stops when the values of the simplex agree to `tolerance`. */
export function nelderMead(f: Objective, start: readonly number[], options: NelderMeadOptions = {}): Minimum {
  const { step = 0.5, tolerance = 1e-9, evaluationsMax = 2000 } = options;
  const objective = guarded(f);
  const n = start.length;
  let evaluations = 0;
  const at = (x: readonly number[]): { x: readonly number[]; value: number } => {
    evaluations++;
    return { x, value: objective(x) };
  };
  const simplex = [at(start), ...start.map((_, i) => at(start.map((v, j) => (i === j ? v + step : v))))];
  const byValue = (p: { value: number }, q: { value: number }): number => p.value - q.value;
  let converged = false;
  for (;;) {
    simplex.sort(byValue);
    const best = simplex[0]!;
    const worst = simplex[n]!;
    const size = Math.max(...simplex.map((s) => Math.max(...s.x.map((v, i) => Math.abs(v - best.x[i]!)))));
    if (worst.value - best.value <= tolerance * (1 + Math.abs(best.value)) && size < 1e-4) {
      converged = true;
      break;
    }
    if (evaluations >= evaluationsMax) break;
    const centre = start.map((_, i) => simplex.slice(0, n).reduce((sum, s) => sum + s.x[i]!, 0) / n);
    const along = (k: number): readonly number[] => centre.map((c, i) => c + k * (worst.x[i]! - c));
    const reflected = at(along(-1));
    if (reflected.value < best.value) {
      const expanded = at(along(-2));
      simplex[n] = expanded.value < reflected.value ? expanded : reflected;
    } else if (reflected.value < simplex[n - 1]!.value) {
      simplex[n] = reflected;
    } else {
      const contracted = at(along(reflected.value < worst.value ? -0.5 : 0.5));
      if (contracted.value < Math.min(reflected.value, worst.value)) simplex[n] = contracted;
      else for (let i = 1; i <= n; i++) simplex[i] = at(simplex[i]!.x.map((v, j) => (v + best.x[j]!) / 2));
    }
  }
  simplex.sort(byValue);
  return { x: simplex[0]!.x, value: simplex[0]!.value, evaluations, converged };
}

export type BfgsOptions = {
  readonly gradientTolerance?: number;
  readonly iterationsMax?: number;
  readonly differenceStep?: number;
  /** Stops, not converged, as soon as an accepted point satisfies this. */
  readonly giveUp?: (x: readonly number[]) => boolean;
  /** The exact gradient, where it is known: what makes hundreds of parameters affordable. Central differences otherwise. */
  readonly gradient?: (x: readonly number[]) => readonly number[];
};

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0);

/** BFGS (Nocedal & Wright, alg. 6.1) with Armijo backtracking. */
export function bfgs(f: Objective, start: readonly number[], options: BfgsOptions = {}): Minimum {
  const { gradientTolerance = 1e-4, iterationsMax = 200, differenceStep = 1e-5, giveUp = () => false } = options;
  const objective = guarded(f);
  let evaluations = 0;
  const valueAt = (x: readonly number[]): number => {
    evaluations++;
    return objective(x);
  };
  const gradientAt = (x: readonly number[]): number[] => {
    if (options.gradient !== undefined) return [...options.gradient(x)];
    return x.map((v, i) => {
      const h = differenceStep * Math.max(1, Math.abs(v));
      const moved = (to: number): number => valueAt(x.map((u, j) => (i === j ? to : u)));
      return (moved(v + h) - moved(v - h)) / (2 * h);
    });
  };
  const identity = (): number[][] => start.map((_, i) => start.map((_unused, j) => (i === j ? 1 : 0)));

  let x = [...start];
  let value = valueAt(x);
  let gradient = gradientAt(x);
  let inverse = identity();
  let fresh = true;
  for (let iteration = 0; iteration < iterationsMax && !giveUp(x); iteration++) {
    if (Math.max(...gradient.map(Math.abs)) < gradientTolerance) return { x, value, evaluations, converged: true };
    let direction = inverse.map((row) => -dot(row, gradient));
    let slope = dot(direction, gradient);
    if (!(slope < 0)) {
      inverse = identity();
      fresh = true;
      direction = gradient.map((g) => -g);
      slope = dot(direction, gradient);
    }
    // The first step of steepest descent has no natural length; one unit in the largest coordinate is safe for log-parameters.
    let length = fresh ? Math.min(1, 1 / Math.max(...direction.map(Math.abs))) : 1;
    let next = x;
    let nextValue = value;
    let accepted = false;
    for (let cut = 0; cut < 40 && !accepted; cut++, length /= 2) {
      next = x.map((v, i) => v + length * direction[i]!);
      nextValue = valueAt(next);
      accepted = nextValue <= value + 1e-4 * length * slope;
    }
    if (!accepted) {
      // Rounding noise of the differences is larger than what is left to gain.
      if (fresh) return { x, value, evaluations, converged: Math.max(...gradient.map(Math.abs)) < 1 };
      inverse = identity();
      fresh = true;
      continue;
    }
    const nextGradient = gradientAt(next);
    const s = next.map((v, i) => v - x[i]!);
    const y = nextGradient.map((v, i) => v - gradient[i]!);
    const sy = dot(s, y);
    if (sy > 1e-12) {
      if (fresh) inverse = identity().map((row) => row.map((v) => (v * sy) / dot(y, y)));
      const hy = inverse.map((row) => dot(row, y));
      const scale = (1 + dot(y, hy) / sy) / sy;
      inverse = inverse.map((row, i) =>
        row.map((v, j) => v + scale * s[i]! * s[j]! - (hy[i]! * s[j]! + s[i]! * hy[j]!) / sy),
      );
      fresh = false;
    }
    const still = Math.abs(value - nextValue) <= 1e-13 * (1 + Math.abs(value));
    x = next;
    value = nextValue;
    gradient = nextGradient;
    if (still && Math.max(...gradient.map(Math.abs)) < 1e-2) return { x, value, evaluations, converged: true };
  }
  return { x, value, evaluations, converged: false };
}
