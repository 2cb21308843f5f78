// Is the channel open where the person lives, and if not, from when on is it? As SQL over rows `t` with channel, country, zone and `earliest`.
// The set of open moments begins either where the search starts, or where the wall clock reaches the start of an interval, or where the
// clocks are changed. So it is enough to try those: starts on each day, and every quarter of an hour of a day that is not 24 hours long
// (no zone has changed its clocks at another moment since 1972). Each candidate is then tested by its own wall clock, never trusted.
import { sql, type RawBuilder } from 'kysely';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { Opening } from './openings.ts';
import type { ReachRules } from './rules.ts';

/** The longest closed stretch that is waited out. */
export const SLOT_DAYS_MAX = 60;
/** Most deferrals end within days: these are tried first, the rest only when they hold none. */
const NEAR_DAYS = 3;

const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** Our own numbers, already validated: literals, so that the planner sees them. */
const times = (minutes: readonly number[]): string => `{${minutes.map(clock).join(',')}}`;

type Fragment = RawBuilder<unknown>;

const openingRows = (openings: readonly Opening[]): Fragment => {
  const rows = openings.map((each) => ({
    channel: each.channel,
    country: each.country,
    starts: times(each.intervals.map(({ from }) => from)),
    ends: times(each.intervals.map(({ to }) => to)),
    hour_starts: times(each.hours.map(({ from }) => from)),
    hour_ends: times(each.hours.map(({ to }) => to)),
    weekdays_off: `{${each.weekdaysOff.join(',')}}`,
    holidays_off: each.holidaysOff,
  }));
  return sql`(SELECT channel, country, starts::time[] AS starts, ends::time[] AS ends, hour_starts::time[] AS hour_starts,
      hour_ends::time[] AS hour_ends, weekdays_off::int[] AS weekdays_off, holidays_off
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS o (channel text, country text, starts text, ends text, hour_starts text,
      hour_ends text, weekdays_off text, holidays_off boolean))`;
};

const isWithin = (time: Fragment, starts: Fragment, ends: Fragment): Fragment =>
  sql`EXISTS (SELECT 1 FROM unnest(${starts}, ${ends}) AS i (s, e) WHERE ${time} >= i.s AND ${time} < i.e)`;

/** Whether everything is open at `earliest`, and which rules say no. */
export type ClockColumns = {
  /** Joined after `timed t`. */
  readonly from: Fragment;
  readonly isOpen: Fragment;
  /** More elements of an array of codes, each with its comma. */
  readonly codes: Fragment;
};

export type ClockRules = {
  readonly openings: readonly Opening[];
  /** False when every opening is always open: then no clock is asked. */
  readonly needsClock: boolean;
  /** False when no opening is closed on any day. */
  readonly needsDays: boolean;
  readonly quiet: ReachRules['quiet'];
};

const wall = (at: Fragment): Fragment => sql`(${at} AT TIME ZONE t.zone)`;

const opening = ({ openings }: ClockRules): Fragment => {
  const countries = [...new Set(openings.map((each) => each.country))];
  return sql`LEFT JOIN ${openingRows(openings)} o
    ON o.channel = t.channel AND o.country = CASE WHEN t.country = ANY(${countries}::text[]) THEN t.country ELSE '' END`;
};

const isDayOff = ({ needsDays }: ClockRules, day: Fragment): Fragment =>
  needsDays
    ? sql`((o.holidays_off AND EXISTS (SELECT 1 FROM holidays h WHERE h.country = t.country AND h.day = ${day} AND h.kind = 'holiday'))
        OR (extract(isodow FROM ${day})::int = ANY(o.weekdays_off)
          AND NOT EXISTS (SELECT 1 FROM holidays h WHERE h.country = t.country AND h.day = ${day} AND h.kind = 'workday')))`
    : sql`false`;

const isOpenAt = (rules: ClockRules, at: Fragment): Fragment =>
  rules.needsClock
    ? sql`(${isWithin(sql`${wall(at)}::time`, sql`o.starts`, sql`o.ends`)} AND NOT ${isDayOff(rules, sql`${wall(at)}::date`)})`
    : sql`true`;

export function clockColumns(rules: ClockRules): ClockColumns {
  if (!rules.needsClock) return { from: sql``, isOpen: sql`true`, codes: sql`` };
  const { quiet } = rules;
  const local = sql`${wall(sql`t.earliest`)}::time`;
  const quietFrom = sql`${quiet?.from ?? '00:00'}::time`;
  const quietTo = sql`${quiet?.to ?? '00:00'}::time`;
  const isQuiet =
    quiet === null
      ? sql`false`
      : sql`CASE WHEN ${quietFrom} <= ${quietTo} THEN ${local} >= ${quietFrom} AND ${local} < ${quietTo}
          ELSE ${local} >= ${quietFrom} OR ${local} < ${quietTo} END`;
  return {
    from: opening(rules),
    isOpen: isOpenAt(rules, sql`t.earliest`),
    codes: sql`,
        CASE WHEN ${isQuiet} THEN 'quiet_hours' END,
        CASE WHEN NOT ${isWithin(local, sql`o.hour_starts`, sql`o.hour_ends`)} THEN 'lawful_hours' END`,
  };
}

