// What did these people look at last and not buy? For messages that remind of it. One statement per store and thousand of people.
import { addDays, dayIn } from '../../kernel/days.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { ITEM_ID, priceSql } from '../../collect/catalogue/catalogue.sql.ts';
import { moneyRules } from '../../collect/money.sql.ts';
import { itemsOf, type Item } from '../../collect/catalogue/items.sql.ts';

const LOOKED = ['Product Viewed', 'Product Clicked', 'Product Added', 'Product Added to Wishlist'];
const BOUGHT = ['Order Completed'];
/** A product looked at longer ago than this is no longer on anybody's mind. */
const DAYS_BACK = 180;
const PEOPLE_PER_STATEMENT = 500;

export type BrowsedProduct = Pick<Item, 'itemId' | 'name' | 'priceCents' | 'url' | 'imageUrl'>;

type Row = BrowsedProduct & { readonly actor: string; readonly looked: string; readonly bought: string };

/**
 * The latest first, at most `count` each, with the words of her own page views; a catalogue's word on name, price and address stands over them, and
 * what it says is out of stock is left out. Nobody without any is in the answer.
 */
export async function browsedFor(
  stores: { readonly db: RecordsDb; readonly events: Events },
  personIds: readonly string[],
  now: Date,
  count = 4,
): Promise<ReadonlyMap<string, readonly BrowsedProduct[]>> {
  const { db, events } = stores;
  const since = addDays(dayIn(now, 'UTC'), -DAYS_BACK);
  const price = priceSql(await moneyRules(events));
  const looked = new Map<string, Map<string, Row>>();
  for (let at = 0; at < personIds.length; at += PEOPLE_PER_STATEMENT) {
    const people = personIds.slice(at, at + PEOPLE_PER_STATEMENT);
    const links = await db
      .selectFrom('person_links')
      .select(['actor_id', 'person_id'])
      .where('person_id', 'in', people)
      .execute();
    const personOf = new Map([
      ...people.map((id) => [id, id] as const),
      ...links.map((row) => [row.actor_id, row.person_id] as const),
    ]);
    const rows = await events.rows<Row>(sql`
      SELECT actor_id AS actor, ${ITEM_ID} AS itemId, argMaxIf(product.name, occurred_at, product.name != '') AS name,
        argMaxIf(${price}, occurred_at, ${price} > 0) AS priceCents,
        argMaxIf(JSONExtractString(properties, 'url'), occurred_at, is_look) AS url,
        argMaxIf(JSONExtractString(properties, 'image_url'), occurred_at, is_look) AS imageUrl,
        toString(maxIf(occurred_at, is_look)) AS looked, toString(maxIf(occurred_at, NOT is_look)) AS bought
      FROM (SELECT *, name IN ${p.texts(LOOKED)} AS is_look FROM events
            WHERE actor_id IN ${p.texts([...personOf.keys()])} AND name IN ${p.texts([...LOOKED, ...BOUGHT])} AND day >= toDate(${p.text(since)})) AS e
      ARRAY JOIN products AS product
      WHERE itemId != '' GROUP BY actor_id, itemId`);
    // Her laptop looked, her phone bought: it is the same person.
    for (const row of rows) {
      const person = personOf.get(row.actor) ?? row.actor;
      const own = looked.get(person) ?? new Map<string, Row>();
      looked.set(person, own);
      const known = own.get(row.itemId);
      const newer = known === undefined || row.looked > known.looked ? row : known;
      own.set(row.itemId, {
        ...newer,
        bought: known !== undefined && known.bought > row.bought ? known.bought : row.bought,
      });
    }
  }
  const listed = [...looked].map(([person, items]) => ({
    person,
    items: [...items.values()]
      .filter((item) => item.looked > item.bought && item.name !== '')
      .sort((a, b) => (a.looked < b.looked ? 1 : -1))
      // Some may turn out to be sold out.
      .slice(0, count * 3),
  }));
  const catalogue = await itemsOf(
    events,
    listed.flatMap(({ items }) => items.map(({ itemId }) => itemId)),
  );
  return new Map(
    listed.flatMap(({ person, items }) => {
      const kept = items.flatMap(({ itemId, name, priceCents, url, imageUrl }): BrowsedProduct[] => {
        const item = catalogue.get(itemId);
        if (item?.available === false) return [];
        return [
          {
            itemId,
            name: item?.name || name,
            priceCents: item?.priceCents || priceCents,
            url: item?.url || url,
            imageUrl: item?.imageUrl || imageUrl,
          },
        ];
      });
      return kept.length === 0 ? [] : [[person, kept.slice(0, count)] as const];
    }),
  );
}
