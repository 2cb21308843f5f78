// Against the calendars as they were decreed: China's from the State Council's notice for 2026, the others from their laws.
import { expect, it } from 'vitest';
import { calendarOf } from './calendars.service.ts';

const named = async (country: string, year: number, kind: string): Promise<string[]> =>
  (await calendarOf(country, year)).days.filter((each) => each.kind === kind).map((each) => each.day);

it('China 2026: nine days of Spring Festival, paid for with two weekends', async () => {
  const [holidays, workdays] = [await named('CN', 2026, 'holiday'), await named('CN', 2026, 'workday')];
  const festival = Array.from({ length: 9 }, (_, i) => `2026-02-${15 + i}`);
  expect(holidays.filter((day) => day.startsWith('2026-02'))).toEqual(festival);
  expect(workdays).toEqual(expect.arrayContaining(['2026-02-14', '2026-02-28']));
  expect(holidays).not.toContain('2026-02-24');
});

it('France: Easter Monday moves, the fourteenth of July does not', async () => {
  expect(await named('FR', 2026, 'holiday')).toEqual(expect.arrayContaining(['2026-04-06', '2026-07-14']));
  expect(await named('FR', 2027, 'holiday')).toEqual(expect.arrayContaining(['2027-03-29', '2027-07-14']));
  expect(await named('FR', 2026, 'workday')).toEqual([]);
});

it('a year that China has not decreed yet has its fixed days, and an unknown country none', async () => {
  expect(await named('CN', 2040, 'holiday')).toContain('2040-10-01');
  expect(await calendarOf('XX', 2026)).toEqual({ source: 'none', days: [] });
});
