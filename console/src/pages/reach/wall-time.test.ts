import { describe, expect, it } from 'vitest';
import { instantAtWall, wallTime } from './wall-time.ts';

describe('times on the wall', () => {
  // Offsets of the IANA database: Shanghai +08:00 all year; London +01:00 from the last Sunday of March, 01:00 UTC, to that of October.
  it.each([
    ['2026-03-01T09:30', 'Asia/Shanghai', '2026-03-01T01:30:00.000Z'],
    ['2026-01-15T09:30', 'Europe/London', '2026-01-15T09:30:00.000Z'],
    ['2026-07-15T09:30', 'Europe/London', '2026-07-15T08:30:00.000Z'],
    ['2026-03-29T00:59', 'Europe/London', '2026-03-29T00:59:00.000Z'],
    ['2026-03-29T02:00', 'Europe/London', '2026-03-29T01:00:00.000Z'],
    ['2026-10-25T02:30', 'Europe/London', '2026-10-25T02:30:00.000Z'],
    ['2026-06-01T00:10', 'Pacific/Auckland', '2026-05-31T12:10:00.000Z'],
  ])('%s in %s is %s, and back', (wall, zone, instant) => {
    expect(instantAtWall(wall, zone)?.toISOString()).toBe(instant);
    expect(wallTime(new Date(instant), zone)).toBe(wall);
  });

  it('is none where nothing was typed', () => expect(instantAtWall('', 'UTC')).toBeUndefined());
});
