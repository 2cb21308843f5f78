// The fitted logistic model and Platt's correction as expressions for the events store: the formulas of `logistic.ts` and
// `prediction-quality.ts`. Every parameter is bound.
import { p, sql, type Sql } from '../../kernel/sql.ts';
import type { LogisticParams } from './logistic.ts';
import { CHANCE_MARGIN, type Recalibration } from './prediction-quality.ts';
import { featureSql, type FeatureName } from './snapshot-features.ts';

/** P(return) over the columns of `factColumns`: 1 / (1 + exp(−(intercept + Σ βᵢ·(fᵢ − meanᵢ)/sdᵢ))). */
export function logisticProbabilitySql(params: LogisticParams, features: readonly FeatureName[]): Sql {
  const { intercept, coefficients, means, sds } = params;
  // Centred features: a raw one times a steep slope would lose digits against its own mean.
  const logit = features.reduce<Sql>(
    (sum, name, i) =>
      sql`${sum} + ${p.float(coefficients[i]! / sds[i]!)} * (${featureSql(name)} - ${p.float(means[i]!)})`,
    sql`${p.float(intercept)}`,
  );
  return sql`(1 / (1 + exp(-(${logit}))))`;
}

export function recalibratedSql({ intercept, slope }: Recalibration, chance: Sql): Sql {
  const kept = sql`least(${p.float(1 - CHANCE_MARGIN)}, greatest(${p.float(CHANCE_MARGIN)}, ${chance}))`;
  return sql`(1 / (1 + exp(-(${p.float(intercept)} + ${p.float(slope)} * (log(${kept}) - log1p(-${kept}))))))`;
}
