import { describe, expect, it } from 'vitest';
import { formatFor } from './format.ts';

const en = formatFor('en', 'USD', 'Europe/London');
const zh = formatFor('zh', 'CNY', 'Asia/Shanghai');

describe('formats', () => {
  it('counts and shortens by language', () => {
    expect(en.count(1_284_000)).toBe('1,284,000');
    expect(en.compact(1_284_000)).toBe('1.3m');
    expect(zh.compact(1_284_000)).toBe('128.4万');
  });
  it('gives small amounts their cents and large ones none', () => {
    expect(en.money(1_250)).toBe('$12.50');
    expect(en.money(-123_456_00)).toBe('−$123,456');
    expect(zh.money(99_950)).toBe('¥999.50');
    expect(zh.moneyCompact(1_234_500_00)).toBe('¥123.5万');
  });
  it('knows currencies without a smaller coin', () => {
    const yen = formatFor('en', 'JPY', 'Asia/Tokyo');
    expect([yen.minorUnits, yen.money(500), yen.money(12_500)]).toEqual([1, '¥500', '¥12,500']);
    expect(en.minorUnits).toBe(100);
  });
  it('signs effects with a true minus', () => {
    expect(en.pointsNumber(0.082)).toBe('+8.2');
    expect(en.pointsNumber(-0.0123)).toBe('−1.2');
    expect(en.pointsNumber(-0.000_4)).toBe('0.0');
    expect(en.signedCount(1_203.4)).toBe('+1,203');
    expect(en.signedMoney(-50)).toBe('−$0.50');
  });
  it('keeps calendar days and moves instants into the business’s zone', () => {
    expect(en.day('2026-11-22')).toBe('22 Nov 2026');
    expect(zh.day('2026-11-22')).toBe('2026年11月22日');
    expect(zh.instant('2026-11-22T20:00:00Z')).toBe('2026年11月23日 04:00');
  });
  it('says how long ago', () => {
    const now = new Date('2026-11-22T12:00:00Z');
    expect(en.ago('2026-11-22T11:57:00Z', now)).toBe('3 minutes ago');
    expect(zh.ago('2026-11-24T12:00:00Z', now)).toBe('后天');
    expect(en.ago('2026-11-22T12:00:10Z', now)).toBe('now');
  });
});
