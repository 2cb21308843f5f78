// Grouped statistics the models are fitted on, and the scores of everybody as expressions over the stage columns.
import { empty, p, sql, type Sql } from '../../kernel/sql.ts';
import { unreachable } from '../../kernel/result.ts';
import type { Day } from '../../kernel/days.ts';
import { logisticProbabilitySql, recalibratedSql } from './logistic.sql.ts';
import type { ReturnModel, ValueModel } from './score.ts';
import { factColumns, featuresSql } from './snapshot-features.ts';
import { expectedSpendSql, mbgReturnProbabilitySql } from './value-scores.sql.ts';

/**
 * A snapshot of the past: everybody seen by the end of day `asOf` (every `share`-th person), her features then, and whether she was active
 * within the horizon after it. `snapshot` is the position (from 1) of `asOf` among the days for which the table keeps sums.
 */
export const snapshotRows = (table: Sql, asOf: Day, horizonDays: number, snapshot: number, share: number): Sql => sql`
  WITH toInt32(toUInt16(${p.day(asOf)})) AS today, ${factColumns(sql`today`, { spentCents: sql`spent_then`, lines: sql`lines_then`, items: sql`items_then` })}
  SELECT ${featuresSql()} AS features, returned FROM (
    SELECT person_id, arrayFilter(d -> d <= toUInt16(${p.day(asOf)}), days) AS days, spent_by[${p.int(snapshot)}] AS spent_then,
      lines_by[${p.int(snapshot)}] AS lines_then, items_by[${p.int(snapshot)}] AS items_then,
      arrayExists(d -> d > toUInt16(${p.day(asOf)}) AND d <= toUInt16(${p.day(asOf)}) + ${p.int(horizonDays)}, all_days) AS returned
    FROM (SELECT person_id, days AS all_days, days, spent_by, lines_by, items_by FROM ${table}
      WHERE days[1] <= toUInt16(${p.day(asOf)}) AND (${p.int(share)} = 1 OR cityHash64(person_id) % ${p.int(share)} = 0))
  ) ORDER BY cityHash64(person_id), person_id`;

/** Equal histories counted in the engine, in whole days: x repeat active days, first to last, first to `asOf`. `share`: every share-th person. */
export const historyGroups = (table: Sql, asOf: Day, share: number): Sql => sql`
  SELECT length(days) - 1 AS x, toInt32(days[-1]) - days[1] AS between_days, toInt32(toUInt16(${p.day(asOf)})) - days[1] AS age_days, count() AS people
  FROM ${table} WHERE ${p.int(share)} = 1 OR cityHash64(person_id) % ${p.int(share)} = 0
  GROUP BY x, between_days, age_days ORDER BY x, between_days, age_days`;

/** The same as of the end of day `asOf`, and whether they were active within the horizon after it. */
export const outcomeGroups = (table: Sql, asOf: Day, horizonDays: number, share: number): Sql => sql`
  WITH toInt32(toUInt16(${p.day(asOf)})) AS today, arrayFilter(d -> toInt32(d) <= today, days) AS past
  SELECT length(past) - 1 AS x, toInt32(past[-1]) - past[1] AS between_days, today - past[1] AS age_days,
    arrayExists(d -> toInt32(d) > today AND toInt32(d) <= today + ${p.int(horizonDays)}, days) AS returned, count() AS people
  FROM ${table} WHERE toInt32(days[1]) <= today AND (${p.int(share)} = 1 OR cityHash64(person_id) % ${p.int(share)} = 0)
  GROUP BY x, between_days, age_days, returned ORDER BY x, between_days, age_days, returned`;

/** People with money on two active days or more, by number of active days and mean spent on one. */
export const spendGroups = (table: Sql, share: number): Sql => sql`
  SELECT length(days) AS x, spent_cents / length(days) AS mean_cents, count() AS people
  FROM ${table} WHERE spent_cents > 0 AND length(days) > 1 AND (${p.int(share)} = 1 OR cityHash64(person_id) % ${p.int(share)} = 0)
  GROUP BY x, mean_cents ORDER BY x, mean_cents`;

/** Money on the base: people who spent anything on two active days or more, and the mean of an active day. */
export const spendTotals = (table: Sql): Sql => sql`
  SELECT countIf(spent_cents > 0 AND length(days) > 1) AS repeat_spenders, sum(length(days)) AS all_active_days,
    sum(greatest(0, spent_cents)) AS all_spent_cents
  FROM ${table}`;

const weeks = (days: Sql): Sql => sql`(${days} / 7)`;

/** WITH columns that `returnProbabilitySql` reads, over columns days, silent_days, spent_cents, lines and items; nothing where it needs none. */
export const scoreColumns = (model: ReturnModel): Sql =>
  model.kind === 'logistic'
    ? sql`WITH ${factColumns(sql`(toInt32(days[-1]) + toInt32(silent_days))`, {
        spentCents: sql`spent_cents`,
        lines: sql`lines`,
        items: sql`items`,
      })}`
    : empty;

/** P(any activity in the horizon) over columns active_days, first_on, last_on, silent_days and `scoreColumns`; NULL without a model. */
export function returnProbabilitySql(model: ReturnModel, horizonDays: number): Sql {
  switch (model.kind) {
    case 'mbg-nbd': {
      const between = sql`(toInt32(last_on) - toInt32(first_on))`;
      const chance = mbgReturnProbabilitySql(model.params, {
        x: sql`(active_days - 1)`,
        tx: weeks(between),
        age: weeks(sql`(${between} + silent_days)`),
        horizon: fixedWeeks(horizonDays),
      });
      return model.recalibration === undefined ? chance : recalibratedSql(model.recalibration, chance);
    }
    case 'logistic':
      return logisticProbabilitySql(model.params, model.features);
    case 'none':
      return sql`CAST(NULL AS Nullable(Float64))`;
    default:
      return unreachable(model);
  }
}

const fixedWeeks = (days: number): Sql => sql`${p.float(days / 7)}`;

/** Expected cents of the next active day, over columns active_days and spent_cents. */
export function orderValueSql(model: ValueModel): Sql {
  switch (model.kind) {
    case 'gamma-gamma':
      return expectedSpendSql(model.params, {
        x: sql`active_days`,
        meanSpend: sql`(greatest(0, spent_cents) / active_days)`,
      });
    case 'mean':
      return sql`${p.float(model.meanCents)}`;
    default:
      return unreachable(model);
  }
}
