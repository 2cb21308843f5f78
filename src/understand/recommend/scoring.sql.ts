// Scores of people × items over the trained neighbours, as one statement for one person or for a hundred thousand.
// score = together · Σ EASE (or kNN) weights of what she holds + own · orders of the item itself + popularity and trend of the item.
import { p, sql, type Sql } from '../../kernel/sql.ts';
import type { RecommendationFilter, RecommendationList } from './recommender.ts';

export type Blend = {
  readonly together: number;
  readonly own: number;
  readonly popularity: number;
  readonly trend: number;
  readonly owned: 'include' | 'exclude' | 'only';
  /** By whose choice two items are neighbours: each held item's (it names its 100 best), or each candidate's (its 100 best signs). */
  readonly neighbours: 'held' | 'candidate';
};

/**
 * The blends of the lists. The weights of `for_you` (.3 and .3) are those of docs/science.md; popularity is split between ninety days and
 * the last two weeks, and `discover` reads the candidates' own choice of signs, because both did better on an earlier cut of the data.
 */
export const BLENDS: Readonly<Record<RecommendationList, Blend>> = {
  for_you: { together: 1, own: 0.3, popularity: 0.15, trend: 0.15, owned: 'include', neighbours: 'held' },
  again: { together: 0, own: 1, popularity: 0.5, trend: 0, owned: 'only', neighbours: 'held' },
  discover: { together: 1, own: 0, popularity: 0, trend: 0.05, owned: 'exclude', neighbours: 'candidate' },
  new: { together: 1, own: 0, popularity: 0.15, trend: 0.15, owned: 'exclude', neighbours: 'held' },
  popular: { together: 0, own: 0, popularity: 1, trend: 0, owned: 'include', neighbours: 'held' },
};

/**
 * Besides what goes with her own items, the `top` most popular items are candidates (and the newest, for the list of news): no other could
 * be among her `top` best. Where owned items are left out, that many more, so that what she owns does not leave gaps.
 */
const SPARE_CANDIDATES = 200;

/** The items a filter lets through, with everything a score needs of them: item_no, popularity, trend, first_seen_on. */
export const shelf = (filter: RecommendationFilter, only?: readonly string[]): Sql => sql`
  SELECT m.item_no AS item_no, m.item_id AS item_id, m.popularity AS popularity, m.trend AS trend, i.first_seen_on AS first_seen_on
  FROM item_neighbours AS m INNER JOIN (SELECT * FROM items FINAL) AS i ON i.item_id = m.item_id
  WHERE 1 ${filter.available === 'only' ? sql`AND i.available = 1` : sql``}
    ${filter.category === undefined ? sql`` : sql`AND has(${p.texts(filter.category)}, toString(i.category))`}
    ${filter.brand === undefined ? sql`` : sql`AND has(${p.texts(filter.brand)}, toString(i.brand))`}
    ${filter.priceFromCents === undefined ? sql`` : sql`AND i.price_cents >= ${p.int(filter.priceFromCents)}`}
    ${filter.priceToCents === undefined ? sql`` : sql`AND i.price_cents <= ${p.int(filter.priceToCents)}`}
    ${only === undefined ? sql`` : sql`AND has(${p.texts(only)}, m.item_id)`}`;

export type Scoring = {
  /** Rows of person_no, person_id, items, orders, last_on. */
  readonly baskets: Sql;
  readonly shelf: Sql;
  readonly blend: Blend;
  readonly top: number;
  /** Every item of the shelf is a candidate (a ranking), not only what the neighbours and popularity bring. */
  readonly everyItem?: boolean;
  /** Only items first seen after the person's last order. */
  readonly onlyNew?: boolean;
};

/** Scores are kept to nine digits after the point, up to 2⁴⁸ of them. */
const SCORE_UNIT = 1e9;
const SCORE_MAX = 2 ** 48 - 1;

/**
 * Score (48 bits, best first), item (32), the held item that led to it (32) and own orders (16) in one number: picking the best of a
 * thousand candidates per person by numbers takes a tenth of the time that picking tuples does.
 */
const PACKED = sql`bitShiftLeft(toUInt128(${p.int(SCORE_MAX)} - least(toUInt64(round(greatest(0, score) * ${p.float(SCORE_UNIT)})), ${p.int(SCORE_MAX)})), 80)
  + bitShiftLeft(toUInt128(item_no), 48) + bitShiftLeft(toUInt128(because), 16) + least(own, 65535)`;

/**
 * Rows of person_id, rank (from 1), item_id, score, reason, own_orders, because_item_id, the `top` best per person. Equal scores by item
 * number. The reason is the largest part of the score, except that an item bought before is always shown as such.
 */
