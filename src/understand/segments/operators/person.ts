// Conditions on who she is, what she allows, what programmes did with her, and on other sets of people.
import { z } from 'zod';
import { daysBetween } from '../../../kernel/days.ts';
import { BUCKET_HASH_VERSION, BUCKETS, bucketOf } from '../../../kernel/hash.ts';
import { inWords } from '../../../kernel/issue.ts';
import type { Text } from '../../../kernel/lang.ts';
import { joined, p, sql, type Sql } from '../../../kernel/sql.ts';
import {
  allOf,
  bounded,
  inLang,
  inRange,
  knownBefore,
  listWords,
  no,
  oneOf,
  operator,
  probe,
  quoted,
  rangeOf,
  rangeSql,
  rangeWords,
  times,
  wasKnownBefore,
  windowStart,
  windowWords,
  withinDays,
  type Clause,
  type SegmentMoment,
} from '../operator.ts';
import { TOUCHES, type PersonConsent, type PersonFacts, type SegmentPerson, type Touch } from '../world.ts';
import { fieldMatches, fieldShape, fieldSql, fieldWords, oneTest } from './field.ts';

const channel = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,39}$/, inWords('a channel’s name, such as email', '须为渠道名称（如 email）'));
const purpose = z.enum(['marketing', 'ads_audience', 'profiling']).default('marketing');
const id = z.string().min(1).max(100);

const PURPOSE_WORDS: Readonly<Record<z.output<typeof purpose>, Text>> = {
  marketing: { en: 'marketing', zh: '营销' },
  ads_audience: { en: 'ad audiences', zh: '广告人群' },
  profiling: { en: 'profiling', zh: '画像' },
};

type Wish = { readonly channel: string; readonly purpose: z.output<typeof purpose> };

const CONSENTS = {
  granted: { en: 'granted', zh: '有效' },
  expired: { en: 'expired', zh: '已过期' },
  withdrawn: { en: 'withdrawn', zh: '已撤回' },
  none: { en: 'never given', zh: '从未授权' },
} as const satisfies Record<string, Text>;
type ConsentState = keyof typeof CONSENTS;

/** What the arbiter asks: said and still in force, or enough without a word. */
type Standing = ConsentState | 'sufficient';

// Expiry 1970: never.
const consentSql = (c: Wish, standing: Standing, now: Date): Sql => {
  const expired = sql`(toUnixTimestamp64Milli(x.expires_at) > 0 AND x.expires_at <= ${p.instant(now)})`;
  const holds: Readonly<Record<Standing, Sql>> = {
    granted: sql`x.status = 'granted' AND NOT ${expired}`,
    expired: sql`x.status = 'granted' AND ${expired}`,
    withdrawn: sql`x.status = 'withdrawn'`,
    none: sql`x.status != 'implied'`,
    sufficient: sql`x.status IN ('granted', 'implied') AND NOT ${expired}`,
  };
  return sql`arrayExists(x -> x.channel = ${p.text(c.channel)} AND x.purpose = ${p.text(c.purpose)} AND ${holds[standing]}, consents)`;
};

function consentOf(c: Wish, facts: PersonFacts | undefined, now: Date): ConsentState | 'implied' {
  const found: PersonConsent | undefined = facts?.consents.find(
    (each) => each.channel === c.channel && each.purpose === c.purpose,
  );
  if (found === undefined) return 'none';
  if (found.status !== 'granted') return found.status;
  return found.expiresAt !== null && found.expiresAt <= now ? 'expired' : 'granted';
}

const TOUCH_WORDS: Readonly<Record<Touch, Text>> = {
  entered: { en: 'entered', zh: '进入' },
  control: { en: 'was in the control group of', zh: '属于对照组：' },
  messaged: { en: 'got a message from', zh: '收到消息：' },
  clicked: { en: 'clicked in a message of', zh: '点击消息：' },
  redeemed: { en: 'redeemed an offer of', zh: '核销激励：' },
  returned: { en: 'returned during', zh: '回归于' },
};

type History = {
  readonly did: readonly Touch[];
  readonly programmeId?: string | undefined;
  readonly channel?: string | undefined;
  readonly withinDays?: number | undefined;
  readonly times: number;
};

const history = {
  did: oneOf(TOUCHES),
  programmeId: id.optional(),
  channel: channel.optional(),
  withinDays,
  times,
};

const touched = (c: History, { asOf }: SegmentMoment): Clause => {
  const since = windowStart(asOf, c.withinDays);
  const tests = joined(
    [
      sql`has(${p.texts(c.did)}, x.what)`,
      sql`x.on_day <= ${p.day(asOf)}`,
      ...(since === undefined ? [] : [sql`x.on_day >= ${p.day(since)}`]),
      ...(c.programmeId === undefined ? [] : [sql`x.programme_id = ${p.text(c.programmeId)}`]),
      ...(c.channel === undefined ? [] : [sql`x.channel = ${p.text(c.channel)}`]),
    ],
    ' AND ',
  );
  return probe('facts', sql`arrayCount(x -> ${tests}, touches) >= ${p.int(c.times)}`);
};

