// When may this person be contacted first? The slow and plain answer: every minute from now on is asked about every rule, on her own clock.
import type { ReachRules } from '../../src/reach/arbiter/rules.ts';

export type SlotWorld = {
  readonly now: Date;
  readonly zone: string;
  readonly country: string;
  readonly channel: string;
  readonly topic: string | undefined;
  readonly rules: ReachRules;
  readonly sent: readonly { readonly at: Date; readonly channel: string; readonly topic: string | undefined }[];
  readonly pausedUntil: Date | null;
  readonly everyDays: number | null;
  /** Due times of planned messages that go first. */
  readonly ahead: readonly Date[];
  readonly bestHours: readonly number[] | null;
  readonly expiresAt: Date | null;
  readonly calendar: ReadonlyMap<string, 'holiday' | 'workday'>;
  /** Hours that hold by law where she lives. */
  readonly law: readonly { from: string; to: string; weekdaysOff: readonly number[]; holidaysOff: boolean }[];
};

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
const QUARTER = 15 * MINUTE;
const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** Milliseconds that her clock is ahead of UTC; clocks change at quarters of an hour. */
function offsetAt(zone: string, ms: number): number {
  const block = Math.floor(ms / QUARTER) * QUARTER;
  const key = `${zone} ${block}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      dateStyle: 'short',
      timeStyle: 'medium',
      hourCycle: 'h23',
    });
    formats.set(zone, format);
  }
  const [, day, month, year, hour, minute, second] =
    /(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)/.exec(format.format(block)) ?? [];
  const wall = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  offsets.set(key, wall - block);
  return wall - block;
}

type Wall = { readonly day: string; readonly weekday: number; readonly minute: number };
function wallAt(zone: string, ms: number): Wall {
  const local = new Date(ms + offsetAt(zone, ms));
  return {
    day: local.toISOString().slice(0, 10),
    weekday: local.getUTCDay() === 0 ? 7 : local.getUTCDay(),
    minute: local.getUTCHours() * 60 + local.getUTCMinutes(),
  };
}

const minutes = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
const within = (minute: number, from: string, to: string): boolean =>
  minutes(from) <= minutes(to)
    ? minute >= minutes(from) && minute < minutes(to)
    : minute >= minutes(from) || minute < minutes(to);

function periodOf(unit: 'day' | 'week' | 'month', wall: Wall): string {
  if (unit === 'day') return wall.day;
  if (unit === 'month') return wall.day.slice(0, 7);
  return new Date(Date.parse(wall.day) - (wall.weekday - 1) * DAY).toISOString().slice(0, 10);
}

/** Do the clock and the calendar allow this minute? */
export function isOpen(world: SlotWorld, wall: Wall): boolean {
  const { rules, country, channel } = world;
  if (rules.quiet !== null && within(wall.minute, rules.quiet.from, rules.quiet.to)) return false;
  const own = (rules.hours ?? []).filter(
    (rule) => ['*', country].includes(rule.country) && ['*', channel].includes(rule.channel),
  );
  const isHoliday = world.calendar.get(wall.day) === 'holiday';
  const works = world.calendar.get(wall.day) === 'workday';
  for (const rule of [...world.law, ...own]) {
    if (wall.minute < minutes(rule.from) || wall.minute >= minutes(rule.to)) return false;
    if (rule.holidaysOff && isHoliday) return false;
    if (rule.weekdaysOff.includes(wall.weekday) && !works) return false;
  }
  if (rules.quietDays?.holidays === true && isHoliday) return false;
  return !((rules.quietDays?.weekdays ?? []).includes(wall.weekday) && !works);
}

function isAllowed(world: SlotWorld, ms: number): boolean {
  const { rules, sent, zone } = world;
  if (world.pausedUntil !== null && ms < world.pausedUntil.getTime()) return false;
  for (const due of world.ahead) {
    if (ms < Math.max(due.getTime(), world.now.getTime()) + Math.max(1, rules.gapHours) * HOUR) return false;
  }
  for (const each of sent) {
    if (ms < each.at.getTime() + rules.gapHours * HOUR) return false;
    if (world.everyDays !== null && ms < each.at.getTime() + world.everyDays * DAY) return false;
  }
  const wall = wallAt(zone, ms);
  for (const cap of rules.caps) {
    if (cap.channel !== '*' && cap.channel !== world.channel) continue;
    if (cap.topic !== undefined && cap.topic !== world.topic) continue;
    const counted = sent.filter(
      (each) =>
        (cap.channel === '*' || each.channel === cap.channel) && (cap.topic === undefined || each.topic === cap.topic),
    );
    const inside = counted.filter((each) =>
      cap.kind === 'rolling'
        ? each.at.getTime() > ms - cap.days * DAY
        : periodOf(cap.unit, wallAt(zone, each.at.getTime())) === periodOf(cap.unit, wall),
    );
    if (inside.length >= cap.max) return false;
  }
  return isOpen(world, wall);
}

const LONGEST_MS = 300 * DAY;

/** The first minute that every rule allows, or the one of her best hour of that day. */
export function firstSlot(world: SlotWorld): Date {
  const start = world.now.getTime();
  let first = start;
  while (!isAllowed(world, first)) {
    first += MINUTE;
    if (first > start + LONGEST_MS) throw new Error('no minute in 300 days is allowed');
  }
  const { bestHours, zone } = world;
  if (bestHours === null || world.rules.bestHour !== true) return new Date(first);
  const { day } = wallAt(zone, first);
  const weight = (ms: number): number => bestHours[Math.floor(wallAt(zone, ms).minute / 60)]!;
  let best = first;
  for (let ms = first; ms < first + 2 * DAY && wallAt(zone, ms).day <= day; ms += MINUTE) {
    if (world.expiresAt !== null && ms >= world.expiresAt.getTime()) break;
    if (wallAt(zone, ms).day === day && weight(ms) > weight(best) && isAllowed(world, ms)) best = ms;
  }
  return new Date(best);
}
