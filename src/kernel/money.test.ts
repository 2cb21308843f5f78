import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMoney, minorDigits, toCents } from './money.ts';

describe('minor units', () => {
  it.each([
    ['USD', 2],
    ['CNY', 2],
    ['JPY', 0],
    ['KWD', 3],
  ])('%s has %i digits (ISO 4217)', (currency, digits) => expect(minorDigits(currency)).toBe(digits));
  it('refuses what is not a code', () => expect(() => minorDigits('yuan!')).toThrow(RangeError));
});

describe('toCents', () => {
  it.each([
    [19.99, 'USD', 1999],
    [0.1 + 0.2, 'USD', 30],
    [1.005, 'USD', 101], // Stored as 1.00499999999999989…; meant as 1.005.
    [-1.005, 'USD', -101],
    [8.345, 'CNY', 835],
    [1234.5, 'JPY', 1235],
    [1.2345, 'KWD', 1235],
    [-0, 'USD', 0],
    [-0.001, 'USD', 0],
  ])('%d %s is %i', (amount, currency, cents) => expect(toCents(amount, currency)).toBe(cents));
  it('returns every whole number of cents that was written as a decimal', () =>
    assert(
      property(integer({ min: -1e11, max: 1e11 }), (cents) => {
        const text = `${cents < 0 ? '-' : ''}${Math.floor(Math.abs(cents) / 100)}.${String(Math.abs(cents) % 100).padStart(2, '0')}`;
        expect(toCents(Number(text), 'EUR')).toBe(cents);
      }),
    ));
  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e20])('refuses %d', (amount) =>
    expect(() => toCents(amount, 'USD')).toThrow(RangeError),
  );
});

describe('formatMoney', () => {
  it.each([
    [123_450, 'USD', 'en', '$1,234.50'],
    [123_450, 'CNY', 'zh', '¥1,234.50'],
    [1234, 'JPY', 'en', '¥1,234'],
    [-5, 'EUR', 'en', '-€0.05'],
  ] as const)('%i %s in %s', (cents, currency, lang, text) => expect(formatMoney(cents, currency, lang)).toBe(text));
});
