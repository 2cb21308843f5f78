import { describe, expect, it } from 'vitest';
import type { Opening } from './openings.ts';
import { slotOf, wallAt, type Place } from './slots.ts';
import { stretchesFrom, zoneClock } from './zone-clock.ts';

const HOUR = 3_600_000;
const at = (text: string): number => Date.parse(text);
/** Berlin in 2026: an hour ahead, two from 29 March 01:00 UTC to 25 October 01:00 UTC. */
const BERLIN = zoneClock([
  { atMs: at('2026-10-25T01:00:00Z'), offsetMs: HOUR },
  { atMs: at('2026-01-01T00:00:00Z'), offsetMs: HOUR },
  { atMs: at('2026-03-29T01:00:00Z'), offsetMs: 2 * HOUR },
  { atMs: at('2026-07-01T00:00:00Z'), offsetMs: 2 * HOUR },
]);
const place = (from: number, to: number, more: Partial<Opening> = {}): Place => {
  const intervals = [{ from: from * 60, to: to * 60 }];
  const opening = { channel: 'email', country: '', intervals, hours: intervals, weekdaysOff: [], holidaysOff: false };
  return { clock: BERLIN, calendar: new Map(), opening: { ...opening, ...more } };
};
const first = (where: Place, from: string): string | null => {
  const { firstMs } = slotOf(where, at(from), null, null);
  return firstMs === null ? null : new Date(firstMs).toISOString();
};

describe('a slot', () => {
  it('knows a zone by its turns, without those that turn nothing', () => {
    expect(BERLIN).toHaveLength(3);
    expect(wallAt(BERLIN, at('2026-07-02T22:30:00Z'))).toEqual({ day: 20_637, timeMs: 30 * 60_000 });
    expect(() => [...stretchesFrom(BERLIN, 0)]).toThrow(RangeError);
  });

  it('takes the first of an hour that exists twice, and the second when it is asked from there', () => {
    expect(first(place(2, 3), '2026-10-24T22:00:00Z')).toBe('2026-10-25T00:00:00.000Z');
    expect(first(place(2, 3), '2026-10-25T00:59:59.999Z')).toBe('2026-10-25T00:59:59.999Z');
    expect(first(place(2, 3), '2026-10-25T01:00:00Z')).toBe('2026-10-25T01:00:00.000Z');
    expect(first(place(2, 3), '2026-10-25T02:00:00Z')).toBe('2026-10-26T01:00:00.000Z');
  });

  it('does not find an hour that does not exist', () => {
    expect(first(place(2, 3), '2026-03-28T23:30:00Z')).toBe('2026-03-30T00:00:00.000Z');
  });

  it('waits out days off and says that it met one, but no weekend day that is worked by decree', () => {
    const sundays = place(9, 20, { weekdaysOff: [7] });
    // 2026-06-07 was a Sunday, day 20611.
    expect(slotOf(sundays, at('2026-06-06T19:00:00Z'), null, null)).toEqual({
      firstMs: at('2026-06-08T07:00:00Z'),
      atMs: at('2026-06-08T07:00:00Z'),
      metDayOff: true,
    });
    const worked = { ...sundays, calendar: new Map([[20_611, 'workday' as const]]) };
    expect(slotOf(worked, at('2026-06-06T19:00:00Z'), null, null).firstMs).toBe(at('2026-06-07T07:00:00Z'));
    expect(first(place(9, 20, { weekdaysOff: [1, 2, 3, 4, 5, 6, 7] }), '2026-06-06T19:00:00Z')).toBeNull();
  });

  it('moves to her best hour of the day, the earlier of equals, and never beyond the end', () => {
    const hours = Array.from({ length: 24 }, (_, hour) => (hour === 12 || hour === 15 ? 2 : 1));
    const best = (from: string, until: string | null): string =>
      new Date(slotOf(place(9, 20), at(from), hours, until === null ? null : at(until)).atMs!).toISOString();
    expect(best('2026-06-08T05:00:00Z', null)).toBe('2026-06-08T10:00:00.000Z');
    expect(best('2026-06-08T11:30:00Z', null)).toBe('2026-06-08T13:00:00.000Z');
    expect(best('2026-06-08T11:30:00Z', '2026-06-08T13:00:00Z')).toBe('2026-06-08T11:30:00.000Z');
  });
});
