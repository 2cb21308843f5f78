// The closed set of segment conditions, one entry per operator: its words, its schema, how it compiles to the engine's SQL and how it is
// evaluated in memory. A property test holds the two evaluations equal. Adding a condition is adding an entry.
import { z } from 'zod';
import type { Day } from '../../kernel/days.ts';
import { addDays } from '../../kernel/days.ts';
import { BUCKET_HASH_VERSION, BUCKETS, bucketOf } from '../../kernel/hash.ts';
import type { Lang, Text } from '../../kernel/lang.ts';
import { p, sql, type Sql } from '../../kernel/sql.ts';
import { LONGEST_DAYS } from '../dormancy/rule.ts';
import { STAGE_NAMES, STAGES } from '../dormancy/stage.ts';
import { RFM_GROUP_NAMES, RFM_GROUPS } from '../value/rfm.ts';

/** What a condition may look at in memory: a row of `person_states`, the person's traits and her events up to the day. */
export type SegmentPerson = {
  readonly personId: string;
  readonly stage: string;
  readonly rfmGroup: string;
  readonly silentDays: number;
  readonly spentCents: number;
  /** Null where no model could be fitted: then no range matches. */
  readonly returnProbability: number | null;
  readonly traits: Readonly<Record<string, unknown>>;
  readonly events: readonly { readonly name: string; readonly day: Day; readonly count: number }[];
};

/** Where compiled conditions read from. The states' columns are in scope; `days` has person_id, name, day, events. */
export type SegmentScope = { readonly asOf: Day; readonly days: Sql };

type Entry<C> = {
  readonly label: Text;
  readonly explain: (condition: C, lang: Lang) => string;
  readonly compile: (condition: C, scope: SegmentScope) => Sql;
  readonly matches: (condition: C, person: SegmentPerson, asOf: Day) => boolean;
};

const range = (min: z.ZodNumber) => ({ from: min.optional(), to: min.optional() });
const bounded = <T extends { from?: number | undefined; to?: number | undefined }>(schema: z.ZodType<T>) =>
  schema
    .refine(({ from, to }) => from !== undefined || to !== undefined, { message: 'needs `from` or `to`' })
    .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
      message: '`from` is above `to`',
    });

const oneOf = <const T extends readonly [string, ...string[]]>(names: T) =>
  z.array(z.enum(names)).min(1).max(names.length);

const happened = {
  event: z.string().min(1).max(200),
  withinDays: z.int().min(1).max(LONGEST_DAYS),
  times: z.int().min(1).max(1_000_000).default(1),
};

export const CONDITION_SCHEMAS = {
  stage: z.strictObject({ kind: z.literal('stage'), in: oneOf(STAGE_NAMES as [string, ...string[]]) }),
  rfm: z.strictObject({ kind: z.literal('rfm'), in: oneOf(RFM_GROUP_NAMES as [string, ...string[]]) }),
  silent_days: bounded(z.strictObject({ kind: z.literal('silent_days'), ...range(z.int().min(0).max(100_000)) })),
  spent: bounded(z.strictObject({ kind: z.literal('spent'), ...range(z.int()) })),
  return_probability: bounded(
    z.strictObject({ kind: z.literal('return_probability'), ...range(z.number().min(0).max(1)) }),
  ),
  trait: z.strictObject({
    kind: z.literal('trait'),
    name: z.string().min(1).max(200),
    equals: z.union([z.string().max(1000), z.number(), z.boolean()]),
  }),
  did: z.strictObject({ kind: z.literal('did'), ...happened }),
  did_not: z.strictObject({ kind: z.literal('did_not'), ...happened }),
  bucket: bounded(
    z.strictObject({
      kind: z.literal('bucket'),
      salt: z.string().min(1).max(100),
      ...range(
        z
          .int()
          .min(0)
          .max(BUCKETS - 1),
      ),
    }),
  ),
} as const;

type Schemas = typeof CONDITION_SCHEMAS;
export type ConditionKind = keyof Schemas;
type ConditionOf<K extends ConditionKind> = z.output<Schemas[K]>;
export type Condition = { [K in ConditionKind]: ConditionOf<K> }[ConditionKind];

type Range = { readonly from?: number | undefined; readonly to?: number | undefined };

const inRange = ({ from, to }: Range, value: number): boolean =>
  (from === undefined || value >= from) && (to === undefined || value <= to);

const rangeSql = ({ from, to }: Range, value: Sql): Sql =>
  sql`(${from === undefined ? sql`1` : sql`${value} >= ${p.float(from)}`} AND ${to === undefined ? sql`1` : sql`${value} <= ${p.float(to)}`})`;

function rangeWords({ from, to }: Range, lang: Lang, show: (value: number) => string = String): string {
  if (from !== undefined && to !== undefined)
    return lang === 'zh' ? `${show(from)} 至 ${show(to)}` : `${show(from)} to ${show(to)}`;
  if (from !== undefined) return lang === 'zh' ? `至少 ${show(from)}` : `at least ${show(from)}`;
  return lang === 'zh' ? `至多 ${show(to ?? 0)}` : `at most ${show(to ?? 0)}`;
}

const money = (cents: number): string => (cents / 100).toFixed(2);

/** Days counted: the `withinDays` days that end with `asOf`. */
const doneSql = (c: ConditionOf<'did' | 'did_not'>, { asOf, days }: SegmentScope): Sql => sql`person_id IN (
  SELECT person_id FROM ${days} WHERE name = ${p.text(c.event)} AND day > ${p.day(addDays(asOf, -c.withinDays))} AND day <= ${p.day(asOf)}
  GROUP BY person_id HAVING sum(events) >= ${p.int(c.times)})`;

