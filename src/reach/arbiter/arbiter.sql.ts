// One answer for a whole set of candidates: refusals by code, or the first moment that satisfies every timed rule together. Caps, gaps, pauses
// and precedence end once and for all, so the search starts at the latest of their ends (`earliest`); from there the hours and days in which
// the channel is open decide. Who may go now costs one statement; a second one (`slots.sql.ts`) looks only for those who must wait for a clock.
// What a rule set does not use is not in its statement.
import { sql, type RawBuilder } from 'kysely';
import type { RecordsDb } from '../../stores/records/records.ts';
import { channelOf } from '../channels/channels.ts';
import { ensureCalendars } from './calendars.service.ts';
import { COUNTRY_ZONES, DIALLING_CODES, isAlwaysOpen, openingsOf } from './openings.ts';
import {
  FREQUENCIES,
  QUOTA_CHANNELS,
  type ArbiterCode,
  type CalendarCap,
  type ReachRules,
  type RollingCap,
} from './rules.ts';
import { clockColumns, findSlots, SLOT_DAYS_MAX, type ClockRules } from './slots.sql.ts';

export type Candidate = {
  readonly key: string;
  readonly person_id: string;
  readonly channel: string;
  readonly purpose: string;
  /** Null when the person has no address on the channel. */
  readonly address_key: string | null;
  readonly programme_id: string | null;
  /** The message's own priority, on top of its programme's; 0 where absent. */
  readonly priority?: number;
  /** The last moment the message is good for: her best hour is not waited for beyond it. */
  readonly expires_at?: Date | null;
  /** Whose subscriptions are counted, on channels that need one per message; any template's before one is chosen. */
  readonly template_id?: string | null;
};

export type Verdict = {
  readonly key: string;
  readonly person_id: string;
  /** Every refusal that applies; empty when she may be contacted at some time. */
  readonly refusals: readonly ArbiterCode[];
  /** Timed rules that forbid this moment. */
  readonly defer_codes: readonly ArbiterCode[];
  /** The first permitted moment when `defer_codes` is not empty. */
  readonly deferred_until: Date | null;
};

type Judged = Omit<Verdict, 'deferred_until'> & {
  readonly earliest: Date;
  readonly is_open: boolean;
  readonly has_hours: boolean;
  readonly channel: string;
  readonly country: string;
  readonly zone: string;
  readonly expires_at: Date | null;
};

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

/** When the person's current day, week or month ends, if it is full; NULL otherwise. */
const calendarEnd = (cap: CalendarCap, now: Date): RawBuilder<unknown> => {
  const localStart = sql`date_trunc(${sql.lit(cap.unit)}, ${now}::timestamptz AT TIME ZONE f.zone)`;
  return sql`
  CASE WHEN count(*) FILTER (WHERE ${counts(cap)} AND m.claimed_at >= ${localStart} AT TIME ZONE f.zone) >= ${cap.max}::int
    THEN (${localStart} + ${sql.lit(`1 ${cap.unit}`)}::interval) AT TIME ZONE f.zone END`;
};

const UNIT_DAYS = { day: 1, week: 7, month: 31 } as const;

/** How far back any timed rule looks, with a day to spare for zones and daylight saving. */
const memoryDays = (rules: ReachRules): number =>
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

/** A value chosen by what a column says; NULL for anything the table does not hold. Its entries are our own constants or validated rules. */
const lookedUp = (column: RawBuilder<unknown>, table: Readonly<Record<string, unknown>>): RawBuilder<unknown> =>
  Object.keys(table).length === 0 ? sql`NULL` : sql`(${JSON.stringify(table)}::jsonb ->> ${column})`;

const programmeTable = (rules: ReachRules, field: 'priority' | 'topic'): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(rules.programmes ?? {}).flatMap(([id, rule]) =>
      rule[field] === undefined ? [] : [[id, rule[field]]],
    ),
  );

const COUNTRY_BY_NUMBER = sql`CASE ${sql.join(
  Object.entries(DIALLING_CODES).map(
    ([code, country]) => sql`WHEN starts_with(pe.phone, ${sql.lit(code)}) THEN ${sql.lit(country)}`,
  ),
  sql` `,
)} END`;

