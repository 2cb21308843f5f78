// The inverse of a symmetric positive definite matrix of some thousands of rows, in one typed array. Three passes (Cholesky, the inverse of
// the factor, their product), each written so that it only ever multiplies rows with rows, which lie in memory as they are read, in blocks
// that stay in the cache. n³/2 multiply-adds; 8n² bytes.

const BLOCK = 64;
const CHUNK = 256;

/** Σ over p in [from, to) of rows i…i+rows × rows j…j+columns, added into `tile` (BLOCK wide). */
function multiplyRows(
  a: Float64Array,
  n: number,
  i0: number,
  rows: number,
  j0: number,
  columns: number,
  from: number,
  to: number,
  tile: Float64Array,
): void {
  for (let start = from; start < to; start += CHUNK) {
    const end = Math.min(to, start + CHUNK);
    let i = 0;
    for (; i + 4 <= rows; i += 4) {
      const a0 = (i0 + i) * n;
      const a1 = a0 + n;
      const a2 = a1 + n;
      const a3 = a2 + n;
      let j = 0;
      for (; j + 4 <= columns; j += 4) {
        const b0 = (j0 + j) * n;
        const b1 = b0 + n;
        const b2 = b1 + n;
        const b3 = b2 + n;
        let s00 = 0;
        let s01 = 0;
        let s02 = 0;
        let s03 = 0;
        let s10 = 0;
        let s11 = 0;
        let s12 = 0;
        let s13 = 0;
        let s20 = 0;
        let s21 = 0;
        let s22 = 0;
        let s23 = 0;
        let s30 = 0;
        let s31 = 0;
        let s32 = 0;
        let s33 = 0;
        for (let p = start; p < end; p++) {
          const y0 = a[b0 + p]!;
          const y1 = a[b1 + p]!;
          const y2 = a[b2 + p]!;
          const y3 = a[b3 + p]!;
          const x0 = a[a0 + p]!;
          s00 += x0 * y0;
          s01 += x0 * y1;
          s02 += x0 * y2;
          s03 += x0 * y3;
          const x1 = a[a1 + p]!;
          s10 += x1 * y0;
          s11 += x1 * y1;
          s12 += x1 * y2;
          s13 += x1 * y3;
          const x2 = a[a2 + p]!;
          s20 += x2 * y0;
          s21 += x2 * y1;
          s22 += x2 * y2;
          s23 += x2 * y3;
          const x3 = a[a3 + p]!;
          s30 += x3 * y0;
          s31 += x3 * y1;
          s32 += x3 * y2;
          s33 += x3 * y3;
        }
        const t = i * BLOCK + j;
        tile[t] = tile[t]! + s00;
        tile[t + 1] = tile[t + 1]! + s01;
        tile[t + 2] = tile[t + 2]! + s02;
        tile[t + 3] = tile[t + 3]! + s03;
        const u = t + BLOCK;
        tile[u] = tile[u]! + s10;
        tile[u + 1] = tile[u + 1]! + s11;
        tile[u + 2] = tile[u + 2]! + s12;
        tile[u + 3] = tile[u + 3]! + s13;
        const v = u + BLOCK;
        tile[v] = tile[v]! + s20;
        tile[v + 1] = tile[v + 1]! + s21;
        tile[v + 2] = tile[v + 2]! + s22;
        tile[v + 3] = tile[v + 3]! + s23;
        const w = v + BLOCK;
        tile[w] = tile[w]! + s30;
        tile[w + 1] = tile[w + 1]! + s31;
        tile[w + 2] = tile[w + 2]! + s32;
        tile[w + 3] = tile[w + 3]! + s33;
      }
      for (; j < columns; j++) for (let r = i; r < i + 4; r++) addDot(a, n, i0 + r, j0 + j, start, end, tile, r, j);
    }
    for (; i < rows; i++) for (let j = 0; j < columns; j++) addDot(a, n, i0 + i, j0 + j, start, end, tile, i, j);
  }
}

/** One cell of the edge that does not fill a 4 × 4 square. */
function addDot(
  a: Float64Array,
  n: number,
  row: number,
  column: number,
  from: number,
  to: number,
  tile: Float64Array,
  i: number,
  j: number,
): void {
  let sum = 0;
  for (let p = from; p < to; p++) sum += a[row * n + p]! * a[column * n + p]!;
  tile[i * BLOCK + j] = tile[i * BLOCK + j]! + sum;
}

