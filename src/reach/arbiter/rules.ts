// May we contact this person, on this channel, at this moment? The closed table of reasons, and the settings behind the timed ones. Pure.
import type { Text } from '../../kernel/lang.ts';

/**
 * `refuse` ends the contact; `defer` moves it to a later time. Words of hours and days say what is never done, because they hold the contact up at some
 * moment before the one that is named, which need not be this one.
 */
export const ARBITER_CODES = {
  unknown_person: { effect: 'refuse', en: 'nobody by this id is known', zh: '没有这个用户' },
  no_address: { effect: 'refuse', en: 'no address on this channel', zh: '该渠道没有可用地址' },
  no_consent: { effect: 'refuse', en: 'never agreed to marketing on this channel', zh: '从未同意该渠道的营销触达' },
  consent_withdrawn: { effect: 'refuse', en: 'has withdrawn consent', zh: '已撤回同意' },
  consent_expired: { effect: 'refuse', en: 'the consent has expired', zh: '同意已过期' },
  objected: {
    effect: 'refuse',
    en: 'objects to direct marketing and to being profiled for it',
    zh: '已反对营销触达及为此进行的用户画像',
  },
  suppressed_person: {
    effect: 'refuse',
    en: 'is on the list of people never to be contacted (unsubscribed from everything, complained, or put there)',
    zh: '在禁止联系名单上（已退订全部、投诉过或被列入）',
  },
  suppressed_address: {
    effect: 'refuse',
    en: 'the address is on the list never to be written to (unsubscribed, bounced, complained, or put there)',
    zh: '该地址在禁止联系名单上（已退订、退信、投诉过或被列入）',
  },
  topic_declined: { effect: 'refuse', en: 'does not want this topic', zh: '不想接收该主题的内容' },
  sunset: {
    effect: 'refuse',
    en: 'has not reacted to anything for long, so we have stopped writing',
    zh: '长期没有任何回应，已停止触达',
  },
  no_quota: {
    effect: 'refuse',
    en: 'no subscription for this template is left, or she has refused the template in WeChat',
    zh: '该模板的订阅次数已用完，或已在微信中拒收该模板',
  },
  global_control: {
    effect: 'refuse',
    en: 'belongs to the few whom no programme ever contacts, so that the effect can be measured (global control group)',
    zh: '属于全局对照组：任何计划都不联系，用来衡量真实效果',
  },
  programme_control: {
    effect: 'refuse',
    en: 'belongs to those whom this programme leaves alone, so that its effect can be measured (control group)',
    zh: '属于本计划的对照组：不联系，用来衡量本计划的真实效果',
  },
  shared_address: {
    effect: 'refuse',
    en: 'someone with the same address is contacted instead',
    zh: '同一地址的另一位用户已被联系',
  },
  expired_waiting: {
    effect: 'refuse',
    en: 'could not be contacted lawfully in time',
    zh: '在有效期内没有合规的触达时间',
  },
  no_common_hour: {
    effect: 'refuse',
    en: 'her time zone is not known, and the business’s own hours leave none that is lawful on every clock of her country: give her a timezone, or let the hours reach further',
    zh: '不知道其所在时区，而自设时段与该国各时区均合规的时段没有交集：请补充其 timezone，或放宽自设时段',
  },
  no_slot: {
    effect: 'refuse',
    en: 'no time within two months satisfies every rule',
    zh: '两个月内没有满足全部规则的时间',
  },
  cap_rolling: { effect: 'defer', en: 'has had enough messages in the last days', zh: '近几日消息已达上限' },
  cap_calendar: { effect: 'defer', en: 'has had enough messages in this calendar period', zh: '本周期消息已达上限' },
  gap: { effect: 'defer', en: 'the last message was too recent', zh: '距上一条消息太近' },
  less_often: { effect: 'defer', en: 'asked to hear from us less often', zh: '希望减少接收频率' },
  paused: { effect: 'defer', en: 'asked for a pause', zh: '已要求暂停接收' },
  outranked: { effect: 'defer', en: 'a more important message goes first', zh: '更重要的消息优先发送' },
  quiet_hours: {
    effect: 'defer',
    en: 'nothing is sent in the quiet hours where the person lives',
    zh: '当地免打扰时段内不发送',
  },
  lawful_hours: {
    effect: 'defer',
    en: 'this channel is used only at certain hours in the person’s country',
    zh: '该国家或地区仅在特定时段使用此渠道',
  },
  quiet_day: {
    effect: 'defer',
    en: 'nothing is sent on quiet days where the person lives',
    zh: '当地免打扰日期不发送',
  },
  best_hour: { effect: 'defer', en: 'waits for the hour she is most likely to look', zh: '等待其最可能查看的时段' },
} as const satisfies Record<string, { readonly effect: 'refuse' | 'defer' } & Text>;

export type ArbiterCode = keyof typeof ARBITER_CODES;