export type Waiting = {
  readonly key: string;
  readonly person_id: string;
  readonly channel: string;
  readonly country: string;
  readonly zone: string;
  readonly earliest: Date;
  readonly expires_at: Date | null;
};

export type Slot = {
  readonly key: string;
  /** The first moment at which everything is open; null when the search found none. */
  readonly first: Date | null;
  /** The same, or her best hour of that day. */
  readonly at: Date | null;
  /** A day between `earliest` and `first` is a day off. */
  readonly met_day_off: boolean;
};

/** The first open moment of each from its `earliest` on, and the one of the person's best hour of that day if `bestHour`. */
export async function findSlots(
  db: RecordsDb,
  rows: readonly Waiting[],
  rules: ClockRules,
  bestHour: boolean,
): Promise<Slot[]> {
  /** By how much this day and the one before together differ from 48 hours. */
  const change = (day: Fragment): Fragment =>
    sql`(((${day} + 1) + time '00:00') AT TIME ZONE t.zone - ((${day} - 1) + time '00:00') AT TIME ZONE t.zone - '48 hours'::interval)`;
  /** Moments of local day `d.day` at which something may begin; `starts` are wall-clock times, which a change of clocks repeats. */
  const begins = (starts: Fragment): Fragment => sql`
    (SELECT (d.day + u.s) AT TIME ZONE t.zone + v.shift AS at FROM unnest(${starts}) AS u (s),
        unnest(CASE WHEN d.change = '0'::interval THEN ARRAY['0'::interval] ELSE ARRAY['0'::interval, d.change, -d.change] END) AS v (shift)
     UNION ALL
     SELECT q.at FROM generate_series(((d.day - 1) + time '00:00') AT TIME ZONE t.zone, ((d.day + 1) + time '00:00') AT TIME ZONE t.zone,
       '15 minutes'::interval) AS q (at) WHERE d.change <> '0'::interval)`;
  const search = (from: number, to: number): Fragment => sql`
    (SELECT x.at FROM (
        SELECT g.day, ${change(sql`g.day`)} AS change FROM (
          SELECT ${wall(sql`t.earliest`)}::date + k AS day FROM generate_series(${sql.lit(from)}, ${sql.lit(to)}) AS k OFFSET 0) g OFFSET 0) d,
      LATERAL ${begins(sql`o.starts`)} x
      WHERE x.at >= t.earliest AND ${isOpenAt(rules, sql`x.at`)} ORDER BY x.at LIMIT 1)`;
  const first = rules.needsClock
    ? sql`CASE WHEN ${isOpenAt(rules, sql`t.earliest`)} THEN t.earliest
        ELSE COALESCE(${search(0, NEAR_DAYS)}, ${search(NEAR_DAYS + 1, SLOT_DAYS_MAX)}) END`
    : sql`t.earliest`;
  const HOURS = sql`(SELECT array_agg(make_time(h, 0, 0)) FROM generate_series(0, 23) AS h)`;
  // Among the open moments of the slot's own day that are early enough, the one of her best hour; the earlier of equals.
  const best = bestHour
    ? sql`CASE WHEN rp.best_hours IS NULL THEN s.first ELSE COALESCE((
        SELECT y.at FROM (
          SELECT x.at FROM (SELECT l.day, ${change(sql`l.day`)} AS change FROM (SELECT ${wall(sql`s.first`)}::date AS day OFFSET 0) l OFFSET 0) d,
            LATERAL ${begins(rules.needsClock ? sql`${HOURS} || o.starts` : HOURS)} x
          UNION ALL SELECT s.first) y
        WHERE y.at >= s.first AND (t.expires_at IS NULL OR y.at < t.expires_at) AND ${wall(sql`y.at`)}::date = ${wall(sql`s.first`)}::date
          AND ${isOpenAt(rules, sql`y.at`)}
        ORDER BY rp.best_hours[extract(hour FROM ${wall(sql`y.at`)})::int + 1] DESC, y.at LIMIT 1), s.first) END`
    : sql`s.first`;
  const metDayOff = rules.needsDays
    ? sql`EXISTS (SELECT 1 FROM generate_series(0, ${wall(sql`COALESCE(s.first, t.earliest)`)}::date - ${wall(sql`t.earliest`)}::date) AS k
        WHERE ${isDayOff(rules, sql`(${wall(sql`t.earliest`)}::date + k)`)})`
    : sql`false`;
  // OFFSET 0 keeps the planner from writing the whole search out at every mention of its result.
  const found = await sql<Slot>`
    SELECT t.key, s.first, ${best} AS at, ${metDayOff} AS met_day_off
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS t (
      key text, person_id text, channel text, country text, zone text, earliest timestamptz, expires_at timestamptz)
    ${rules.needsClock ? opening(rules) : sql``}
    LEFT JOIN reach_profiles rp ON ${bestHour} AND rp.person_id = t.person_id
    CROSS JOIN LATERAL (SELECT ${first} AS first OFFSET 0) s`.execute(db);
  return found.rows;
}
