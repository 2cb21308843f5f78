// Steering recommendations. Two operations are those of Amazon Personalize's runtime, in path and shape, so that what asks there can ask here.
import { z } from 'zod';
import type { App } from '../../app.ts';
import { linkedPeople } from '../../collect/people/people.sql.ts';
import { addDays, dayIn } from '../../kernel/days.ts';
import { itemsOf } from '../../collect/catalogue/items.sql.ts';
import { computePreferences } from '../../understand/recommend/preferences.service.ts';
import { LISTS, querySchema, rankingSchema, type RecommendedItem } from '../../understand/recommend/recommender.ts';
import { recommendForEveryone } from '../../understand/recommend/scoring.service.ts';
import { trainRecommender } from '../../understand/recommend/training.service.ts';
import { endpoint, type Endpoint } from './endpoint.ts';

const reasonAnswer = z.object({ kind: z.string(), en: z.string(), zh: z.string() });
const itemAnswer = z.object({ itemId: z.string(), score: z.number(), reason: reasonAnswer });
const productAnswer = itemAnswer.extend({
  name: z.string(),
  category: z.string(),
  brand: z.string(),
  priceCents: z.int(),
  available: z.boolean(),
  url: z.string(),
  imageUrl: z.string(),
});
const statusAnswer = z.object({
  engine: z.enum(['own', 'http']),
  host: z.string().nullable(),
  model: z.string().nullable(),
  trainedAsOf: z.string().nullable(),
  items: z.int(),
  peopleScored: z.int(),
  lastTrouble: z.object({ at: z.date(), what: z.string() }).nullable(),
});
const NAMES = Object.keys(LISTS) as [keyof typeof LISTS, ...(keyof typeof LISTS)[]];

export const recommendEndpoints = (app: App): readonly Endpoint[] => {
  const { records, events, clock, business, recommendations } = app;
  const { engine } = recommendations;

  /** The id she stands under now, after merges and sign-ins. */
  const currentId = async (personId: string): Promise<string> =>
    (await linkedPeople(records.db, [personId])).get(personId) ?? personId;

  const withDetails = async (list: readonly RecommendedItem[]) => {
    const known = await itemsOf(
      events,
      list.map(({ itemId }) => itemId),
    );
    const nothing = { name: '', category: '', brand: '', priceCents: 0, available: true, url: '', imageUrl: '' };
    return list.map((item) => ({ ...nothing, ...known.get(item.itemId), ...item }));
  };

  return [
    endpoint({
      method: 'post',
      path: '/recommendations',
      need: 'people.read',
      summary: 'Items for a person, or what goes with an item; each with its reason (GetRecommendations)',
      body: querySchema,
      answer: z.object({ itemList: z.array(itemAnswer), recommendationId: z.string() }),
      refusals: ['not_found', 'engine_unavailable'],
      run: async ({ body }) => engine.getRecommendations({ ...body, userId: await currentId(body.userId) }),
    }),
    endpoint({
      method: 'post',
      path: '/personalize-ranking',
      need: 'people.read',
      summary: 'Given items in the order that fits a person best (GetPersonalizedRanking)',
      body: rankingSchema,
      answer: z.object({ personalizedRanking: z.array(itemAnswer), recommendationId: z.string() }),
      refusals: ['engine_unavailable'],
      run: async ({ body }) => engine.getPersonalizedRanking({ ...body, userId: await currentId(body.userId) }),
    }),
    endpoint({
      method: 'get',
      path: '/people/{personId}/recommendations',
      need: 'people.read',
      summary: 'What to show her now, with names, prices and the reason for each',
      query: z.strictObject({
        list: z.enum(NAMES).default('for_you'),
        count: z.coerce.number().int().min(1).max(100).default(10),
      }),
      answer: z.object({
        personId: z.string(),
        list: z.object({ name: z.enum(NAMES), en: z.string(), zh: z.string() }),
        products: z.array(productAnswer),
      }),
      refusals: ['engine_unavailable'],
      run: async ({ params, query }) => {
        const personId = await currentId(params.personId);
        const { itemList } = await engine.getRecommendations({
          userId: personId,
          numResults: query.count,
          context: { list: query.list },
        });
        return {
          personId,
          list: { name: query.list, ...LISTS[query.list] },
          products: await withDetails(itemList),
        };
      },
    }),
    endpoint({
      method: 'get',
      path: '/recommender',
      need: 'policies.read',
      summary: 'Which engine recommends, what it was trained on, and what last went wrong',
      answer: statusAnswer,
      run: () => recommendations.status(),
    }),
    endpoint({
      method: 'post',
      path: '/recommender/train',
      need: 'data.write',
      summary: 'Trains our engine and scores everybody, with orders up to the end of yesterday',
      answer: statusAnswer,
      refusals: ['not_enough_data'],
      run: async () => {
        const now = clock.now();
        const asOf = addDays(dayIn(now, business.timeZone), -1);
        await trainRecommender(events, { asOf, now });
        await computePreferences(events, { asOf, now, timeZone: business.timeZone });
        await recommendForEveryone(events, { asOf, now });
        return recommendations.status();
      },
    }),
  ];
};
