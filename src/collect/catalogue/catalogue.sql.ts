// The table `items`: derived from the products of events, overridden by a catalogue. One row per item once merged; read it with FINAL.
import { newId } from '../../kernel/ids.ts';
import type { MoneyRules } from '../../kernel/money-rules.ts';
import { ident, p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events, Row } from '../../stores/events/events.ts';
import { moneySql } from '../money.sql.ts';
import { parseCatalogue, type CatalogueItem } from './catalogue.ts';

const COLUMNS = sql`item_id, name, category, brand, price_cents, available, first_seen_on, url, image_url, origin, updated_at`;

/** A product without an id is known by its name; without either it is no item. Over the columns of ARRAY JOIN products AS product. */
export const ITEM_ID: Sql = sql`if(product.product_id != '', product.product_id, product.name)`;

/** What a product cost in the business's currency, 0 where that is not known. Over the columns of events ARRAY JOIN products AS product. */
export const priceSql = (rules: MoneyRules | undefined): Sql => moneySql(rules, sql`product.price_cents`);

/** Items as events up to now tell them: the latest word on each field, the first day seen. Items of a catalogue stay as they are. */
export const refreshItems = (now: Date, rules: MoneyRules | undefined): Sql => sql`
  INSERT INTO items (${COLUMNS})
  SELECT ${ITEM_ID} AS item_id, argMaxIf(product.name, occurred_at, product.name != ''), argMaxIf(product.category, occurred_at, product.category != ''),
    argMaxIf(product.brand, occurred_at, product.brand != ''), argMaxIf(${priceSql(rules)}, occurred_at, ${priceSql(rules)} > 0),
    1, min(day), '', '', 'events', ${p.instant(now)}
  FROM events ARRAY JOIN products AS product
  WHERE item_id != '' AND item_id NOT IN (SELECT item_id FROM items FINAL WHERE origin = 'catalogue')
  GROUP BY item_id`;

const ROWS_PER_INSERT = 50_000;

const rowOf = (item: CatalogueItem): Row => ({
  item_id: item.itemId,
  name: item.name ?? null,
  category: item.category ?? null,
  brand: item.brand ?? null,
  price_cents: item.priceCents ?? null,
  available: item.available === undefined ? null : Number(item.available),
  first_seen_on: item.firstSeenOn ?? null,
  url: item.url ?? null,
  image_url: item.imageUrl ?? null,
});

/** Writes a catalogue: checked rows, all or none. A field left out keeps what is known; an item never seen is new as of `now`. */
export async function importCatalogue(events: Events, rows: readonly unknown[], now: Date): Promise<number> {
  const parsed = parseCatalogue(rows);
  if (parsed.length === 0) return 0;
  const given = ident(newId('scratch_catalogue', now));
  await events.run(sql`CREATE TABLE ${given} (item_id String, name Nullable(String), category Nullable(String), brand Nullable(String),
    price_cents Nullable(Int64), available Nullable(UInt8), first_seen_on Nullable(Date32), url Nullable(String), image_url Nullable(String))
    ENGINE = MergeTree ORDER BY item_id`);
  try {
    const table = given.chunks[0]!;
    for (let at = 0; at < parsed.length; at += ROWS_PER_INSERT)
      await events.insert(table, parsed.slice(at, at + ROWS_PER_INSERT).map(rowOf));
    await events.run(sql`
      INSERT INTO items (${COLUMNS})
      SELECT g.item_id, ifNull(g.name, k.name), ifNull(g.category, k.category), ifNull(g.brand, k.brand), ifNull(g.price_cents, k.price_cents),
        ifNull(g.available, if(k.item_id = '', 1, k.available)),
        toDate(ifNull(g.first_seen_on, if(k.item_id = '', toDate32(${p.instant(now)}), toDate32(k.first_seen_on)))),
        ifNull(g.url, k.url), ifNull(g.image_url, k.image_url), 'catalogue', ${p.instant(now)}
      FROM ${given} AS g LEFT JOIN (SELECT * FROM items FINAL) AS k ON g.item_id = k.item_id`);
  } finally {
    await events.run(sql`DROP TABLE IF EXISTS ${given}`);
  }
  return parsed.length;
}
