// What does a clock on the wall show, and when will it show it? A zone's offsets as stretches of time, so that a set of people is judged by
// arithmetic. Pure; where the offsets come from is `zone-clocks.sql.ts`.

/** From `atMs` on the zone's clocks are `offsetMs` ahead of UTC, until the next turn. Ascending; the first lies before every moment asked about. */
export type ClockTurn = { readonly atMs: number; readonly offsetMs: number };
export type ZoneClock = readonly ClockTurn[];

/** A stretch of time in which the clocks are not changed; `toMs` is Infinity for the last. */
export type Stretch = { readonly fromMs: number; readonly toMs: number; readonly offsetMs: number };

/** The stretch that holds `ms`, and those after it. Throws for a moment before the clock's first turn. */
export function* stretchesFrom(clock: ZoneClock, ms: number): Generator<Stretch> {
  let index = clock.length - 1;
  while (index >= 0 && clock[index]!.atMs > ms) index--;
  if (index < 0) throw new RangeError(`the clock begins after ${new Date(ms).toISOString()}`);
  for (; index < clock.length; index++) {
    const { atMs, offsetMs } = clock[index]!;
    yield { fromMs: Math.max(ms, atMs), toMs: clock[index + 1]?.atMs ?? Infinity, offsetMs };
  }
}

/** Turns in the order of time, those that turn nothing left out. */
export function zoneClock(turns: readonly ClockTurn[]): ZoneClock {
  const sorted = turns.toSorted((a, b) => a.atMs - b.atMs);
  return sorted.filter((turn, i) => i === 0 || sorted[i - 1]!.offsetMs !== turn.offsetMs);
}
