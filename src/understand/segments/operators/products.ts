// Conditions on products: what she bought or looked at, by product, category or brand, and what her orders say she prefers.
import { z } from 'zod';
import { joined, p, sql, type Sql } from '../../../kernel/sql.ts';
import type { Lang, Text } from '../../../kernel/lang.ts';
import {
  allOf,
  bounded,
  eventName,
  inLang,
  inRange,
  knownBefore,
  listWords,
  namedSince,
  no,
  operator,
  percent,
  probe,
  quotedList,
  rangeOf,
  rangeSql,
  rangeWords,
  someNames,
  times,
  wasKnownBefore,
  windowStart,
  windowWords,
  withinDays,
  type Clause,
  type SeenRows,
  type SegmentMoment,
} from '../operator.ts';
import type { PersonProduct, SegmentPerson } from '../world.ts';

const FIELDS = {
  product: { en: 'product', zh: '商品' },
  category: { en: 'category', zh: '品类' },
  brand: { en: 'brand', zh: '品牌' },
} as const satisfies Record<string, Text>;
type Field = keyof typeof FIELDS;

type Shopping = {
  readonly event: string;
  readonly by: Field;
  readonly in: readonly string[];
  readonly withinDays?: number | undefined;
  readonly times: number;
};

/** A product without an id is known by its name. */
const VALUES: Readonly<Record<Field, Sql>> = {
  product: sql`arrayMap((id, name) -> if(id != '', id, name), product_ids, product_names)`,
  category: sql`product_categories`,
  brand: sql`product_brands`,
};
const VALUE_OF: Readonly<Record<Field, (product: PersonProduct) => string>> = {
  product: ({ productId, name }) => (productId === '' ? name : productId),
  category: ({ category }) => category,
  brand: ({ brand }) => brand,
};

const shopped = (c: Shopping, { asOf }: SegmentMoment): Clause => {
  const since = windowStart(asOf, c.withinDays);
  const [first, ...others] = c.in;
  const bought =
    first !== undefined && others.length === 0
      ? sql`has(${VALUES[c.by]}, ${p.text(first)})`
      : sql`hasAny(${VALUES[c.by]}, ${p.texts(c.in)})`;
  const holds = (seen: SeenRows): Sql => {
    const tests = [...namedSince(c.event, since, seen), ...(seen.isFiltered === true ? [] : [bought])];
    const times = tests.length === 0 ? sql`count()` : sql`countIf(${joined(tests, ' AND ')})`;
    return sql`${times} >= ${p.int(c.times)}`;
  };
  return probe('events', holds, {
    names: [c.event],
    ...(since === undefined ? {} : { since }),
    filter: bought,
    isPresence: c.times === 1,
  });
};

const hasShopped = (c: Shopping, person: SegmentPerson, { asOf }: SegmentMoment): boolean => {
  const since = windowStart(asOf, c.withinDays);
  const found = person.events.filter(
    ({ name, day, products }) =>
      name === c.event &&
      day <= asOf &&
      (since === undefined || day >= since) &&
      products.some((product) => c.in.includes(VALUE_OF[c.by](product))),
  );
  return found.length >= c.times;
};

const shoppingWords = (c: Shopping, lang: Lang, verb: Text): string =>
  inLang(
    lang,
    `${verb.en} ${FIELDS[c.by].en} ${quotedList(c.in, lang)}`,
    `${verb.zh}${FIELDS[c.by].zh}${quotedList(c.in, lang)}`,
  );

function shoppingOperators(verb: 'bought' | 'viewed', event: string, words: Text, absent: Text, label: Text) {
  const shape = {
    by: z.enum(['product', 'category', 'brand']),
    in: someNames,
    withinDays,
    times,
    event: eventName.default(event),
  };
  const did = operator({
    label,
    group: 'products',
    schema: z.strictObject({ kind: z.literal(verb), ...shape }),
    examples: [{ kind: verb, by: 'category', in: ['Coffee'], withinDays: 180, times: 2 }],
    explain: (c, lang) =>
      inLang(
        lang,
        `${shoppingWords(c, lang, words)} at least ${c.times} × ${windowWords(c.withinDays, lang)}`,
        `${windowWords(c.withinDays, lang)}至少 ${c.times} 次${shoppingWords(c, lang, words)}`,
      ),
    compile: shopped,
    matches: hasShopped,
  });
  const didNot = operator({
    label: absent,
    group: 'products',
    schema: z.strictObject({ kind: z.literal(`not_${verb}`), ...shape }),
    examples: [{ kind: `not_${verb}`, by: 'brand', in: ['Acme', 'Lumen'], withinDays: 90 }],
    explain: (c, lang) =>
      inLang(
        lang,
        `${shoppingWords(c, lang, words)} fewer than ${c.times} × ${windowWords(c.withinDays, lang)}`,
        `${windowWords(c.withinDays, lang)}少于 ${c.times} 次${shoppingWords(c, lang, words)}`,
      ),
    compile: (c, moment) => allOf(...knownBefore(windowStart(moment.asOf, c.withinDays)), no(shopped(c, moment))),
    matches: (c, person, moment) =>
      wasKnownBefore(windowStart(moment.asOf, c.withinDays), person) && !hasShopped(c, person, moment),
  });
  return { did, didNot };
}

