// What is stored about candidates, as part of a statement: the refusals that hold and the ends of what holds somebody back, as masks of codes. The
// candidates are the rows of any SELECT, so that a list is judged by the same words as what a larger statement has just found. What a rule set does
// not use is not in it.
import { sql, type RawBuilder } from 'kysely';
import { channelOf } from '../channels/channels.ts';
import { filledBy } from './filled-templates.sql.ts';
import { countryOn, IS_ZONE_GUESSED, lookedUp, zoneOf } from './person-place.sql.ts';
import {
  AT_ONCE,
  CONFIRMATION,
  EXEMPT,
  FREQUENCIES,
  QUOTA_CHANNELS,
  REFUSABLE_CHANNELS,
  type ArbiterCode,
  type CalendarCap,
  type ReachRules,
  type RollingCap,
} from './rules.ts';

/** Refusals a statement finds, in the order in which they are told; its mask has a bit for each. */
const REFUSALS = [
  'unknown_person',
  'no_address',
  'no_consent',
  'consent_withdrawn',
  'consent_expired',
  'objected',
  'suppressed_person',
  'suppressed_address',
  'topic_declined',
  'sunset',
  'no_quota',
  'global_control',
  'programme_control',
] as const satisfies readonly ArbiterCode[];
/** Timed rules a statement finds. */
const DEFERRALS = [
  'cap_rolling',
  'cap_calendar',
  'gap',
  'less_often',
  'paused',
  'outranked',
] as const satisfies readonly ArbiterCode[];

const codesOf =
  <Code extends ArbiterCode>(codes: readonly Code[]) =>
  (mask: number): readonly Code[] =>
    mask === 0 ? [] : codes.filter((_code, bit) => (mask & (1 << bit)) !== 0);
export const refusalsOf = codesOf(REFUSALS);
export const deferralsOf = codesOf(DEFERRALS);
/** What is left of a mask for a purpose that is not held to every rule. */
export function heldTo(purpose: string, mask: number): number {
  const exempt = EXEMPT[purpose];
  return exempt === undefined
    ? mask
    : mask & ~REFUSALS.reduce((off, code, bit) => (exempt.includes(code) ? off | (1 << bit) : off), 0);
}
/** To be asked whether we may go on writing is marketing, and stands on its consent. */
const AS_MARKETING = ['re_permission', 'requested'];
/** Whose consent a purpose stands on. */
export const consentPurposeOf = (purpose: string): string => (AS_MARKETING.includes(purpose) ? 'marketing' : purpose);
const consentPurpose = (purpose: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`CASE WHEN ${purpose} IN (${sql.join(AS_MARKETING.map((each) => sql.lit(each)))}) THEN 'marketing' ELSE ${purpose} END`;
const maskOf = <Code extends ArbiterCode>(
  codes: readonly Code[],
  when: Readonly<Record<Code, RawBuilder<unknown>>>,
): RawBuilder<unknown> =>
  sql.join(
    codes.map((code, bit) => sql`CASE WHEN ${when[code]} THEN ${sql.lit(1 << bit)} ELSE 0 END`),
    sql` + `,
  );

/** Not a way to write to anybody: the purpose `ads_audience` is judged for it before a person enters an audience. */
const ADS_CHANNEL = 'ads';
const ADS = { consent: ADS_CHANNEL, basis: 'opt_in' } as const;

/** Does a past message on `m.channel` count for this cap, and does the cap apply to the candidate? */
const counts = ({ channel, topic }: RollingCap | CalendarCap): RawBuilder<unknown> => sql`
  ${channel === '*' ? sql`true` : sql`f.channel = ${channel} AND m.channel = ${channel}`}
  ${topic === undefined ? sql`` : sql`AND f.topic = ${topic} AND m.topic = ${topic}`}`;

/**
 * When the `max`-th newest contact inside the window leaves it; NULL while there are fewer. Hours, not days: a day of a session whose zone
 * changes its clocks has 23 or 25 of them, and the way there and back would differ.
 */
const rollingEnd = (cap: RollingCap, now: Date): RawBuilder<unknown> => sql`
  (array_agg(m.claimed_at ORDER BY m.claimed_at DESC) FILTER (
    WHERE ${counts(cap)} AND m.claimed_at > ${now}::timestamptz - make_interval(hours => ${cap.days * 24}::int)
  ))[${cap.max}::int] + make_interval(hours => ${cap.days * 24}::int)`;

/** When the person's current day, week or month ends, if it is full; NULL otherwise. `z` holds where it begins and ends in her zone. */
const calendarEnd = (cap: CalendarCap): RawBuilder<unknown> => sql`
  CASE WHEN count(*) FILTER (WHERE ${counts(cap)} AND m.claimed_at >= ${sql.ref(`z.${cap.unit}_starts`)}) >= ${cap.max}::int
    THEN ${sql.ref(`z.${cap.unit}_ends`)} END`;

const UNIT_DAYS = { day: 1, week: 7, month: 31 } as const;

/** How far back any timed rule looks, with a day to spare for zones and daylight saving. */
export const memoryDays = (rules: ReachRules): number =>
  1 +
  Math.max(
    Math.ceil(rules.gapHours / 24),
    ...rules.caps.map((cap) => (cap.kind === 'rolling' ? cap.days : UNIT_DAYS[cap.unit])),
  );

/** The latest end of all caps of one kind, or NULL. */
function latestEnd(ends: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return ends.length === 0 ? sql`NULL::timestamptz` : sql`GREATEST(${sql.join(ends)})`;
}

/** Days between messages that "less often" asks for; NULL for who did not ask. */
const FREQUENCY_DAYS = sql`CASE rp.frequency ${sql.join(
  Object.entries(FREQUENCIES).map(([frequency, { days }]) => sql`WHEN ${sql.lit(frequency)} THEN ${sql.lit(days)}`),
  sql` `,
)} END`;

const programmeTable = (rules: ReachRules, field: 'priority' | 'topic'): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(rules.programmes ?? {}).flatMap(([id, rule]) =>
      rule[field] === undefined ? [] : [[id, rule[field]]],
    ),
  );

