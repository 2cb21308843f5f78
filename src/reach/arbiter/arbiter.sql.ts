// One statement answers for a whole set of candidates: refusals by code, or the first moment that satisfies every timed rule together.
// Later is always allowed by caps and gaps once they have passed, so the answer is their latest end, moved out of quiet hours.
import { sql, type RawBuilder } from 'kysely';
import type { RecordsDb } from '../../stores/records/records.ts';
import { channelOf } from '../channels/channels.ts';
import type { ArbiterCode, CalendarCap, ReachRules, RollingCap } from './rules.ts';

export type Candidate = {
  readonly key: string;
  readonly person_id: string;
  readonly channel: string;
  readonly purpose: string;
  /** Null when the person has no address on the channel. */
  readonly address_key: string | null;
  readonly programme_id: string | null;
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

/** Does a past message on `m.channel` count for this cap, and does the cap apply to the candidate? */
const counts = (cap: { readonly channel: string }): RawBuilder<unknown> =>
  cap.channel === '*' ? sql`true` : sql`f.channel = ${cap.channel} AND m.channel = ${cap.channel}`;

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

/**
 * Judges candidates at `now`. With `timed: false` only the refusals are judged (before a control group is drawn, so that both arms hold the
 * same kind of people). Reads only; the caller holds the locks when the answer must stay true.
 */
export async function judge(
  db: RecordsDb,
  candidates: readonly Candidate[],
  rules: ReachRules,
  now: Date,
  options: { readonly timed: boolean } = { timed: true },
): Promise<Verdict[]> {
  if (candidates.length === 0) return [];
  const rolling = rules.caps.filter((cap) => cap.kind === 'rolling');
  const calendar = rules.caps.filter((cap) => cap.kind === 'calendar');
  const rollingEnds = rolling.map((cap) => rollingEnd(cap, now));
  const calendarEnds = calendar.map((cap) => calendarEnd(cap, now));
  const gapEnd = sql`max(m.claimed_at) + make_interval(hours => ${rules.gapHours}::int)`;
  const timed = options.timed;

  // Wall-clock time at the first moment the other rules allow; quiet when inside the stretch, which may span midnight.
  const quietFrom = sql`${rules.quiet?.from ?? '00:00'}::time`;
  const quietTo = sql`${rules.quiet?.to ?? '00:00'}::time`;
  const local = sql`(t.earliest AT TIME ZONE t.zone)`;
  const isQuiet =
    rules.quiet === null || !timed
      ? sql`false`
      : sql`CASE WHEN ${quietFrom} <= ${quietTo} THEN ${local}::time >= ${quietFrom} AND ${local}::time < ${quietTo}
                 ELSE ${local}::time >= ${quietFrom} OR ${local}::time < ${quietTo} END`;
  const quietEnd = sql`((${local}::date + CASE WHEN ${local}::time >= ${quietTo} THEN 1 ELSE 0 END) + ${quietTo}) AT TIME ZONE t.zone`;

  const asked = candidates.map((candidate) => {
    const { consent, basis } = channelOf(candidate.channel);
    return { ...candidate, consent_channel: consent, opt_out: basis === 'opt_out' };
  });
  const result = await sql<Verdict>`
    WITH candidate AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) AS c (
        key text, person_id text, channel text, purpose text, address_key text, programme_id text, consent_channel text, opt_out boolean)
    ), facts AS (
      SELECT c.*, pe.person_id IS NOT NULL AS known, COALESCE(pe.time_zone, ${rules.defaultTimeZone}) AS zone,
        consent.status, consent.expires_at,
        EXISTS (SELECT 1 FROM suppressions s WHERE s.kind = 'person' AND s.key = c.person_id AND s.channel IN ('*', c.channel)) AS person_off,
        EXISTS (SELECT 1 FROM suppressions s WHERE s.kind = 'address' AND s.key = c.address_key AND s.channel IN ('*', c.channel)) AS address_off,
        pe.global_bucket < ${rules.globalControlBuckets}::int
          OR EXISTS (SELECT 1 FROM people o WHERE o.email_key = pe.email_key AND o.global_bucket < ${rules.globalControlBuckets}::int)
          OR EXISTS (SELECT 1 FROM people o WHERE o.phone_key = c.address_key AND o.global_bucket < ${rules.globalControlBuckets}::int)
          AS in_global_control,
        EXISTS (SELECT 1 FROM members b WHERE b.programme_id = c.programme_id AND b.person_id = c.person_id AND b.arm = 'control')
          OR EXISTS (SELECT 1 FROM people o JOIN members b ON b.person_id = o.person_id AND b.programme_id = c.programme_id AND b.arm = 'control'
                     WHERE o.email_key = pe.email_key)
          OR EXISTS (SELECT 1 FROM people o JOIN members b ON b.person_id = o.person_id AND b.programme_id = c.programme_id AND b.arm = 'control'
                     WHERE o.phone_key = c.address_key) AS in_programme_control
      FROM candidate c
      LEFT JOIN people pe ON pe.person_id = c.person_id
      LEFT JOIN LATERAL (
        SELECT k.status, k.expires_at FROM consents k
        WHERE k.person_id = c.person_id AND k.channel = c.consent_channel AND k.purpose = c.purpose AND k.decided_at <= ${now}
        ORDER BY k.decided_at DESC, k.status DESC, k.consent_id DESC LIMIT 1) consent ON true
    ), pressure AS (
      -- Everything that left or may have left, to the person or to her address; UNION keeps a message once.
      SELECT c.key, m.message_id, m.channel, m.claimed_at FROM candidate c JOIN messages m ON m.person_id = c.person_id
      WHERE ${timed} AND m.state IN ('sending', 'sent', 'unknown') AND m.claimed_at > ${now}::timestamptz - make_interval(days => ${memoryDays(rules)}::int)
      UNION
      SELECT c.key, m.message_id, m.channel, m.claimed_at FROM candidate c JOIN messages m ON m.address_key = c.address_key
      WHERE ${timed} AND m.state IN ('sending', 'sent', 'unknown') AND m.claimed_at > ${now}::timestamptz - make_interval(days => ${memoryDays(rules)}::int)
    ), ends AS (
      SELECT f.key, ${latestEnd(rollingEnds)} AS rolling_end, ${latestEnd(calendarEnds)} AS calendar_end, ${gapEnd} AS gap_end
      FROM facts f JOIN pressure m ON m.key = f.key GROUP BY f.key, f.channel, f.zone
    ), timed AS (
      SELECT f.*, e.rolling_end, e.calendar_end, e.gap_end,
        GREATEST(${now}::timestamptz, e.rolling_end, e.calendar_end, e.gap_end) AS earliest
      FROM facts f LEFT JOIN ends e ON e.key = f.key
    )
    SELECT t.key, t.person_id,
      array_remove(ARRAY[
        CASE WHEN NOT t.known THEN 'unknown_person' END,
        CASE WHEN t.known AND t.address_key IS NULL THEN 'no_address' END,
        CASE WHEN t.known AND t.status IS NULL AND NOT t.opt_out THEN 'no_consent' END,
        CASE WHEN t.status = 'withdrawn' THEN 'consent_withdrawn' END,
        CASE WHEN t.status = 'granted' AND t.expires_at <= ${now} THEN 'consent_expired' END,
        CASE WHEN t.person_off THEN 'suppressed_person' END,
        CASE WHEN t.address_off THEN 'suppressed_address' END,
        CASE WHEN t.in_global_control THEN 'global_control' END,
        CASE WHEN t.in_programme_control THEN 'programme_control' END
      ], NULL) AS refusals,
      array_remove(ARRAY[
        CASE WHEN t.rolling_end > ${now} THEN 'cap_rolling' END,
        CASE WHEN t.calendar_end > ${now} THEN 'cap_calendar' END,
        CASE WHEN t.gap_end > ${now} THEN 'gap' END,
        CASE WHEN ${isQuiet} THEN 'quiet_hours' END
      ], NULL) AS defer_codes,
      CASE WHEN ${isQuiet} THEN ${quietEnd} WHEN t.earliest > ${now} THEN t.earliest END AS deferred_until
    FROM timed t`.execute(db);
  return result.rows;
}
