// What is known of some items: names, prices, stock; and which of them a filter refuses.
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import type { RecommendationFilter } from './recommender.ts';

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

/** Does a filter let an item through? What nobody knows is let through only by a filter that asks nothing about it. */
export function isLetThrough(item: Item | undefined, filter: RecommendationFilter): boolean {
  const { category, brand, priceFromCents, priceToCents, available } = filter;
  if (item === undefined) return [category, brand, priceFromCents, priceToCents].every((each) => each === undefined);
  return (
    (available === 'any' || item.available) &&
    (category === undefined || category.includes(item.category)) &&
    (brand === undefined || brand.includes(item.brand)) &&
    (priceFromCents === undefined || item.priceCents >= priceFromCents) &&
    (priceToCents === undefined || item.priceCents <= priceToCents)
  );
}
