// How strongly the whole base wants to shop on each day, as a change of clock: one "need day" is one average day of need.
// A renewal process that is regular in need time is seasonal in calendar time, and its probabilities keep their closed form.
import { DAY_MS, type Day, dayNumber, dayOfNumber } from '../../kernel/days.ts';

export type Season = {
  /** Need days elapsed from the start of history to the instant (milliseconds since 1970). */
  readonly needAt: (ms: number) => number;
  /** The instant at which that much need has elapsed; Infinity beyond the last day. */
  readonly timeOf: (need: number) => number;
};

/** Month and day ranges (inclusive, `MMDD`) with the strength they add: the shopping festivals, and the New Year lull. */
const FESTIVALS: readonly (readonly [number, number, number])[] = [
  [1108, 1112, 0.7],
  [1124, 1130, 0.5],
  [1208, 1220, 0.35],
  [616, 618, 0.4],
  [130, 210, -0.25],
];

export function strengthOn(day: Day): number {
  const date = Number(day.slice(5, 7)) * 100 + Number(day.slice(8));
  const yearly = 1 + 0.12 * Math.cos((2 * Math.PI * (dayNumber(day) - dayNumber(`${day.slice(0, 4)}-12-05`))) / 365.25);
  return FESTIVALS.reduce((sum, [from, to, extra]) => sum + (date >= from && date <= to ? extra : 0), yearly);
}

export function createSeason(firstDay: Day, days: number): Season {
  const first = dayNumber(firstDay);
  const cumulative = new Float64Array(days + 1);
  for (let i = 0; i < days; i++) cumulative[i + 1] = cumulative[i]! + strengthOn(dayOfNumber(first + i));
  const needAt = (ms: number): number => {
    const position = Math.min(Math.max(ms / DAY_MS - first, 0), days);
    const i = Math.min(Math.floor(position), days - 1);
    return cumulative[i]! + (position - i) * (cumulative[i + 1]! - cumulative[i]!);
  };
  const timeOf = (need: number): number => {
    if (need >= cumulative[days]!) return Infinity;
    let low = 0;
    let high = days;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (cumulative[middle]! <= need) low = middle;
      else high = middle;
    }
    return (first + low + (need - cumulative[low]!) / (cumulative[low + 1]! - cumulative[low]!)) * DAY_MS;
  };
  return { needAt, timeOf };
}

/** Share of a day's activity that lies before each local hour: little at night, most in the evening. */
const HOUR_KNOTS: readonly (readonly [number, number])[] = [
  [0, 0],
  [0.06, 7],
  [0.32, 12],
  [0.64, 18],
  [0.96, 23],
  [1, 24],
];

/** Moves an instant within its own day so that activity follows the hours people are awake, then to UTC. Keeps order. */
export function awakeAt(ms: number, offsetHours: number): number {
  const day = Math.floor(ms / DAY_MS);
  const share = ms / DAY_MS - day;
  for (let i = 1; i < HOUR_KNOTS.length; i++) {
    const [from, fromHour] = HOUR_KNOTS[i - 1]!;
    const [to, toHour] = HOUR_KNOTS[i]!;
    if (share >= to) continue;
    const hour = fromHour + ((share - from) / (to - from)) * (toHour - fromHour);
    return day * DAY_MS + Math.round((hour - offsetHours) * 3_600_000);
  }
  return ms;
}
