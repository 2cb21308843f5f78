// What an operator of a segment is, and what the operators share: ranges, windows, lists in words. Pure.
// An operator's compiled form is a clause: true or false of one person by what single sources say of her ("probes"), which
// `plan.ts` asks in one pass per source.
import { percentText } from '../../kernel/figures.ts';
import { z } from 'zod';
import { addDays, type Day } from '../../kernel/days.ts';
import { inWords } from '../../kernel/issue.ts';
import type { Lang, Text } from '../../kernel/lang.ts';
import { p, sql, type Sql } from '../../kernel/sql.ts';
import { LONGEST_DAYS } from '../dormancy/rule.ts';
import type { SegmentPerson } from './world.ts';

/** Where the columns stand that a probe looks at; one row per person, or many (`days`, `events`, `snapshots`) seen through aggregates. */
export type Source =
  'people' | 'days' | 'events' | 'traits' | 'facts' | 'tastes' | 'snapshots' | `states ${string}` | `reasons ${string}`;

/** What is already true of every row a probe sees: they are all of one name, none of a name is before its day, and its `filter` holds. */
export type SeenRows = {
  readonly only?: string;
  readonly since?: ReadonlyMap<string, Day | undefined>;
  readonly isFiltered?: boolean;
};

export type Probe = {
  readonly kind: 'probe';
  readonly source: Source;
  /** A condition that is never NULL; over many rows an aggregate. It need not say again what is true of every row. */
  readonly holds: (seen: SeenRows) => Sql;
  /** Of `days`, `events` and `snapshots`: the rows it can see are of these names, and not before `since`. */
  readonly rows?: {
    readonly names: readonly string[];
    readonly since?: Day;
    /** What else a row must satisfy to count. */
    readonly filter?: Sql;
    /** One such row is enough for it to hold. */
    readonly isPresence?: boolean;
  };
  /** Of `people`: it holds of whoever has any row before this day, whatever else. */
  readonly knownBefore?: Day;
};

export type Clause =
  | Probe
  /** What her id alone tells. */
  | { readonly kind: 'id'; readonly holds: Sql }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Clause[] }
  | { readonly kind: 'not'; readonly of: Clause };

/** When and by whose rules a segment is asked. */
export type SegmentMoment = {
  /** The business day with whose end every window ends. */
  readonly asOf: Day;
  /** The instant by which consents expire and silences after an event have passed. */
  readonly now: Date;
  /** The policy whose stages, scores and reasons are meant where a condition names none. */
  readonly policyId?: string;
};

export type Operator<S extends z.ZodType = z.ZodType> = {
  readonly label: Text;
  readonly group: GroupName;
  readonly schema: S;
  /** Examples for the documentation and the console; the first is the plainest. */
  readonly examples: readonly [z.input<S>, ...z.input<S>[]];
  readonly explain: (condition: z.output<S>, lang: Lang) => string;
  readonly compile: (condition: z.output<S>, moment: SegmentMoment) => Clause;
  readonly matches: (condition: z.output<S>, person: SegmentPerson, moment: SegmentMoment) => boolean;
};

/** Ties the parts of an entry to its schema's type. */
export const operator = <S extends z.ZodType>(entry: Operator<S>): Operator<S> => entry;

export const GROUPS = {
  standing: { en: 'Stage and value', zh: '阶段与价值' },
  behaviour: { en: 'Behaviour', zh: '行为' },
  products: { en: 'Products and preferences', zh: '商品与偏好' },
  person: { en: 'Person', zh: '用户' },
  reach: { en: 'Consent and contact history', zh: '授权与触达历史' },
  sets: { en: 'Other segments', zh: '其他人群' },
} as const satisfies Record<string, Text>;
export type GroupName = keyof typeof GROUPS;

// ── Schemas ──

export const windowDays = z
  .int(inWords('must be a whole number of days', '须为整天数'))
  .min(1, inWords('a window has at least 1 day', '时间窗至少 1 天'))
  .max(LONGEST_DAYS, inWords(`a window has at most ${LONGEST_DAYS} days`, `时间窗最多 ${LONGEST_DAYS} 天`));

/** None: ever. */
export const withinDays = windowDays.optional();

export const eventName = z.string().min(1).max(200);
export const someNames = z.array(z.string().min(1).max(500)).min(1).max(200);
export const times = z.int().min(1).max(1_000_000).default(1);
/** Forms show it as money. */
export const cents = z
  .int(inWords('must be a whole number of cents', '须为整数（以分为单位）'))
  .meta({ unit: 'cents' });

