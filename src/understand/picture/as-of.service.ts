// Which day should a preview stand on? Yesterday, unless the data ended long before: then everybody would be dormant, which says nothing
// about the policy, and the last day of the data is looked at instead.
import { addDays, dayIn, daysBetween, dayText, type Day } from '../../kernel/days.ts';
import type { Text } from '../../kernel/lang.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import type { DormancyPolicy } from '../dormancy/policy.ts';

/** A business that nobody came to for so many days has stopped sending events. */
const QUIET_DAYS_MAX = 14;

export type DayToLookAt = {
  readonly asOf: Day;
  /** Why it is not yesterday; null where it is, or was asked for. */ readonly note: Text | null;
};

/** Policies are evaluated for yesterday; who asks for an earlier day means those who were in the scope then. */
export const isPastDay = (asked: Day | undefined, now: Date, timeZone: string): boolean =>
  asked !== undefined && asked < addDays(dayIn(now, timeZone), -1);

/** `asked` where given; yesterday, or the last day with the policy's activity where that lies long back. */
export async function lastDayToLookAt(
  events: Events,
  { activity }: DormancyPolicy,
  now: Date,
  timeZone: string,
  asked?: Day,
): Promise<DayToLookAt> {
  if (asked !== undefined) return { asOf: asked, note: null };
  const yesterday = addDays(dayIn(now, timeZone), -1);
  const [row] = await events.rows<{ last: Day; rows: number }>(sql`
    SELECT toString(max(day)) AS last, count() AS rows FROM actor_days WHERE name IN ${p.texts(activity)} AND day <= ${p.day(yesterday)}`);
  if (row === undefined || row.rows === 0 || daysBetween(row.last, yesterday) <= QUIET_DAYS_MAX)
    return { asOf: yesterday, note: null };
  const note = {
    en: `The data ends on ${dayText(row.last, 'en')}; shown as of that day. Another day can be asked for.`,
    zh: `数据截至 ${dayText(row.last, 'zh')}，以下按该日计算；可指定其他日期。`,
  };
  return { asOf: row.last, note };
}