/** What is asked of whom: candidates are the rows of a SELECT with these columns, `at` counting them from 1. */
type Asked = {
  /** `key`, `person_id`, `channel`, `purpose` (that of the consent), `address_key`, `programme_id`, `template_id` (texts), `template_version`, `priority` (ints), `at`. */
  readonly source: RawBuilder<unknown>;
  readonly channels: readonly string[];
  /** Whether anybody is asked to confirm an address. */
  readonly confirms: boolean;
  readonly timed: boolean;
};

/** Common table expressions that end with `timed`, a row for each candidate, and what is to be selected of it as `t`. */
type Judgement = {
  readonly tables: RawBuilder<unknown>;
  readonly refusals: RawBuilder<unknown>;
  readonly timing: RawBuilder<unknown>;
};

/** Everything that is stored about the candidates. */
export function judgement(asked: Asked, rules: ReachRules, now: Date): Judgement {
  const { channels, confirms, timed } = asked;
  const at = sql`${now}::timestamptz`;
  const rollingEnds = rules.caps.filter((cap) => cap.kind === 'rolling').map((cap) => rollingEnd(cap, now));
  const calendarEnds = rules.caps.filter((cap) => cap.kind === 'calendar').map(calendarEnd);
  const units = [...new Set(rules.caps.flatMap((cap) => (cap.kind === 'calendar' ? [cap.unit] : [])))];
  const gapEnd = sql`max(m.claimed_at) + make_interval(hours => ${rules.gapHours}::int)`;
  const topics = programmeTable(rules, 'topic');
  const hasTopics = Object.keys(topics).length > 0;
  const priorities = programmeTable(rules, 'priority');
  const yields = timed && (rules.yieldHours ?? 0) > 0 && Object.keys(priorities).length > 0;
  const needsQuota = channels.some((channel) => QUOTA_CHANNELS.includes(channel));
  const mayRefuse = channels.some((channel) => REFUSABLE_CHANNELS.includes(channel));
  const priorityOf = (of: RawBuilder<unknown>, own: RawBuilder<unknown>): RawBuilder<unknown> =>
    sql`(COALESCE(${lookedUp(of, priorities)}::int, 0) + ${own})`;

  // A message that goes first is taken to leave when it is due, and to hold back the rest for the gap.
  const outrankedEnd = yields
    ? sql`(SELECT max(GREATEST(o.due_at, ${at})) + make_interval(hours => ${Math.max(1, rules.gapHours)}::int) FROM messages o
        WHERE o.person_id = c.person_id AND o.state = 'planned' AND NOT o.held AND o.message_id <> c.key AND o.expires_at > ${at}
          AND o.due_at <= ${at} + make_interval(hours => ${rules.yieldHours ?? 0}::int)
          AND ${priorityOf(sql`o.programme_id`, sql`o.priority`)} > ${priorityOf(sql`c.programme_id`, sql`c.priority`)})`
    : sql`NULL::timestamptz`;
  const since = sql`${at} - make_interval(days => GREATEST(${memoryDays(rules)}::int, COALESCE(c.frequency_days, 0) + 1))`;
  const pressureOf = (whose: RawBuilder<unknown>): RawBuilder<unknown> => sql`
      SELECT c.at, m.channel, m.claimed_at${hasTopics ? sql`, ${lookedUp(sql`m.programme_id`, topics)} AS topic` : sql``}
      FROM facts c JOIN messages m ON ${whose}
      WHERE m.state IN ('sending', 'sent', 'unknown') AND m.claimed_at > ${since} AND m.purpose NOT IN (${sql.join(AT_ONCE.map((purpose) => sql.lit(purpose)))})`;
  // A zone's day is worked out once, not for every message.
  const periods = units.map((unit) => {
    const starts = sql`date_trunc(${sql.lit(unit)}, ${at} AT TIME ZONE zone)`;
    return sql`${starts} AT TIME ZONE zone AS ${sql.ref(`${unit}_starts`)},
        (${starts} + ${sql.lit(`1 ${unit}`)}::interval) AT TIME ZONE zone AS ${sql.ref(`${unit}_ends`)}`;
  });
  const periodColumns = units.flatMap((unit) => [sql.ref(`z.${unit}_starts`), sql.ref(`z.${unit}_ends`)]);
  const caps = timed
    ? sql`, zones AS MATERIALIZED (
      SELECT zone${periods.length > 0 ? sql`, ${sql.join(periods)}` : sql``} FROM (SELECT DISTINCT zone FROM facts) d
    ), pressure AS (
      -- Everything that left or may have left, to the person or to her address; a message that is both is counted as hers.
      ${pressureOf(sql`m.person_id = c.person_id`)} UNION ALL ${pressureOf(sql`m.address_key = c.address_key AND m.person_id <> c.person_id`)}
    ), ends AS MATERIALIZED (
      SELECT f.at, ${latestEnd(rollingEnds)} AS rolling_end, ${latestEnd(calendarEnds)} AS calendar_end, ${gapEnd} AS gap_end,
        max(m.claimed_at) + make_interval(hours => 24 * f.frequency_days) AS less_often_end
      FROM facts f JOIN pressure m ON m.at = f.at JOIN zones z ON z.zone = f.zone
      GROUP BY ${sql.join([sql`f.at`, sql`f.channel`, sql`f.frequency_days`, ...(hasTopics ? [sql`f.topic`] : []), ...periodColumns])}
    ), timed AS (
      SELECT f.*, e.rolling_end, e.calendar_end, e.gap_end, e.less_often_end,
        GREATEST(e.rolling_end, e.calendar_end, e.gap_end, e.less_often_end, f.paused_until, f.outranked_end) AS earliest
      FROM facts f LEFT JOIN ends e ON e.at = f.at
    )`
    : sql`, timed AS (SELECT f.* FROM facts f)`;
  const isAhead = (end: string): RawBuilder<unknown> => sql`${sql.ref(`t.${end}`)} > ${at}`;
  const timing = timed
    ? sql`${maskOf(DEFERRALS, {
        cap_rolling: isAhead('rolling_end'),
        cap_calendar: isAhead('calendar_end'),
        gap: isAhead('gap_end'),
        less_often: isAhead('less_often_end'),
        paused: isAhead('paused_until'),
        outranked: isAhead('outranked_end'),
      })}, CASE WHEN t.earliest > ${at} THEN ceil(extract(epoch FROM t.earliest) * 1000)::bigint END, t.country, t.zone,
      ${rules.bestHour === true ? sql`t.best_hours` : sql`NULL::real[]`}, t.zone_guessed`
    : sql`0, NULL::bigint, '', '', NULL::real[], false`;
  // In some of its wordings at least: which one it will be is known when it is claimed.
  const fills = filledBy(sql`c.template_id`, sql`c.template_version`);
  const ofChannel = (of: (channel: string) => RawBuilder<unknown>): RawBuilder<unknown> =>
    channels.length === 1
      ? of(channels[0]!)
      : sql`CASE c.channel ${sql.join(
          channels.map((channel) => sql`WHEN ${sql.lit(channel)} THEN ${of(channel)}`),
          sql` `,
        )} END`;
  const ruleOf = (channel: string) => (channel === ADS_CHANNEL ? ADS : channelOf(channel));
  const controlled = sql`o.global_bucket < ${rules.globalControlBuckets}::int`;
  const isOffBy = (
    kind: 'person' | 'address',
    key: RawBuilder<unknown>,
    reason: RawBuilder<unknown>,
  ): RawBuilder<unknown> => sql`
        (EXISTS (SELECT 1 FROM suppressions s WHERE s.kind = ${sql.lit(kind)} AND s.channel = '*' AND s.key = ${key} ${reason})
          OR EXISTS (SELECT 1 FROM suppressions s WHERE s.kind = ${sql.lit(kind)} AND s.key = ${key} AND s.channel = c.channel ${reason}))`;
  // Who unsubscribed and signs up anew may take that back; nobody else's no is hers to take back.
  const isOff = (kind: 'person' | 'address', key: RawBuilder<unknown>): RawBuilder<unknown> =>
    confirms
      ? sql`CASE WHEN c.purpose = ${CONFIRMATION} THEN ${isOffBy(kind, key, sql`AND s.reason <> 'unsubscribed'`)} ELSE ${isOffBy(kind, key, sql``)} END`
      : isOffBy(kind, key, sql``);
  const mateIsControl = (shares: RawBuilder<unknown>): RawBuilder<unknown> => sql`
        EXISTS (SELECT 1 FROM people o, members b WHERE b.person_id = o.person_id AND b.arm = 'control' AND b.programme_id = c.programme_id AND ${shares})`;
  const tables = sql`
    candidate AS (
      ${asked.source}
    ), known AS (
      SELECT c.*, ${ofChannel((channel) => sql.lit(ruleOf(channel).consent))} AS consent_channel,
        ${ofChannel((channel) => sql.lit(ruleOf(channel).basis === 'opt_out'))} AS opt_out,
        pe.person_id IS NOT NULL AS known, pe.email_key, pe.global_bucket,
        rp.objected_at, rp.paused_until, rp.best_hours, ${FREQUENCY_DAYS}::int AS frequency_days,
        ${countryOn(sql`c.channel`)} AS named_country,
        ${zoneOf(sql`c.channel`, rules.defaultTimeZone)} AS zone, ${IS_ZONE_GUESSED} AS zone_guessed
        ${hasTopics ? sql`, ${lookedUp(sql`c.programme_id`, topics)} AS topic` : sql``}
      FROM candidate c
      LEFT JOIN people pe ON pe.person_id = c.person_id
      LEFT JOIN reach_profiles rp ON rp.person_id = c.person_id
    ), facts AS MATERIALIZED (
      SELECT c.at, c.person_id, c.channel, c.address_key, c.known, c.opt_out, c.objected_at, c.paused_until, c.best_hours, c.frequency_days, c.zone, c.zone_guessed,
        ${hasTopics ? sql`c.topic,` : sql``}
        COALESCE(c.named_country, ${rules.defaultCountry ?? null}::text, '') AS country, consent.status, consent.expires_at AS consent_ends_at,
        ${isOff('person', sql`c.person_id`)} AS person_off,
        ${isOff('address', sql`c.address_key`)} AS address_off,
        c.global_bucket < ${rules.globalControlBuckets}::int
          OR EXISTS (SELECT 1 FROM people o WHERE o.email_key = c.email_key AND ${controlled})
          OR EXISTS (SELECT 1 FROM people o WHERE o.phone_key = c.address_key AND ${controlled}) AS in_global_control,
        EXISTS (SELECT 1 FROM members b WHERE b.programme_id = c.programme_id AND b.person_id = c.person_id AND b.arm = 'control')
          OR ${mateIsControl(sql`o.email_key = c.email_key`)}
          OR ${mateIsControl(sql`o.phone_key = c.address_key`)} AS in_programme_control,
        EXISTS (SELECT 1 FROM sunsets u WHERE u.person_id = c.person_id AND u.ended_on IS NULL AND u.channels IS NULL)
          OR EXISTS (SELECT 1 FROM sunsets u WHERE u.person_id = c.person_id AND u.ended_on IS NULL AND u.channels IS NOT NULL AND c.channel = ANY(u.channels)) AS is_sunset,
        ${
          hasTopics
            ? sql`EXISTS (SELECT 1 FROM topic_preferences tp WHERE tp.person_id = c.person_id AND tp.topic_id = c.topic
                AND tp.channel IN ('*', c.channel) AND NOT tp.wanted)`
            : sql`false`
        } AS topic_off,
        ${
          needsQuota
            ? sql`c.channel = ANY(${[...QUOTA_CHANNELS]}::text[]) AND NOT EXISTS (SELECT 1 FROM channel_quotas q
                WHERE q.person_id = c.person_id AND q.channel = c.channel AND q.remaining > 0
                  AND (c.template_id IS NULL OR q.provider_template_id IN (${fills})))
                AND NOT EXISTS (SELECT 1 FROM quota_entries u WHERE u.dedupe_key = 'message:' || c.key)`
            : sql`false`
        } OR ${
          mayRefuse
            ? sql`c.channel = ANY(${[...REFUSABLE_CHANNELS]}::text[]) AND NOT EXISTS (SELECT 1 FROM (${fills}) AS f WHERE f.id IS NULL
                OR NOT EXISTS (SELECT 1 FROM channel_quotas q WHERE q.person_id = c.person_id AND q.channel = c.channel
                  AND q.provider_template_id = f.id AND q.remaining = 0))`
            : sql`false`
        } AS quota_off,
        ${outrankedEnd} AS outranked_end
      FROM known c
      LEFT JOIN LATERAL (
        SELECT k.status, k.expires_at FROM consents k
        WHERE k.person_id = c.person_id AND k.channel = c.consent_channel AND k.purpose = c.purpose AND k.decided_at <= ${now}
        ORDER BY k.decided_at DESC, k.status DESC, k.consent_id DESC LIMIT 1) consent ON true
    )${caps}`;
  const refusals = maskOf(REFUSALS, {
    unknown_person: sql`NOT t.known`,
    no_address: sql`t.known AND t.address_key IS NULL`,
    no_consent: sql`t.known AND t.status IS NULL AND NOT t.opt_out`,
    consent_withdrawn: sql`t.status = 'withdrawn'`,
    consent_expired: sql`t.status = 'granted' AND t.consent_ends_at <= ${now}`,
    objected: sql`t.objected_at <= ${now}`,
    suppressed_person: sql`t.person_off`,
    suppressed_address: sql`t.address_off`,
    topic_declined: sql`t.topic_off`,
    sunset: sql`t.is_sunset`,
    no_quota: sql`t.quota_off`,
    global_control: sql`t.in_global_control`,
    programme_control: sql`t.in_programme_control`,
  });
  return { tables, refusals, timing };
}

