import { describe, expect, it } from 'vitest';
import { newId, newSecret } from './ids.ts';

describe('newId', () => {
  it('writes time as the ULID specification does', () =>
    // The README of ulid/javascript: ulid(1469918176385) begins with 01ARYZ6S41.
    expect(newId('m', new Date(1_469_918_176_385))).toMatch(/^m_01aryz6s41[0-9a-hjkmnp-tv-z]{16}$/));
  it('sorts by time', () => {
    const times = [0, 1, 31, 32, 1e12, 1e12 + 1, 2 ** 48 - 1];
    const ids = times.map((ms) => newId('m', new Date(ms)));
    expect(ids.toSorted()).toEqual(ids);
  });
  it('does not repeat within a millisecond', () => {
    const now = new Date(1e12);
    expect(new Set(Array.from({ length: 10_000 }, () => newId('m', now))).size).toBe(10_000);
  });
});

it('newSecret has the asked bytes and no characters a URL would change', () => {
  expect(Buffer.from(newSecret(32), 'base64url')).toHaveLength(32);
  expect(newSecret()).toMatch(/^[\w-]{32}$/);
  expect(newSecret()).not.toBe(newSecret());
});
