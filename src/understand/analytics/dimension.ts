// By what people can be told apart in an answer: the closed table of groupings, each with its words and its SQL side by side.
import { z } from 'zod';
import { personSource } from '../../collect/people/person-of.sql.ts';
import type { Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import type { Text } from '../../kernel/lang.ts';
import { p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { STAGES, type Stage } from '../dormancy/stage.ts';
import { REASON_LABELS, isReason } from '../reasons/causes.ts';
import { RFM_GROUPS, type RfmGroup } from '../value/rfm.ts';

export type DimensionScope = {
  /** Subqueries of `personSource`. */
  readonly days: Sql;
  readonly events: Sql;
  /** Which events hold products, and count as the first sight of a person. */
  readonly activity: readonly string[];
  readonly asOf: Day;
  /** Stages, RFM groups and reasons are those of its last evaluation. */
  readonly policyId: string | undefined;
  readonly trait: string | undefined;
};

type Entry = {
  readonly label: Text;
  readonly needs?: 'policyId' | 'trait';
  /** SELECT of person_id and value (text, never empty), one row per person it knows. */
  readonly groups: (scope: DimensionScope) => Sql;
  /** Words of one value; the value itself where it has none. */
  readonly words?: (value: string) => Text | undefined;
};

/** Every person's favourite: what most lines of her orders hold; of equals the latest bought, then by name. */
const favourite = (field: Sql, { events, activity, asOf }: DimensionScope): Sql => sql`
  SELECT person_id, argMax(value, (bought, last_on, value)) AS value
  FROM (
    SELECT l.person_id AS person_id, ${field} AS value, count() AS bought, max(l.day) AS last_on
    FROM (
      SELECT person_id, day, product FROM ${events} ARRAY JOIN products AS product
      WHERE name IN ${p.texts(activity)} AND day <= ${p.day(asOf)}
    ) AS l LEFT ANY JOIN (SELECT item_id, name, category, brand FROM items FINAL) AS i
      ON i.item_id = if(l.product.product_id != '', l.product.product_id, l.product.name)
    GROUP BY person_id, value HAVING value != ''
  ) GROUP BY person_id`;

/** What a catalogue says comes before what an order said. */
const saidOf = (catalogue: Sql, order: Sql): Sql =>
  sql`toString(if(${catalogue} != '', toString(${catalogue}), ${order}))`;

const ofState = (column: Sql, { policyId }: DimensionScope): Sql =>
  sql`SELECT person_id, toString(${column}) AS value FROM person_states FINAL WHERE policy_id = ${p.text(policyId ?? '')}`;

const stageWords = (value: string): Text | undefined => (value in STAGES ? STAGES[value as Stage] : undefined);
const rfmWords = (value: string): Text | undefined => (value in RFM_GROUPS ? RFM_GROUPS[value as RfmGroup] : undefined);

export const DIMENSIONS = {
  category: {
    label: { en: 'Favourite category', zh: '偏好品类' },
    groups: (scope) => favourite(saidOf(sql`i.category`, sql`l.product.category`), scope),
  },
  brand: {
    label: { en: 'Favourite brand', zh: '偏好品牌' },
    groups: (scope) => favourite(saidOf(sql`i.brand`, sql`l.product.brand`), scope),
  },
  product: {
    label: { en: 'Favourite product', zh: '最常购买的商品' },
    groups: (scope) =>
      favourite(saidOf(sql`i.name`, sql`if(l.product.name != '', l.product.name, l.product.product_id)`), scope),
  },
  trait: {
    label: { en: 'Trait', zh: '用户属性' },
    needs: 'trait',
    groups: ({ trait = '' }) => sql`
      SELECT person_id, if(JSONType(traits, ${p.text(trait)}) = 'String', JSONExtractString(traits, ${p.text(trait)}), JSONExtractRaw(traits, ${p.text(trait)})) AS value
      FROM person_traits FINAL WHERE erased = 0 AND JSONHas(traits, ${p.text(trait)}) AND value != '' AND value != 'null'`,
  },
  first_month: {
    label: { en: 'First seen in', zh: '首次活跃月份' },
    groups: ({ days, activity, asOf }) => sql`
      SELECT person_id, formatDateTime(min(day), '%Y-%m') AS value FROM ${days}
      WHERE name IN ${p.texts(activity)} AND day <= ${p.day(asOf)} GROUP BY person_id`,
  },
  stage: {
    label: { en: 'Stage', zh: '阶段' },
    needs: 'policyId',
    groups: (scope) => ofState(sql`stage`, scope),
    words: stageWords,
  },
  rfm: {
    label: { en: 'RFM group', zh: 'RFM 分组' },
    needs: 'policyId',
    groups: (scope) => ofState(sql`rfm_group`, scope),
    words: rfmWords,
  },
  reason: {
    label: { en: 'Likeliest reason', zh: '最可能的原因' },
    needs: 'policyId',
    groups: ({ policyId }) => sql`
      SELECT person_id, toString(reason) AS value FROM person_reasons FINAL WHERE policy_id = ${p.text(policyId ?? '')}`,
    words: (value) => (isReason(value) ? REASON_LABELS[value] : undefined),
  },
} as const satisfies Record<string, Entry>;

export type DimensionName = keyof typeof DIMENSIONS;
export const DIMENSION_NAMES = Object.keys(DIMENSIONS) as [DimensionName, ...DimensionName[]];

export const dimensionSchema = z.strictObject({
  by: z.enum(DIMENSION_NAMES),
  /** Which one, for `trait`. */
  trait: z.string().min(1).max(200).optional(),
});
export type Dimension = z.output<typeof dimensionSchema>;

/** People nothing is known about, and groups beyond those shown. */
const NOT_KNOWN: Text = { en: 'Not known', zh: '未知' };
const OTHERS: Text = { en: 'All others', zh: '其他' };
export const UNKNOWN_GROUP = '';
export const OTHER_GROUP = '\u0000others';

/** What a group is called. */
export function groupLabel({ by }: Dimension, value: string): Text {
  if (value === UNKNOWN_GROUP) return NOT_KNOWN;
  if (value === OTHER_GROUP) return OTHERS;
  const entry: Entry = DIMENSIONS[by];
  const words = entry.words?.(value) ?? { en: value, zh: value };
  return { en: words.en, zh: words.zh };
}

export type DimensionInput = {
  readonly activity: readonly string[];
  readonly asOf: Day;
  readonly policyId?: string | undefined;
};

/** SELECT of person_id and value. Throws `invalid` where the grouping lacks what it needs. */
export async function groupsQuery(events: Events, dimension: Dimension, input: DimensionInput): Promise<Sql> {
  const entry: Entry = DIMENSIONS[dimension.by];
  const { needs } = entry;
  if ((needs === 'trait') !== (dimension.trait !== undefined)) {
    const what = needs === 'trait' ? 'which trait? Name it' : `"${dimension.by}" is no trait`;
    throw new RekindleError('invalid', { where: 'trait', what });
  }
  if (needs === 'policyId' && input.policyId === undefined)
    throw new RekindleError('invalid', {
      where: 'policyId',
      what: {
        en: `"${dimension.by}" is what a policy says of people`,
        zh: `“${dimension.by}”由规则得出，请指明规则`,
      },
    });
  const source = await personSource(events);
  return entry.groups({
    ...source,
    activity: input.activity,
    asOf: input.asOf,
    policyId: input.policyId,
    trait: dimension.trait,
  });
}
