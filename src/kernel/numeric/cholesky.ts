// Quadratic forms of an inverse, without inverting: Cholesky factor of a symmetric positive definite matrix and forward substitution.

export type Matrix = readonly (readonly number[])[];

/** Lower factor L with A = L·Lᵀ. Throws RangeError where A is not positive definite. */
export function cholesky(a: Matrix): number[][] {
  const lower: number[][] = [];
  for (let i = 0; i < a.length; i++) {
    const row = Array.from({ length: a.length }, () => 0);
    lower.push(row);
    for (let j = 0; j <= i; j++) {
      let sum = a[i]![j]!;
      for (let k = 0; k < j; k++) sum -= row[k]! * lower[j]![k]!;
      if (i !== j) row[j] = sum / lower[j]![j]!;
      else if (sum > 0) row[i] = Math.sqrt(sum);
      else throw new RangeError('the matrix is not positive definite');
    }
  }
  return lower;
}

/** gᵀ A⁻¹ g for A = L·Lᵀ: the variance of a linear function whose precision matrix is A. */
export function inverseQuadratic(lower: Matrix, g: readonly number[]): number {
  const y: number[] = [];
  for (let i = 0; i < g.length; i++) {
    let sum = g[i]!;
    for (let k = 0; k < i; k++) sum -= lower[i]![k]! * y[k]!;
    y.push(sum / lower[i]![i]!);
  }
  return y.reduce((total, v) => total + v * v, 0);
}
