// How long do silences last? Counted over everybody: every finished silence between two active days, and every open one.
import { p, sql, type Sql } from '../../kernel/sql.ts';
import type { Day } from '../../kernel/days.ts';

/** Rows of silent_days, returned, censored over the scratch table of active days: the input of the Kaplan–Meier estimate. */
export const silenceGroups = (table: Sql, asOf: Day): Sql => sql`
  SELECT toUInt32(silence) AS silent_days, countIf(is_return) AS returned, countIf(NOT is_return) AS censored
  FROM (
    SELECT arrayJoin(arrayPopFront(arrayDifference(days))) AS silence, 1 AS is_return FROM ${table}
    UNION ALL
    SELECT toInt32(toUInt16(${p.day(asOf)})) - days[-1] AS silence, 0 AS is_return FROM ${table}
  )
  GROUP BY silent_days ORDER BY silent_days`;
