import { expect, it } from 'vitest';
import { virtualClock } from './clock.ts';

it('a virtual clock stands still, moves forward, and never back', () => {
  const clock = virtualClock(new Date('2026-01-01T00:00:00Z'));
  expect(clock.now()).toEqual(clock.now());
  clock.advanceMs(1500);
  expect(clock.now().toISOString()).toBe('2026-01-01T00:00:01.500Z');
  clock.moveTo(new Date('2026-02-01T00:00:00Z'));
  expect(() => clock.moveTo(new Date('2026-01-31T00:00:00Z'))).toThrow('cannot go back');
  expect(clock.now().toISOString()).toBe('2026-02-01T00:00:00.000Z');
});

it('hands out dates that nobody else can change', () => {
  const clock = virtualClock(new Date(1000));
  clock.now().setTime(0);
  expect(clock.now().getTime()).toBe(1000);
});
