// The statistics a recommender is trained on, computed where the events are: who bought what, which items are bought together.
import type { Day } from '../../kernel/days.ts';
import { p, sql, type Sql } from '../../kernel/sql.ts';
import { ITEM_ID } from '../../collect/catalogue/catalogue.sql.ts';

/** Orders of the last this many days make an item popular; of the last `TREND_DAYS`, popular of late. */
const POPULAR_DAYS = 90;
const TREND_DAYS = 14;

/** Of a buyer of very many items, the ones bought most often speak for her: keeps the pairs per person bounded. */
const ITEMS_PER_PERSON_MAX = 1_000;

export const createPurchases = (table: Sql): Sql => sql`
  CREATE TABLE ${table} (person_id String, item_id String, orders UInt32, popular_orders UInt32, trend_orders UInt32, last_on Date)
  ENGINE = MergeTree ORDER BY (person_id, item_id)`;

/**
 * Every person's items up to the end of day `asOf`, with the orders that held them: rows of the table above. `source` is
 * `personSource().events`; `personId` for one person's alone.
 */
export const purchasesOf = (source: Sql, activity: readonly string[], asOf: Day, personId?: string): Sql => sql`
  SELECT person_id, ${ITEM_ID} AS item_id, toUInt32(uniqExact(ordered)) AS orders,
    toUInt32(uniqExactIf(ordered, day > ${p.day(asOf)} - ${p.int(POPULAR_DAYS)})) AS popular_orders,
    toUInt32(uniqExactIf(ordered, day > ${p.day(asOf)} - ${p.int(TREND_DAYS)})) AS trend_orders, max(day) AS last_on
  FROM (
    SELECT person_id, day, products, if(order_id = '', message_id, order_id) AS ordered
    FROM ${source} WHERE name IN ${p.texts(activity)} AND day <= ${p.day(asOf)} AND notEmpty(products)
      ${personId === undefined ? sql`` : sql`AND person_id = ${p.text(personId)}`}
  ) ARRAY JOIN products AS product
  WHERE item_id != '' GROUP BY person_id, item_id`;

export const createNumbers = (table: Sql): Sql =>
  sql`CREATE TABLE ${table} (item_id String, item_no UInt32, people UInt32, popularity Float32, trend Float32) ENGINE = MergeTree ORDER BY item_id`;

/** Sold items numbered from 0, those most people bought first; only the first `itemsMax` where that is given. */
export const fillNumbers = (table: Sql, purchases: Sql, itemsMax?: number): Sql => sql`
  INSERT INTO ${table}
  SELECT item_id, row_number() OVER (ORDER BY people DESC, item_id) - 1, people, popular / greatest(1, max(popular) OVER ()),
    trending / greatest(1, max(trending) OVER ())
  FROM (SELECT item_id, count() AS people, sum(popular_orders) AS popular, sum(trend_orders) AS trending FROM ${purchases} GROUP BY item_id)
  ${itemsMax === undefined ? sql`` : sql`ORDER BY people DESC, item_id LIMIT ${p.int(itemsMax)}`}`;

export const createBaskets = (table: Sql): Sql => sql`
  CREATE TABLE ${table} (person_no UInt32, person_id String, items Array(UInt32), orders Array(UInt32), last_on Date) ENGINE = MergeTree ORDER BY person_no`;

const held = (purchases: Sql, numbers: Sql): Sql => sql`
  arraySlice(arraySort(groupArray((-toInt32(q.orders), n.item_no))), 1, ${p.int(ITEMS_PER_PERSON_MAX)}) AS held, max(q.last_on) AS last_on
  FROM ${purchases} AS q INNER JOIN ${numbers} AS n ON q.item_id = n.item_id`;

const BASKET = sql`arrayMap(x -> x.2, held) AS items, arrayMap(x -> toUInt32(-x.1), held) AS orders, last_on`;

/** One row per person (person_no, person_id, items, orders, last_on): her items by number, those she bought most often first. */
export const basketsOf = (purchases: Sql, numbers: Sql): Sql => sql`
  SELECT toUInt32(rowNumberInAllBlocks()) AS person_no, person_id, ${BASKET}
  FROM (SELECT q.person_id AS person_id, ${held(purchases, numbers)} GROUP BY q.person_id)`;

export type Basket = { readonly items: readonly number[]; readonly orders: readonly number[]; readonly last_on: Day };

/** The same for one person, without her number and id: a row even where she never bought anything. */
export const basketOf = (purchases: Sql, numbers: Sql): Sql =>
  sql`SELECT ${BASKET} FROM (SELECT ${held(purchases, numbers)})`;

/** A basket that was read before, as the row of a table: a scoring statement reads it several times. */
export const basketRow = (personId: string, { items, orders, last_on: lastOn }: Basket): Sql => sql`
  SELECT toUInt32(0) AS person_no, ${p.text(personId)} AS person_id, CAST(${p.floats(items)} AS Array(UInt32)) AS items,
    CAST(${p.floats(orders)} AS Array(UInt32)) AS orders, ${p.day(lastOn)} AS last_on`;

