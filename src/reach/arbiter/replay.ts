// What would other rules have done to what was really sent? Each message of the days that are asked about is judged at the moment it left, against
// what had left before it: a message that the rules would have held is not counted afterwards. Caps, gap, quiet times, hours and days off are
// judged, as the arbiter does; when a held message would have gone instead is not asked, nor are consent, pauses, precedence and best hours,
// which stood then as they stood. Pure.
import type { Day } from '../../kernel/days.ts';
import { minutesOf, openingOf, type Opening } from './openings.ts';
import type { ArbiterCode, CalendarCap, ReachRules, RollingCap } from './rules.ts';

export type PastMessage = {
  readonly messageId: string;
  readonly personId: string;
  readonly addressKey: string;
  readonly programmeId: string;
  readonly channel: string;
  /** When it left, ms. */
  readonly at: number;
  /** The day and the minute of that day where she lives. */
  readonly day: Day;
  readonly minute: number;
  /** Two letters, or ''. */
  readonly country: string;
  /** Only her country's or the business's clock is known. */
  readonly isZoneGuessed: boolean;
  readonly dayKind: 'holiday' | 'workday' | null;
};

type ReplayedCode = Extract<
  ArbiterCode,
  'cap_rolling' | 'cap_calendar' | 'gap' | 'quiet_hours' | 'lawful_hours' | 'quiet_day'
>;
export type Replayed = { readonly message: PastMessage; readonly codes: readonly ReplayedCode[] };

const HOUR = 3_600_000;
const weekdayOf = (day: Day): number => new Date(`${day}T00:00:00Z`).getUTCDay() || 7;

/** The first day of its day, week (Monday) or month. */
function periodOf(unit: CalendarCap['unit'], day: Day): string {
  if (unit === 'day') return day;
  if (unit === 'month') return day.slice(0, 7);
  return new Date(Date.parse(`${day}T00:00:00Z`) - (weekdayOf(day) - 1) * 24 * HOUR).toISOString().slice(0, 10);
}

const isWithin = (minute: number, intervals: Opening['intervals']): boolean =>
  intervals.some(({ from, to }) => minute >= from && minute < to);

/** What has left so far, found by person and by address: two people may share one. */
function openLedger() {
  const byPerson = new Map<string, PastMessage[]>();
  const byAddress = new Map<string, PastMessage[]>();
  const keep = (lists: Map<string, PastMessage[]>, key: string, message: PastMessage): void => {
    const list = lists.get(key);
    if (list === undefined) lists.set(key, [message]);
    else list.push(message);
  };
  return {
    add: (message: PastMessage): void => {
      keep(byPerson, message.personId, message);
      keep(byAddress, message.addressKey, message);
    },
    /** To the person or to her address, each once. */
    before: (message: PastMessage): readonly PastMessage[] => {
      const hers = byPerson.get(message.personId) ?? [];
      const there = (byAddress.get(message.addressKey) ?? []).filter((each) => each.personId !== message.personId);
      return there.length === 0 ? hers : [...hers, ...there];
    },
  };
}

/** `messages` in the order they left; those before `since` (ms) are history and are taken as they were. */
export function replayRules(messages: readonly PastMessage[], rules: ReachRules, since: number): readonly Replayed[] {
  const topicOf = (message: PastMessage): string | undefined => rules.programmes?.[message.programmeId]?.topic;
  const openings = new Map<string, Opening>();
  const openingFor = ({ country, channel, isZoneGuessed }: PastMessage): Opening => {
    const key = `${country} ${channel} ${isZoneGuessed}`;
    const known = openings.get(key) ?? openingOf(rules, country, channel, isZoneGuessed);
    openings.set(key, known);
    return known;
  };
  const applies = (cap: RollingCap | CalendarCap, message: PastMessage): boolean =>
    (cap.channel === '*' || cap.channel === message.channel) &&
    (cap.topic === undefined || cap.topic === topicOf(message));
  const isFull = (cap: RollingCap | CalendarCap, message: PastMessage, past: readonly PastMessage[]): boolean => {
    if (!applies(cap, message)) return false;
    const inside = past.filter(
      (each) =>
        applies(cap, each) &&
        (cap.kind === 'rolling'
          ? each.at > message.at - cap.days * 24 * HOUR
          : periodOf(cap.unit, each.day) === periodOf(cap.unit, message.day)),
    );
    return inside.length >= cap.max;
  };
  const isQuiet = ({ minute }: PastMessage): boolean => {
    if (rules.quiet === null) return false;
    const [from, to] = [minutesOf(rules.quiet.from), minutesOf(rules.quiet.to)];
    return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
  };
  const isDayOff = (message: PastMessage): boolean => {
    const { holidaysOff, weekdaysOff } = openingFor(message);
    return (
      (holidaysOff && message.dayKind === 'holiday') ||
      (weekdaysOff.includes(weekdayOf(message.day)) && message.dayKind !== 'workday')
    );
  };
  const judge = (message: PastMessage, past: readonly PastMessage[]): readonly ReplayedCode[] => {
    const latest = past.reduce((most, { at }) => Math.max(most, at), -Infinity);
    const held: readonly (readonly [ReplayedCode, boolean])[] = [
      ['cap_rolling', rules.caps.some((cap) => cap.kind === 'rolling' && isFull(cap, message, past))],
      ['cap_calendar', rules.caps.some((cap) => cap.kind === 'calendar' && isFull(cap, message, past))],
      ['gap', latest + rules.gapHours * HOUR > message.at],
      ['quiet_hours', isQuiet(message)],
      ['lawful_hours', !isWithin(message.minute, openingFor(message).hours)],
      ['quiet_day', isDayOff(message)],
    ];
    return held.flatMap(([code, isHeld]) => (isHeld ? [code] : []));
  };
  const ledger = openLedger();
  const judged: Replayed[] = [];
  for (const message of messages) {
    const codes = message.at < since ? [] : judge(message, ledger.before(message));
    if (message.at >= since) judged.push({ message, codes });
    if (codes.length === 0) ledger.add(message);
  }
  return judged;
}

export type ReplaySummary = {
  readonly messages: number;
  readonly held: number;
  /** People of whom at least one message would have been held. */
  readonly people: number;
  readonly byCode: Readonly<Record<string, number>>;
  readonly byDay: readonly { readonly day: Day; readonly messages: number; readonly held: number }[];
};

export function summaryOf(judged: readonly Replayed[]): ReplaySummary {
  const held = judged.filter(({ codes }) => codes.length > 0);
  const byCode = new Map<string, number>();
  for (const { codes } of held) for (const code of codes) byCode.set(code, (byCode.get(code) ?? 0) + 1);
  return {
    messages: judged.length,
    held: held.length,
    people: new Set(held.map(({ message }) => message.personId)).size,
    byCode: Object.fromEntries(byCode),
    byDay: [...Map.groupBy(judged, ({ message }) => message.day)]
      .map(([day, all]) => ({
        day,
        messages: all.length,
        held: all.filter(({ codes }) => codes.length > 0).length,
      }))
      .toSorted((a, b) => (a.day < b.day ? -1 : 1)),
  };
}