/** The calendars that these candidates may need must be there before they are joined. */
async function loadCalendars(
  db: RecordsDb,
  candidates: readonly Candidate[],
  rules: ReachRules,
  now: Date,
): Promise<void> {
  const people = [...new Set(candidates.map((each) => each.person_id))];
  const { rows } = await sql<{ country: string }>`
    SELECT DISTINCT c.country FROM people pe, unnest(ARRAY[${COUNTRY_BY_NUMBER}, pe.country, ${rules.defaultCountry ?? null}]) AS c (country)
    WHERE pe.person_id = ANY(${people}::text[]) AND c.country IS NOT NULL`.execute(db);
  const last = new Date(now.getTime() + (SLOT_DAYS_MAX + 2) * 86_400_000);
  const years = [...new Set([new Date(now.getTime() - 86_400_000), now, last].map((each) => each.getUTCFullYear()))];
  await ensureCalendars(
    db,
    rows.map((row) => row.country),
    years,
    now,
  );
}

/**
 * Judges candidates at `now`. With `timed: false` only the refusals are judged (before a control group is drawn, so that both arms hold the
 * same kind of people). Reads only, but for calendars it meets for the first time; the caller holds the locks when the answer must stay true.
 */
export async function judge(
  db: RecordsDb,
  candidates: readonly Candidate[],
  rules: ReachRules,
  now: Date,
  options: { readonly timed: boolean } = { timed: true },
): Promise<Verdict[]> {
  if (candidates.length === 0) return [];
  const { timed } = options;
  const channels = [...new Set(candidates.map((each) => each.channel))];
  const openings = timed ? openingsOf(rules, channels) : [];
  const needsClock = openings.some((each) => !isAlwaysOpen(each));
  const needsDays = openings.some((each) => each.holidaysOff || each.weekdaysOff.length > 0);
  if (needsDays) await loadCalendars(db, candidates, rules, now);

  const at = sql`${now}::timestamptz`;
  const rollingEnds = rules.caps.filter((cap) => cap.kind === 'rolling').map((cap) => rollingEnd(cap, now));
  const calendarEnds = rules.caps.filter((cap) => cap.kind === 'calendar').map((cap) => calendarEnd(cap, now));
  const gapEnd = sql`max(m.claimed_at) + make_interval(hours => ${rules.gapHours}::int)`;
  const topics = programmeTable(rules, 'topic');
  const hasTopics = Object.keys(topics).length > 0;
  const priorities = programmeTable(rules, 'priority');
  const yields = timed && (rules.yieldHours ?? 0) > 0 && Object.keys(priorities).length > 0;
  const needsQuota = channels.some((channel) => QUOTA_CHANNELS.includes(channel));
  const priorityOf = (of: RawBuilder<unknown>, own: RawBuilder<unknown>): RawBuilder<unknown> =>
    sql`(COALESCE(${lookedUp(of, priorities)}::int, 0) + ${own})`;

  // A message that goes first is taken to leave when it is due, and to hold back the rest for the gap.
  const outrankedEnd = yields
    ? sql`(SELECT max(GREATEST(o.due_at, ${at})) + make_interval(hours => ${Math.max(1, rules.gapHours)}::int) FROM messages o
        WHERE o.person_id = c.person_id AND o.state = 'planned' AND NOT o.held AND o.message_id <> c.key AND o.expires_at > ${at}
          AND o.due_at <= ${at} + make_interval(hours => ${rules.yieldHours ?? 0}::int)
          AND ${priorityOf(sql`o.programme_id`, sql`o.priority`)} > ${priorityOf(sql`c.programme_id`, sql`COALESCE(c.priority, 0)`)})`
    : sql`NULL::timestamptz`;
  const since = sql`${at} - make_interval(days => GREATEST(${memoryDays(rules)}::int, COALESCE(c.frequency_days, 0) + 1))`;
  const pressureColumns = sql`c.key, m.message_id, m.channel, m.claimed_at${
    hasTopics ? sql`, ${lookedUp(sql`m.programme_id`, topics)} AS topic` : sql``
  }`;
  const pressureOf = (whose: RawBuilder<unknown>): RawBuilder<unknown> => sql`
      SELECT ${pressureColumns} FROM facts c JOIN messages m ON ${whose}
      WHERE m.state IN ('sending', 'sent', 'unknown') AND m.claimed_at > ${since}`;
  const caps = timed
    ? sql`, pressure AS (
      -- Everything that left or may have left, to the person or to her address; UNION keeps a message once.
      ${pressureOf(sql`m.person_id = c.person_id`)} UNION ${pressureOf(sql`m.address_key = c.address_key`)}
    ), ends AS MATERIALIZED (
      SELECT f.key, ${latestEnd(rollingEnds)} AS rolling_end, ${latestEnd(calendarEnds)} AS calendar_end, ${gapEnd} AS gap_end,
        max(m.claimed_at) + make_interval(hours => 24 * f.frequency_days) AS less_often_end
      FROM facts f JOIN pressure m ON m.key = f.key GROUP BY f.key, f.channel, f.zone, f.frequency_days${hasTopics ? sql`, f.topic` : sql``}
    ), timed AS MATERIALIZED (
      SELECT f.*, e.rolling_end, e.calendar_end, e.gap_end, e.less_often_end,
        GREATEST(${at}, e.rolling_end, e.calendar_end, e.gap_end, e.less_often_end, f.paused_until, f.outranked_end) AS earliest
      FROM facts f LEFT JOIN ends e ON e.key = f.key
    )`
    : sql`, timed AS (SELECT f.* FROM facts f)`;
  const clockRules: ClockRules = { openings, needsClock, needsDays, quiet: rules.quiet };
  const bestHour = timed && rules.bestHour === true;
  const clock = clockColumns(clockRules);
  const timing = timed
    ? sql`array_remove(ARRAY[
        CASE WHEN t.rolling_end > ${at} THEN 'cap_rolling' END,
        CASE WHEN t.calendar_end > ${at} THEN 'cap_calendar' END,
        CASE WHEN t.gap_end > ${at} THEN 'gap' END,
        CASE WHEN t.less_often_end > ${at} THEN 'less_often' END,
        CASE WHEN t.paused_until > ${at} THEN 'paused' END,
        CASE WHEN t.outranked_end > ${at} THEN 'outranked' END${clock.codes}
      ], NULL) AS defer_codes,
      t.earliest, ${clock.isOpen} AS is_open, ${bestHour ? sql`t.best_hours IS NOT NULL` : sql`false`} AS has_hours,
      t.channel, t.country, t.zone, t.expires_at`
    : sql`ARRAY[]::text[] AS defer_codes, ${at} AS earliest, true AS is_open, false AS has_hours, t.channel, '' AS country, 'UTC' AS zone,
      NULL::timestamptz AS expires_at`;

  const asked = candidates.map((candidate) => {
    const { consent, basis } = candidate.channel === ADS_CHANNEL ? ADS : channelOf(candidate.channel);
    return { ...candidate, consent_channel: consent, opt_out: basis === 'opt_out' };
  });
  const result = await sql<Judged>`
    WITH candidate AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) AS c (
        key text, person_id text, channel text, purpose text, address_key text, programme_id text, priority int, expires_at timestamptz,
        template_id text, consent_channel text, opt_out boolean)
    ), known AS (
      SELECT c.*, pe.person_id IS NOT NULL AS known, pe.email_key, pe.global_bucket,
        rp.objected_at, rp.paused_until, rp.best_hours, ${FREQUENCY_DAYS}::int AS frequency_days,
        CASE WHEN c.channel = 'sms' THEN COALESCE(${COUNTRY_BY_NUMBER}, pe.country) ELSE pe.country END AS named_country,
        COALESCE(pe.time_zone, ${lookedUp(sql`COALESCE(pe.country, ${COUNTRY_BY_NUMBER})`, COUNTRY_ZONES)}, ${rules.defaultTimeZone}) AS zone
        ${hasTopics ? sql`, ${lookedUp(sql`c.programme_id`, topics)} AS topic` : sql``}
      FROM candidate c
      LEFT JOIN people pe ON pe.person_id = c.person_id
      LEFT JOIN reach_profiles rp ON rp.person_id = c.person_id
    ), facts AS (
      SELECT c.*, COALESCE(c.named_country, ${rules.defaultCountry ?? null}::text, '') AS country, consent.status, consent.expires_at AS consent_ends_at,
        EXISTS (SELECT 1 FROM suppressions s WHERE s.kind = 'person' AND s.key = c.person_id AND s.channel IN ('*', c.channel)) AS person_off,
        EXISTS (SELECT 1 FROM suppressions s WHERE s.kind = 'address' AND s.key = c.address_key AND s.channel IN ('*', c.channel)) AS address_off,
        c.global_bucket < ${rules.globalControlBuckets}::int
          OR EXISTS (SELECT 1 FROM people o WHERE o.email_key = c.email_key AND o.global_bucket < ${rules.globalControlBuckets}::int)
          OR EXISTS (SELECT 1 FROM people o WHERE o.phone_key = c.address_key AND o.global_bucket < ${rules.globalControlBuckets}::int)
          AS in_global_control,
        EXISTS (SELECT 1 FROM members b WHERE b.programme_id = c.programme_id AND b.person_id = c.person_id AND b.arm = 'control')
          OR EXISTS (SELECT 1 FROM people o JOIN members b ON b.person_id = o.person_id AND b.programme_id = c.programme_id AND b.arm = 'control'
                     WHERE o.email_key = c.email_key)
          OR EXISTS (SELECT 1 FROM people o JOIN members b ON b.person_id = o.person_id AND b.programme_id = c.programme_id AND b.arm = 'control'
                     WHERE o.phone_key = c.address_key) AS in_programme_control,
        EXISTS (SELECT 1 FROM sunsets u WHERE u.person_id = c.person_id AND u.ended_on IS NULL) AS is_sunset,
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
                  AND (c.template_id IS NULL OR q.template_id = c.template_id))
                AND NOT EXISTS (SELECT 1 FROM quota_entries u WHERE u.dedupe_key = 'message:' || c.key)`
            : sql`false`
        } AS quota_off,
        ${outrankedEnd} AS outranked_end
      FROM known c
      LEFT JOIN LATERAL (
        SELECT k.status, k.expires_at FROM consents k
        WHERE k.person_id = c.person_id AND k.channel = c.consent_channel AND k.purpose = c.purpose AND k.decided_at <= ${now}
        ORDER BY k.decided_at DESC, k.status DESC, k.consent_id DESC LIMIT 1) consent ON true
    )${caps}
    SELECT t.key, t.person_id,
      array_remove(ARRAY[
        CASE WHEN NOT t.known THEN 'unknown_person' END,
        CASE WHEN t.known AND t.address_key IS NULL THEN 'no_address' END,
        CASE WHEN t.known AND t.status IS NULL AND NOT t.opt_out THEN 'no_consent' END,
        CASE WHEN t.status = 'withdrawn' THEN 'consent_withdrawn' END,
        CASE WHEN t.status = 'granted' AND t.consent_ends_at <= ${now} THEN 'consent_expired' END,
        CASE WHEN t.objected_at <= ${now} THEN 'objected' END,
        CASE WHEN t.person_off THEN 'suppressed_person' END,
        CASE WHEN t.address_off THEN 'suppressed_address' END,
        CASE WHEN t.topic_off THEN 'topic_declined' END,
        CASE WHEN t.is_sunset THEN 'sunset' END,
        CASE WHEN t.quota_off THEN 'no_quota' END,
        CASE WHEN t.in_global_control THEN 'global_control' END,
        CASE WHEN t.in_programme_control THEN 'programme_control' END
      ], NULL) AS refusals,
      ${timing}
    FROM timed t ${clock.from}`.execute(db);
  const waiting = result.rows.filter((row) => !row.is_open || row.has_hours);
  const slots = new Map(
    waiting.length === 0
      ? []
      : (await findSlots(db, waiting, clockRules, bestHour)).map((slot) => [slot.key, slot] as const),
  );
  return result.rows.map((row): Verdict => {
    const slot = slots.get(row.key);
    const until = slot === undefined ? row.earliest : slot.at;
    return {
      key: row.key,
      person_id: row.person_id,
      refusals: until === null ? [...row.refusals, 'no_slot'] : row.refusals,
      defer_codes: [
        ...row.defer_codes,
        ...(slot?.met_day_off === true ? (['quiet_day'] as const) : []),
        ...(slot?.at != null && slot.first !== null && slot.at > slot.first ? (['best_hour'] as const) : []),
      ],
      deferred_until: until !== null && until > now ? until : null,
    };
  });
}
