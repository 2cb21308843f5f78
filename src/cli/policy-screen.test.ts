// A back-test on a screen: a row per day, and why a day cannot be judged.
import { describe, expect, it } from 'vitest';
import { backtestDay } from '../understand/dormancy/backtest.ts';
import { PRESETS } from '../understand/dormancy/presets.ts';
import { backtestScreen } from './policy-screen.ts';
import { NO_COLOURS } from './session.ts';

describe('a back-test on the screen', () => {
  const counts = {
    people: 1_000,
    dormant: 400,
    dormantReturned: 40,
    othersReturned: 300,
    lost: 500,
    caught: 350,
    noticedAfterDays: 90,
    knownBeforeDays: 120,
  };
  const backtest = {
    policy: PRESETS.shop,
    horizonDays: 90,
    dataUntil: '2025-06-30',
    days: [
      backtestDay('2025-03-31', '2025-06-29', '2025-06-30', counts),
      backtestDay('2025-05-31', '2025-08-29', '2025-06-30', counts),
    ],
    notes: [],
  };

  it.each(['en', 'zh'] as const)('in %s: shares with their interval, and a reason instead of a guess', (lang) => {
    const lines = backtestScreen(backtest, lang, NO_COLOURS).split('\n');
    // Wilson for 40 of 400: 7.4% to 13.3%, from its formula: (0.1 + z²/800 ± z √(0.09/400 + z²/640000)) / (1 + z²/400).
    const judged = lines.find((line) => line.startsWith('2025-03-31 '));
    expect(judged).toMatch(/1,000 +400 +10\.0% \(7\.4% – 13\.3%\) +50\.0% +500 +70\.0% +90 +120/);
    const open = lines.find((line) => line.startsWith('2025-05-31 '));
    expect(open).toMatch(/400 +– +–/);
    const [day, last] = lang === 'en' ? ['31 May 2025', '30 Jun 2025'] : ['2025年5月31日', '2025年6月30日'];
    expect(lines.find((line) => line.startsWith(`${day}${lang === 'en' ? ': ' : '：'}`))).toContain(last);
  });
});
