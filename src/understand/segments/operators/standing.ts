// Conditions on where she stands by a policy: stage, reason, RFM group, worth and habit levels. They read a policy's last evaluation.
import { z } from 'zod';
import { daysBetween } from '../../../kernel/days.ts';
import { RekindleError } from '../../../kernel/errors.ts';
import { p, sql, type Sql } from '../../../kernel/sql.ts';
import { STAGE_NAMES, STAGES } from '../../dormancy/stage.ts';
import { REASON_LABELS, REASONS } from '../../reasons/causes.ts';
import { RFM_GROUP_NAMES, RFM_GROUPS } from '../../value/rfm.ts';
import {
  bounded,
  cents,
  inLang,
  inRange,
  listWords,
  money,
  oneOf,
  operator,
  ordered,
  percent,
  probe,
  rangeOf,
  rangeSql,
  rangeWords,
  type Clause,
  type SegmentMoment,
} from '../operator.ts';
import type { PersonStanding, SegmentPerson } from '../world.ts';

type ByPolicy = { readonly policyId?: string | undefined };

/** None: the policy of whoever asks. */
const policyId = z.string().min(1).max(40).optional();

/** Throws `invalid` where neither the condition nor the question names a policy. */
function policyOf(c: ByPolicy, moment: SegmentMoment): string {
  const id = c.policyId ?? moment.policyId;
  if (id !== undefined) return id;
  throw new RekindleError('invalid', {
    where: 'segment.policyId',
    what: 'stages, scores and reasons belong to a policy: name one here, or ask with a policyId',
  });
}

const standing = (c: ByPolicy, moment: SegmentMoment, holds: Sql): Clause =>
  probe(`states ${policyOf(c, moment)}`, holds);
const standingOf = (c: ByPolicy, person: SegmentPerson, moment: SegmentMoment): PersonStanding | undefined =>
  person.standing[policyOf(c, moment)];

const LEVELS = {
  low: { en: 'low', zh: '低', quintiles: [1, 2] },
  medium: { en: 'medium', zh: '中', quintiles: [3] },
  high: { en: 'high', zh: '高', quintiles: [4, 5] },
} as const;
const LEVEL_NAMES = ['low', 'medium', 'high'] as const;
type Level = (typeof LEVEL_NAMES)[number];

const quintilesOf = (levels: readonly Level[]): number[] => levels.flatMap((level) => [...LEVELS[level].quintiles]);
const levelWords = (levels: readonly Level[], lang: 'en' | 'zh'): string =>
  listWords(
    LEVEL_NAMES.filter((name) => levels.includes(name)).map((name) => LEVELS[name][lang]),
    lang,
  );

