// RFM in the engine: cutpoints over everybody, quintiles and groups as expressions. The same rules as `rfm.ts`.
import { p, sql, type Sql } from '../../kernel/sql.ts';
import { RFM_GROUPS, RFM_GROUP_NAMES, type Cutpoints } from './rfm.ts';

export type RfmCutpoints = { readonly recency: Cutpoints; readonly frequency: Cutpoints; readonly monetary: Cutpoints };

/** One row of three arrays over the scratch table of active days. Recency is the number of the last active day. */
export const rfmCutpoints = (table: Sql): Sql => sql`
  SELECT quantilesExactWeighted(0.2, 0.4, 0.6, 0.8)(toInt64(days[-1]), 1) AS recency,
    quantilesExactWeighted(0.2, 0.4, 0.6, 0.8)(toInt64(length(days)), 1) AS frequency,
    quantilesExactWeighted(0.2, 0.4, 0.6, 0.8)(spent_cents, 1) AS monetary
  FROM ${table}`;

export const quintileSql = (value: Sql, [a, b, c, d]: Cutpoints): Sql =>
  sql`toUInt8(1 + (${value} > ${p.int(a)}) + (${value} > ${p.int(b)}) + (${value} > ${p.int(c)}) + (${value} > ${p.int(d)}))`;

/** The group of columns recency_quintile, frequency_quintile, monetary_quintile. */
export function rfmGroupSql(): Sql {
  const chain = RFM_GROUP_NAMES.reduceRight<Sql>(
    (otherwise, name) => {
      const { recency, worth } = RFM_GROUPS[name];
      return sql`if(recency_quintile BETWEEN ${p.int(recency[0])} AND ${p.int(recency[1])}
      AND intDiv(frequency_quintile + monetary_quintile + 1, 2) BETWEEN ${p.int(worth[0])} AND ${p.int(worth[1])}, ${p.text(name)}, ${otherwise})`;
    },
    sql`''`,
  );
  return chain;
}
