// One answer for a whole set of candidates: refusals by code, or the first moment that satisfies every timed rule together. Caps, gaps, pauses
// and precedence end once and for all, so the search starts at the latest of their ends (`earliest`); from there the hours and days in which
// the channel is open decide. One statement holds a set against everything that is stored (`judgement.sql.ts`); the clocks of the zones and the
// calendars of the countries it meets are read once, and the slots (`slots.ts`) are arithmetic.
import { sql, type RawBuilder } from 'kysely';
import { DAY_MS, dayNumber, type Day } from '../../kernel/days.ts';
import { FEW } from '../../stores/records/planning.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { ensureCalendars } from './calendars.service.ts';
import {
  CLOCK_SPANS,
  countriesWithRules,
  isAlwaysOpen,
  minutesOf,
  openingOf,
  openingsOf,
  type Opening,
} from './openings.ts';
import { consentPurposeOf, deferralsOf, heldTo, judgement, refusalsOf } from './judgement.sql.ts';
import { AT_ONCE, CONFIRMATION, type ArbiterCode, type ReachRules } from './rules.ts';
import { isWithin, SLOT_DAYS_MAX, slotOf, wallAt, type CalendarDay, type Place, type Slot } from './slots.ts';
import { zoneClocks } from './zone-clocks.sql.ts';

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
  /** The active version's where absent. */
  readonly template_version?: number | null;
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

/** What a statement answers of one candidate; `at` is its place in the set, `earliestMs` null where nothing holds her back. */
type Judged = {
  readonly at: number;
  readonly refusals: number;
  readonly deferrals: number;
  readonly earliestMs: number | null;
  readonly country: string;
  readonly zone: string;
  readonly bestHours: readonly number[] | null;
  /** Only her country's or the business's clock is known. */
  readonly isZoneGuessed: boolean;
};
type JudgedRow = readonly [number, number, number, number | null, string, string, readonly number[] | null, boolean];

/**
 * Pages that are opened at one moment, or a set that is claimed. With a plan for the very set, the embedded store read all people and all members
 * for every set of 400: 73 ms of processor at 50,000 people and more the more there are; looked up one by one they take 18 ms, however many.
 */
const FEW_CANDIDATES = 500;
/** So many at once: their rows stay within an embedded store's memory. */
const CANDIDATES_PER_STATEMENT = 50_000;

/** Days off of these countries within two local days of the stretch, by country. */
async function calendarsOf(
  db: RecordsDb,
  countries: readonly string[],
  fromMs: number,
  toMs: number,
  now: Date,
): Promise<ReadonlyMap<string, ReadonlyMap<number, CalendarDay>>> {
  const named = countries.filter((country) => country !== '');
  if (named.length === 0) return new Map();
  const [from, to] = [new Date(fromMs - 2 * DAY_MS), new Date(toMs + 2 * DAY_MS)];
  const first = from.getUTCFullYear();
  const years = Array.from({ length: to.getUTCFullYear() - first + 1 }, (_, i) => first + i);
  await ensureCalendars(db, named, years, now);
  const { rows } = await sql<{ country: string; day: Day; kind: CalendarDay }>`
    SELECT country, day::text AS day, kind FROM holidays
    WHERE country = ANY(${named}::text[]) AND day BETWEEN ${from.toISOString().slice(0, 10)}::date AND ${to.toISOString().slice(0, 10)}::date`.execute(
    db,
  );
  const calendars = new Map(named.map((country) => [country, new Map<number, CalendarDay>()] as const));
  for (const { country, day, kind } of rows) calendars.get(country)?.set(dayNumber(day), kind);
  return calendars;
}

/** Is it quiet at this time of the day? The quiet stretch may span midnight; equal ends mean no quiet at all. */
function isQuiet(quiet: ReachRules['quiet'], timeMs: number): boolean {
  if (quiet === null) return false;
  const [from, to] = [minutesOf(quiet.from) * 60_000, minutesOf(quiet.to) * 60_000];
  return from <= to ? timeMs >= from && timeMs < to : timeMs >= from || timeMs < to;
}

type Timing = {
  readonly codes: readonly ArbiterCode[];
  readonly atMs: number | null;
  /** Why there is no moment at all, where `atMs` is null. */
  readonly never: ArbiterCode;
};

