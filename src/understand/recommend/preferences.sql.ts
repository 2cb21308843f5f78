// Preference profiles of everybody as set-based statements: the rules of `preferences.ts` in the engine's SQL (a test holds the two equal).
import type { Day } from '../../kernel/days.ts';
import { p, sql, type Sql } from '../../kernel/sql.ts';
import { ITEM_ID, priceSql } from '../../collect/catalogue/catalogue.sql.ts';
import type { MoneyRules } from '../../kernel/money-rules.ts';
import { HOUR_PRIOR, TASTE_PRIOR } from './preferences.ts';

/** Names kept per person. */
const NAMES_KEPT = 5;

/** Zones people said they live in that the engine knows too; everybody else lives in the business's zone. */
const KNOWN_ZONES = sql`
  SELECT DISTINCT zone FROM (
    SELECT if(JSONExtractString(traits, 'timezone') != '', JSONExtractString(traits, 'timezone'), JSONExtractString(traits, 'timeZone')) AS zone
    FROM person_traits FINAL WHERE erased = 0
  ) WHERE zone IN (SELECT time_zone FROM system.time_zones)`;

export type PreferenceScope = {
  /** `personSource().events`. */
  readonly source: Sql;
  /** Which prices are money. */
  readonly money: MoneyRules | undefined;
  readonly activity: readonly string[];
  readonly asOf: Day;
  readonly timeZone: string;
};

/** The lines of everybody's orders: person_id, category, brand, price_cents, quantity. */
const lines = ({ source, money, activity, asOf }: PreferenceScope): Sql => sql`
  SELECT person_id, i.category AS category, i.brand AS brand, toInt64(product_price) AS price_cents
  FROM (
    SELECT person_id, ${ITEM_ID} AS item_id, ${priceSql(money)} AS product_price
    FROM ${source} ARRAY JOIN products AS product
    WHERE name IN ${p.texts(activity)} AND day <= ${p.day(asOf)}
  ) AS l INNER JOIN (SELECT * FROM items FINAL) AS i ON i.item_id = l.item_id`;

/** person_id → her best names of one field with smoothed shares; names she never bought have only everybody's share and are left out. */
const names = (scope: PreferenceScope, field: Sql): Sql => sql`
  SELECT person_id, arraySlice(arrayReverseSort(x -> (x.2, x.1), groupArray((toString(value), toFloat32(share)))), 1, ${p.int(NAMES_KEPT)}) AS liked
  FROM (
    SELECT person_id, value, (bought + ${p.float(TASTE_PRIOR)} * sum(bought) OVER (PARTITION BY value) / sum(bought) OVER ())
      / (sum(bought) OVER (PARTITION BY person_id) + ${p.float(TASTE_PRIOR)}) AS share
    FROM (SELECT person_id, ${field} AS value, count() AS bought FROM (${lines(scope)}) WHERE value != '' GROUP BY person_id, value)
  ) GROUP BY person_id`;

/** person_id → shares of five price bands; the bands hold a fifth of all lines sold each. */
const bands = (scope: PreferenceScope): Sql => sql`
  WITH (SELECT quantilesExact(0.2, 0.4, 0.6, 0.8)(price_cents) FROM (${lines(scope)}) WHERE price_cents > 0) AS cuts,
    (SELECT sumForEach(arrayMap(k -> toUInt8(1 + arrayCount(c -> price_cents > c, cuts) = k), [1, 2, 3, 4, 5])) FROM (${lines(scope)}) WHERE price_cents > 0) AS everybody,
    arrayMap(n -> n / greatest(1, arraySum(everybody)), everybody) AS base
  SELECT person_id, arrayMap((n, share) -> toFloat32((n + ${p.float(TASTE_PRIOR)} * share) / (arraySum(counts) + ${p.float(TASTE_PRIOR)})), counts, base) AS price_bands
  FROM (
    SELECT person_id, sumForEach(arrayMap(k -> toUInt32(1 + arrayCount(c -> price_cents > c, cuts) = k), [1, 2, 3, 4, 5])) AS counts
    FROM (${lines(scope)}) WHERE price_cents > 0 GROUP BY person_id
  )`;

/** person_id → orders, and the shares of the 24 hours of her own clock (of the hour's functions only formatDateTime takes a zone per row). */
const hours = ({ source, activity, asOf, timeZone }: PreferenceScope): Sql => sql`
  WITH visits AS (
    SELECT e.person_id AS person_id, toUInt8(formatDateTime(at, '%H', if(z.zone = '', ${p.text(timeZone)}, z.zone))) AS hour
    FROM (
      SELECT person_id, min(occurred_at) AS at FROM ${source} WHERE name IN ${p.texts(activity)} AND day <= ${p.day(asOf)}
      GROUP BY person_id, if(order_id = '', message_id, order_id)
    ) AS e LEFT JOIN (
      SELECT person_id, if(JSONExtractString(traits, 'timezone') != '', JSONExtractString(traits, 'timezone'), JSONExtractString(traits, 'timeZone')) AS zone
      FROM person_traits FINAL WHERE erased = 0 AND zone IN (${KNOWN_ZONES})
    ) AS z ON z.person_id = e.person_id
  ), (SELECT sumForEach(arrayMap(h -> toUInt8(hour = h), range(24))) FROM visits) AS everybody,
    arrayMap(n -> n / greatest(1, arraySum(everybody)), everybody) AS base
  SELECT person_id, orders,
    arrayMap(h -> toFloat32((counts[h + 1] / 2 + counts[(h + 23) % 24 + 1] / 4 + counts[(h + 1) % 24 + 1] / 4 + ${p.float(HOUR_PRIOR)} * base[h + 1])
      / (orders + ${p.float(HOUR_PRIOR)})), range(24)) AS hours
  FROM (
    SELECT person_id, count() AS orders, sumForEach(arrayMap(h -> toUInt32(hour = h), range(24))) AS counts FROM visits GROUP BY person_id
  )`;

/** Rows of `person_preferences`. */
export const preferenceRows = (scope: PreferenceScope, now: Date): Sql => sql`
  SELECT h.person_id, toUInt32(h.orders), c.liked, b.liked, d.price_bands, h.hours, ${p.day(scope.asOf)}, ${p.instant(now)}
  FROM (${hours(scope)}) AS h
  LEFT JOIN (${names(scope, sql`category`)}) AS c ON c.person_id = h.person_id
  LEFT JOIN (${names(scope, sql`brand`)}) AS b ON b.person_id = h.person_id
  LEFT JOIN (${bands(scope)}) AS d ON d.person_id = h.person_id`;
