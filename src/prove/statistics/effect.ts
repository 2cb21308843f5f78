// How large is the difference between two arms, and how uncertain? One delta method for every kind of metric: a mean, a
// proportion, a ratio of two means, each with or without a covariate measured before the experiment (CUPED, CUPAC).
// Inputs are sufficient statistics, so the rows stay in the events store. Definitions are those of GrowthBook's gbstats.
import { ok, refused, type Result } from '../../kernel/result.ts';

/** Of one metric over the n people of an arm. */
export type Sums = { readonly n: number; readonly sum: number; readonly sumSquares: number };
/** A metric and a covariate fixed before treatment: pre-period metric, or a model's prediction. */
export type AdjustedSums = Sums & {
  readonly covariateSum: number;
  readonly covariateSumSquares: number;
  /** Σ metric · covariate. */
  readonly crossSum: number;
};
export type MetricKind = 'mean' | 'proportion';
/** `relative`: (treated − control) / control mean. */
export type Scale = 'absolute' | 'relative';

export type Effect = {
  readonly estimate: number;
  readonly se: number;
  /** People in both arms. */
  readonly n: number;
  /** Welch–Satterthwaite degrees of freedom. */
  readonly df: number;
};

export type EffectRefusal = {
  readonly reason: 'too_few_people' | 'no_variance' | 'control_mean_not_positive';
};

/** An arm as estimated quantities: means of its components, their per-person covariance matrix, and people. */
type Arm = {
  readonly n: number;
  readonly means: readonly number[];
  readonly covariance: readonly (readonly number[])[];
};

/** gᵀ Σ g / n. */
function varianceAlong(arm: Arm, gradient: readonly number[]): number {
  let sum = 0;
  gradient.forEach((g, i) => gradient.forEach((h, j) => (sum += g * h * arm.covariance[i]![j]!)));
  return sum / arm.n;
}

const covarianceOf = (n: number, sumProducts: number, sumA: number, sumB: number, kind: MetricKind): number =>
  (sumProducts - (sumA * sumB) / n) / (kind === 'proportion' ? n : n - 1);

const meanArm = (s: Sums, kind: MetricKind): Arm => ({
  n: s.n,
  means: [s.sum / s.n],
  covariance: [[covarianceOf(s.n, kind === 'proportion' ? s.sum : s.sumSquares, s.sum, s.sum, kind)]],
});

const adjustedArm = (s: AdjustedSums, kind: MetricKind): Arm => {
  const cross = covarianceOf(s.n, s.crossSum, s.sum, s.covariateSum, kind);
  return {
    n: s.n,
    means: [s.sum / s.n, s.covariateSum / s.n],
    covariance: [
      [meanArm(s, kind).covariance[0]![0]!, cross],
      [cross, covarianceOf(s.n, s.covariateSumSquares, s.covariateSum, s.covariateSum, 'mean')],
    ],
  };
};

/** What an arm's metric is as a function of its component means, and that function's gradient. */
type Metric = { readonly value: number; readonly gradient: readonly number[] };

/**
 * Effect of `metric`, which is `raw` or `raw` adjusted by a covariate. On the relative scale the denominator is the control's
 * *raw* mean, whose noise is part of the variance. Its gradient may be expanded at the raw difference (covariate means equal,
 * as randomisation makes them in expectation) or at the adjusted one: the two agree to first order, and gbstats takes the
 * former for means and the latter for ratios, so each follows its reference.
 */
function combine(input: {
  readonly treated: Arm;
  readonly control: Arm;
  readonly metric: (arm: Arm) => Metric;
  readonly raw: (arm: Arm) => Metric;
  readonly expandAt: 'raw' | 'adjusted';
  readonly scale: Scale;
}): Result<Effect, EffectRefusal> {
  const { treated, control, metric, raw, expandAt, scale } = input;
  const t = metric(treated);
  const c = metric(control);
  const difference = t.value - c.value;
  // Written so that neither a NaN nor a negative variance slips through.
  const varianceT = varianceAlong(treated, t.gradient);
  const varianceC = varianceAlong(control, c.gradient);
  if (!(varianceT >= 0 && varianceC >= 0 && varianceT + varianceC > 0)) return refused({ reason: 'no_variance' });
  const df = (varianceT + varianceC) ** 2 / (varianceT ** 2 / (treated.n - 1) + varianceC ** 2 / (control.n - 1));
  const n = treated.n + control.n;
  if (scale === 'absolute') return ok({ estimate: difference, se: Math.sqrt(varianceT + varianceC), n, df });
  const base = raw(control);
  if (!(base.value > 0)) return refused({ reason: 'control_mean_not_positive' });
  const expansion = expandAt === 'raw' ? raw(treated).value - base.value : difference;
  const scaledT = varianceT / base.value ** 2;
  const scaledC = varianceAlong(
    control,
    c.gradient.map((g, i) => g / base.value + (expansion * base.gradient[i]!) / base.value ** 2),
  );
  return ok({ estimate: difference / base.value, se: Math.sqrt(scaledT + scaledC), n, df });
}

