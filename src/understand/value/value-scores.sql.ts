// Closed forms of the fitted models as expressions for the events store, so scoring runs where the people are.
// Columns are numbers in weeks (days / 7); every parameter is bound, none is written into the text.
import type { BetaGeometricParams } from './beta-geometric.ts';
import { p, sql, type Sql } from '../../kernel/sql.ts';
import type { GammaGammaParams } from './gamma-gamma.ts';

/** x repeat purchases, tx weeks from first to last, age in weeks since the first, horizon in weeks. */
export type HistoryColumns = { readonly x: Sql; readonly tx: Sql; readonly age: Sql; readonly horizon: Sql };

/** P(alive) of MBG/NBD. An overflowing power is +inf and the answer 0, as it should be. */
export const mbgAliveProbabilitySql = (
  { r, alpha, a, b }: BetaGeometricParams,
  { x, tx, age }: Omit<HistoryColumns, 'horizon'>,
): Sql =>
  sql`(1 / (1 + ${p.float(a)} / (${p.float(b)} + ${x}) * pow((${p.float(alpha)} + ${age}) / (${p.float(alpha)} + ${tx}), ${p.float(r)} + ${x})))`;

/** P(at least one purchase within the horizon): the expression of `MBG_NBD.returnProbability`. */
export const mbgReturnProbabilitySql = (params: BetaGeometricParams, columns: HistoryColumns): Sql => {
  const { r, alpha } = params;
  const { x, age, horizon } = columns;
  const silent = sql`pow((${p.float(alpha)} + ${age}) / (${p.float(alpha)} + ${age} + ${horizon}), ${p.float(r)} + ${x})`;
  return sql`(${mbgAliveProbabilitySql(params, columns)} * (1 - ${silent}))`;
};

/** E[value of the next purchase] of Gamma-Gamma: the expression of `expectedSpend`, in the money unit of the fit. */
export const expectedSpendSql = (
  { p: shape, q, v }: GammaGammaParams,
  { x, meanSpend }: { readonly x: Sql; readonly meanSpend: Sql },
): Sql =>
  sql`(${p.float(shape)} * (${p.float(v)} + ${x} * ${meanSpend}) / (${p.float(shape)} * ${x} + ${p.float(q)} - 1))`;
