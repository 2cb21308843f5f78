// Logistic regression by Newton's method (iteratively reweighted least squares) on a matrix that fits in memory.
// Minimises  Σ w·log-loss + ½·ridge·‖β‖²  over standardised features; the intercept is not penalised. With ridge 1 it is the
// estimate that scikit-learn calls C = 1. Deterministic, bounded in iterations.
import { ok, refused, type Result } from '../../kernel/result.ts';

/** Row-major: `rows` × `columns` numbers, and one label (0 or 1) per row. */
export type Matrix = { readonly rows: number; readonly columns: number; readonly values: Float64Array };

/** P(1) = 1 / (1 + exp(−(intercept + Σ βᵢ·(fᵢ − meanᵢ)/sdᵢ))). */
export type LogisticParams = {
  readonly intercept: number;
  readonly coefficients: readonly number[];
  readonly means: readonly number[];
  readonly sds: readonly number[];
};

export type LogisticRefusal = { readonly reason: 'one_class' | 'not_finite' | 'diverged' };

const ITERATIONS_MAX = 50;
/** Newton's decrement at which the objective can no longer change in its ninth digit. */
const TOLERANCE = 1e-10;

export const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

/** ln(1 + e^v) without overflow. */
const softplus = (v: number): number => (v > 0 ? v + Math.log1p(Math.exp(-v)) : Math.log1p(Math.exp(v)));

/** Solves the symmetric positive definite system in place by Cholesky; undefined where it is not positive definite. */
function solveSymmetric(a: Float64Array, b: Float64Array): Float64Array | undefined {
  const n = b.length;
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      if (i > j) a[i * n + j] = sum / a[j * n + j]!;
      else if (sum <= 0) return undefined;
      else a[i * n + j] = Math.sqrt(sum);
    }
  }
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] = x[i]! - a[i * n + k]! * x[k]!;
    x[i] = x[i]! / a[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] = x[i]! - a[k * n + i]! * x[k]!;
    x[i] = x[i]! / a[i * n + i]!;
  }
  return x;
}

function standardise({ rows, columns, values }: Matrix): {
  readonly z: Float64Array;
  readonly means: number[];
  readonly sds: number[];
} {
  const means = Array.from({ length: columns }, () => 0);
  const sds = Array.from({ length: columns }, () => 0);
  for (let i = 0; i < values.length; i++) means[i % columns]! += values[i]! / rows;
  for (let i = 0; i < values.length; i++) sds[i % columns]! += (values[i]! - means[i % columns]!) ** 2 / rows;
  // A constant feature carries nothing: its column becomes 0 and the ridge leaves its coefficient there.
  for (let j = 0; j < columns; j++)
    sds[j] = Math.sqrt(sds[j]!) > 1e-12 * (1 + Math.abs(means[j]!)) ? Math.sqrt(sds[j]!) : 1;
  const z = Float64Array.from(values, (value, i) => (value - means[i % columns]!) / sds[i % columns]!);
  return { z, means, sds };
}

/** Fits. Refuses labels that are all alike, values that are not finite, and a search that does not settle. */
export function fitLogistic(
  matrix: Matrix,
  labels: Uint8Array,
  ridge = 1,
): Result<{ readonly params: LogisticParams; readonly iterations: number }, LogisticRefusal> {
  const { rows, columns, values } = matrix;
  if (values.some((value) => !Number.isFinite(value))) return refused({ reason: 'not_finite' });
  const positive = labels.reduce((sum, label) => sum + label, 0);
  if (positive === 0 || positive === rows) return refused({ reason: 'one_class' });
  const { z, means, sds } = standardise(matrix);
  const n = columns + 1;
  const logitOf = (beta: Float64Array, row: number): number => {
    let logit = beta[columns]!;
    for (let j = 0; j < columns; j++) logit += beta[j]! * z[row * columns + j]!;
    return logit;
  };
  const objective = (beta: Float64Array): number => {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += (ridge * beta[j]! ** 2) / 2;
    for (let row = 0; row < rows; row++) {
      const logit = logitOf(beta, row);
      sum += softplus(logit) - labels[row]! * logit;
    }
    return sum;
  };
  let beta = new Float64Array(n);
  beta[columns] = Math.log(positive / (rows - positive));
  let value = objective(beta);
  for (let iteration = 1; iteration <= ITERATIONS_MAX; iteration++) {
    const gradient = new Float64Array(n);
    const hessian = new Float64Array(n * n);
    for (let row = 0; row < rows; row++) {
      const chance = sigmoid(logitOf(beta, row));
      const residual = chance - labels[row]!;
      const weight = chance * (1 - chance);
      const at = row * columns;
      for (let i = 0; i < columns; i++) {
        const zi = z[at + i]!;
        gradient[i]! += residual * zi;
        const wz = weight * zi;
        for (let j = 0; j <= i; j++) hessian[i * n + j]! += wz * z[at + j]!;
        hessian[columns * n + i]! += wz;
      }
      gradient[columns]! += residual;
      hessian[columns * n + columns]! += weight;
    }
    for (let j = 0; j < columns; j++) {
      gradient[j]! += ridge * beta[j]!;
      hessian[j * n + j]! += ridge;
    }
    const step = solveSymmetric(hessian, gradient);
    if (step === undefined) return refused({ reason: 'diverged' });
    const decrement = step.reduce((sum, s, i) => sum + s * gradient[i]!, 0);
    let scale = 1;
    let next = beta.map((b, i) => b - scale * step[i]!);
    let reached = objective(next);
    // A full Newton step can overshoot; halving it keeps every step downhill.
    for (let halvings = 0; !(reached <= value) && halvings < 30; halvings++) {
      scale /= 2;
      next = beta.map((b, i) => b - scale * step[i]!);
      reached = objective(next);
    }
    const isSettled = decrement / 2 < TOLERANCE * (1 + Math.abs(value));
    if (reached <= value) [beta, value] = [next, reached];
    if (isSettled) {
      const params = { intercept: beta[columns]!, coefficients: [...beta.subarray(0, columns)], means, sds };
      return ok({ params, iterations: iteration });
    }
  }
  return refused({ reason: 'diverged' });
}

/** Log-odds of one person's features. */
export const logisticLogit = (
  { intercept, coefficients, means, sds }: LogisticParams,
  features: readonly number[],
): number => coefficients.reduce((sum, b, i) => sum + (b * (features[i]! - means[i]!)) / sds[i]!, intercept);

export const logisticProbability = (params: LogisticParams, features: readonly number[]): number =>
  sigmoid(logisticLogit(params, features));
