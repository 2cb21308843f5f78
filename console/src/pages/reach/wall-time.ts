// A time on the wall of the business, and the instant it is: what somebody types is meant where the business is, not where her browser is.
const MINUTE_MS = 60_000;

/** `2026-03-01T09:30` on the wall of `timeZone`. */
export function wallTime(at: Date, timeZone: string): string {
  // Sweden writes dates as ISO 8601 does.
  const text = at.toLocaleString('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return text.replace(' ', 'T').slice(0, 16);
}

const asIfUtc = (wall: string): number => Date.parse(`${wall}:00Z`);

/** The instant at which the wall shows this. In the hour that a clock skips, the one after it; undefined for what is no time. */
export function instantAtWall(wall: string, timeZone: string): Date | undefined {
  const wanted = asIfUtc(wall);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(wall) || Number.isNaN(wanted)) return undefined;
  let at = wanted;
  // Twice: the first offset may be that of the other side of a change of clocks.
  for (let i = 0; i < 2; i++) at += wanted - asIfUtc(wallTime(new Date(at), timeZone));
  return new Date(Math.round(at / MINUTE_MS) * MINUTE_MS);
}
