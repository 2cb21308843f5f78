// Rekindle's own engine behind the port: answers from the published neighbours and the person's orders as they are now.
import { profiledSource } from '../../collect/people/person-of.sql.ts';
import { dayIn } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { ident, p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import {
  parseQuery,
  parseRanking,
  reasonOf,
  type RecommendationReason,
  type RecommendedItem,
  type Recommender,
} from './recommender.ts';
import { BLENDS, scores, shelf, type Blend } from './scoring.sql.ts';
import { PURCHASE } from './training.service.ts';
import { basketOf, basketRow, basketWith, purchasesOf, type Basket } from './training.sql.ts';

type ScoreRow = {
  readonly item_id: string;
  readonly score: number;
  readonly reason: RecommendationReason;
  readonly own_orders: number;
  readonly because: string;
};

const NOTHING: Basket = { items: [], orders: [], last_on: '1970-01-01' };

/** What goes with one item: its neighbours, and what is popular where they do not reach. */
const WITH_ITEM: Blend = { ...BLENDS.for_you, own: 0, popularity: 0.01, trend: 0, owned: 'exclude' };

export type OwnRecommenderContext = {
  readonly events: Events;
  readonly timeZone: string;
  readonly now: () => Date;
  readonly activity?: readonly string[];
};

/** The engine that ships. Before the first training every list is empty. */
export function ownRecommender(context: OwnRecommenderContext): Recommender {
  const { events, timeZone, now, activity = PURCHASE } = context;

  const basketOfPerson = async (personId: string): Promise<Sql> => {
    const { events: source } = await profiledSource(events);
    const purchases = purchasesOf(source, activity, dayIn(now(), timeZone), personId);
    const [basket] = await events.rows<Basket>(basketOf(sql`(${purchases})`, ident('item_neighbours')));
    return sql`(${basketRow(personId, basket ?? NOTHING)})`;
  };

  const listOf = async (query: Sql): Promise<RecommendedItem[]> => {
    const rows = await events.rows<ScoreRow>(sql`
      SELECT r.item_id AS item_id, r.score AS score, r.reason AS reason, r.own_orders AS own_orders, c.name AS because
      FROM (${query}) AS r LEFT JOIN (SELECT item_id, name FROM items FINAL) AS c ON c.item_id = r.because_item_id ORDER BY r.rank`);
    return rows.map((row) => ({
      itemId: row.item_id,
      score: row.score,
      reason: reasonOf(row.reason, row.own_orders, row.because),
    }));
  };

  return {
    getRecommendations: async (input) => {
      const { userId, itemId, numResults: top, filterValues, context: asked } = parseQuery(input);
      const recommendationId = newId('rec', now());
      if (itemId !== undefined) {
        if (filterValues.owned !== undefined) {
          throw new RekindleError('invalid', {
            where: 'query.filterValues.owned',
            what: { en: 'says nothing about what goes with an item', zh: '不提供商品的关联推荐' },
          });
        }
        const [known] = await events.rows<{ items: number }>(
          sql`SELECT count() AS items FROM item_neighbours WHERE item_id = ${p.text(itemId)}`,
        );
        if ((known?.items ?? 0) === 0)
          throw new RekindleError('not_found', { what: { en: `item "${itemId}"`, zh: `商品“${itemId}”` } });
        const baskets = sql`(${basketWith(userId, itemId)})`;
        return {
          itemList: await listOf(scores({ baskets, shelf: shelf(filterValues), blend: WITH_ITEM, top })),
          recommendationId,
        };
      }
      const blend = { ...BLENDS[asked.list], ...(filterValues.owned && { owned: filterValues.owned }) };
      const baskets = await basketOfPerson(userId);
      const onlyNew = asked.list === 'new';
      return {
        itemList: await listOf(scores({ baskets, shelf: shelf(filterValues), blend, top, onlyNew })),
        recommendationId,
      };
    },
    getPersonalizedRanking: async (input) => {
      const { userId, inputList, filterValues, context: asked } = parseRanking(input);
      const blend: Blend = { ...BLENDS[asked.list], owned: filterValues.owned ?? 'include' };
      const baskets = await basketOfPerson(userId);
      const only = shelf(filterValues, inputList);
      const ranking = scores({ baskets, shelf: only, blend, top: inputList.length, everyItem: true });
      return { personalizedRanking: await listOf(ranking), recommendationId: newId('rec', now()) };
    },
  };
}