const tooFew = (...arms: readonly { readonly n: number }[]): boolean => arms.some((arm) => !(arm.n >= 2));

/** Treated minus control for a mean or a proportion (sum = successes; `sumSquares` is then not read). */
export function meanEffect(input: {
  readonly treated: Sums;
  readonly control: Sums;
  readonly kind: MetricKind;
  readonly scale: Scale;
}): Result<Effect, EffectRefusal> {
  if (tooFew(input.treated, input.control)) return refused({ reason: 'too_few_people' });
  const metric = (arm: Arm): Metric => ({ value: arm.means[0]!, gradient: [1] });
  return combine({
    scale: input.scale,
    treated: meanArm(input.treated, input.kind),
    control: meanArm(input.control, input.kind),
    metric,
    raw: metric,
    expandAt: 'raw',
  });
}

/** Least-squares slope of metric on covariate over both arms together (Deng et al. 2013); 0 where the covariate is constant. */
function cupedSlope(treated: AdjustedSums, control: AdjustedSums): number {
  const total = (of: (s: AdjustedSums) => number): number => of(treated) + of(control);
  const n = total((s) => s.n);
  const covariate = total((s) => s.covariateSum);
  const spread = total((s) => s.covariateSumSquares) - covariate ** 2 / n;
  const together = total((s) => s.crossSum) - (covariate * total((s) => s.sum)) / n;
  return spread > 1e-12 * total((s) => s.covariateSumSquares) ? together / spread : 0;
}

/** Treated minus control of a metric adjusted by a covariate: less variance, the same expectation. */
export function adjustedEffect(input: {
  readonly treated: AdjustedSums;
  readonly control: AdjustedSums;
  readonly kind: MetricKind;
  readonly scale: Scale;
}): Result<Effect & { readonly slope: number }, EffectRefusal> {
  if (tooFew(input.treated, input.control)) return refused({ reason: 'too_few_people' });
  const slope = cupedSlope(input.treated, input.control);
  const effect = combine({
    scale: input.scale,
    treated: adjustedArm(input.treated, input.kind),
    control: adjustedArm(input.control, input.kind),
    metric: (arm) => ({ value: arm.means[0]! - slope * arm.means[1]!, gradient: [1, -slope] }),
    raw: (arm) => ({ value: arm.means[0]!, gradient: [1, 0] }),
    expandAt: 'raw',
  });
  return effect.ok ? ok({ ...effect.value, slope }) : effect;
}

/** A ratio metric (revenue per order) and the same ratio before treatment. Sums of products are over people. */
export type RatioSums = {
  readonly n: number;
  /** Numerator and denominator during, numerator and denominator before: m, d, m₀, d₀. */
  readonly sums: readonly [number, number, number, number];
  /** Σ of products of every two of the four, symmetric. */
  readonly products: readonly (readonly number[])[];
};

/** Treated minus control of Σm/Σd, adjusted by Σm₀/Σd₀ of the same people. */
export function ratioEffect(input: {
  readonly treated: RatioSums;
  readonly control: RatioSums;
  readonly scale: Scale;
}): Result<Effect & { readonly slope: number }, EffectRefusal> {
  if (tooFew(input.treated, input.control)) return refused({ reason: 'too_few_people' });
  const toArm = ({ n, sums, products }: RatioSums): Arm => ({
    n,
    means: sums.map((s) => s / n),
    covariance: products.map((row, i) => row.map((v, j) => covarianceOf(n, v, sums[i]!, sums[j]!, 'mean'))),
  });
  const during = ({ means: [m, d] }: Arm): Metric => ({ value: m! / d!, gradient: [1 / d!, -m! / d! ** 2, 0, 0] });
  const before = ({ means: [, , m, d] }: Arm): Metric => ({ value: m! / d!, gradient: [0, 0, 1 / d!, -m! / d! ** 2] });
  const treated = toArm(input.treated);
  const control = toArm(input.control);
  // The slope that makes the variance of the difference smallest.
  const sumOver = (of: (arm: Arm) => number): number => of(treated) + of(control);
  const spread = sumOver((arm) => varianceAlong(arm, before(arm).gradient));
  const mixed = sumOver((arm) => {
    const both = before(arm).gradient.map((g, i) => g + during(arm).gradient[i]!);
    return (
      (varianceAlong(arm, both) - varianceAlong(arm, before(arm).gradient) - varianceAlong(arm, during(arm).gradient)) /
      2
    );
  });
  const slope = spread > 0 ? mixed / spread : 0;
  const effect = combine({
    treated,
    control,
    scale: input.scale,
    metric: (arm) => {
      const post = during(arm);
      const pre = before(arm);
      if (slope === 0) return post;
      return {
        value: post.value - slope * pre.value,
        gradient: post.gradient.map((g, i) => g - slope * pre.gradient[i]!),
      };
    },
    raw: during,
    expandAt: 'adjusted',
  });
  return effect.ok ? ok({ ...effect.value, slope }) : effect;
}