/** As if she had bought one item, and only that: what goes with it. */
export const basketWith = (personId: string, itemId: string): Sql => sql`
  SELECT toUInt32(0) AS person_no, ${p.text(personId)} AS person_id, groupArray(item_no) AS items, arrayMap(x -> toUInt32(1), items) AS orders,
    toDate(0) AS last_on
  FROM item_neighbours WHERE item_id = ${p.text(itemId)}`;

/** Rows `from` … `to` − 1 of the lower triangle of XᵀX, where x is 1 for an item held: item, others (≤ item), people who hold both. */
export const gramRows = (baskets: Sql, from: number, to: number): Sql => sql`
  SELECT item, groupArray(other) AS others, groupArray(people) AS counts
  FROM (
    SELECT item, other, count() AS people
    FROM (SELECT arrayJoin(arrayFilter(x -> x >= ${p.int(from)} AND x < ${p.int(to)}, items)) AS item, items FROM ${baskets})
    ARRAY JOIN items AS other
    WHERE other <= item GROUP BY item, other
  ) GROUP BY item`;

export type ItemWeighting = 'cosine' | 'bm25';

const BM25_SATURATION = 1.2;
const BM25_LENGTH = 0.75;

/** What a held item weighs in its co-occurrences, over item_people, basket_size, ordered, all_items and mean_people. */
const weightOf = (weighting: ItemWeighting): Sql =>
  weighting === 'cosine'
    ? sql`1 / sqrt(item_people)`
    : sql`ordered * ${p.float(BM25_SATURATION + 1)}
        / (${p.float(BM25_SATURATION)} * (${p.float(1 - BM25_LENGTH)} + ${p.float(BM25_LENGTH)} * item_people / mean_people) + ordered)
        * greatest(0, log(all_items / (1 + basket_size)))`;

/**
 * Item-kNN without a matrix, for catalogues of any size: the `keep` items most bought together with each, by the cosine of their buyers or
 * after BM25 weighting (K1 1.2, B .75; long baskets say little, popular items saturate). One person in common is chance: two at least.
 * Rows of `item_neighbours`.
 */
export const knnRows = (
  baskets: Sql,
  numbers: Sql,
  weighting: ItemWeighting,
  keep: number,
  stamp: { readonly asOf: Day; readonly now: Date },
): Sql => sql`
  WITH (SELECT count() FROM ${numbers}) AS all_items, (SELECT avg(people) FROM ${numbers}) AS mean_people,
    pairs AS (
      SELECT item, other, sum(weight * other_weight) AS together
      FROM (
        SELECT a.item AS item, a.weight AS weight, arrayJoin(arrayZip(a.items, a.weights)) AS pair, pair.1 AS other, pair.2 AS other_weight
        FROM (
          SELECT arrayJoin(arrayZip(items, weights)) AS own, own.1 AS item, own.2 AS weight, items, weights
          FROM (
            SELECT person_no, groupArray(held) AS items, groupArray(${weightOf(weighting)}) AS weights
            FROM (SELECT person_no, held, ordered, length(items) AS basket_size FROM ${baskets} ARRAY JOIN items AS held, orders AS ordered) AS b
            INNER JOIN (SELECT item_no, people AS item_people FROM ${numbers}) AS n ON n.item_no = b.held
            GROUP BY person_no
          )
        ) AS a
      )
      WHERE other != item GROUP BY item, other HAVING count() > 1 AND together > 0
    ),
    best AS (
      SELECT item, groupArray(other) AS others, groupArray(toFloat32(together)) AS weights
      FROM (SELECT item, other, together FROM pairs ORDER BY item, together DESC, other LIMIT ${p.int(keep)} BY item) GROUP BY item
    )
  SELECT n.item_id, n.item_no, ${p.text(weighting)}, n.people, n.popularity, n.trend, b.others, b.weights, b.others, b.weights, ${p.day(stamp.asOf)}, ${p.instant(stamp.now)}
  FROM ${numbers} AS n LEFT JOIN best AS b ON b.item = n.item_no`;

/** Rows of `item_neighbours` from a matrix that was uploaded to `matrix` (item, others, weights, sign_of, sign_weights). */
export const easeRows = (matrix: Sql, numbers: Sql, stamp: { readonly asOf: Day; readonly now: Date }): Sql => sql`
  SELECT n.item_id, n.item_no, 'ease', n.people, n.popularity, n.trend, m.others, m.weights, m.sign_of, m.sign_weights, ${p.day(stamp.asOf)}, ${p.instant(stamp.now)}
  FROM ${numbers} AS n LEFT JOIN ${matrix} AS m ON m.item = n.item_no`;

/** The table as a whole gives way to `scratch`: readers see one training or the other. */
export const replaceAll = (table: Sql, scratch: Sql): Sql =>
  sql`ALTER TABLE ${table} REPLACE PARTITION tuple() FROM ${scratch}`;
