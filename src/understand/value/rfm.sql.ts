// RFM in the engine: cutpoints over everybody, quintiles and groups as expressions. The same rules as `rfm.ts`.
import { p, sql, type Sql } from '../../kernel/sql.ts';
import { rfmGroupOf, type Cutpoints, type RfmGroup } from './rfm.ts';

export type RfmCutpoints = { readonly recency: Cutpoints; readonly frequency: Cutpoints; readonly monetary: Cutpoints };

/**
 * Levels a hair below the fifths: of n people the k-th is meant where n · level = k exactly, which the engine counts as the (k + 1)-th. The
 * hair is smaller than the steps of n · level for every n below 10⁹.
 */
const FIFTHS = sql`0.1999999999, 0.3999999999, 0.5999999999, 0.7999999999`;

/** Whose history is told by a number of her last active day and how many there are. */
export type HistoryEnds = { readonly lastDay: Sql; readonly activeDays: Sql };

/**
 * Three arrays over a history and a column `spent_cents`. Recency is the number of the last active day. Days and counts have few values, which
 * are counted by weight; amounts have many, which are quicker sorted.
 */
export const rfmCutpointsOf = ({ lastDay, activeDays }: HistoryEnds): Sql => sql`
  arrayReverse(arrayMap(x -> -x, quantilesExactWeighted(0.2, 0.4, 0.6, 0.8)(-toInt64(${lastDay}), 1))) AS recency,
  quantilesExactWeighted(0.2, 0.4, 0.6, 0.8)(toInt64(${activeDays}), 1) AS frequency,
  quantilesExact(${FIFTHS})(spent_cents) AS monetary`;

/** The same over a column `days`. */
export const rfmCutpoints: Sql = rfmCutpointsOf({ lastDay: sql`days[-1]`, activeDays: sql`length(days)` });

export const quintileSql = (value: Sql, [a, b, c, d]: Cutpoints): Sql =>
  sql`toUInt8(1 + (${value} > ${p.int(a)}) + (${value} > ${p.int(b)}) + (${value} > ${p.int(c)}) + (${value} > ${p.int(d)}))`;

/** Of a last active day: the earliest day that counts as a quintile is in it. */
export const recencyQuintileSql = (lastDay: Sql, [a, b, c, d]: Cutpoints): Sql =>
  sql`toUInt8(1 + (${lastDay} >= ${p.int(a)}) + (${lastDay} >= ${p.int(b)}) + (${lastDay} >= ${p.int(c)}) + (${lastDay} >= ${p.int(d)}))`;

const FIVE = [1, 2, 3, 4, 5] as const;
/** The group of every combination; money runs fastest, recency slowest. */
const GROUPS_IN_ORDER: readonly RfmGroup[] = FIVE.flatMap((recency) =>
  FIVE.flatMap((frequency) => FIVE.map((monetary) => rfmGroupOf({ recency, frequency, monetary }))),
);

/** The group of columns recency_quintile, frequency_quintile, monetary_quintile: one look-up, not ten comparisons of each. */
export const rfmGroupSql = (): Sql =>
  sql`CAST(${p.texts(GROUPS_IN_ORDER)} AS Array(LowCardinality(String)))[25 * recency_quintile + 5 * frequency_quintile + monetary_quintile - 30]`;