/**
 * Replaces the strict lower triangle of `a` (n × n, row by row; only its lower triangle is read) by that of the inverse and returns the
 * inverse's diagonal. The upper triangle is working space. Throws RangeError where the matrix is not positive definite.
 */
export function invertSymmetric(a: Float64Array, n: number): Float64Array {
  const tile = new Float64Array(BLOCK * BLOCK);
  const factor = new Float64Array(n);
  // a = L Lᵀ, block column after block column; L's diagonal goes to `factor`.
  for (let k = 0; k < n; k += BLOCK) {
    const width = Math.min(BLOCK, n - k);
    for (let i = k; i < n; i += BLOCK) {
      const height = Math.min(BLOCK, n - i);
      tile.fill(0);
      multiplyRows(a, n, i, height, k, width, 0, k, tile);
      for (let r = 0; r < height; r++) {
        const row = (i + r) * n;
        const last = i === k ? Math.min(r, width - 1) : width - 1;
        for (let c = 0; c <= last; c++) {
          let sum = a[row + k + c]! - tile[r * BLOCK + c]!;
          for (let p = 0; p < c; p++) sum -= a[row + k + p]! * a[(k + c) * n + k + p]!;
          if (i + r === k + c) {
            if (!(sum > 0)) throw new RangeError(`not positive definite at row ${k + c}`);
            factor[k + c] = Math.sqrt(sum);
          } else a[row + k + c] = sum / factor[k + c]!;
        }
      }
    }
  }
  // X = L⁻¹, kept transposed in the upper triangle and on the diagonal: X[i][j] = −(Σ L[i][p] X[p][j]) / L[i][i].
  for (let i = 0; i < n; i += BLOCK) {
    const height = Math.min(BLOCK, n - i);
    for (let j = 0; j < i; j += BLOCK) {
      const width = Math.min(BLOCK, i - j);
      tile.fill(0);
      // Below its diagonal the block of Xᵀ at j still holds L: those cells are taken one by one, from each column's diagonal on.
      for (let c = 0; c < width; c++)
        for (let r = 0; r < height; r++) addDot(a, n, i + r, j + c, j + c, j + width, tile, r, c);
      multiplyRows(a, n, i, height, j, width, j + width, i, tile);
      for (let c = 0; c < width; c++) {
        const column = (j + c) * n + i;
        for (let r = 0; r < height; r++) {
          let sum = tile[r * BLOCK + c]!;
          const row = (i + r) * n + i;
          for (let p = 0; p < r; p++) sum += a[row + p]! * a[column + p]!;
          a[column + r] = -sum / factor[i + r]!;
        }
      }
    }
    for (let c = 0; c < height; c++) {
      const column = (i + c) * n + i;
      a[column + c] = 1 / factor[i + c]!;
      for (let r = c + 1; r < height; r++) {
        const row = (i + r) * n + i;
        let sum = 0;
        for (let p = c; p < r; p++) sum += a[row + p]! * a[column + p]!;
        a[column + r] = -sum / factor[i + r]!;
      }
    }
  }
  // a⁻¹ = Xᵀ X: rows of Xᵀ with rows of Xᵀ, from the later of the two diagonals on.
  const diagonal = new Float64Array(n);
  for (let i = 0; i < n; i += BLOCK) {
    const height = Math.min(BLOCK, n - i);
    for (let j = 0; j <= i; j += BLOCK) {
      const width = Math.min(BLOCK, n - j);
      tile.fill(0);
      multiplyRows(a, n, i, height, j, width, i + height, n, tile);
      for (let r = 0; r < height; r++) {
        for (let c = 0; c < width && j + c <= i + r; c++) {
          let sum = tile[r * BLOCK + c]!;
          for (let p = i + r; p < i + height; p++) sum += a[(i + r) * n + p]! * a[(j + c) * n + p]!;
          if (i + r === j + c) diagonal[i + r] = sum;
          else a[(i + r) * n + j + c] = sum;
        }
      }
    }
  }
  return diagonal;
}
