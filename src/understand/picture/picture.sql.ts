// The picture's queries: over one evaluation's states and active days, each a single pass.
import { p, sql, type Sql } from '../../kernel/sql.ts';
import type { Day } from '../../kernel/days.ts';
import { historyOf, type StageInputs } from '../dormancy/evaluate.sql.ts';
import { DORMANT_STAGES } from '../dormancy/stage.ts';

const isDormant = (stage: Sql): Sql => sql`has(${p.texts(DORMANT_STAGES)}, ${stage})`;

/** People and money per stage and RFM group: the picture's tables are sums of these few rows. */
export const stageAndGroupTotals = (states: Sql): Sql => sql`
  SELECT stage, rfm_group, count() AS people, sum(spent_cents) AS all_spent_cents,
    sum(expected_value_cents) AS all_expected_cents, sum(return_probability) AS expected_returns
  FROM ${states} GROUP BY stage, rfm_group`;

/** Who among the dormant was active on the `horizonDays` days after `asOf`, and until when there is data. */
export const measuredReturns = (
  states: Sql,
  days: Sql,
  activity: readonly string[],
  asOf: Day,
  horizonDays: number,
): Sql => sql`
  WITH later AS (SELECT DISTINCT person_id FROM ${days}
    WHERE name IN ${p.texts(activity)} AND day > ${p.day(asOf)} AND day <= ${p.day(asOf)} + ${p.int(horizonDays)})
  SELECT count() AS dormant, countIf(person_id IN (SELECT person_id FROM later)) AS returned, avg(return_probability) AS predicted
  FROM ${states} WHERE ${isDormant(sql`stage`)}`;

export const dataUntil = (days: Sql, activity: readonly string[]): Sql =>
  sql`SELECT toString(max(day)) AS day FROM ${days} WHERE name IN ${p.texts(activity)}`;

export const wakeFirst = (states: Sql, limit: number): Sql => sql`
  SELECT person_id, stage, silent_days, toString(last_on) AS last_on, active_days, spent_cents, rfm_group, return_probability,
    expected_value_cents, expected_value_cents * (1 - return_probability) AS priority_cents
  FROM ${states}
  WHERE ${isDormant(sql`stage`)} AND stage != 'sunset' AND return_probability IS NOT NULL
  ORDER BY priority_cents DESC, return_probability DESC, person_id LIMIT ${p.int(limit)}`;

/** Month by month: first seen, fell dormant, came back (from the derived history). */
export const monthlyFlow = (activeDays: Sql, inputs: StageInputs): Sql => sql`
  SELECT toString(toStartOfMonth(changed_on)) AS month, countIf(from_stage = '') AS first_seen,
    countIf(${isDormant(sql`to_stage`)} AND NOT ${isDormant(sql`from_stage`)}) AS became_dormant,
    countIf(${isDormant(sql`from_stage`)} AND NOT ${isDormant(sql`to_stage`)}) AS returned
  FROM (${historyOf(activeDays, inputs)}) GROUP BY month ORDER BY month`;

export const monthlyActive = (activeDays: Sql): Sql => sql`
  SELECT toString(arrayJoin(arrayDistinct(arrayMap(d -> toStartOfMonth(toDate(d)), days)))) AS month, count() AS active
  FROM ${activeDays} GROUP BY month ORDER BY month`;

/** A few people of every stage, those who spent most first. */
export const stageExamples = (states: Sql, limit: number): Sql => sql`
  SELECT stage, person_id, silent_days, threshold_days, toString(last_on) AS last_on, active_days, spent_cents
  FROM ${states} ORDER BY stage, spent_cents DESC, person_id LIMIT ${p.int(limit)} BY stage`;
