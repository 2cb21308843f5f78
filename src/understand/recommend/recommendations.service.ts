// The recommender as the product uses it: one engine (ours, or one by URL), the catalogue's word on stock and price over either, and lists
// for thousands of people at once, which never fail because an engine does.
import { RekindleError } from '../../kernel/errors.ts';
import { sql } from '../../kernel/sql.ts';
import type { Day } from '../../kernel/days.ts';
import type { Events } from '../../stores/events/events.ts';
import { itemsOf, type Item } from '../../collect/catalogue/items.sql.ts';
import {
  parseQuery,
  parseRanking,
  type RecommendationFilter,
  type RecommendedItem,
  type Recommender,
} from './recommender.ts';
import { productsFor, type RecommendedProduct } from './scoring.service.ts';

export type RecommenderStatus = {
  readonly engine: 'own' | 'http';
  /** The engine's host, where it is one by URL. */
  readonly host: string | null;
  /** Our own model; null before the first training. It also answers for an engine by URL that fails. */
  readonly model: string | null;
  readonly trainedAsOf: Day | null;
  readonly items: number;
  readonly peopleScored: number;
  readonly lastTrouble: { readonly at: Date; readonly what: string } | null;
};

export type Recommendations = {
  readonly engine: Recommender;
  /** Lists of products for any number of people: see `recommendationsFor`. */
  readonly recommendationsFor: (
    personIds: readonly string[],
    count?: number,
  ) => Promise<ReadonlyMap<string, readonly RecommendedProduct[]>>;
  readonly status: () => Promise<RecommenderStatus>;
};

/** Questions to an engine by URL that are open at the same time; after this many failures in a row no more are asked for this set. */
const LANES = 16;
const FAILURES_MAX = 3;
/** Asked for beyond what is shown: the catalogue may refuse some. */
const SPARE = 10;

/** The engine's lists, without what the catalogue refuses. Its own knowledge of stock may be older than ours. */
function withCatalogue(events: Events, engine: Recommender): Recommender {
  const kept = async (items: readonly RecommendedItem[], filter: RecommendationFilter): Promise<RecommendedItem[]> => {
    const known = await itemsOf(
      events,
      items.map(({ itemId }) => itemId),
    );
    return items.filter(({ itemId }) => isLetThrough(known.get(itemId), filter));
  };
  return {
    getRecommendations: async (input) => {
      const { filterValues, numResults } = parseQuery(input);
      const asked = { ...input, numResults: Math.min(500, numResults + SPARE) };
      const { itemList, recommendationId } = await engine.getRecommendations(asked);
      return { itemList: (await kept(itemList, filterValues)).slice(0, numResults), recommendationId };
    },
    getPersonalizedRanking: async (input) => {
      const { filterValues } = parseRanking(input);
      const { personalizedRanking, recommendationId } = await engine.getPersonalizedRanking(input);
      return { personalizedRanking: await kept(personalizedRanking, filterValues), recommendationId };
    },
  };
}

/** Does a filter let an item through? What nobody knows is let through only by a filter that asks nothing about it. */
function isLetThrough(item: Item | undefined, filter: RecommendationFilter): boolean {
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

export type RecommendationsContext = {
  readonly events: Events;
  readonly own: Recommender;
  /** An engine that answers in place of ours. */
  readonly external: { readonly engine: Recommender; readonly host: string } | undefined;
  readonly now: () => Date;
};

export function openRecommendations({ events, own, external, now }: RecommendationsContext): Recommendations {
  const trouble: { last: RecommenderStatus['lastTrouble'] } = { last: null };

  /** Lists of the engine by URL, by person; whom it failed for is absent. Nobody's failure is anybody else's. */
  const askedEngine = async (
    engine: Recommender,
    personIds: readonly string[],
    count: number,
  ): Promise<Map<string, readonly RecommendedItem[]>> => {
    const lists = new Map<string, readonly RecommendedItem[]>();
    let next = 0;
    let failures = 0;
    const lane = async (): Promise<void> => {
      while (next < personIds.length && failures < FAILURES_MAX) {
        const userId = personIds[next++]!;
        try {
          const { itemList } = await engine.getRecommendations({ userId, numResults: count + SPARE });
          failures = 0;
          lists.set(userId, itemList);
        } catch (error) {
          if (!(error instanceof RekindleError) || error.code !== 'engine_unavailable') throw error;
          failures++;
          trouble.last = { at: now(), what: error.message };
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(LANES, personIds.length) }, lane));
    return lists;
  };

  return {
    engine: external === undefined ? own : withCatalogue(events, external.engine),

    /**
     * Up to `count` products in stock per person, the best first, for any number of people: ours from the last scoring pass in two
     * statements. An engine by URL is asked per person, a few at a time, because its interface knows no sets; whom it fails gets ours.
     * Who never bought anything gets what is popular. Every person asked for is in the answer, with an empty list before the first training.
     */
    recommendationsFor: async (personIds, count = 4) => {
      const people = [...new Set(personIds)];
      if (external === undefined) return productsFor(events, people, now(), count);
      const lists = await askedEngine(external.engine, people, count);
      const known = await itemsOf(
        events,
        [...lists.values()].flat().map(({ itemId }) => itemId),
      );
      const found = new Map<string, readonly RecommendedProduct[]>();
      for (const [personId, list] of lists) {
        const products = list.flatMap((item) => {
          // Without a name there is nothing to show.
          const { available, ...about } = known.get(item.itemId) ?? { available: false };
          return available && 'name' in about && about.name !== '' ? [{ ...about, ...item }] : [];
        });
        if (products.length > 0) found.set(personId, products.slice(0, count));
      }
      const rest = people.filter((personId) => !found.has(personId));
      for (const [personId, products] of await productsFor(events, rest, now(), count)) found.set(personId, products);
      return found;
    },

    status: async () => {
      const [row] = await events.rows<{ model: string; asOf: Day; items: number; people: number }>(sql`
        SELECT any(model) AS model, toString(max(as_of)) AS asOf, count() AS items,
          (SELECT uniqExact(person_id) FROM person_recommendations) AS people FROM item_neighbours`);
      const { model = '', asOf = '', items = 0, people = 0 } = row ?? {};
      return {
        engine: external === undefined ? 'own' : 'http',
        host: external?.host ?? null,
        model: items === 0 ? null : model,
        trainedAsOf: items === 0 ? null : asOf,
        items,
        peopleScored: people,
        lastTrouble: trouble.last,
      };
    },
  };
}
