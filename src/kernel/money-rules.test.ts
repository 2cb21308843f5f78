import { describe, expect, test } from 'vitest';
import { inMoney, type MoneyRules } from './money-rules.ts';

const RULES: MoneyRules = {
  currency: 'EUR',
  rates: [
    { currency: 'USD', from: '2026-02-01', rate: 0.9 },
    { currency: 'USD', from: '2026-01-01', rate: 0.8 },
    { currency: 'JPY', from: '2026-01-01', rate: 0.006 },
    { currency: 'KWD', from: '2026-01-01', rate: 3 },
  ],
};

describe('what an amount is worth', () => {
  test.each([
    ['its own is what it is', 1234, 'EUR', '2020-01-01', 1234],
    ['one without a currency is its own', -50, '', '2026-03-01', -50],
    ['another one by the rate of its day', 1000, 'USD', '2026-01-31', 800],
    ['and by the next from its first day on', 1000, 'USD', '2026-02-01', 900],
    ['before the first rate it is no money', 1000, 'USD', '2025-12-31', null],
    ['without a rate it is no money', 1000, 'GBP', '2026-03-01', null],
    // 5,000 yen (no minor unit) × 0.006 = 30.00 €; 1.234 dinars (a thousand fils each) × 3 = 3.702 €, rounded to 3.70 €.
    ['yen have no cents', 5000, 'JPY', '2026-03-01', 3000],
    ['dinars have a thousand parts', 1234, 'KWD', '2026-03-01', 370],
    // 0.05 $ × 0.9 = 0.045 €: half a cent, away from zero on either side.
    ['halves go away from zero', 5, 'USD', '2026-02-01', 5],
    ['also below it', -5, 'USD', '2026-02-01', -5],
    ['a yen is more than half a cent', -1, 'JPY', '2026-01-01', -1],
  ] as const)('%s', (_, cents, currency, day, expected) => {
    expect(inMoney(RULES, cents, currency, day)).toBe(expected);
  });
});
