import { expect, it } from 'vitest';
import { clockOf } from './clock.ts';

it.each([
  ['00:00', '00:00'],
  ['9:05', '09:05'],
  ['21:30', '21:30'],
  ['21：30', '21:30'],
  ['23:59', '23:59'],
])('%s is %s', (typed, time) => {
  expect(clockOf(typed)).toBe(time);
});

it.each(['24:00', '12:60', '9', '9:5', '09:00 PM', '', '1:2:3'])('“%s” is no time', (typed) => {
  expect(clockOf(typed)).toBeUndefined();
});
