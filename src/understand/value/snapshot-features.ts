// What a snapshot of a person's history says about her return, as numbers: one entry per feature with its words, its formula in
// memory and its expression in the engine (a property test holds the two equal). Lengths are weeks (days / 7), money is
// hundreds of cents. Those they are, and those that were tried and left out: docs/science.md.
import type { Lang, Text } from '../../kernel/lang.ts';
import { formatMoney } from '../../kernel/money.ts';
import { joined, p, sql, type Sql } from '../../kernel/sql.ts';

/** `activeDays`: distinct day numbers, ascending, not empty, none after `asOf`. */
export type SnapshotHistory = {
  readonly activeDays: readonly number[];
  readonly spentCents: number;
  /** Order lines, and items by quantity, on those days. An event that says nothing of either counts as one; 0: nobody counted. */
  readonly lines: number;
  readonly items: number;
  readonly asOf: number;
};

/** The facts every feature is a formula of. The SQL names are the columns of `factColumns`. */
type Facts = {
  readonly x: number;
  readonly between: number;
  readonly age: number;
  readonly silent: number;
  readonly gap: number;
  readonly basket: number;
  readonly lines: number;
  readonly items: number;
  readonly recent: readonly [number, number, number];
};

/** What a feature is about, for explanations: features of one theme hang together and are only meaningful as a sum. */
export const THEMES = {
  recency: { en: 'how recently', zh: '最近活跃' },
  frequency: { en: 'how often', zh: '活跃频次' },
  rhythm: { en: 'own rhythm', zh: '个人节奏' },
  tenure: { en: 'how long known', zh: '相识时长' },
  money: { en: 'how much at a time', zh: '单次规模' },
} as const satisfies Record<string, Text>;
export type Theme = keyof typeof THEMES;

type Entry = { readonly theme: Theme; readonly of: (facts: Facts) => number; readonly sql: Sql };

const RECENT_WEEKS = [4, 13, 26] as const;

/** A one-time person has no gap yet; the time since she came is the smallest it can be. */
export const FEATURES = {
  repeats: { theme: 'frequency', of: (f) => f.x, sql: sql`f_x` },
  between: { theme: 'frequency', of: (f) => f.between, sql: sql`f_between` },
  age: { theme: 'tenure', of: (f) => f.age, sql: sql`f_age` },
  silent: { theme: 'recency', of: (f) => f.silent, sql: sql`f_silent` },
  log_repeats: { theme: 'frequency', of: (f) => Math.log1p(f.x), sql: sql`log1p(f_x)` },
  log_silent: { theme: 'recency', of: (f) => Math.log1p(f.silent), sql: sql`log1p(f_silent)` },
  log_age: { theme: 'tenure', of: (f) => Math.log1p(f.age), sql: sql`log1p(f_age)` },
  log_basket: { theme: 'money', of: (f) => Math.log1p(f.basket), sql: sql`log1p(f_basket)` },
  silence_in_gaps: { theme: 'rhythm', of: (f) => f.silent / (f.gap + 1), sql: sql`(f_silent / (f_gap + 1))` },
  mean_gap: { theme: 'rhythm', of: (f) => f.gap, sql: sql`f_gap` },
  last_4_weeks: { theme: 'recency', of: (f) => f.recent[0], sql: sql`f_recent_4` },
  last_13_weeks: { theme: 'recency', of: (f) => f.recent[1], sql: sql`f_recent_13` },
  last_26_weeks: { theme: 'recency', of: (f) => f.recent[2], sql: sql`f_recent_26` },
  log_lines: { theme: 'money', of: (f) => Math.log1p(f.lines), sql: sql`log1p(f_lines)` },
  log_items: { theme: 'money', of: (f) => Math.log1p(f.items), sql: sql`log1p(f_items)` },
  once_only: { theme: 'frequency', of: (f) => (f.x === 0 ? 1 : 0), sql: sql`(f_x = 0)` },
} as const satisfies Record<string, Entry>;

export type FeatureName = keyof typeof FEATURES;
export const FEATURE_NAMES = Object.keys(FEATURES) as readonly FeatureName[];
const featureOf = (name: FeatureName): Entry => FEATURES[name];

/** Positions of x, tx and T in weeks among the features: what purchase models see of a person. */
export const HISTORY_POSITIONS = {
  x: FEATURE_NAMES.indexOf('repeats'),
  tx: FEATURE_NAMES.indexOf('between'),
  T: FEATURE_NAMES.indexOf('age'),
  silent: FEATURE_NAMES.indexOf('silent'),
} as const;

