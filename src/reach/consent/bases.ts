// On which legal grounds may somebody be written to, and until when? Pure.
import { addDays, dayIn, dayNumber, dayOfNumber, type Day } from '../../kernel/days.ts';
import type { Text } from '../../kernel/lang.ts';

/** `days` or `months` after the decision the ground ends; absent: never by itself. */
export const BASES = {
  express: { en: 'said yes', zh: '明示同意' },
  double_opt_in: { en: 'said yes and confirmed it by a link', zh: '双重确认同意' },
  soft_opt_in: { en: 'bought something and was offered the way out with it', zh: '购买时已告知并可拒绝' },
  implied_purchase: { en: 'bought something (CASL: two years)', zh: '因购买推定同意（两年）', days: 730 },
  implied_inquiry: { en: 'asked something (CASL: six months)', zh: '因咨询推定同意（六个月）', months: 6 },
  imported: { en: 'brought along from another system', zh: '自其他系统导入' },
} as const satisfies Record<string, Text & { readonly days?: number; readonly months?: number }>;

/** How somebody said no, where a consent's ground stands. */
export const WITHDRAWALS = {
  unsubscribe: { en: 'unsubscribed', zh: '退订' },
  preference: { en: 'chose so in the preference centre', zh: '在偏好中心选择' },
  objection: { en: 'objected', zh: '提出反对' },
  withdrawal: { en: 'withdrew it', zh: '撤回同意' },
} as const satisfies Record<string, Text>;

const isBasis = (text: string): text is keyof typeof BASES => Object.hasOwn(BASES, text);
/** No other is taken: one that nobody knows would have no end and be asked for no confirmation, and a slip of the pen would make it. */
export const BASIS_NAMES = Object.keys(BASES).filter(isBasis);

type End = { readonly days?: number; readonly months?: number };
const ENDS = new Map<string, End>(Object.entries(BASES).map(([basis, entry]: [string, Text & End]) => [basis, entry]));

/** The same day of the month, so many months later; the month's last day where there is no such day. */
function monthsAfter(day: Day, months: number): Day {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  const index = year * 12 + month - 1 + months;
  const first = `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((index % 12) + 1).padStart(2, '0')}-01`;
  const next = new Date(Date.UTC(Math.floor(index / 12), (index % 12) + 1, 1)).toISOString().slice(0, 10);
  return dayOfNumber(Math.min(dayNumber(first) + date - 1, dayNumber(next) - 1));
}

/** The first moment of a calendar day in a zone: the earliest instant whose local day it is. */
function startOf(day: Day, timeZone: string): Date {
  const utc = Date.parse(`${day}T00:00:00Z`);
  // Zones lie within 14 hours of UTC and change at quarters of an hour.
  for (let at = utc - 15 * 3_600_000; at <= utc + 15 * 3_600_000; at += 900_000) {
    const start = new Date(at);
    if (dayIn(start, timeZone) >= day) return start;
  }
  throw new Error(`no such day in ${timeZone}: ${day}`);
}

/**
 * When a consent on this basis stops holding: the whole last day counts, in the business's zone. Two years are taken as 730 days, the shorter
 * reading. Null for grounds that do not end, and for those that only the business knows.
 */
export function basisEndsAt(basis: string, decidedAt: Date, timeZone: string): Date | null {
  const rule = ENDS.get(basis);
  const day = dayIn(decidedAt, timeZone);
  if (rule?.days !== undefined) return startOf(addDays(day, rule.days + 1), timeZone);
  if (rule?.months !== undefined) return startOf(addDays(monthsAfter(day, rule.months), 1), timeZone);
  return null;
}
