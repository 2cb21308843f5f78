import { describe, expect, it } from 'vitest';
import type { HoursWire, RulesWire } from '../../../../src/http/contract/reach.ts';
import { rulesProblems } from './rules-problems.ts';

const RULES: RulesWire = {
  caps: [],
  gapHours: 0,
  quiet: null,
  quietDays: null,
  hours: [],
  defaultCountry: null,
  programmes: {},
  yieldHours: 0,
  bestHour: false,
};
const hours = (more: Partial<HoursWire>): HoursWire => ({
  country: 'CN',
  channel: 'sms',
  from: '09:00',
  to: '20:00',
  weekdaysOff: [],
  holidaysOff: false,
  ...more,
});
const LAW = [hours({ from: '08:00', to: '22:00' })];

describe('rules while they are typed', () => {
  it('are fine when they are stricter than what holds anyway', () => {
    expect(rulesProblems({ ...RULES, hours: [hours({}), hours({ channel: 'email', from: '00:00' })] }, LAW)).toEqual(
      [],
    );
  });
  it('name the row that is wider than the lawful hours, or ends before it begins, or is of no country', () => {
    const rules = { ...RULES, hours: [hours({ from: '07:00' }), hours({ to: '08:00' }), hours({ country: 'china' })] };
    expect(rulesProblems(rules, LAW)).toEqual([
      { word: 'problem_hours_lawful', row: 1 },
      { word: 'problem_hours_order', row: 2 },
      { word: 'problem_country', row: 3 },
    ]);
  });
  it('name a cap that is there twice, and a week without a day', () => {
    const caps = [1, 2].map((max) => ({ kind: 'rolling' as const, channel: '*', days: 7, max }));
    const quietDays = { weekdays: [1, 2, 3, 4, 5, 6, 7], holidays: false };
    expect(rulesProblems({ ...RULES, caps, quietDays }, LAW)).toEqual([
      { word: 'problem_cap_twice', row: 2 },
      { word: 'problem_all_days', row: 0 },
    ]);
  });
});