export const scores = ({ baskets, shelf, blend, top, everyItem = false, onlyNew = false }: Scoring): Sql => {
  const arrays =
    blend.neighbours === 'held'
      ? sql`neighbours AS ids, weights AS strengths`
      : sql`sign_of AS ids, sign_weights AS strengths`;
  const popularPart = sql`(${p.float(blend.popularity)} * s.popularity + ${p.float(blend.trend)} * s.trend)`;
  const together = sql`
    SELECT b.person_no AS person_no, other AS item_no, toFloat64(${p.float(blend.together)} * strength) AS part, toUInt32(0) AS bought, b.held AS cause
    FROM (SELECT person_no, arrayJoin(items) AS held FROM ${baskets}) AS b
    INNER JOIN (SELECT item_no, ${arrays} FROM item_neighbours) AS m ON m.item_no = b.held
    ARRAY JOIN m.ids AS other, m.strengths AS strength
    UNION ALL`;
  const newOnly = onlyNew
    ? sql`INNER JOIN (SELECT person_no, last_on FROM ${baskets}) AS b ON b.person_no = g.person_no AND s.first_seen_on > b.last_on`
    : sql``;
  const ownership = { include: sql`1`, exclude: sql`g.own = 0`, only: sql`g.own > 0` }[blend.owned];
  return sql`
  WITH shelf AS (${shelf}),
    (SELECT groupArray(item_no) FROM (SELECT item_no FROM shelf AS s ORDER BY ${popularPart} DESC, item_no ${everyItem ? sql`` : sql`LIMIT ${p.int(top + (blend.owned === 'exclude' ? SPARE_CANDIDATES : 0))}`})) AS popular,
    (SELECT groupArray(item_no) FROM (SELECT item_no FROM shelf ORDER BY first_seen_on DESC, item_no LIMIT ${p.int(onlyNew ? top + SPARE_CANDIDATES : 0)})) AS newest
  SELECT people.person_id AS person_id, toUInt16(place) AS rank, s.item_id AS item_id, toFloat32(score) AS score,
    multiIf(own > 0, 'again', score - popular_part > popular_part, 'together',
      s.first_seen_on > people.last_on AND toUInt16(people.last_on) > 0, 'new', 'popular') AS reason,
    own AS own_orders, if(reason = 'together', causes.item_id, '') AS because_item_id
  FROM (
    SELECT person_no, place, toUInt32(bitAnd(bitShiftRight(pick, 48), 4294967295)) AS item_no, toUInt32(bitAnd(bitShiftRight(pick, 16), 4294967295)) AS because,
      toUInt32(bitAnd(pick, 65535)) AS own, toFloat64(${p.int(SCORE_MAX)} - toUInt64(bitShiftRight(pick, 80))) / ${p.float(SCORE_UNIT)} AS score
    FROM (
      SELECT person_no, groupArraySorted(${p.int(top)})(${PACKED}) AS best
      FROM (
        SELECT g.person_no AS person_no, g.item_no AS item_no, g.own AS own, g.because AS because, g.together + ${p.float(blend.own)} * g.own + ${popularPart} AS score
        FROM (
          SELECT person_no, item_no, sum(part) AS together, max(bought) AS own, argMax(cause, part) AS because
          FROM (
            ${blend.together === 0 ? sql`` : together}
            SELECT person_no, held AS item_no, toFloat64(0) AS part, ordered AS bought, toUInt32(0) AS cause
            FROM ${baskets} ARRAY JOIN items AS held, orders AS ordered
            UNION ALL
            SELECT person_no, arrayJoin(arrayDistinct(arrayConcat(popular, newest))) AS item_no, toFloat64(0) AS part, toUInt32(0) AS bought, toUInt32(0) AS cause
            FROM ${baskets}
          ) GROUP BY person_no, item_no
        ) AS g
        INNER JOIN shelf AS s ON s.item_no = g.item_no ${newOnly}
        WHERE ${ownership}
      ) GROUP BY person_no
    ) ARRAY JOIN best AS pick, arrayEnumerate(best) AS place
  ) AS picked
  INNER JOIN (SELECT person_no, person_id, last_on FROM ${baskets}) AS people ON people.person_no = picked.person_no
  INNER JOIN (SELECT *, ${popularPart} AS popular_part FROM shelf AS s) AS s ON s.item_no = picked.item_no
  INNER JOIN (SELECT item_no, item_id FROM item_neighbours) AS causes ON causes.item_no = picked.because`;
};
