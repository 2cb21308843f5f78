// May we contact this person, on this channel, at this moment? The closed table of reasons, and the settings behind the timed ones. Pure.
import type { Text } from '../../kernel/lang.ts';

/** `refuse` ends the contact; `defer` moves it to a later time. */
export const ARBITER_CODES = {
  unknown_person: { effect: 'refuse', en: 'nobody by this id is known', zh: '没有这个用户' },
  no_address: { effect: 'refuse', en: 'no address on this channel', zh: '该渠道没有可用地址' },
  no_consent: { effect: 'refuse', en: 'never agreed to marketing on this channel', zh: '从未同意该渠道的营销触达' },
  consent_withdrawn: { effect: 'refuse', en: 'has withdrawn consent', zh: '已撤回同意' },
  consent_expired: { effect: 'refuse', en: 'the consent has expired', zh: '同意已过期' },
  suppressed_person: { effect: 'refuse', en: 'is on the suppression list', zh: '在禁止联系名单上' },
  suppressed_address: { effect: 'refuse', en: 'the address is on the suppression list', zh: '该地址在禁止联系名单上' },
  global_control: { effect: 'refuse', en: 'is in the global control group', zh: '属于全局对照组' },
  programme_control: { effect: 'refuse', en: 'is in this programme’s control group', zh: '属于本计划的对照组' },
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
  cap_rolling: { effect: 'defer', en: 'has had enough messages in the last days', zh: '近几日消息已达上限' },
  cap_calendar: { effect: 'defer', en: 'has had enough messages in this calendar period', zh: '本周期消息已达上限' },
  gap: { effect: 'defer', en: 'the last message was too recent', zh: '距上一条消息太近' },
  quiet_hours: { effect: 'defer', en: 'it is quiet time where the person lives', zh: '当地处于免打扰时段' },
} as const satisfies Record<string, { readonly effect: 'refuse' | 'defer' } & Text>;

export type ArbiterCode = keyof typeof ARBITER_CODES;

/** A cap's `channel` is one channel, or `*` for all together. */
export type RollingCap = {
  readonly kind: 'rolling';
  readonly channel: string;
  readonly days: number;
  readonly max: number;
};
export type CalendarCap = {
  readonly kind: 'calendar';
  readonly channel: string;
  readonly unit: 'day' | 'week' | 'month';
  readonly max: number;
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
};
