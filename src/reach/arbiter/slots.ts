// Is a channel open at this moment where the person lives, and if not, from when on is it? Open moments are those whose time of day lies in an
// interval of the opening and whose day is no day off. Within a stretch in which no clock is changed that is plain arithmetic, so the answer is
// exact to the millisecond, in hours that exist twice and beside those that do not exist. Pure.
import type { Interval, Opening } from './openings.ts';
import { stretchesFrom, type ZoneClock } from './zone-clock.ts';

/** The longest closed stretch that is waited out. */
export const SLOT_DAYS_MAX = 60;

const DAY = 86_400_000;
const HOUR = 3_600_000;
const MINUTE = 60_000;

export type CalendarDay = 'holiday' | 'workday';

/** One channel in one country and zone. `calendar` holds days since 1970-01-01. */
export type Place = {
  readonly opening: Opening;
  readonly clock: ZoneClock;
  readonly calendar: ReadonlyMap<number, CalendarDay>;
};

const dayOf = (localMs: number): number => Math.floor(localMs / DAY);
/** ISO: Monday is 1. Day 0 was a Thursday. */
const weekdayOf = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1;

/** A weekend day that the country works by decree is no day off of the week. */
function isDayOff({ opening, calendar }: Place, day: number): boolean {
  const kind = calendar.get(day);
  if (opening.holidaysOff && kind === 'holiday') return true;
  return kind !== 'workday' && opening.weekdaysOff.includes(weekdayOf(day));
}

/** Milliseconds since local midnight, and the local day. */
export function wallAt(clock: ZoneClock, ms: number): { readonly day: number; readonly timeMs: number } {
  for (const { offsetMs } of stretchesFrom(clock, ms)) {
    const day = dayOf(ms + offsetMs);
    return { day, timeMs: ms + offsetMs - day * DAY };
  }
  throw new RangeError('a clock without turns');
}

export const isWithin = (timeMs: number, intervals: readonly Interval[]): boolean =>
  intervals.some(({ from, to }) => timeMs >= from * MINUTE && timeMs < to * MINUTE);

/** The first open moment from `earliestMs` on; null when the search found none within `SLOT_DAYS_MAX` days. */
function firstOpen(place: Place, earliestMs: number): number | null {
  const { clock, opening } = place;
  let lastDay: number | undefined;
  for (const { fromMs, toMs, offsetMs } of stretchesFrom(clock, earliestMs)) {
    for (let at = fromMs; at < toMs;) {
      const day = dayOf(at + offsetMs);
      lastDay ??= day + SLOT_DAYS_MAX;
      if (day > lastDay) return null;
      const midnight = day * DAY - offsetMs;
      if (!isDayOff(place, day))
        for (const { from, to } of opening.intervals) {
          const opens = Math.max(at, midnight + from * MINUTE);
          if (opens < Math.min(toMs, midnight + to * MINUTE)) return opens;
        }
      at = midnight + DAY;
    }
  }
  return null;
}

/** Among the open moments of the first one's own day, from it on and before `beforeMs`, the one of her best hour; the earlier of equals. */
function bestOpen(place: Place, firstMs: number, hours: readonly number[], beforeMs: number): number {
  const today = wallAt(place.clock, firstMs).day;
  let best = firstMs;
  let weight = -Infinity;
  for (const { fromMs, toMs, offsetMs } of stretchesFrom(place.clock, firstMs)) {
    const midnight = today * DAY - offsetMs;
    if (fromMs >= midnight + DAY) break;
    for (const { from, to } of place.opening.intervals) {
      const start = Math.max(fromMs, midnight + from * MINUTE);
      const end = Math.min(toMs, midnight + to * MINUTE, beforeMs);
      for (let at = start; at < end; at = midnight + (Math.floor((at - midnight) / HOUR) + 1) * HOUR) {
        const its = hours[Math.floor((at - midnight) / HOUR)] ?? 0;
        if (its <= weight) continue;
        best = at;
        weight = its;
      }
    }
  }
  return best;
}

export type Slot = {
  /** The first moment at which everything is open; null when the search found none. */
  readonly firstMs: number | null;
  /** The same, or her best hour of that day. */
  readonly atMs: number | null;
  /** A day between `earliestMs` and the first open one is a day off. */
  readonly metDayOff: boolean;
};

/** `bestHours`: how likely she looks, by local hour; null where it is not known or not asked for. */
export function slotOf(
  place: Place,
  earliestMs: number,
  bestHours: readonly number[] | null,
  expiresMs: number | null,
): Slot {
  const firstMs = firstOpen(place, earliestMs);
  const from = wallAt(place.clock, earliestMs).day;
  const to = firstMs === null ? from : wallAt(place.clock, firstMs).day;
  let metDayOff = false;
  for (let day = from; day <= to && !metDayOff; day++) metDayOff = isDayOff(place, day);
  const atMs =
    firstMs === null || bestHours === null ? firstMs : bestOpen(place, firstMs, bestHours, expiresMs ?? Infinity);
  return { firstMs, atMs, metDayOff };
}
