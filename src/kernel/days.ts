// Calendar days as ISO text (`2026-11-22`) and whole-day arithmetic. A day belongs to the business's time zone (see `dayIn`).
const DAY_MS = 86_400_000;
export type Day = string;

/** Days since 1970-01-01. Throws on text that is not a real calendar day. */
export function dayNumber(day: Day): number {
  const ms = Date.parse(`${day}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== day) {
    throw new RangeError(`not a calendar day: ${day}`);
  }
  return ms / DAY_MS;
}

export const dayOfNumber = (n: number): Day => new Date(n * DAY_MS).toISOString().slice(0, 10);
export const addDays = (day: Day, days: number): Day => dayOfNumber(dayNumber(day) + days);
export const daysBetween = (from: Day, to: Day): number => dayNumber(to) - dayNumber(from);

const formatters = new Map<string, Intl.DateTimeFormat>();

/** The calendar day of an instant in an IANA time zone. Throws RangeError for an unknown zone. */
export function dayIn(at: Date, timeZone: string): Day {
  let format = formatters.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    formatters.set(timeZone, format);
  }
  return format.format(at);
}

const written = {
  en: new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' }),
  zh: new Intl.DateTimeFormat('zh-CN', { dateStyle: 'medium', timeZone: 'UTC' }),
};

/** A day inside of a sentence, as the pages write it: 22 Nov 2026 · 2026年11月22日. */
export const dayText = (day: Day, lang: 'en' | 'zh'): string => written[lang].format(dayNumber(day) * DAY_MS);

/** The last millisecond of a calendar day in an IANA time zone. */
export function lastInstantOf(day: Day, timeZone: string): Date {
  // No zone is further than a day from UTC.
  let [inside, after] = [(dayNumber(day) - 1) * DAY_MS, (dayNumber(day) + 2) * DAY_MS];
  while (after - inside > 1) {
    const middle = Math.floor((inside + after) / 2);
    if (dayIn(new Date(middle), timeZone) <= day) inside = middle;
    else after = middle;
  }
  return new Date(inside);
}

export const addMs = (at: Date, ms: number): Date => new Date(at.getTime() + ms);
export { DAY_MS };
