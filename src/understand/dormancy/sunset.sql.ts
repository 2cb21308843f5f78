// Sunset in the engine: what it does to a stage, and who is due for it. A sunset holds while somebody stays silent; it ends when she returns
// or consents again, and for the policy's `recoveredDays` after that she is re-permissioned.
import { p, sql, type Sql } from '../../kernel/sql.ts';
import type { Day } from '../../kernel/days.ts';
import type { Events } from '../../stores/events/events.ts';
import type { DormancyPolicy } from './policy.ts';

/** Stages of people who may be sunset, and who are re-permissioned by a consent rather than by a return. */
const SILENT_STAGES = ['dormant', 'lost', 'relapsed'];

export async function countSunsets(events: Events, policyId: string): Promise<number> {
  const [row] = await events.rows<{ people: number }>(
    sql`SELECT count() AS people FROM person_sunsets WHERE policy_id = ${p.text(policyId)}`,
  );
  return row?.people ?? 0;
}

/** People without any sunset under the policy: the dated history of the others is written as their stage changes. */
export const NOT_SUNSET = (policyId: string, person: Sql): Sql =>
  sql`${person} NOT IN (SELECT person_id FROM person_sunsets WHERE policy_id = ${p.text(policyId)})`;

/** The stages of `stagesOf` with sunsets laid over them; the columns stay the same. */
export const overlaid = (stages: Sql, policy: DormancyPolicy, asOf: Day, carried: Sql): Sql => sql`
  WITH has(${p.texts(SILENT_STAGES)}, b.stage) AS is_silent,
    multiIf(u.person_id = '', NULL, u.ended_on IS NOT NULL, u.ended_on, b.last_on > u.since_on, b.last_on, NULL) AS ended,
    ended + toInt32(${p.int(policy.recoveredDays)}) AS settled_on,
    is_silent AND u.person_id != '' AND ended IS NULL AS is_sunset,
    b.last_on + b.silent_days < settled_on AS is_recent,
    ifNull(is_recent AND (b.stage = 'recovered' OR (is_silent AND b.last_on < ended)), 0) AS is_back,
    ifNull(is_silent AND b.last_on < ended AND b.stage_since < settled_on, 0) AS is_over
  SELECT b.person_id AS person_id, multiIf(is_sunset, 'sunset', is_back, 'repermissioned', b.stage) AS stage,
    multiIf(is_sunset, u.since_on, is_back, greatest(assumeNotNull(ended), if(is_silent, toDate(0), b.stage_since)), is_over, assumeNotNull(settled_on), b.stage_since) AS stage_since,
    multiIf(is_sunset, 'contacts', is_back, if(is_silent, 'consent', 'activity'), b.cause) AS cause,
    silent_days, threshold_days, active_days, first_on, last_on, spent_cents, lines, items, ${carried}
  FROM (${stages}) AS b LEFT ANY JOIN (
    SELECT person_id, since_on, ended_on FROM person_sunsets
    WHERE policy_id = ${p.text(policy.policyId)} AND since_on <= toDate(${p.day(asOf)})) AS u ON b.person_id = u.person_id`;

/** Scratch table of everybody contacted: the days of her contacts, ascending. */
export const createContacts = (table: Sql): Sql =>
  sql`CREATE TABLE ${table} (person_id String, contacts Array(Date)) ENGINE = MergeTree ORDER BY person_id`;

/** Who has been silent after `contacts` contacts for `days` days, by the end of `asOf`: person_id, since_on, contacts in this silence. */
export const dueForSunset = (
  table: Sql,
  policyId: string,
  { contacts, days }: { readonly contacts: number; readonly days: number },
  asOf: Day,
): Sql => sql`
  WITH arrayFilter(d -> d > greatest(s.last_on, u.last_ended), c.contacts) AS since_then,
    since_then[${p.int(contacts)}] + toInt32(${p.int(days)}) AS due_on
  SELECT c.person_id AS person_id, toString(due_on) AS since_on, length(since_then) AS contacts
  FROM ${table} AS c
  INNER JOIN (SELECT person_id, last_on FROM person_states FINAL
    WHERE policy_id = ${p.text(policyId)} AND has(${p.texts(SILENT_STAGES)}, toString(stage))) AS s ON c.person_id = s.person_id
  LEFT ANY JOIN (SELECT person_id, max(coalesce(ended_on, toDate(0))) AS last_ended FROM person_sunsets
    WHERE policy_id = ${p.text(policyId)} GROUP BY person_id) AS u ON c.person_id = u.person_id
  WHERE length(since_then) >= ${p.int(contacts)} AND due_on <= toDate(${p.day(asOf)})
  ORDER BY person_id`;

/** Of the open sunsets of a policy, those whose person was active after it began, with the day. */
export const returnedFromSunset = (policyId: string): Sql => sql`
  SELECT u.person_id AS person_id, toString(s.last_on) AS returned_on
  FROM (SELECT person_id, since_on FROM person_sunsets WHERE policy_id = ${p.text(policyId)} AND ended_on IS NULL) AS u
  INNER JOIN (SELECT person_id, last_on FROM person_states FINAL WHERE policy_id = ${p.text(policyId)}) AS s ON u.person_id = s.person_id
  WHERE s.last_on > u.since_on ORDER BY person_id`;