function factsOf({ activeDays, spentCents, lines, items, asOf }: SnapshotHistory): Facts {
  const [first, last] = [activeDays[0], activeDays.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError('a snapshot needs an active day');
  const x = activeDays.length - 1;
  const within = (weeks: number): number => activeDays.filter((day) => day > asOf - weeks * 7).length;
  return {
    x,
    between: (last - first) / 7,
    age: (asOf - first) / 7,
    silent: (asOf - last) / 7,
    gap: x > 0 ? (last - first) / 7 / x : (asOf - first) / 7,
    basket: Math.max(0, spentCents) / 100 / activeDays.length,
    lines: lines / activeDays.length,
    items: items / activeDays.length,
    recent: [within(RECENT_WEEKS[0]), within(RECENT_WEEKS[1]), within(RECENT_WEEKS[2])],
  };
}

/** The features of one person, in the order of FEATURE_NAMES. Throws RangeError for an empty history. */
export function snapshotFeatures(history: SnapshotHistory): number[] {
  const facts = factsOf(history);
  return FEATURE_NAMES.map((name) => featureOf(name).of(facts));
}

/** The longest of `RECENT_WEEKS` is looked for once, the others among what it found. */
const RECENT_DAYS = sql`f_recent_days`;
const recentDaysSql = (today: Sql): Sql =>
  sql`arrayFilter(d -> toInt32(d) > ${today} - ${p.int(RECENT_WEEKS[2] * 7)}, days) AS ${RECENT_DAYS}`;
const recentSql = (weeks: number, today: Sql): Sql =>
  sql`arrayCount(d -> toInt32(d) > ${today} - ${p.int(weeks * 7)}, ${RECENT_DAYS})`;

/** WITH columns that `featureSql` reads, over a column `days` (Array(UInt16), ascending, not empty). `today` is a day number. */
export const factColumns = (
  today: Sql,
  { spentCents, lines, items }: Readonly<Record<'spentCents' | 'lines' | 'items', Sql>>,
): Sql => sql`
  toFloat64(length(days) - 1) AS f_x, (toInt32(days[-1]) - toInt32(days[1])) / 7 AS f_between,
  (${today} - toInt32(days[1])) / 7 AS f_age, (${today} - toInt32(days[-1])) / 7 AS f_silent,
  if(f_x > 0, f_between / f_x, f_age) AS f_gap, greatest(0, ${spentCents}) / 100 / length(days) AS f_basket, ${lines} / length(days) AS f_lines,
  ${items} / length(days) AS f_items, ${recentDaysSql(today)},
  ${recentSql(RECENT_WEEKS[0], today)} AS f_recent_4, ${recentSql(RECENT_WEEKS[1], today)} AS f_recent_13,
  length(${RECENT_DAYS}) AS f_recent_26`;

export const featureSql = (name: FeatureName): Sql => sql`toFloat64(${featureOf(name).sql})`;

/** All features as one Array(Float64) in the order of FEATURE_NAMES. */
export const featuresSql = (): Sql => sql`[${joined(FEATURE_NAMES.map(featureSql), ', ')}]`;

const weeksAsDays = (weeks: number): number => Math.round(weeks * 7);

/** What is true of her under one theme, in words, from the features. `currency`: what her money is in. */
export function themeInWords(theme: Theme, features: readonly number[], lang: Lang, currency: string): string {
  const value = (name: FeatureName): number => features[FEATURE_NAMES.indexOf(name)] ?? 0;
  const zh = lang === 'zh';
  const times = value('repeats') + 1;
  switch (theme) {
    case 'recency': {
      const days = weeksAsDays(value('silent'));
      const recent = value('last_26_weeks');
      return zh
        ? `最近一次活跃在 ${days} 天前，近 26 周活跃 ${recent} 天`
        : `last active ${days} days ago, on ${recent} days of the last 26 weeks`;
    }
    case 'frequency':
      if (times === 1) return zh ? '仅活跃过一天' : 'active on one day only';
      return zh
        ? `共活跃 ${times} 天，前后相隔 ${weeksAsDays(value('between'))} 天`
        : `active on ${times} days over ${weeksAsDays(value('between'))} days`;
    case 'rhythm': {
      if (times === 1) return zh ? '尚无个人节奏' : 'no rhythm of her own yet';
      const gap = weeksAsDays(value('mean_gap'));
      const ratio = (value('silent') / Math.max(value('mean_gap'), 1 / 7)).toFixed(1);
      return zh
        ? `平均每 ${gap} 天活跃一次，已沉默 ${ratio} 个间隔`
        : `came every ${gap} days on average; silent for ${ratio} such gaps`;
    }
    case 'tenure': {
      const days = weeksAsDays(value('age'));
      return zh ? `${days} 天前首次出现` : `first seen ${days} days ago`;
    }
    case 'money': {
      const cents = Math.round(Math.expm1(value('log_basket')) * 100);
      const basket = formatMoney(cents, currency, lang);
      const items = Math.expm1(value('log_items'));
      // Without quantities each event counts as one, and an uncounted history as none.
      const counted = items === 0 ? undefined : items.toFixed(1);
      if (counted !== undefined && cents === 0)
        return zh ? `每个活跃日平均 ${counted} 件（次）` : `${counted} items or actions per active day on average`;
      if (zh) return `每个活跃日平均消费 ${basket}${counted === undefined ? '' : `，共 ${counted} 件`}`;
      return `spent ${basket}${counted === undefined ? '' : ` on ${counted} items`} per active day on average`;
    }
  }
}
