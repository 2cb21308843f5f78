// Which arm is a person in? A versioned hash of programme and cluster: the same answer for ever, on every machine, for everybody who
// shares an address. Pure.
import { BUCKETS, bucketOf } from '../../kernel/hash.ts';

/**
 * Control when the cluster's bucket under the programme's salt lies below `controlShare`.
 * @param controlShare share of people left alone, in [0, 1)
 */
export function armOf(salt: string, clusterKey: string, controlShare: number): 'treated' | 'control' {
  return bucketOf(`${salt}:arm`, clusterKey) < Math.round(controlShare * BUCKETS) ? 'control' : 'treated';
}

/** One of the variants, by share of the second, independent hash. Shares need not sum to one. Throws when there is none. */
export function variantOf<V extends { readonly key: string; readonly share: number }>(
  salt: string,
  step: number,
  clusterKey: string,
  variants: readonly V[],
): { readonly variant: V; readonly propensity: number } {
  const total = variants.reduce((sum, variant) => sum + variant.share, 0);
  if (variants.length === 0 || !(total > 0)) throw new Error('a message step needs variants with positive shares');
  const point = ((bucketOf(`${salt}:variant:${step}`, clusterKey) + 0.5) / BUCKETS) * total;
  let reached = 0;
  for (const variant of variants) {
    reached += variant.share;
    if (point < reached) return { variant, propensity: variant.share / total };
  }
  const last = variants.at(-1)!;
  return { variant: last, propensity: last.share / total };
}
