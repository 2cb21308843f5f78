// EASE (Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data", arXiv 1905.03375): which items do people who hold this item hold
// as well, once everything else they hold is accounted for? P = (XᵀX + λI)⁻¹, B_ij = −P_ij / P_jj, zero diagonal; a person's score for
// item j is Σ B_ij over the items i she holds.
import { invertSymmetric } from './symmetric-inverse.ts';

/** For item i: `ids` at [offsets[i], offsets[i + 1]) are its neighbours, the heaviest first, and `weights` what holding i adds to each. */
export type Neighbours = {
  readonly offsets: Uint32Array<ArrayBuffer>;
  readonly ids: Uint32Array<ArrayBuffer>;
  readonly weights: Float32Array<ArrayBuffer>;
};

/** The `keep` largest of `count` numbers, by their index, the largest first; only numbers above 0; equal numbers by index. */
function largest(valueAt: (index: number) => number, count: number, keep: number): number[] {
  const found: number[] = [];
  let least = 0;
  for (let index = 0; index < count; index++) {
    const value = valueAt(index);
    if (!(value > 0) || (found.length === keep && value <= least)) continue;
    let low = 0;
    let high = found.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (valueAt(found[middle]!) >= value) low = middle + 1;
      else high = middle;
    }
    found.splice(low, 0, index);
    if (found.length > keep) found.pop();
    least = valueAt(found[found.length - 1]!);
  }
  return found;
}

/**
 * A matrix of item × item weights is kept twice, thinned in two ways. `neighbours`: the heaviest of every held item. `signs`: the
 * heaviest of every candidate, turned round to lie by held item as well (within one item by candidate).
 */
export type EaseWeights = { readonly neighbours: Neighbours; readonly signs: Neighbours };

function flattened(rows: readonly (readonly (readonly [id: number, weight: number])[])[]): Neighbours {
  const offsets = new Uint32Array(rows.length + 1);
  rows.forEach((row, i) => {
    offsets[i + 1] = offsets[i]! + row.length;
  });
  const cells = rows.flat();
  return {
    offsets,
    ids: Uint32Array.from(cells, ([id]) => id),
    weights: Float32Array.from(cells, ([, weight]) => weight),
  };
}

/**
 * Trains on a Gram matrix: `gram` holds XᵀX in its lower triangle (n × n, row by row: on the diagonal the people who hold an item, below
 * it those who hold both), and is destroyed. Keeps the `keep` heaviest weights of every item, of those above 0. λ > 0 is in units of
 * people. Time n³/2 multiply-adds. Throws RangeError for λ ≤ 0.
 */
export function trainEase(gram: Float64Array, n: number, lambda: number, keep: number): EaseWeights {
  if (!(lambda > 0)) throw new RangeError(`lambda must be above 0: ${lambda}`);
  for (let i = 0; i < n; i++) gram[i * n + i] = gram[i * n + i]! + lambda;
  const diagonal = invertSymmetric(gram, n);
  const weightOf = (i: number, j: number): number =>
    i === j ? 0 : -(i > j ? gram[i * n + j]! : gram[j * n + i]!) / diagonal[j]!;
  const items = Array.from({ length: n }, (_, i) => i);
  const signs: (readonly [number, number])[][] = items.map(() => []);
  for (const j of items)
    for (const i of largest((held) => weightOf(held, j), n, keep)) signs[i]!.push([j, weightOf(i, j)]);
  const neighbours = items.map((i) => largest((j) => weightOf(i, j), n, keep).map((j) => [j, weightOf(i, j)] as const));
  return { neighbours: flattened(neighbours), signs: flattened(signs) };
}