/**
 * The refusals (not the timing) of messages of one channel that the statement itself finds: `messages` is what stands behind FROM, its rows `v` have
 * the columns of the ledger and a number, `at`. Answers tables to put after its own, of which `timed AS t` has `at`, `paused_until`,
 * `consent_ends_at` and, by `mask`, what `refusalsOfMask` reads. Nobody of them is asked to confirm an address.
 */
export function refusalsWithin(
  channel: string,
  messages: RawBuilder<unknown>,
  rules: ReachRules,
  now: Date,
): { readonly tables: RawBuilder<unknown>; readonly mask: RawBuilder<unknown> } {
  const source = sql`
      SELECT v.message_id AS key, v.person_id, ${sql.lit(channel)} AS channel, ${consentPurpose(sql`v.purpose`)} AS purpose, v.address_key, v.programme_id,
        v.template_id, v.template_version, 0 AS priority, v.at
      FROM ${messages}`;
  const { tables, refusals } = judgement({ source, channels: [channel], confirms: false, timed: false }, rules, now);
  return { tables, mask: refusals };
}

/** Every refusal of a mask that this purpose is held to. */
export const refusalsOfMask = (purpose: string, mask: number): readonly ArbiterCode[] =>
  refusalsOf(heldTo(purpose, mask));
