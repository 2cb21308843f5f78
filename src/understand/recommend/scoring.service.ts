// The best items of everybody who ever bought, in one pass over people: written to `person_recommendations`, read by whoever writes mail.
import type { Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { ident, p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { parseQuery, reasonOf, type RecommendedItem, type RecommendationReason } from './recommender.ts';
import { BLENDS, scores, shelf } from './scoring.sql.ts';
import { gatherPurchases } from './training.service.ts';
import { replaceAll } from './training.sql.ts';

/** People scored by one statement: their candidates stay within some hundred megabytes. */
const PEOPLE_PER_STATEMENT = 5_000;
const NEIGHBOURS = ident('item_neighbours');
const { filterValues: IN_STOCK } = parseQuery({ userId: 'everybody' });

export type ScoreInput = {
  readonly asOf: Day;
  readonly now: Date;
  readonly activity?: readonly string[];
  /** Items kept per person. */
  readonly top?: number;
};

/** Scores everybody with the published neighbours and publishes the result. Throws `not_enough_data` before the first training. */
export async function recommendForEveryone(events: Events, input: ScoreInput): Promise<{ readonly people: number }> {
  const { asOf, now, top = 10 } = input;
  const [trained] = await events.rows<{ items: number }>(sql`SELECT count() AS items FROM item_neighbours`);
  if ((trained?.items ?? 0) === 0)
    throw new RekindleError('not_enough_data', {
      what: { en: 'no recommender was trained yet', zh: '尚未训练推荐模型' },
    });
  const scratch = await gatherPurchases(events, input, NEIGHBOURS);
  const scored = ident(newId('scratch_recommended', now));
  try {
    await events.run(sql`CREATE TABLE ${scored} AS person_recommendations`);
    const [size] = await events.rows<{ people: number }>(sql`SELECT count() AS people FROM ${scratch.baskets}`);
    const people = size?.people ?? 0;
    for (let from = 0; from < people; from += PEOPLE_PER_STATEMENT) {
      const baskets = sql`(SELECT * FROM ${scratch.baskets}
        WHERE person_no >= ${p.int(from)} AND person_no < ${p.int(from + PEOPLE_PER_STATEMENT)})`;
      const rows = scores({ baskets, shelf: shelf(IN_STOCK), blend: BLENDS.for_you, top });
      await events.run(sql`
        INSERT INTO ${scored} (person_id, rank, item_id, score, reason, own_orders, because_item_id, as_of, computed_at)
        SELECT person_id, rank, item_id, score, reason, own_orders, because_item_id, ${p.day(asOf)}, ${p.instant(now)} FROM (${rows})`);
    }
    await events.run(replaceAll(ident('person_recommendations'), scored));
    return { people };
  } finally {
    await events.run(sql`DROP TABLE IF EXISTS ${scored}`);
    await scratch.close();
  }
}

/** An item to show in a message. Empty text where nothing is known. */
export type RecommendedProduct = RecommendedItem & {
  readonly name: string;
  readonly category: string;
  readonly brand: string;
  readonly priceCents: number;
  readonly url: string;
  readonly imageUrl: string;
};

type ProductRow = {
  readonly person_id: string;
  readonly item_id: string;
  readonly score: number;
  readonly reason: RecommendationReason;
  readonly own_orders: number;
  readonly because: string;
  readonly name: string;
  readonly category: string;
  readonly brand: string;
  readonly price_cents: number;
  readonly url: string;
  readonly image_url: string;
};

const productOf = (row: ProductRow): RecommendedProduct => ({
  itemId: row.item_id,
  score: row.score,
  reason: reasonOf(row.reason, row.own_orders, row.because),
  name: row.name,
  category: row.category,
  brand: row.brand,
  priceCents: row.price_cents,
  url: row.url,
  imageUrl: row.image_url,
});

const ITEM_COLUMNS = sql`i.name AS name, i.category AS category, i.brand AS brand, i.price_cents AS price_cents, i.url AS url, i.image_url AS image_url`;

/**
 * Up to `count` items in stock for each of these people, the best first, from the last scoring pass: two statements for any number of
 * people. Who never bought anything gets what is popular. Before the first pass everybody's list is empty.
 */
export async function productsFor(
  events: Events,
  personIds: readonly string[],
  now: Date,
  count = 4,
): Promise<ReadonlyMap<string, readonly RecommendedProduct[]>> {
  if (personIds.length === 0) return new Map();
  const wanted = newId('scratch_wanted', now);
  await events.run(sql`CREATE TABLE ${ident(wanted)} (person_id String) ENGINE = MergeTree ORDER BY person_id`);
  try {
    await events.insert(
      wanted,
      [...new Set(personIds)].map((person_id) => ({ person_id })),
    );
    const own = await events.rows<ProductRow>(sql`
      SELECT r.person_id AS person_id, r.item_id AS item_id, r.score AS score, r.reason AS reason, r.own_orders AS own_orders, c.name AS because, ${ITEM_COLUMNS}
      FROM (SELECT * FROM person_recommendations WHERE person_id IN (SELECT person_id FROM ${ident(wanted)})) AS r
      INNER JOIN (SELECT * FROM items FINAL WHERE available = 1) AS i ON i.item_id = r.item_id
      LEFT JOIN (SELECT item_id, name FROM items FINAL) AS c ON c.item_id = r.because_item_id
      ORDER BY r.person_id, r.rank LIMIT ${p.int(count)} BY r.person_id`);
    const lists = new Map<string, RecommendedProduct[]>();
    for (const row of own) {
      const list = lists.get(row.person_id);
      if (list === undefined) lists.set(row.person_id, [productOf(row)]);
      else list.push(productOf(row));
    }
    if (personIds.every((id) => lists.has(id))) return lists;
    const popular = await events.rows<ProductRow>(sql`
      SELECT '' AS person_id, m.item_id AS item_id, m.popularity AS score, 'popular' AS reason, 0 AS own_orders, '' AS because, ${ITEM_COLUMNS}
      FROM item_neighbours AS m INNER JOIN (SELECT * FROM items FINAL WHERE available = 1) AS i ON i.item_id = m.item_id
      ORDER BY m.popularity DESC, m.item_no LIMIT ${p.int(count)}`);
    const forAnybody = popular.map(productOf);
    for (const id of personIds) if (!lists.has(id)) lists.set(id, forAnybody);
    return lists;
  } finally {
    await events.run(sql`DROP TABLE IF EXISTS ${ident(wanted)}`);
  }
}