const isTouched = (c: History, person: SegmentPerson, { asOf }: SegmentMoment): boolean => {
  const since = windowStart(asOf, c.withinDays);
  const found = (person.facts?.touches ?? []).filter(
    (touch) =>
      c.did.includes(touch.what) &&
      touch.on <= asOf &&
      (since === undefined || touch.on >= since) &&
      (c.programmeId === undefined || touch.programmeId === c.programmeId) &&
      (c.channel === undefined || touch.channel === c.channel),
  );
  return found.length >= c.times;
};

function historyWords(c: History, lang: 'en' | 'zh'): string {
  const what = listWords(
    TOUCHES.filter((touch) => c.did.includes(touch)).map((touch) => TOUCH_WORDS[touch][lang]),
    lang,
  );
  const where =
    c.programmeId === undefined
      ? inLang(lang, 'any programme', '任一计划')
      : inLang(lang, `programme ${quoted(c.programmeId, lang)}`, `计划${quoted(c.programmeId, lang)}`);
  const by = c.channel === undefined ? '' : inLang(lang, ` by ${c.channel}`, `（渠道 ${c.channel}）`);
  return inLang(lang, `${what} ${where}${by}`, `${what}${where}${by}`);
}

export const PERSON = {
  trait: operator({
    label: { en: 'Trait', zh: '用户属性' },
    group: 'person',
    schema: oneTest(z.strictObject({ kind: z.literal('trait'), ...fieldShape })),
    examples: [
      { kind: 'trait', name: 'tier', in: ['gold', 'silver'] },
      { kind: 'trait', name: 'age', from: 25, to: 34 },
      { kind: 'trait', name: 'city', equals: '上海' },
      { kind: 'trait', name: 'company', contains: 'Ltd' },
      { kind: 'trait', name: 'birthday', exists: false },
    ],
    explain: fieldWords,
    compile: (c) =>
      c.exists === false
        ? no(probe('traits', fieldSql(sql`traits`, { ...c, exists: true })))
        : probe('traits', fieldSql(sql`traits`, c)),
    matches: (c, person) => fieldMatches(person.traits, c),
  }),

  known_days: operator({
    label: { en: 'Days known', zh: '认识天数' },
    group: 'person',
    schema: bounded(z.strictObject({ kind: z.literal('known_days'), ...rangeOf(z.int().min(0).max(100_000)) })),
    examples: [{ kind: 'known_days', from: 365 }],
    explain: (c, lang) => inLang(lang, `known for ${rangeWords(c, lang)} days`, `已认识${rangeWords(c, lang)} 天`),
    compile: (c, { asOf }) => probe('people', rangeSql(c, sql`(toInt32(${p.day(asOf)}) - toInt32(known_on))`)),
    matches: (c, person, { asOf }) => inRange(c, daysBetween(person.knownOn, asOf)),
  }),

  bucket: operator({
    label: { en: 'Random bucket', zh: '随机分桶' },
    group: 'person',
    schema: bounded(
      z.strictObject({
        kind: z.literal('bucket'),
        salt: z.string().min(1).max(100),
        ...rangeOf(
          z
            .int()
            .min(0)
            .max(BUCKETS - 1),
        ),
      }),
    ),
    examples: [{ kind: 'bucket', salt: 'pilot', to: 999 }],
    explain: (c, lang) =>
      inLang(
        lang,
        `random bucket of "${c.salt}" ${rangeWords(c, lang)} (of 0 to ${BUCKETS - 1})`,
        `随机桶（${c.salt}）${rangeWords(c, lang)}（共 0 至 ${BUCKETS - 1}）`,
      ),
    // The first 32 bits of MD5, big-endian: the same number as kernel/hash.ts.
    compile: (c) => ({
      kind: 'id',
      holds: rangeSql(
        c,
        sql`(reinterpretAsUInt32(reverse(substring(MD5(concat(${p.text(`${BUCKET_HASH_VERSION}:${c.salt}:`)}, person_id)), 1, 4))) % ${p.int(BUCKETS)})`,
      ),
    }),
    matches: (c, person) => inRange(c, bucketOf(c.salt, person.personId)),
  }),

  consent: operator({
    label: { en: 'Consent', zh: '授权' },
    group: 'reach',
    schema: z.strictObject({
      kind: z.literal('consent'),
      channel,
      purpose,
      is: z.enum(['granted', 'expired', 'withdrawn', 'none']),
    }),
    examples: [{ kind: 'consent', channel: 'email', is: 'granted' }],
    explain: (c, lang) =>
      inLang(
        lang,
        `consent to ${PURPOSE_WORDS[c.purpose].en} by ${c.channel} is ${CONSENTS[c.is].en}`,
        `${c.channel} 渠道的${PURPOSE_WORDS[c.purpose].zh}授权${CONSENTS[c.is].zh}`,
      ),
    compile: (c, { now }) => {
      const holds = probe('facts', consentSql(c, c.is, now));
      return c.is === 'none' ? no(holds) : holds;
    },
    matches: (c, { facts }, { now }) => {
      const found = consentOf(c, facts, now);
      return c.is === (found === 'implied' ? 'none' : found);
    },
  }),

  reachable: operator({
    label: { en: 'Reachable', zh: '可触达' },
    group: 'reach',
    schema: z.strictObject({ kind: z.literal('reachable'), channel, purpose }),
    examples: [{ kind: 'reachable', channel: 'email' }],
    explain: (c, lang) =>
      inLang(
        lang,
        `may be contacted by ${c.channel} for ${PURPOSE_WORDS[c.purpose].en} at an address that works`,
        `可通过 ${c.channel} 触达（${PURPOSE_WORDS[c.purpose].zh}授权有效、地址可用、未被禁止联系）`,
      ),
    compile: (c, { now }) =>
      probe(
        'facts',
        sql`(has(addresses, ${p.text(c.channel)}) AND NOT hasAny(suppressed, ${p.texts(['*', c.channel])}) AND ${consentSql(c, 'sufficient', now)})`,
      ),
    matches: (c, { facts }, { now }) =>
      facts !== undefined &&
      facts.addresses.includes(c.channel) &&
      !facts.suppressed.some((off) => off === '*' || off === c.channel) &&
      ['granted', 'implied'].includes(consentOf(c, facts, now)),
  }),

  programme: operator({
    label: { en: 'Programme history', zh: '计划经历' },
    group: 'reach',
    schema: z.strictObject({ kind: z.literal('programme'), ...history }),
    examples: [
      { kind: 'programme', did: ['messaged'], channel: 'email', withinDays: 30, times: 2 },
      { kind: 'programme', did: ['control'], programmeId: 'win-back' },
    ],
    explain: (c, lang) =>
      inLang(
        lang,
        `${historyWords(c, lang)} at least ${c.times} × ${windowWords(c.withinDays, lang)}`,
        `${windowWords(c.withinDays, lang)}至少 ${c.times} 次${historyWords(c, lang)}`,
      ),
    compile: touched,
    matches: isTouched,
  }),

  not_programme: operator({
    label: { en: 'No programme history', zh: '无计划经历' },
    group: 'reach',
    schema: z.strictObject({ kind: z.literal('not_programme'), ...history }),
    examples: [{ kind: 'not_programme', did: ['messaged'], withinDays: 14 }],
    explain: (c, lang) =>
      inLang(
        lang,
        `${historyWords(c, lang)} fewer than ${c.times} × ${windowWords(c.withinDays, lang)}`,
        `${windowWords(c.withinDays, lang)}少于 ${c.times} 次${historyWords(c, lang)}`,
      ),
    compile: (c, moment) => allOf(...knownBefore(windowStart(moment.asOf, c.withinDays)), no(touched(c, moment))),
    matches: (c, person, moment) =>
      wasKnownBefore(windowStart(moment.asOf, c.withinDays), person) && !isTouched(c, person, moment),
  }),

  global_control: operator({
    label: { en: 'Global control group', zh: '全局对照组' },
    group: 'reach',
    schema: z.strictObject({ kind: z.literal('global_control') }),
    examples: [{ kind: 'global_control' }],
    explain: (_, lang) => inLang(lang, 'is in the global control group', '属于全局对照组'),
    compile: () => probe('facts', sql`global_control = 1`),
    matches: (_, { facts }) => facts?.globalControl ?? false,
  }),

  snapshot: operator({
    label: { en: 'Snapshot', zh: '人群快照' },
    group: 'sets',
    schema: z.strictObject({ kind: z.literal('snapshot'), id }),
    examples: [{ kind: 'snapshot', id: 'snap_01kb2q7r3d5f8h0j2k4m6n8p9q' }],
    explain: (c, lang) => inLang(lang, `is in snapshot ${quoted(c.id, lang)}`, `在快照${quoted(c.id, lang)}中`),
    compile: (c) => probe('snapshots', sql`countIf(snapshot_id = ${p.text(c.id)}) > 0`, { names: [c.id] }),
    matches: (c, person) => person.snapshots.includes(c.id),
  }),
} as const;
