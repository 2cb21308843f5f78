// Silences counted per group of people: the input of one return curve per group.
import { p, sql, type Sql } from '../../kernel/sql.ts';
import type { Day } from '../../kernel/days.ts';

/** Groups of a person: SELECT of person_id, grp. `states` is a scratch table of an evaluation; `events` as `personSource`. */
export const rfmGroups = (states: Sql): Sql => sql`SELECT person_id, toString(rfm_group) AS grp FROM ${states}`;

/** The category she bought most often by the end of `asOf`; of equals the first by name. */
export const categoryGroups = (events: Sql, activity: readonly string[], asOf: Day): Sql => sql`
  SELECT person_id, argMax(category, (times, -toInt64(place))) AS grp FROM (
    SELECT person_id, category, count() AS times, dense_rank() OVER (ORDER BY category) AS place
    FROM (SELECT person_id, arrayJoin(products.category) AS category FROM ${events}
      WHERE name IN ${p.texts(activity)} AND day <= ${p.day(asOf)})
    WHERE category != '' GROUP BY person_id, category)
  GROUP BY person_id`;

export const traitGroups = (trait: string): Sql => sql`
  SELECT person_id, if(JSONType(traits, ${p.text(trait)}) = 'String', JSONExtractString(traits, ${p.text(trait)}), JSONExtractRaw(traits, ${p.text(trait)})) AS grp
  FROM person_traits FINAL WHERE erased = 0`;

const COUNTS = sql`toUInt32(silence) AS silent_days, countIf(is_return) AS returned, countIf(NOT is_return) AS censored`;

/** Rows of grp, silent_days, returned, censored. A person without a group is in ''. */
export const silencesByGroup = (table: Sql, groups: Sql, asOf: Day): Sql => sql`
  SELECT grp, ${COUNTS}
  FROM (
    SELECT a.person_id AS person_id, g.grp AS grp, s.1 AS silence, s.2 AS is_return
    FROM ${table} AS a LEFT ANY JOIN (${groups}) AS g ON a.person_id = g.person_id
    ARRAY JOIN arrayPushBack(
      arrayMap(gap -> (toInt32(gap), 1), arrayPopFront(arrayDifference(a.days))),
      (toInt32(toUInt16(${p.day(asOf)})) - toInt32(a.days[-1]), 0)) AS s)
  GROUP BY grp, silent_days ORDER BY grp, silent_days`;

/** The same by how many active days she had when the silence began: 1, 2, 3–5, 6 and more. */
export const silencesByCount = (table: Sql, asOf: Day): Sql => sql`
  SELECT multiIf(seen = 1, '1', seen = 2, '2', seen <= 5, '3–5', '6+') AS grp, ${COUNTS}
  FROM (
    SELECT person_id, s.1 AS silence, s.2 AS is_return, s.3 AS seen
    FROM ${table}
    ARRAY JOIN arrayPushBack(
      arrayMap((gap, i) -> (toInt32(gap), 1, toUInt32(i)), arrayPopFront(arrayDifference(days)), arrayPopBack(arrayEnumerate(days))),
      (toInt32(toUInt16(${p.day(asOf)})) - toInt32(days[-1]), 0, toUInt32(length(days)))) AS s)
  GROUP BY grp, silent_days ORDER BY grp, silent_days`;

/** People per group, the largest first. */
export const peopleByGroup = (table: Sql, groups: Sql): Sql => sql`
  SELECT g.grp AS grp, count() AS people FROM ${table} AS a LEFT ANY JOIN (${groups}) AS g ON a.person_id = g.person_id
  GROUP BY grp ORDER BY people DESC, grp`;
