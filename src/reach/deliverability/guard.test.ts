// Expected shares are worked out beside each case; the limits are Gmail's (warn 0.1%, stop 0.3%, seven days below before relief).
import { describe, expect, it } from 'vitest';
import { addDays } from '../../kernel/days.ts';
import { DEFAULT_GUARD_RULES as RULES, guardOf, guardWords, type Brake, type SenderDay } from './guard.ts';

const TODAY = '2026-03-20';
const day = (back: number, more: Partial<SenderDay> = {}): SenderDay => ({
  day: addDays(TODAY, -back),
  claimed: 0,
  sent: 0,
  failed: 0,
  hard_bounces: 0,
  sender_faults: 0,
  complaints: 0,
  ...more,
});
const brake = (more: Partial<Brake>): Brake => ({
  kind: 'complaints',
  pulled_on: TODAY,
  bad_day: TODAY,
  share: 0.004,
  released_on: null,
  ...more,
});
const judged = (days: readonly SenderDay[], brakes: readonly Brake[] = [], today = TODAY) =>
  guardOf({ days, brakes }, RULES, today);

describe('complaints', () => {
  it.each([
    [0, 0, 0],
    [1, 0, 1], // 1 / 1,000 = 0.1%
    [2, 0, 1], // 0.2%
    [3, 1, 0], // 0.3%
  ])('%d among a thousand mails: %d stops, %d warnings', (complaints, stops, warnings) => {
    const guard = judged([day(0, { sent: 1_000, complaints })]);
    expect([guard.stops.length, guard.warnings.length]).toEqual([stops, warnings]);
  });

  it('warns, and does not stop, for the only press among few', () => {
    const guard = judged([day(0, { sent: 50, complaints: 1 })]); // 2%
    expect([guard.stops.length, guard.warnings.length]).toEqual([0, 1]);
  });

  it('stops for a day of its own, though the days around are clean', () => {
    // 4 / 1,000 = 0.4% of yesterday; 4 / 11,000 over both days.
    const guard = judged([day(0, { sent: 10_000 }), day(1, { sent: 1_000, complaints: 4 })]);
    expect(guard.pulled).toMatchObject([{ kind: 'complaints', bad_day: addDays(TODAY, -1), share: 0.004 }]);
  });

  it('lets go after seven whole days below, and not of the same day again', () => {
    const days = [day(0, { sent: 1_000, complaints: 4 })];
    const pulled = judged(days).pulled;
    for (let later = 0; later <= 7; later++)
      expect([later, judged(days, pulled, addDays(TODAY, later)).stops.length]).toEqual([later, 1]);
    expect(judged(days, pulled, addDays(TODAY, 8)).stops).toEqual([]);
  });

  it('begins anew when a later day is too bad', () => {
    const pulled = [brake({ pulled_on: addDays(TODAY, -5), bad_day: addDays(TODAY, -6) })];
    const guard = judged([day(5, { sent: 1_000, complaints: 9 }), day(6, { sent: 1_000, complaints: 4 })], pulled);
    expect(guard.pulled).toMatchObject([{ pulled_on: TODAY, bad_day: addDays(TODAY, -5), share: 0.009 }]);
  });

  it('is released by hand for what was, and pulled again for what comes', () => {
    const released = [brake({ released_on: TODAY })];
    expect(judged([day(0, { sent: 1_000, complaints: 4 })], released).stops).toEqual([]);
    const tomorrow = addDays(TODAY, 1);
    const bad = { ...day(0, { sent: 1_000, complaints: 4 }), day: tomorrow };
    expect(judged([bad], released, tomorrow).stops).toHaveLength(1);
  });
});

describe('bounces and refusals', () => {
  it('stops above five per cent of the last mails, not at it, and not for a handful', () => {
    expect(judged([day(0, { sent: 950, failed: 50, hard_bounces: 50 })]).stops).toEqual([]);
    expect(judged([day(0, { sent: 949, failed: 51, hard_bounces: 51 })]).stops).toMatchObject([{ kind: 'bounces' }]);
    expect(judged([day(0, { sent: 40, failed: 10, hard_bounces: 10 })]).stops).toEqual([]);
  });

  it('looks at the last thousand mails alone', () => {
    expect(judged([day(0, { sent: 1_000 }), day(1, { sent: 100, hard_bounces: 90 })]).stops).toEqual([]);
    // 90 / 1,000 = 9%
    expect(judged([day(0, { sent: 900 }), day(1, { sent: 100, hard_bounces: 90 })]).stops).toMatchObject([
      { kind: 'bounces', share: 0.09 },
    ]);
  });

  it('rests a day when servers refuse the sender', () => {
    const days = [day(0, { sent: 200, failed: 20, sender_faults: 20 })]; // 20 / 220
    const { pulled } = judged(days);
    expect(pulled).toMatchObject([{ kind: 'refusals' }]);
    expect(judged(days, pulled, addDays(TODAY, 1)).stops).toHaveLength(1);
    expect(judged(days, pulled, addDays(TODAY, 2)).stops).toEqual([]);
  });
});

describe('the ramp', () => {
  it('starts small, grows from the best of the last days, and ends', () => {
    expect(judged([]).cap).toBe(2_000);
    expect(judged([day(1, { sent: 2_000 })]).cap).toBe(3_000);
    expect(judged([day(1, { sent: 10 }), day(3, { sent: 4_000 })]).cap).toBe(6_000);
    expect(judged([day(15, { sent: 90_000 })]).cap).toBe(2_000);
    expect(judged([day(0, { sent: 90_000 })]).cap).toBe(2_000);
    expect(judged([day(1, { sent: 133_334 })]).cap).toBeNull();
  });

  it('holds nothing back when it is switched off', () => {
    const off = guardOf(
      { days: [day(0, { sent: 1_000, complaints: 9 })], brakes: [] },
      { ...RULES, enabled: false },
      TODAY,
    );
    expect([off.cap, off.stops, off.pulled]).toEqual([null, [], []]);
    expect(guardOf({ days: [], brakes: [] }, { ...RULES, ramp: null }, TODAY).cap).toBeNull();
  });
});

it('says in both languages what holds mail back', () => {
  const [stop] = guardWords(judged([day(0, { sent: 1_000, complaints: 3 })]), RULES);
  expect(stop!.en).toContain('2026-03-28');
  expect(stop!.en).toContain('0.30%');
  expect(stop!.zh).toContain('投诉');
});
