import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, addMs, dayIn, dayNumber, dayText, dayOfNumber, daysBetween, lastInstantOf } from './days.ts';

describe('calendar days', () => {
  it('counts from the Unix epoch', () => {
    expect(dayNumber('1970-01-01')).toBe(0);
    expect(dayNumber('2000-01-01')).toBe(10_957); // 946,684,800 s / 86,400 s
    expect(dayNumber('1969-12-31')).toBe(-1);
  });
  it('knows leap years', () => {
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
    expect(addDays('2100-02-28', 1)).toBe('2100-03-01');
    expect(daysBetween('2024-01-01', '2025-01-01')).toBe(366);
  });
  it.each(['2026-02-29', '2026-13-01', '2026-1-1', '', 'today', '2026-03-01T00:00:00Z', '20260301'])(
    'refuses %j',
    (text) => expect(() => dayNumber(text)).toThrow(RangeError),
  );
  it('adds and subtracts consistently', () =>
    assert(
      property(integer({ min: -100_000, max: 100_000 }), integer({ min: -5000, max: 5000 }), (n, days) => {
        const day = dayOfNumber(n);
        expect(dayNumber(day)).toBe(n);
        expect(daysBetween(day, addDays(day, days))).toBe(days);
      }),
    ));
});

describe('the day of an instant', () => {
  it.each([
    ['2026-03-01T15:59:59.999Z', 'Asia/Shanghai', '2026-03-01'],
    ['2026-03-01T16:00:00.000Z', 'Asia/Shanghai', '2026-03-02'],
    // Summer time began at 07:00Z on 2026-03-08: UTC−5 before, UTC−4 after.
    ['2026-03-08T04:59:00.000Z', 'America/New_York', '2026-03-07'],
    ['2026-03-09T03:59:00.000Z', 'America/New_York', '2026-03-08'],
    ['2026-03-09T04:00:00.000Z', 'America/New_York', '2026-03-09'],
    ['2026-12-31T12:00:00.000Z', 'Pacific/Kiritimati', '2027-01-01'],
  ])('%s in %s is %s', (at, zone, day) => expect(dayIn(new Date(at), zone)).toBe(day));
  it.each([
    ['2026-03-01', 'Asia/Shanghai', '2026-03-01T15:59:59.999Z'],
    ['2026-03-07', 'America/New_York', '2026-03-08T04:59:59.999Z'],
    ['2026-03-08', 'America/New_York', '2026-03-09T03:59:59.999Z'],
    ['2026-12-31', 'Pacific/Kiritimati', '2026-12-31T09:59:59.999Z'],
    ['2026-12-31', 'UTC', '2026-12-31T23:59:59.999Z'],
  ])('%s in %s ends at %s', (day, zone, at) => expect(lastInstantOf(day, zone).toISOString()).toBe(at));
  it('refuses an unknown zone', () => expect(() => dayIn(new Date(0), 'Mars/Olympus')).toThrow(RangeError));
  it('adds milliseconds', () => expect(addMs(new Date(1000), -1).getTime()).toBe(999));
});

it('a day inside of a sentence, in either language (CLDR medium dates of en-GB and zh)', () => {
  expect([dayText('2026-01-03', 'en'), dayText('2026-01-03', 'zh')]).toEqual(['3 Jan 2026', '2026年1月3日']);
});