/** The slot of each by its `at`, where clocks, days or best hours have a say. */
async function timingsOf(
  db: RecordsDb,
  candidates: readonly Candidate[],
  judged: readonly Judged[],
  rules: ReachRules,
  now: Date,
): Promise<ReadonlyMap<number, Timing>> {
  const channels = [...new Set(candidates.map((each) => each.channel))];
  const openings = openingsOf(rules, channels);
  const byPlace = new Map(openings.map((each) => [`${each.channel} ${each.country}`, each] as const));
  const hasRules = new Set(countriesWithRules(rules));
  const guessed = new Map(
    Object.keys(CLOCK_SPANS).flatMap((country) =>
      channels.map((channel) => [`${channel} ${country}`, openingOf(rules, country, channel, true)] as const),
    ),
  );
  const placeOf = (channel: string, country: string): Opening =>
    byPlace.get(`${channel} ${hasRules.has(country) ? country : ''}`)!;
  const openingAt = (channel: string, country: string, isGuessed: boolean): Opening =>
    (isGuessed ? guessed.get(`${channel} ${country}`) : undefined) ?? placeOf(channel, country);
  const needsClock = openings.some((each) => !isAlwaysOpen(each));
  const clocked = judged.filter((each) => !AT_ONCE.includes(candidates[each.at]!.purpose));
  const timed = needsClock ? clocked : clocked.filter((each) => each.bestHours !== null);
  if (timed.length === 0) return new Map();
  const nowMs = now.getTime();
  const lastMs = timed.reduce((last, each) => Math.max(last, each.earliestMs ?? nowMs), nowMs);
  const untilMs = lastMs + (SLOT_DAYS_MAX + 2) * DAY_MS;
  const clocks = await zoneClocks(db, [...new Set(timed.map((each) => each.zone))], nowMs, untilMs);
  const needsDays = openings.some((each) => each.holidaysOff || each.weekdaysOff.length > 0);
  const calendars = needsDays
    ? await calendarsOf(db, [...new Set(timed.map((each) => each.country))], nowMs, untilMs, now)
    : new Map<string, ReadonlyMap<number, CalendarDay>>();
  const noDays: ReadonlyMap<number, CalendarDay> = new Map();
  return new Map(
    timed.map(({ at, earliestMs, country, zone, bestHours, isZoneGuessed }) => {
      const { channel, expires_at } = candidates[at]!;
      const opening = openingAt(channel, country, isZoneGuessed);
      const place: Place = { opening, clock: clocks.get(zone)!, calendar: calendars.get(country) ?? noDays };
      const fromMs = earliestMs ?? nowMs;
      const slot: Slot = slotOf(place, fromMs, bestHours, expires_at?.getTime() ?? null);
      const { timeMs } = wallAt(place.clock, fromMs);
      const codes: ArbiterCode[] = [];
      if (isQuiet(rules.quiet, timeMs)) codes.push('quiet_hours');
      if (!isWithin(timeMs, opening.hours)) codes.push('lawful_hours');
      if (slot.metDayOff) codes.push('quiet_day');
      if (slot.atMs !== null && slot.firstMs !== null && slot.atMs > slot.firstMs) codes.push('best_hour');
      // The rules leave her a time on her own clock, if only it were known.
      const isBlind = isZoneGuessed && opening.intervals.length === 0 && placeOf(channel, country).intervals.length > 0;
      return [at, { codes, atMs: slot.atMs, never: isBlind ? 'no_common_hour' : 'no_slot' }] as const;
    }),
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
  const verdicts: Verdict[] = [];
  for (let at = 0; at < candidates.length; at += CANDIDATES_PER_STATEMENT)
    verdicts.push(
      ...(await judgeSet(db, candidates.slice(at, at + CANDIDATES_PER_STATEMENT), rules, now, options.timed)),
    );
  return verdicts;
}

async function judgeSet(
  db: RecordsDb,
  candidates: readonly Candidate[],
  rules: ReachRules,
  now: Date,
  isTimed: boolean,
): Promise<Verdict[]> {
  const judged = (await askStore(db, candidates, rules, now, isTimed)).map((each): Judged => {
    const { purpose } = candidates[each.at]!;
    const refusals = heldTo(purpose, each.refusals);
    return AT_ONCE.includes(purpose) ? { ...each, refusals, deferrals: 0, earliestMs: null } : { ...each, refusals };
  });
  const timings = isTimed ? await timingsOf(db, candidates, judged, rules, now) : new Map<number, Timing>();
  const nowMs = now.getTime();
  return judged.map((each): Verdict => {
    const { key, person_id } = candidates[each.at]!;
    const timing = timings.get(each.at);
    const refusals = refusalsOf(each.refusals);
    const untilMs = timing === undefined ? (each.earliestMs ?? nowMs) : timing.atMs;
    return {
      key,
      person_id,
      refusals: untilMs === null ? [...refusals, timing?.never ?? 'no_slot'] : refusals,
      defer_codes: [...deferralsOf(each.deferrals), ...(timing?.codes ?? [])],
      deferred_until: untilMs !== null && untilMs > nowMs ? new Date(untilMs) : null,
    };
  });
}

/** Everything that is stored about a list of candidates, in one statement. */
async function askStore(
  db: RecordsDb,
  candidates: readonly Candidate[],
  rules: ReachRules,
  now: Date,
  timed: boolean,
): Promise<readonly Judged[]> {
  const column = (of: (candidate: Candidate) => string | null | undefined): RawBuilder<unknown> =>
    sql`${candidates.map((each) => of(each) ?? null)}::text[]`;
  // Arrays tell the planner how many there are (JSON does not), and questions of equality alone let it look in a hash: a few are looked up one
  // by one, a hundred thousand are joined.
  const source = sql`
      SELECT * FROM unnest(${column((c) => c.key)}, ${column((c) => c.person_id)}, ${column((c) => c.channel)}, ${column((c) => consentPurposeOf(c.purpose))},
        ${column((c) => c.address_key)}, ${column((c) => c.programme_id)}, ${column((c) => c.template_id)},
        ${candidates.map((each) => each.template_version ?? null)}::int[], ${candidates.map((each) => each.priority ?? 0)}::int[])
        WITH ORDINALITY AS c (key, person_id, channel, purpose, address_key, programme_id, template_id, template_version, priority, at)`;
  const channels = [...new Set(candidates.map((each) => each.channel))];
  const confirms = candidates.some((each) => each.purpose === CONFIRMATION);
  const { tables, refusals, timing } = judgement({ source, channels, confirms, timed }, rules, now);
  const result = await sql<{ rows: readonly JudgedRow[] | null }>`
    ${sql.raw(candidates.length <= FEW_CANDIDATES ? FEW : '')}
    WITH ${tables}
    SELECT json_agg(json_build_array(t.at - 1,
      ${refusals},
      ${timing})) AS rows
    FROM timed t`.execute(db);
  return (result.rows[0]?.rows ?? []).map(
    ([index, refusals, deferrals, earliestMs, country, zone, bestHours, isZoneGuessed]) => ({
      at: index,
      refusals,
      deferrals,
      earliestMs,
      country,
      zone,
      bestHours,
      isZoneGuessed,
    }),
  );
}