/**
 * What is not marketing, and the rules it is not held to. A confirmation answers a sign-up of a moment ago: it needs no consent, waits for no
 * clock and counts in no cap, and goes to nobody who objected or whose address does not work. Asking after a sunset is marketing in every other
 * respect.
 */
export const EXEMPT: Readonly<Record<string, readonly ArbiterCode[] | undefined>> = {
  confirmation: [
    'no_consent',
    'consent_withdrawn',
    'consent_expired',
    'topic_declined',
    'sunset',
    'global_control',
    'programme_control',
  ],
  re_permission: ['sunset'],
  /** One mail that somebody asks for to her own address. */
  requested: ['topic_declined', 'sunset', 'global_control', 'programme_control'],
};
export const CONFIRMATION = 'confirmation';
/** Answers to what somebody did a moment ago: no clock is waited for, and no cap counts them. */
export const AT_ONCE: readonly string[] = [CONFIRMATION, 'requested'];

/** A cap's `channel` is one channel, or `*` for all together; `topic` narrows it to the programmes that carry this topic. */
export type RollingCap = {
  readonly kind: 'rolling';
  readonly channel: string;
  readonly topic?: string | undefined;
  readonly days: number;
  readonly max: number;
};
export type CalendarCap = {
  readonly kind: 'calendar';
  readonly channel: string;
  readonly topic?: string | undefined;
  readonly unit: 'day' | 'week' | 'month';
  readonly max: number;
};

/** Hours in which a channel may be used where the person lives, on her own clock; `*` is every country or channel. */
export type HoursRule = {
  readonly country: string;
  readonly channel: string;
  /** `HH:MM`, from < to; `24:00` ends a day. */
  readonly from: string;
  readonly to: string;
  /** ISO weekdays (1 Monday … 7 Sunday) on which nothing is sent. */
  readonly weekdaysOff: readonly number[];
  readonly holidaysOff: boolean;
};

export type ProgrammeRule = {
  /** Higher goes first when two messages to one person cannot both leave; 0 where absent. */
  readonly priority?: number | undefined;
  readonly topic?: string | undefined;
};

export type ReachRules = {
  readonly caps: readonly (RollingCap | CalendarCap)[];
  /** Hours between any two messages to one person or address. */
  readonly gapHours: number;
  /** Local wall-clock times `HH:MM`; the quiet stretch may span midnight. */
  readonly quiet: { readonly from: string; readonly to: string } | null;
  /** Where a person's zone is not known. */
  readonly defaultTimeZone: string;
  readonly globalControlBuckets: number;
  /** Days on which no channel is used. A weekend day that China works by decree is not one of them. */
  readonly quietDays?: { readonly weekdays: readonly number[]; readonly holidays: boolean } | null | undefined;
  /** The business's own hours, inside the lawful ones, which hold in any case. */
  readonly hours?: readonly HoursRule[] | undefined;
  /** Two letters; for people whose country is not known. */
  readonly defaultCountry?: string | null | undefined;
  readonly programmes?: Readonly<Record<string, ProgrammeRule>> | undefined;
  /** How far ahead a more important planned message is waited for; 0 or absent: never. */
  readonly yieldHours?: number | undefined;
  /** Move what may go to the person's best hour of the same day, where her hours are known. */
  readonly bestHour?: boolean | undefined;
};

/** Careful enough for China and the West: 09:00–20:00, one a day, three a week, eight a month. */
export const DEFAULT_REACH_RULES: ReachRules = {
  caps: [
    { kind: 'calendar', channel: '*', unit: 'day', max: 1 },
    { kind: 'rolling', channel: '*', days: 7, max: 3 },
    { kind: 'calendar', channel: '*', unit: 'month', max: 8 },
  ],
  gapHours: 20,
  quiet: { from: '20:00', to: '09:00' },
  defaultTimeZone: 'UTC',
  globalControlBuckets: 200,
  quietDays: null,
  hours: [{ country: 'CN', channel: 'sms', from: '09:00', to: '20:00', weekdaysOff: [], holidaysOff: false }],
  defaultCountry: null,
  programmes: {},
  yieldHours: 24,
  bestHour: true,
};

/** What "less often" may mean: at most one message in so many days, over all channels. */
export const FREQUENCIES = {
  weekly: { days: 7, en: 'At most once a week', zh: '每周最多一次' },
  monthly: { days: 30, en: 'At most once a month', zh: '每月最多一次' },
  quarterly: { days: 90, en: 'At most once in three months', zh: '每三个月最多一次' },
} as const satisfies Record<string, { readonly days: number } & Text>;

export type Frequency = keyof typeof FREQUENCIES;

/** Channels whose right to write is given message by message: one accepted subscription is one message. */
export const QUOTA_CHANNELS: readonly string[] = ['wechat_mini'];
/** Channels where she may refuse one template of ours at the provider: a quota of none says that she has, no quota that she has not. */
export const REFUSABLE_CHANNELS: readonly string[] = ['wechat_service'];