export const STANDING = {
  stage: operator({
    label: { en: 'Stage', zh: '阶段' },
    group: 'standing',
    /** `from` and `to`: for how many days she has been in it. */
    schema: ordered(
      z.strictObject({
        kind: z.literal('stage'),
        in: oneOf(STAGE_NAMES),
        ...rangeOf(z.int().min(0).max(100_000)),
        policyId,
      }),
    ),
    examples: [
      { kind: 'stage', in: ['dormant', 'relapsed'] },
      { kind: 'stage', in: ['dormant'], from: 0, to: 7 },
    ],
    explain: (c, lang) => {
      const stages = listWords(
        STAGE_NAMES.filter((name) => c.in.includes(name)).map((name) => STAGES[name][lang]),
        lang,
      );
      const since = c.from === undefined && c.to === undefined ? undefined : rangeWords(c, lang);
      if (since === undefined) return inLang(lang, `stage is ${stages}`, `阶段为${stages}`);
      return inLang(lang, `stage is ${stages} for ${since} days`, `处于${stages}阶段${since} 天`);
    },
    compile: (c, moment) =>
      standing(
        c,
        moment,
        sql`(stage IN ${p.texts(c.in)} AND ${rangeSql(c, sql`(toInt32(${p.day(moment.asOf)}) - toInt32(stage_since))`)})`,
      ),
    matches: (c, person, moment) => {
      const now = standingOf(c, person, moment);
      return (
        now !== undefined &&
        c.in.some((name) => name === now.stage) &&
        inRange(c, daysBetween(now.stageSince, moment.asOf))
      );
    },
  }),

  reason: operator({
    label: { en: 'Reason', zh: '休眠原因' },
    group: 'standing',
    schema: z.strictObject({
      kind: z.literal('reason'),
      in: oneOf(REASONS),
      /** Each is looked at by itself; none given: the likeliest reason is among them. */
      minProbability: z.number().min(0).max(1).optional(),
      policyId,
    }),
    examples: [
      { kind: 'reason', in: ['bad_experience'], minProbability: 0.4 },
      { kind: 'reason', in: ['forgot', 'changed_need'] },
    ],
    explain: (c, lang) => {
      const reasons = listWords(
        REASONS.filter((reason) => c.in.includes(reason)).map((reason) => REASON_LABELS[reason][lang]),
        lang,
      );
      return c.minProbability === undefined
        ? inLang(lang, `likeliest reason is ${reasons}`, `最可能的休眠原因为${reasons}`)
        : inLang(
            lang,
            `reason is ${reasons} with a probability of at least ${percent(c.minProbability)}`,
            `休眠原因为${reasons}的概率至少 ${percent(c.minProbability)}`,
          );
    },
    compile: (c, moment) =>
      probe(
        `reasons ${policyOf(c, moment)}`,
        c.minProbability === undefined
          ? sql`reason IN ${p.texts(c.in)}`
          : sql`arrayExists(r -> probabilities[r] >= ${p.float(c.minProbability)}, ${p.texts(c.in)})`,
      ),
    matches: (c, person, moment) => {
      const known = person.reasons[policyOf(c, moment)];
      if (known === undefined) return false;
      const least = c.minProbability;
      return least === undefined
        ? c.in.includes(known.reason)
        : c.in.some((reason) => known.probabilities[reason] >= least);
    },
  }),

  rfm: operator({
    label: { en: 'RFM group', zh: 'RFM 分组' },
    group: 'standing',
    schema: z.strictObject({ kind: z.literal('rfm'), in: oneOf(RFM_GROUP_NAMES), policyId }),
    examples: [{ kind: 'rfm', in: ['AT_RISK', 'PREVIOUSLY_LOYAL'] }],
    explain: (c, lang) => {
      const groups = listWords(
        RFM_GROUP_NAMES.filter((name) => c.in.includes(name)).map((name) => RFM_GROUPS[name][lang]),
        lang,
      );
      return inLang(lang, `RFM group is ${groups}`, `RFM 分组为${groups}`);
    },
    compile: (c, moment) => standing(c, moment, sql`rfm_group IN ${p.texts(c.in)}`),
    matches: (c, person, moment) => c.in.some((name) => name === standingOf(c, person, moment)?.rfmGroup),
  }),

  silent_days: operator({
    label: { en: 'Silent days', zh: '沉默天数' },
    group: 'standing',
    schema: bounded(
      z.strictObject({ kind: z.literal('silent_days'), ...rangeOf(z.int().min(0).max(100_000)), policyId }),
    ),
    examples: [{ kind: 'silent_days', from: 60, to: 180 }],
    explain: (c, lang) => inLang(lang, `silent for ${rangeWords(c, lang)} days`, `沉默天数${rangeWords(c, lang)} 天`),
    compile: (c, moment) => standing(c, moment, rangeSql(c, sql`silent_days`)),
    matches: (c, person, moment) => {
      const now = standingOf(c, person, moment);
      return now !== undefined && inRange(c, now.silentDays);
    },
  }),

  return_probability: operator({
    label: { en: 'Chance of return', zh: '回归概率' },
    group: 'standing',
    schema: bounded(
      z.strictObject({ kind: z.literal('return_probability'), ...rangeOf(z.number().min(0).max(1)), policyId }),
    ),
    examples: [{ kind: 'return_probability', to: 0.3 }],
    explain: (c, lang) =>
      inLang(
        lang,
        `chance of returning unaided ${rangeWords(c, lang, percent)}`,
        `自然回归概率${rangeWords(c, lang, percent)}`,
      ),
    compile: (c, moment) => standing(c, moment, sql`ifNull(${rangeSql(c, sql`return_probability`)}, 0)`),
    matches: (c, person, moment) => {
      const chance = standingOf(c, person, moment)?.returnProbability ?? null;
      return chance !== null && inRange(c, chance);
    },
  }),

  expected_value: operator({
    label: { en: 'Expected value', zh: '预期价值' },
    group: 'standing',
    schema: bounded(z.strictObject({ kind: z.literal('expected_value'), ...rangeOf(cents), policyId })),
    examples: [{ kind: 'expected_value', from: 2_000 }],
    explain: (c, lang) =>
      inLang(
        lang,
        `expected value ${rangeWords(c, lang, money)} if left alone`,
        `不干预时的预期价值${rangeWords(c, lang, money)}`,
      ),
    compile: (c, moment) => standing(c, moment, sql`ifNull(${rangeSql(c, sql`expected_value_cents`)}, 0)`),
    matches: (c, person, moment) => {
      const value = standingOf(c, person, moment)?.expectedValueCents ?? null;
      return value !== null && inRange(c, value);
    },
  }),

  spent: operator({
    label: { en: 'Lifetime spend', zh: '累计消费' },
    group: 'standing',
    schema: bounded(z.strictObject({ kind: z.literal('spent'), ...rangeOf(cents), policyId })),
    examples: [{ kind: 'spent', from: 50_000 }],
    explain: (c, lang) =>
      inLang(lang, `spent ${rangeWords(c, lang, money)} in all`, `累计消费${rangeWords(c, lang, money)}`),
    compile: (c, moment) => standing(c, moment, rangeSql(c, sql`spent_cents`)),
    matches: (c, person, moment) => {
      const now = standingOf(c, person, moment);
      return now !== undefined && inRange(c, now.spentCents);
    },
  }),

  activity_level: operator({
    label: { en: 'Activity level', zh: '活跃程度' },
    group: 'standing',
    schema: z.strictObject({ kind: z.literal('activity_level'), in: oneOf(LEVEL_NAMES), policyId }),
    examples: [{ kind: 'activity_level', in: ['high'] }],
    explain: (c, lang) =>
      inLang(lang, `activity level is ${levelWords(c.in, lang)}`, `活跃程度为${levelWords(c.in, lang)}`),
    compile: (c, moment) =>
      standing(c, moment, sql`has(${p.floats(quintilesOf(c.in))}, toFloat64(frequency_quintile))`),
    matches: (c, person, moment) =>
      quintilesOf(c.in).includes(standingOf(c, person, moment)?.frequencyQuintile ?? Number.NaN),
  }),

  spending_level: operator({
    label: { en: 'Spending level', zh: '消费水平' },
    group: 'standing',
    schema: z.strictObject({ kind: z.literal('spending_level'), in: oneOf(LEVEL_NAMES), policyId }),
    examples: [{ kind: 'spending_level', in: ['medium', 'high'] }],
    explain: (c, lang) =>
      inLang(lang, `spending level is ${levelWords(c.in, lang)}`, `消费水平为${levelWords(c.in, lang)}`),
    compile: (c, moment) => standing(c, moment, sql`has(${p.floats(quintilesOf(c.in))}, toFloat64(monetary_quintile))`),
    matches: (c, person, moment) =>
      quintilesOf(c.in).includes(standingOf(c, person, moment)?.monetaryQuintile ?? Number.NaN),
  }),
} as const;
