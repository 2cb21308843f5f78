// The SQL expressions are the TypeScript formulas: both are evaluated on the same histories, SQL by the engine itself.
import { queryBind } from 'chdb';
import { describe, expect, it } from 'vitest';
import { compile, p, sql, type Sql } from '../../kernel/sql.ts';
import { expectedSpend } from './gamma-gamma.ts';
import { MBG_NBD } from './beta-geometric-nbd.ts';
import { expectedSpendSql, mbgAliveProbabilitySql, mbgReturnProbabilitySql } from './value-scores.sql.ts';

const evaluate = (expression: Sql): number => {
  const { text, params } = compile(sql`SELECT ${expression}`);
  return Number(queryBind(text, params, 'TSV').trim());
};

const params = { r: 0.52484, alpha: 6.18309, a: 0.89136, b: 1.614 };
const histories = [
  { x: 0, tx: 0, age: 0.5, horizon: 13 },
  { x: 0, tx: 0, age: 80, horizon: 13 },
  { x: 3, tx: 20.25, age: 30, horizon: 1 },
  { x: 40, tx: 100, age: 104, horizon: 52 },
  // Long gone: the power overflows, the answer is 0 and not NaN.
  { x: 3000, tx: 10, age: 100, horizon: 13 },
];

describe('scores as SQL', () => {
  it.each(histories)('MBG/NBD for %o', ({ x, tx, age, horizon }) => {
    const columns = {
      x: sql`${p.float(x)}`,
      tx: sql`${p.float(tx)}`,
      age: sql`${p.float(age)}`,
      horizon: sql`${p.float(horizon)}`,
    };
    expect(evaluate(mbgAliveProbabilitySql(params, columns))).toBeCloseTo(
      MBG_NBD.aliveProbability(params, x, tx, age),
      12,
    );
    expect(evaluate(mbgReturnProbabilitySql(params, columns))).toBeCloseTo(
      MBG_NBD.returnProbability(params, x, tx, age, horizon),
      12,
    );
  });
  it.each([
    [0, 0],
    [1, 11.77],
    [7, 73.735714],
  ])('Gamma-Gamma for %d purchases of %d', (x, meanSpend) => {
    const money = { p: 6.25, q: 3.74, v: 15.44 };
    const expression = expectedSpendSql(money, { x: sql`${p.float(x)}`, meanSpend: sql`${p.float(meanSpend)}` });
    expect(evaluate(expression)).toBeCloseTo(expectedSpend(money, x, meanSpend), 10);
  });
  it('binds every number', () => {
    const column = sql`x`;
    const { text } = compile(mbgReturnProbabilitySql(params, { x: column, tx: column, age: column, horizon: column }));
    expect(text).not.toMatch(/0\.52484|6\.18309|0\.89136|1\.614/);
  });
});
