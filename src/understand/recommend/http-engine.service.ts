// An engine by URL behind the same port: asked the way Amazon Personalize's runtime is asked (`/recommendations`, `/personalize-ranking`;
// filter and context values are texts). What it answers is checked; an answer that makes no sense is an error, never an empty list.
import { z } from 'zod';
import { RekindleError } from '../../kernel/errors.ts';
import {
  parseQuery,
  parseRanking,
  reasonOf,
  type ParsedQuery,
  type RecommendationFilter,
  type RecommendedItem,
  type Recommender,
} from './recommender.ts';

const ANSWER_MS_MAX = 3_000;

const itemSchema = z.looseObject({
  itemId: z.string().min(1),
  score: z.number().optional(),
  reason: z.array(z.string()).nullish(),
});
const listSchema = z.looseObject({ itemList: z.array(itemSchema), recommendationId: z.string() });
const rankedSchema = z.looseObject({ personalizedRanking: z.array(itemSchema), recommendationId: z.string() });

/** Lists as Personalize writes them: `"Tea","Pots"`. */
const quoted = (words: readonly string[]): string => words.map((word) => `"${word.replaceAll('"', '\\"')}"`).join(',');

const texts = (filter: RecommendationFilter): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(filter).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? quoted(value) : String(value)]],
    ),
  );

const asked = ({ userId, filterArn, filterValues, context }: Omit<ParsedQuery, 'numResults' | 'itemId'>) => ({
  userId,
  ...(filterArn === undefined ? {} : { filterArn }),
  filterValues: texts(filterValues),
  context,
});

/** Its own words where it gives some; nobody translates them. */
const itemOf = ({ itemId, score = 0, reason }: z.infer<typeof itemSchema>): RecommendedItem => {
  const words = (reason ?? []).filter(Boolean).join(', ');
  return {
    itemId,
    score,
    reason: words === '' ? reasonOf('engine', 0, '') : { kind: 'engine', en: words, zh: words },
  };
};

/** Throws `engine_unavailable` when it does not answer in time, refuses, or answers something else than a list. */
export function httpRecommender({ url, key }: { readonly url: string; readonly key: string | undefined }): Recommender {
  const { host } = new URL(url);
  const base = url.replace(/\/+$/, '');
  const post = async <T>(path: string, body: object, schema: z.ZodType<T>): Promise<T> => {
    let what: string;
    try {
      const response = await fetch(`${base}${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
      if (response.ok) {
        const answer = schema.safeParse(await response.json());
        if (answer.success) return answer.data;
        const issue = answer.error.issues[0]!;
        what = `${issue.path.join('.')}: ${issue.message}`;
      } else {
        what = `status ${response.status}`;
        await response.body?.cancel();
      }
    } catch (cause) {
      throw new RekindleError(
        'engine_unavailable',
        { host, what: cause instanceof Error ? cause.message : String(cause) },
        { cause },
      );
    }
    throw new RekindleError('engine_unavailable', { host, what });
  };
  return {
    getRecommendations: async (input) => {
      const query = parseQuery(input);
      const { itemList, recommendationId } = await post(
        '/recommendations',
        {
          ...asked(query),
          numResults: query.numResults,
          ...(query.itemId === undefined ? {} : { itemId: query.itemId }),
        },
        listSchema,
      );
      return { itemList: itemList.slice(0, query.numResults).map(itemOf), recommendationId };
    },
    getPersonalizedRanking: async (input) => {
      const query = parseRanking(input);
      const { personalizedRanking, recommendationId } = await post(
        '/personalize-ranking',
        { ...asked(query), inputList: query.inputList },
        rankedSchema,
      );
      // It was asked to order what it was given; whatever else it names was not asked for.
      const given = new Set(query.inputList);
      return {
        personalizedRanking: personalizedRanking.filter(({ itemId }) => given.has(itemId)).map(itemOf),
        recommendationId,
      };
    },
  };
}
