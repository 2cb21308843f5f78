// May this domain go on sending today, and how much? The ramp, the brakes and when they let go, from what it sent day by day. Pure: days are
// dates in UTC. Complaints stand on the day their mail was sent, so that a share is of the mails it is about. Limits: Gmail's sender rules
// (below 0.1%, never 0.3%, no relief before seven days below).
import { z } from 'zod';
import { addDays, type Day } from '../../kernel/days.ts';
import type { Text } from '../../kernel/lang.ts';
import { percentText } from '../../kernel/figures.ts';

export type SenderDay = {
  readonly day: Day;
  readonly claimed: number;
  readonly sent: number;
  /** Refused while they were handed over; not among `sent`. */
  readonly failed: number;
  readonly hard_bounces: number;
  readonly sender_faults: number;
  readonly complaints: number;
};

export const BRAKES = {
  complaints: {
    en: 'too many recipients pressed "this is spam"',
    zh: '投诉率过高（收件人标记为垃圾邮件）',
  },
  bounces: { en: 'too many addresses do not exist', zh: '硬退信率过高（地址不存在）' },
  refusals: {
    en: 'mail servers refuse the sender (authentication, policy or reputation)',
    zh: '收件服务器拒收发件域（认证、策略或信誉问题）',
  },
} as const satisfies Record<string, Text>;
export type BrakeKind = keyof typeof BRAKES;
export const BRAKE_KINDS = ['complaints', 'bounces', 'refusals'] as const satisfies readonly BrakeKind[];

export type Brake = {
  readonly kind: BrakeKind;
  readonly pulled_on: Day;
  /** The latest day that was too bad when it was pulled. */
  readonly bad_day: Day;
  readonly share: number;
  readonly released_on: Day | null;
};

const share = z.number().gt(0).max(1);
export const guardRulesSchema = z.strictObject({
  /** False: figures are kept and shown, and nothing is held back. */
  enabled: z.boolean().default(true),
  ramp: z
    .strictObject({
      /** Of a domain that has sent nothing lately. */
      startPerDay: z.number().int().min(1).max(10_000_000).default(2_000),
      /** Today at most so many times the best of the last days. */
      growth: z.number().min(1).max(10).default(1.5),
      /** From here on there is no cap. */
      fullPerDay: z.number().int().min(1).max(100_000_000).default(200_000),
    })
    .nullable()
    .prefault({}),
  complaints: z
    .strictObject({ warn: share.default(0.001), stop: share.default(0.003), least: z.number().int().min(1).default(2) })
    .prefault({}),
  bounces: z
    .strictObject({
      stop: share.default(0.05),
      lastMails: z.number().int().min(10).default(1_000),
      leastMails: z.number().int().min(10).default(100),
    })
    .prefault({}),
  refusals: z.strictObject({ stop: share.default(0.05), least: z.number().int().min(1).default(20) }).prefault({}),
  /** Days below the limits before a brake lets go. */
  resumeDays: z.number().int().min(1).max(60).default(7),
});
export type GuardRules = z.output<typeof guardRulesSchema>;
export const DEFAULT_GUARD_RULES: GuardRules = guardRulesSchema.parse({});

/** How far back days count: for the best day of the ramp, and for complaints that come late. */
const RAMP_DAYS = 14;
export const GUARD_DAYS = 30;

/** Refusals of the sender are looked at again the next day: what was wrong is repaired by hand, and a day of silence costs no reputation. */
const restDays = (kind: BrakeKind, rules: GuardRules): number => (kind === 'refusals' ? 1 : rules.resumeDays);

/** The first day on which mail may leave again. */
export const resumesOn = (brake: Brake, rules: GuardRules): Day =>
  brake.released_on ?? addDays(brake.pulled_on, restDays(brake.kind, rules) + 1);

const isHeld = (brake: Brake, rules: GuardRules, today: Day): boolean =>
  brake.released_on === null && today < resumesOn(brake, rules);

export type Measured = {
  readonly kind: BrakeKind;
  readonly share: number;
  readonly mails: number;
  readonly badDay: Day;
};

/** A brake that has let go, or was released, has dealt with the days up to then. */
function countsAfter(brake: Brake | undefined, rules: GuardRules, today: Day): Day {
  if (brake === undefined) return '0001-01-01';
  if (brake.released_on !== null) return brake.released_on;
  return isHeld(brake, rules, today) ? brake.bad_day : brake.pulled_on;
}

const mailsOf = (day: SenderDay): number => day.sent + day.failed;

/** The worst day of complaints among the last `resumeDays`. A single press among few mails is no rate. */
function complaintShare(days: readonly SenderDay[], rules: GuardRules, today: Day, after: Day): Measured | undefined {
  const since = addDays(today, -rules.resumeDays);
  return days
    .filter((day) => day.day > since && day.day > after && day.complaints >= 1 && mailsOf(day) > 0)
    .map((day): Measured => ({
      kind: 'complaints',
      share: day.complaints / mailsOf(day),
      mails: mailsOf(day),
      badDay: day.day,
    }))
    .toSorted((a, b) => b.share - a.share)[0];
}