export type Range = { readonly from?: number | undefined; readonly to?: number | undefined };

export const rangeOf = (bound: z.ZodNumber) => ({ from: bound.optional(), to: bound.optional() });

/** Bounds the right way round. */
export const ordered = <T extends Range>(schema: z.ZodType<T>) =>
  schema.refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    message: inWords('`from` is above `to`', '`from` 大于 `to`'),
  });

/** One bound at least, and the right way round. */
export const bounded = <T extends Range>(schema: z.ZodType<T>) =>
  ordered(
    schema.refine(({ from, to }) => from !== undefined || to !== undefined, {
      message: inWords('needs `from` or `to`', '须填写 `from` 或 `to`'),
    }),
  );

export const oneOf = <const T extends string>(names: readonly T[]) =>
  z
    .array(z.enum(names as readonly [T, ...T[]]))
    .min(1)
    .max(names.length);

// ── Clauses ──

export const allOf = (...of: readonly Clause[]): Clause => ({ kind: 'and', of });
export const no = (of: Clause): Clause => ({ kind: 'not', of });
/** Tests of a row's name and day, as far as they are not already seen to. */
export const namedSince = (event: string, since: Day | undefined, seen: SeenRows): readonly Sql[] => [
  ...(seen.only === event ? [] : [sql`name = ${p.text(event)}`]),
  ...(since === undefined || seen.since?.get(event) === since ? [] : [sql`day >= ${p.day(since)}`]),
];

export const probe = (source: Source, holds: Sql | ((seen: SeenRows) => Sql), rows?: Probe['rows']): Probe => ({
  kind: 'probe',
  source,
  holds: typeof holds === 'function' ? holds : () => holds,
  ...(rows === undefined ? {} : { rows }),
});

/** First day of the window of `days` days that ends with `asOf`; undefined for "ever". */
export const windowStart = (asOf: Day, days: number | undefined): Day | undefined =>
  days === undefined ? undefined : addDays(asOf, 1 - days);

/**
 * Absence needs somebody who could have been seen: what nothing can satisfy is only said of people who were known before the window began.
 * "Never" has no window, and so no such rule.
 */
export const knownBefore = (start: Day | undefined): readonly Clause[] =>
  start === undefined ? [] : [{ ...probe('people', sql`known_on < ${p.day(start)}`), knownBefore: start }];

export const wasKnownBefore = (start: Day | undefined, person: SegmentPerson): boolean =>
  start === undefined || person.knownOn < start;

export const inRange = ({ from, to }: Range, value: number): boolean =>
  (from === undefined || value >= from) && (to === undefined || value <= to);

export const rangeSql = ({ from, to }: Range, value: Sql): Sql =>
  sql`(${from === undefined ? sql`1` : sql`${value} >= ${p.float(from)}`} AND ${to === undefined ? sql`1` : sql`${value} <= ${p.float(to)}`})`;

// ── Words ──

export const inLang = (lang: Lang, en: string, zh: string): string => (lang === 'zh' ? zh : en);

export function rangeWords({ from, to }: Range, lang: Lang, show: (value: number) => string = String): string {
  if (from !== undefined && to !== undefined)
    return from === to
      ? inLang(lang, `exactly ${show(from)}`, `恰为 ${show(from)}`)
      : inLang(lang, `${show(from)} to ${show(to)}`, `${show(from)} 至 ${show(to)}`);
  if (from !== undefined) return inLang(lang, `at least ${show(from)}`, `至少 ${show(from)}`);
  return inLang(lang, `at most ${show(to ?? 0)}`, `至多 ${show(to ?? 0)}`);
}

export const money = (amount: number): string => (amount / 100).toFixed(2);
/** Up to two decimals, and only those that say something. */
export const percent = (share: number): string => percentText(share, 2).replace(/\.?0+%$/, '%');

export const listWords = (names: readonly string[], lang: Lang): string => names.join(inLang(lang, ' or ', '、'));
export const quoted = (name: string, lang: Lang): string => inLang(lang, `"${name}"`, `“${name}”`);
export const quotedList = (names: readonly string[], lang: Lang): string =>
  listWords(
    names.map((name) => quoted(name, lang)),
    lang,
  );

/** `within 30 days` / `30 天内`; for ever nothing / `历史上`. */
export const windowWords = (days: number | undefined, lang: Lang): string =>
  days === undefined ? inLang(lang, 'ever', '历史上') : inLang(lang, `within ${days} days`, `${days} 天内`);