const bought = shoppingOperators(
  'bought',
  'Order Completed',
  { en: 'bought', zh: '购买' },
  { en: 'Did not buy', zh: '未购买' },
  { en: 'Bought', zh: '购买过' },
);
const viewed = shoppingOperators(
  'viewed',
  'Product Viewed',
  { en: 'viewed', zh: '浏览' },
  { en: 'Did not view', zh: '未浏览' },
  { en: 'Viewed', zh: '浏览过' },
);

const BANDS = [
  { en: 'the cheapest fifth', zh: '最低价位' },
  { en: 'the second fifth', zh: '较低价位' },
  { en: 'the middle fifth', zh: '中等价位' },
  { en: 'the fourth fifth', zh: '较高价位' },
  { en: 'the dearest fifth', zh: '最高价位' },
] as const;

const indexOfMost = (shares: readonly number[]): number => shares.indexOf(Math.max(...shares));

export const PRODUCTS = {
  bought: bought.did,
  not_bought: bought.didNot,
  viewed: viewed.did,
  not_viewed: viewed.didNot,

  likes: operator({
    label: { en: 'Prefers', zh: '偏好' },
    group: 'products',
    schema: z.strictObject({
      kind: z.literal('likes'),
      by: z.enum(['category', 'brand']),
      in: someNames,
      /** Smoothed share of the lines she bought. */
      minShare: z.number().min(0).max(1).default(0.2),
    }),
    examples: [{ kind: 'likes', by: 'category', in: ['Coffee', 'Tea'], minShare: 0.3 }],
    explain: (c, lang) =>
      inLang(
        lang,
        `at least ${percent(c.minShare)} of what she buys is of ${FIELDS[c.by].en} ${quotedList(c.in, lang)}`,
        `所购商品中${FIELDS[c.by].zh}${quotedList(c.in, lang)}占比至少 ${percent(c.minShare)}`,
      ),
    compile: (c) =>
      probe(
        'tastes',
        sql`arrayExists(x -> has(${p.texts(c.in)}, x.name) AND x.share >= ${p.float(c.minShare)}, ${c.by === 'category' ? sql`categories` : sql`brands`})`,
      ),
    matches: (c, { tastes }) =>
      (c.by === 'category' ? tastes?.categories : tastes?.brands)?.some(
        ({ name, share }) => c.in.includes(name) && share >= c.minShare,
      ) ?? false,
  }),

  price_band: operator({
    label: { en: 'Price band', zh: '价位偏好' },
    group: 'products',
    schema: z.strictObject({
      kind: z.literal('price_band'),
      /** 1: the cheapest fifth of all lines sold, 5: the dearest. */
      in: z.array(z.int().min(1).max(5)).min(1).max(5),
    }),
    examples: [{ kind: 'price_band', in: [4, 5] }],
    explain: (c, lang) => {
      const bands = listWords(
        BANDS.filter((_, i) => c.in.includes(i + 1)).map((band) => band[lang]),
        lang,
      );
      return inLang(lang, `mostly buys in ${bands} of prices`, `主要购买${bands}的商品`);
    },
    compile: (c) =>
      probe(
        'tastes',
        sql`(notEmpty(price_bands) AND has(${p.floats(c.in)}, toFloat64(indexOf(price_bands, arrayMax(price_bands)))))`,
      ),
    matches: (c, { tastes }) =>
      tastes !== undefined && tastes.priceBands.length > 0 && c.in.includes(indexOfMost(tastes.priceBands) + 1),
  }),

  usual_hour: operator({
    label: { en: 'Usual hour', zh: '常来时段' },
    group: 'products',
    schema: bounded(z.strictObject({ kind: z.literal('usual_hour'), ...rangeOf(z.int().min(0).max(23)) })),
    examples: [{ kind: 'usual_hour', from: 18, to: 22 }],
    explain: (c, lang) =>
      inLang(
        lang,
        `usually comes at the hour ${rangeWords(c, lang)} of her day`,
        `常在当地时间 ${rangeWords(c, lang)} 点到来`,
      ),
    compile: (c) =>
      probe('tastes', sql`(notEmpty(hours) AND ${rangeSql(c, sql`(indexOf(hours, arrayMax(hours)) - 1)`)})`),
    matches: (c, { tastes }) =>
      tastes !== undefined && tastes.hours.length > 0 && inRange(c, indexOfMost(tastes.hours)),
  }),
} as const;