/** The latest whole days that hold the last so many mails. `days`: the newest first. */
function lastShare(
  kind: 'bounces' | 'refusals',
  days: readonly SenderDay[],
  rules: GuardRules,
  after: Day,
): (Measured & { readonly bad: number }) | undefined {
  let [mails, bad] = [0, 0];
  let badDay: Day | undefined;
  for (const day of days) {
    if (day.day <= after || mails >= rules.bounces.lastMails) break;
    const found = kind === 'bounces' ? day.hard_bounces : day.sender_faults;
    if (found > 0) badDay ??= day.day;
    mails += mailsOf(day);
    bad += found;
  }
  return badDay === undefined || mails === 0
    ? undefined
    : { kind, share: Math.min(1, bad / mails), mails, badDay, bad };
}

export type Guard = {
  /** Brakes that hold mail back today. */
  readonly stops: readonly Brake[];
  /** Brakes to be pulled now: they are among `stops` already. */
  readonly pulled: readonly Brake[];
  readonly warnings: readonly Measured[];
  /** Mails that may be claimed today; null: any number. */
  readonly cap: number | null;
  readonly claimedToday: number;
};

function capOf(days: readonly SenderDay[], rules: GuardRules, today: Day): number | null {
  if (rules.ramp === null) return null;
  const { startPerDay, growth, fullPerDay } = rules.ramp;
  const since = addDays(today, -RAMP_DAYS);
  const best = days
    .filter(({ day }) => day >= since && day < today)
    .reduce((most, { sent }) => Math.max(most, sent), 0);
  const cap = Math.max(startPerDay, Math.floor(best * growth));
  return cap >= fullPerDay ? null : cap;
}

/** `days` in any order, of one domain. */
export function guardOf(
  given: { readonly days: readonly SenderDay[]; readonly brakes: readonly Brake[] },
  rules: GuardRules,
  today: Day,
): Guard {
  const days = given.days.toSorted((a, b) => (a.day < b.day ? 1 : -1));
  const brakeOf = (kind: BrakeKind): Brake | undefined => given.brakes.find((brake) => brake.kind === kind);
  const after = (kind: BrakeKind): Day => countsAfter(brakeOf(kind), rules, today);
  const complaints = complaintShare(days, rules, today, after('complaints'));
  const complained = days.find(({ day }) => day === complaints?.badDay)?.complaints ?? 0;
  const bounces = lastShare('bounces', days, rules, after('bounces'));
  const refusals = lastShare('refusals', days, rules, after('refusals'));
  const tooBad = [
    ...(complaints && complaints.share >= rules.complaints.stop && complained >= rules.complaints.least
      ? [complaints]
      : []),
    ...(bounces && bounces.mails >= rules.bounces.leastMails && bounces.share > rules.bounces.stop ? [bounces] : []),
    ...(refusals && refusals.bad >= rules.refusals.least && refusals.share > rules.refusals.stop ? [refusals] : []),
  ];
  const pulled = tooBad.map((measured): Brake => ({
    kind: measured.kind,
    pulled_on: today,
    bad_day: measured.badDay,
    share: measured.share,
    released_on: null,
  }));
  const held = given.brakes.filter(
    (brake) => isHeld(brake, rules, today) && !pulled.some(({ kind }) => kind === brake.kind),
  );
  const stops = [...pulled, ...held];
  const warned = complaints !== undefined && complaints.share >= rules.complaints.warn;
  return {
    stops: rules.enabled ? stops : [],
    pulled: rules.enabled ? pulled : [],
    warnings: warned && !stops.some(({ kind }) => kind === 'complaints') ? [complaints] : [],
    cap: rules.enabled ? capOf(days, rules, today) : null,
    claimedToday: days.find(({ day }) => day === today)?.claimed ?? 0,
  };
}

const percent = (part: number): string => percentText(part, 2);

/** The state in words, the gravest first. */
export function guardWords(guard: Guard, rules: GuardRules): readonly Text[] {
  const words: Text[] = guard.stops.map((brake) => ({
    en: `Stopped until ${resumesOn(brake, rules)}: ${BRAKES[brake.kind].en} (${percent(brake.share)}).`,
    zh: `已停发，${resumesOn(brake, rules)} 起恢复：${BRAKES[brake.kind].zh}（${percent(brake.share)}）。`,
  }));
  for (const { share: part, badDay } of guard.warnings)
    words.push({
      en: `Complaints about mails of ${badDay} reached ${percent(part)}; at ${percent(rules.complaints.stop)} sending stops.`,
      zh: `${badDay} 所发邮件的投诉率达 ${percent(part)}；达到 ${percent(rules.complaints.stop)} 将自动停发。`,
    });
  if (guard.cap !== null)
    words.push({
      en: `Warming up: ${guard.claimedToday} of ${guard.cap} mails today, the most recently active people first.`,
      zh: `预热中：今日已发 ${guard.claimedToday} / ${guard.cap} 封，最近活跃的用户优先。`,
    });
  if (words.length === 0) words.push({ en: 'Nothing holds mail back.', zh: '目前没有任何发送限制。' });
  return words;
}
