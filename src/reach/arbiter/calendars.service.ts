// Which days are public holidays, or working days by decree, in a country? Asked once per country and year, and anew after an upgrade of what knows
// them, and kept in the records store, so that a whole set of people is judged by a join. The calendars' libraries are heavy and loaded only then.
import { createRequire } from 'node:module';
import { sql } from 'kysely';
import { z } from 'zod';
import { addDays, type Day } from '../../kernel/days.ts';
import type { RecordsDb } from '../../stores/records/records.ts';

const require = createRequire(import.meta.url);
const packageSchema = z.object({ version: z.string() });

/** `workday`: a Saturday or Sunday on which the country works (China's adjusted days). */
type CalendarDay = { readonly day: Day; readonly kind: 'holiday' | 'workday'; readonly name: string };
type Calendar = { readonly source: string; readonly days: readonly CalendarDay[] };

const daysOfYear = (year: number): Day[] => {
  const days: Day[] = [];
  for (let day = `${year}-01-01`; day.startsWith(String(year)); day = addDays(day, 1)) days.push(day);
  return days;
};

const isWeekend = (day: Day): boolean => [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());

/** The decreed days of China; undefined for a year whose decree the library does not hold. */
async function chineseCalendar(year: number): Promise<Calendar | undefined> {
  const { getDayDetail } = (await import('chinese-days')).default;
  const days = daysOfYear(year).flatMap((day): CalendarDay[] => {
    const { work, name } = getDayDetail(day);
    const named = name.includes(',');
    if (work) return isWeekend(day) ? [{ day, kind: 'workday', name }] : [];
    return named ? [{ day, kind: 'holiday', name: name.split(',')[0] ?? name }] : [];
  });
  return days.length === 0 ? undefined : { source: 'chinese-days', days };
}

async function publicCalendar(country: string, year: number): Promise<Calendar> {
  const { default: Holidays } = await import('date-holidays');
  const holidays = new Holidays();
  if (!Object.hasOwn(holidays.getCountries(), country)) return { source: 'none', days: [] };
  holidays.init(country);
  const days = holidays.getHolidays(year, 'en').flatMap((holiday): CalendarDay[] => {
    if (holiday.type !== 'public') return [];
    const length = Math.max(1, Math.round((holiday.end.getTime() - holiday.start.getTime()) / 86_400_000));
    const first = holiday.date.slice(0, 10);
    return Array.from({ length }, (_, i) => ({ day: addDays(first, i), kind: 'holiday', name: holiday.name }));
  });
  return { source: 'date-holidays', days };
}

/** The calendar of one country and year, from the library that knows it best. A country nobody knows has no holidays. */
export const calendarOf = async (country: string, year: number): Promise<Calendar> =>
  (country === 'CN' ? await chineseCalendar(year) : undefined) ?? (await publicCalendar(country, year));

/** The libraries a calendar was read from: a later one may know a decree that an earlier one did not, China's of the coming year above all. */
const libraries = (): string => {
  const versionOf = (name: string): string => packageSchema.parse(require(`${name}/package.json`)).version;
  return ['chinese-days', 'date-holidays'].map((name) => `${name} ${versionOf(name)}`).join(', ');
};
let known: string | undefined;

/**
 * Makes sure that these calendars are in the store, as the libraries of this release know them. Concurrent callers write the same rows once.
 */
export async function ensureCalendars(
  db: RecordsDb,
  countries: readonly string[],
  years: readonly number[],
  now: Date,
): Promise<void> {
  if (countries.length === 0) return;
  const by = (known ??= libraries());
  const missing = await sql<{ country: string; year: number }>`
    SELECT c.country, y.year FROM unnest(${[...countries]}::text[]) AS c (country), unnest(${[...years]}::int[]) AS y (year)
    WHERE NOT EXISTS (SELECT 1 FROM holiday_years h WHERE h.country = c.country AND h.year = y.year AND h.source LIKE '%; ' || ${by}::text)`.execute(
    db,
  );
  for (const { country, year } of missing.rows) {
    const { source, days } = await calendarOf(country, year);
    await sql`
      WITH fresh AS (
        -- Two holidays may fall on one day.
        SELECT DISTINCT ON (day) * FROM jsonb_to_recordset(${JSON.stringify(days)}::jsonb) AS d (day date, kind text, name text) ORDER BY day
      ), gone AS (
        DELETE FROM holidays h WHERE h.country = ${country} AND extract(year FROM h.day) = ${year}::int
          AND NOT EXISTS (SELECT 1 FROM fresh f WHERE f.day = h.day)
      )
      INSERT INTO holidays (country, day, kind, name) SELECT ${country}, day, kind, name FROM fresh ORDER BY day
      ON CONFLICT (country, day) DO UPDATE SET kind = EXCLUDED.kind, name = EXCLUDED.name
        WHERE holidays.kind <> EXCLUDED.kind`.execute(db);
    const told = `${source}; ${by}`;
    await sql`INSERT INTO holiday_years (country, year, source, loaded_at) VALUES (${country}, ${year}, ${told}, ${now})
      ON CONFLICT (country, year) DO UPDATE SET source = EXCLUDED.source, loaded_at = EXCLUDED.loaded_at`.execute(db);
  }
}