const done = (c: ConditionOf<'did' | 'did_not'>, person: SegmentPerson, asOf: Day): boolean =>
  person.events
    .filter(({ name, day }) => name === c.event && day > addDays(asOf, -c.withinDays) && day <= asOf)
    .reduce((sum, { count }) => sum + count, 0) >= c.times;

function traitSql({ name, equals }: ConditionOf<'trait'>): Sql {
  const key = p.text(name);
  switch (typeof equals) {
    case 'string':
      return sql`JSONType(traits, ${key}) = 'String' AND JSONExtractString(traits, ${key}) = ${p.text(equals)}`;
    case 'boolean':
      return sql`JSONType(traits, ${key}) = 'Bool' AND JSONExtractBool(traits, ${key}) = ${p.int(equals ? 1 : 0)}`;
    default:
      return sql`JSONType(traits, ${key}) IN ('Int64', 'UInt64', 'Double') AND JSONExtractFloat(traits, ${key}) = ${p.float(equals)}`;
  }
}

const listWords = (names: readonly Text[], lang: Lang): string =>
  names.map((name) => name[lang]).join(lang === 'zh' ? '、' : ' or ');

export const CONDITIONS: { readonly [K in ConditionKind]: Entry<ConditionOf<K>> } = {
  stage: {
    label: { en: 'Stage', zh: '阶段' },
    explain: (c, lang) =>
      `${lang === 'zh' ? '阶段为' : 'stage is '}${listWords(
        STAGE_NAMES.filter((name) => c.in.includes(name)).map((name) => STAGES[name]),
        lang,
      )}`,
    compile: (c) => sql`has(${p.texts(c.in)}, toString(stage))`,
    matches: (c, person) => c.in.includes(person.stage),
  },
  rfm: {
    label: { en: 'RFM group', zh: 'RFM 分组' },
    explain: (c, lang) =>
      `${lang === 'zh' ? 'RFM 分组为' : 'RFM group is '}${listWords(
        RFM_GROUP_NAMES.filter((name) => c.in.includes(name)).map((name) => RFM_GROUPS[name]),
        lang,
      )}`,
    compile: (c) => sql`has(${p.texts(c.in)}, toString(rfm_group))`,
    matches: (c, person) => c.in.includes(person.rfmGroup),
  },
  silent_days: {
    label: { en: 'Silent days', zh: '沉默天数' },
    explain: (c, lang) => (lang === 'zh' ? `沉默天数${rangeWords(c, lang)}` : `silent for ${rangeWords(c, lang)} days`),
    compile: (c) => rangeSql(c, sql`silent_days`),
    matches: (c, person) => inRange(c, person.silentDays),
  },
  spent: {
    label: { en: 'Money spent', zh: '累计消费' },
    explain: (c, lang) =>
      lang === 'zh' ? `累计消费${rangeWords(c, lang, money)}` : `spent ${rangeWords(c, lang, money)}`,
    compile: (c) => rangeSql(c, sql`spent_cents`),
    matches: (c, person) => inRange(c, person.spentCents),
  },
  return_probability: {
    label: { en: 'Chance of return', zh: '回归概率' },
    explain: (c, lang) =>
      lang === 'zh' ? `回归概率${rangeWords(c, lang)}` : `chance of returning unaided ${rangeWords(c, lang)}`,
    compile: (c) => sql`ifNull(${rangeSql(c, sql`return_probability`)}, 0)`,
    matches: (c, person) => person.returnProbability !== null && inRange(c, person.returnProbability),
  },
  trait: {
    label: { en: 'Trait', zh: '用户属性' },
    explain: (c, lang) => (lang === 'zh' ? `${c.name}等于${String(c.equals)}` : `${c.name} is ${String(c.equals)}`),
    compile: (c) => sql`person_id IN (SELECT person_id FROM person_traits FINAL WHERE erased = 0 AND ${traitSql(c)})`,
    matches: (c, person) => person.traits[c.name] === c.equals,
  },
  did: {
    label: { en: 'Did', zh: '做过' },
    explain: (c, lang) =>
      lang === 'zh'
        ? `${c.withinDays} 天内至少 ${c.times} 次“${c.event}”`
        : `did "${c.event}" at least ${c.times} × within ${c.withinDays} days`,
    compile: doneSql,
    matches: done,
  },
  did_not: {
    label: { en: 'Did not', zh: '未做过' },
    explain: (c, lang) =>
      lang === 'zh'
        ? `${c.withinDays} 天内“${c.event}”少于 ${c.times} 次`
        : `did "${c.event}" less than ${c.times} × within ${c.withinDays} days`,
    compile: (c, scope) => sql`NOT (${doneSql(c, scope)})`,
    matches: (c, person, asOf) => !done(c, person, asOf),
  },
  bucket: {
    label: { en: 'Random bucket', zh: '随机分桶' },
    explain: (c, lang) =>
      lang === 'zh'
        ? `随机桶（${c.salt}）${rangeWords(c, lang)}`
        : `random bucket of "${c.salt}" ${rangeWords(c, lang)}`,
    // The first 32 bits of MD5, big-endian: the same number as kernel/hash.ts.
    compile: (c) =>
      rangeSql(
        c,
        sql`(reinterpretAsUInt32(reverse(substring(MD5(concat(${p.text(`${BUCKET_HASH_VERSION}:${c.salt}:`)}, person_id)), 1, 4))) % ${p.int(BUCKETS)})`,
      ),
    matches: (c, person) => inRange(c, bucketOf(c.salt, person.personId)),
  },
};

/** The condition's entry, typed as accepting it: the table's keys are the conditions' kinds. */
export const entryOf = (condition: Condition): Entry<Condition> => CONDITIONS[condition.kind] as Entry<Condition>;
