// The port of recommendations, shaped like Amazon Personalize's runtime (GetRecommendations, GetPersonalizedRanking), so that an external
// engine can stand in for ours: the lists, the filters, and why an item is shown, in words. Pure.
import { z } from 'zod';
import { RekindleError } from '../../kernel/errors.ts';
import { inWords, issueText } from '../../kernel/issue.ts';
import type { Text } from '../../kernel/lang.ts';

/** The lists there are; what Personalize calls a recommender or campaign. With an `itemId` the list is what goes with that item. */
export const LISTS = {
  for_you: { en: 'For you', zh: '为您推荐' },
  again: { en: 'Buy again', zh: '再次购买' },
  discover: { en: 'New to you', zh: '发现好物' },
  new: { en: 'New since your last visit', zh: '上次光临后的新品' },
  popular: { en: 'Popular now', zh: '近期热门' },
} as const satisfies Record<string, Text>;

export type RecommendationList = keyof typeof LISTS;
const LIST_NAMES = Object.keys(LISTS) as [RecommendationList, ...RecommendationList[]];

const RESULTS_MAX = 500;
const words = z.array(z.string().max(500)).min(1).max(100);

const filterSchema = z
  .strictObject({
    category: words.optional(),
    brand: words.optional(),
    priceFromCents: z.int().min(0).optional(),
    priceToCents: z.int().min(0).optional(),
    /** Only items in stock, unless told otherwise. */
    available: z.enum(['only', 'any']).default('only'),
    /** Items the person bought before. */
    owned: z.enum(['include', 'exclude', 'only']).optional(),
  })
  .refine(
    ({ priceFromCents: from, priceToCents: to }) => from === undefined || to === undefined || from <= to,
    inWords('`priceFromCents` is above `priceToCents`', '`priceFromCents` 大于 `priceToCents`'),
  );

export type RecommendationFilter = z.infer<typeof filterSchema>;

/** Filters by name, as Personalize knows them: the name stands for values, and values given beside it have the last word. */
export const NAMED_FILTERS = {
  in_stock: { available: 'only' },
  any_stock: { available: 'any' },
  not_bought_before: { owned: 'exclude' },
  bought_before: { owned: 'only' },
} as const satisfies Record<string, z.input<typeof filterSchema>>;

const FILTER_NAMES = Object.keys(NAMED_FILTERS) as [keyof typeof NAMED_FILTERS, ...(keyof typeof NAMED_FILTERS)[]];

const id = z.string().min(1).max(500);
const context = z.strictObject({ list: z.enum(LIST_NAMES).default('for_you') });

export const querySchema = z.strictObject({
  userId: id,
  itemId: id.optional(),
  numResults: z.int().min(1).max(RESULTS_MAX).default(25),
  filterArn: z.enum(FILTER_NAMES).optional(),
  filterValues: filterSchema.prefault({}),
  context: context.prefault({}),
});
export const rankingSchema = z.strictObject({
  userId: id,
  inputList: z.array(id).min(1).max(RESULTS_MAX),
  filterArn: z.enum(FILTER_NAMES).optional(),
  filterValues: filterSchema.prefault({}),
  context: context.prefault({}),
});

export type RecommendationQuery = z.input<typeof querySchema>;
export type RankingQuery = z.input<typeof rankingSchema>;
export type ParsedQuery = z.output<typeof querySchema>;
export type ParsedRanking = z.output<typeof rankingSchema>;

/** `engine`: an engine of the business's own chose it. */
export type RecommendationReason = 'again' | 'together' | 'new' | 'popular' | 'engine';

export type RecommendedItem = {
  readonly itemId: string;
  /** Comparable within one list only. */
  readonly score: number;
  readonly reason: Text & { readonly kind: RecommendationReason };
};

export type Recommendations = { readonly itemList: readonly RecommendedItem[]; readonly recommendationId: string };
export type Ranking = { readonly personalizedRanking: readonly RecommendedItem[]; readonly recommendationId: string };

/** What an engine must answer. A person nobody knows gets what is popular. Throws `invalid` for a query that is none. */
export type Recommender = {
  readonly getRecommendations: (query: RecommendationQuery) => Promise<Recommendations>;
  /** The given items, the most fitting first; those the filter refuses are left out. */
  readonly getPersonalizedRanking: (query: RankingQuery) => Promise<Ranking>;
};

function parsed<T>(schema: z.ZodType<T>, input: unknown, where: string): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new RekindleError('invalid', { where: [where, ...issue.path.map(String)].join('.'), what: issueText(issue) });
}

/** What is asked in full: a filter's name is replaced by what it stands for. */
function withFilter<T extends { readonly filterValues?: unknown; readonly filterArn?: unknown }>(input: T): T {
  const name = FILTER_NAMES.find((each) => each === input.filterArn);
  const given = z.looseObject({}).safeParse(input.filterValues ?? {});
  if (name === undefined || !given.success) return input;
  return { ...input, filterValues: { ...NAMED_FILTERS[name], ...given.data } };
}

const asObject = (input: unknown): object => (typeof input === 'object' && input !== null ? withFilter(input) : {});

export const parseQuery = (input: unknown): ParsedQuery => parsed(querySchema, asObject(input), 'query');
export const parseRanking = (input: unknown): ParsedRanking => parsed(rankingSchema, asObject(input), 'ranking');

/** Why an item is shown. `because` is the name of the item that led to it; without one the words do without. */
export function reasonOf(
  kind: RecommendationReason,
  ownOrders: number,
  because: string,
): Text & { readonly kind: RecommendationReason } {
  switch (kind) {
    case 'again':
      return ownOrders === 1
        ? { kind, en: 'you bought it once', zh: '您买过' }
        : { kind, en: `you bought it ${ownOrders} times`, zh: `您买过 ${ownOrders} 次` };
    case 'together':
      return because === ''
        ? { kind, en: 'people with your taste buy it', zh: '口味相近的顾客也在买' }
        : { kind, en: `people who bought ${because} also buy this`, zh: `买过「${because}」的顾客也会购买` };
    case 'new':
      return { kind, en: 'new since your last visit', zh: '您上次光临后的新品' };
    case 'popular':
      return { kind, en: 'popular now', zh: '近期热门' };
    case 'engine':
      return { kind, en: 'chosen for you', zh: '为您挑选' };
  }
}
