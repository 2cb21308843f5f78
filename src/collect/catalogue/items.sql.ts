// What is known of items: names, prices, stock, addresses.
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';

/** Empty text and price 0 where nothing is known. */
export type Item = {
  readonly itemId: string;
  readonly name: string;
  readonly category: string;
  readonly brand: string;
  readonly priceCents: number;
  readonly available: boolean;
  readonly url: string;
  readonly imageUrl: string;
};

type ItemRow = Omit<Item, 'available'> & { readonly available: number };

const COLUMNS = sql`item_id AS itemId, name, toString(category) AS category, toString(brand) AS brand, price_cents AS priceCents, available, url,
  image_url AS imageUrl`;

/** Some items by id; an item nobody ever named is absent. */
export async function itemsOf(events: Events, itemIds: readonly string[]): Promise<ReadonlyMap<string, Item>> {
  if (itemIds.length === 0) return new Map();
  const rows = await events.rows<ItemRow>(sql`
    SELECT ${COLUMNS} FROM items FINAL WHERE has(${p.texts([...new Set(itemIds)])}, item_id)`);
  return new Map(rows.map((row) => [row.itemId, { ...row, available: row.available === 1 }]));
}

export type ItemCounts = { readonly total: number; readonly available: number; readonly categories: number };

/** How many items are known, how many of them can be bought, and in how many categories they are. */
export async function countItems(events: Events): Promise<ItemCounts> {
  const [row] = await events.rows<ItemCounts>(sql`
    SELECT count() AS total, countIf(available = 1) AS available, uniqExactIf(category, category != '') AS categories FROM items FINAL`);
  return row ?? { total: 0, available: 0, categories: 0 };
}

/** Items whose name, id, category or brand holds the text, those named first by name; all where there is none. */
export async function findItems(events: Events, text: string, limit: number): Promise<Item[]> {
  const rows = await events.rows<ItemRow>(sql`
    SELECT ${COLUMNS} FROM items FINAL
    WHERE arrayExists(field -> positionCaseInsensitiveUTF8(field, ${p.text(text)}) > 0, [item_id, name, toString(category), toString(brand)])
      OR ${p.text(text)} = ''
    ORDER BY item_id = ${p.text(text)} DESC, name, item_id LIMIT ${p.int(limit)}`);
  return rows.map((row) => ({ ...row, available: row.available === 1 }));
}
