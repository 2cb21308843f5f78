// A back-test's counts: the policy's stages as of a past day, beside what the same people did afterwards. One pass per day over the
// scratch table of active days, which was filled to the end of the data.
import { p, sql, type Sql } from '../../kernel/sql.ts';
import type { Day } from '../../kernel/days.ts';
import { stagesOf, type StageInputs } from './evaluate.sql.ts';
import { DORMANT_STAGES } from './stage.ts';

/** The scratch table as it was on a day, with each person's next active day (0: none). `scope`: whom the policy is about. */
export const asOfDay = (table: Sql, asOf: Day, scope: Sql = sql`1`): Sql => sql`(
  SELECT person_id, arrayFilter(d -> d <= toUInt16(${p.day(asOf)}), all_days) AS days, spent_cents, lines, items,
    toInt32(arrayFirst(d -> d > toUInt16(${p.day(asOf)}), all_days)) AS next_on
  FROM (SELECT person_id, days AS all_days, spent_cents, lines, items FROM ${table}
    WHERE days[1] <= toUInt16(${p.day(asOf)}) AND ${scope}))`;

export const lastActiveDay = (table: Sql): Sql =>
  sql`SELECT toString(toDate(max(days[-1]))) AS day, count() AS people FROM ${table}`;

/** One row of `BacktestCounts`. `past` as `asOfDay`. */
export const backtestCounts = (past: Sql, inputs: StageInputs, horizonDays: number): Sql => sql`
  WITH toInt32(toUInt16(${p.day(inputs.asOf)})) + ${p.int(horizonDays)} AS horizon_ends,
    has(${p.texts(DORMANT_STAGES)}, stage) AS is_dormant, next_on > 0 AND next_on <= horizon_ends AS has_returned,
    is_dormant AND next_on = 0 AS is_caught, toInt32(last_on) + toInt32(threshold_days) AS dormant_on
  SELECT count() AS people, countIf(is_dormant) AS dormant, countIf(is_dormant AND has_returned) AS dormantReturned,
    countIf(NOT is_dormant AND has_returned) AS othersReturned, countIf(next_on = 0) AS lost, countIf(is_caught) AS caught,
    ifNotFinite(quantileExactIf(0.5)(toFloat64(threshold_days), is_caught), 0) AS noticedAfterDays,
    ifNotFinite(quantileExactIf(0.5)(toFloat64(horizon_ends - dormant_on), is_caught), 0) AS knownBeforeDays
  FROM (${stagesOf(past, inputs, sql`next_on`)})`;
