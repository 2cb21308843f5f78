// For how long is it kept to whom a message went? One timer for each channel, with the least that a rule asks for and what we take where nobody says: the
// time in which the address, what the other side answered and where its links led can still be needed. What proves a consent, a withdrawal or a
// suppression is no trace of a message and hangs on no timer. Pure.
import { z } from 'zod';
import type { Text } from '../../kernel/lang.ts';
import { CHANNEL_KEYS, CHANNELS } from '../channels/channels.ts';

type Timer = {
  /** The consent that its channels live on: one timer for all of WeChat. */
  readonly consent: string;
  /** Calendar months after a message ended. */
  readonly months: number;
  readonly monthsMin: number;
  readonly why: Text;
} & Text;

const MONTHS_MAX = 120;

/** `docs/privacy.md` holds the same table. */
export const RETENTION_TIMERS = {
  emailMonths: {
    consent: 'email',
    months: 24,
    monthsMin: 3,
    en: 'E-mail',
    zh: '电子邮件',
    why: {
      en: 'people return to old mails: for so long their links lead on. The law asks that an unsubscribe link works for 60 days; ours works always. Two years are our own default, not law',
      zh: '用户会翻看旧邮件：在此期限内链接有效。法律要求退订链接至少有效 60 天，我们的退订链接始终有效。两年是本产品的默认值，并非法律规定',
    },
  },
  smsMonths: {
    consent: 'sms',
    months: 12,
    monthsMin: 6,
    en: 'SMS',
    zh: '短信',
    why: {
      en: 'China asks that times and numbers of texts are kept for six months at least (revised SMS rules of 2026, read about, not read); twelve are our own default',
      zh: '中国要求短信的收发时间与号码至少保存六个月（2026 年修订的短信管理规定，据二手资料，未核对原文）；十二个月是本产品的默认值',
    },
  },
  webPushMonths: {
    consent: 'web_push',
    months: 3,
    monthsMin: 1,
    en: 'Web push',
    zh: '网页推送',
    why: {
      en: 'a push is answered for within days; three months are our own default, not law',
      zh: '推送的结果在数日内即可得知；三个月是本产品的默认值，并非法律规定',
    },
  },
  appPushMonths: {
    consent: 'app_push',
    months: 3,
    monthsMin: 1,
    en: 'App push',
    zh: 'App 推送',
    why: {
      en: 'a push is answered for within days; three months are our own default, not law',
      zh: '推送的结果在数日内即可得知；三个月是本产品的默认值，并非法律规定',
    },
  },
  inAppMonths: {
    consent: 'in_app',
    months: 12,
    monthsMin: 1,
    en: 'In-app message',
    zh: '站内消息',
    why: {
      en: 'went to nobody but the person herself; a year is our own default, not law',
      zh: '只显示给用户本人；一年是本产品的默认值，并非法律规定',
    },
  },
  wechatMonths: {
    consent: 'wechat',
    months: 12,
    monthsMin: 1,
    en: 'WeChat and WeCom',
    zh: '微信与企业微信',
    why: {
      en: 'results come within a week; a year, as for texts, is our own default, not law. What a user takes back at WeChat is deleted at once',
      zh: '结果在一周内返回；与短信相同的一年是本产品的默认值，并非法律规定。用户在微信撤回授权时立即删除',
    },
  },
  webhookMonths: {
    consent: 'webhook',
    months: 12,
    monthsMin: 1,
    en: 'Webhook',
    zh: 'Webhook',
    why: {
      en: 'went to a system of your own; a year is our own default, not law',
      zh: '发送到您自己的系统；一年是本产品的默认值，并非法律规定',
    },
  },
} as const satisfies Record<string, Timer>;

type TimerKey = keyof typeof RETENTION_TIMERS;

const monthsOf = (key: TimerKey) => z.number().int().min(RETENTION_TIMERS[key].monthsMin).max(MONTHS_MAX);

const timers = z.strictObject({
  emailMonths: monthsOf('emailMonths'),
  smsMonths: monthsOf('smsMonths'),
  webPushMonths: monthsOf('webPushMonths'),
  appPushMonths: monthsOf('appPushMonths'),
  inAppMonths: monthsOf('inAppMonths'),
  wechatMonths: monthsOf('wechatMonths'),
  webhookMonths: monthsOf('webhookMonths'),
} satisfies Record<TimerKey, z.ZodType>);

export type Retention = z.output<typeof timers>;

/** What is not named stays as it is: nobody shortens one timer by setting another. */
export const retentionChangeSchema = timers.partial();
export type RetentionChange = z.output<typeof retentionChangeSchema>;

const TIMER_KEYS = Object.keys(timers.shape) as readonly TimerKey[];

/** What is kept, and the default where nothing is. */
export function retentionOf(kept: unknown): Retention {
  const said = retentionChangeSchema.parse(kept ?? {});
  return timers.parse(
    Object.fromEntries(TIMER_KEYS.map((key) => [key, said[key] ?? RETENTION_TIMERS[key].months] as const)),
  );
}

/** Months of every channel that there is. */
export const channelMonths = (retention: Retention): readonly { readonly channel: string; readonly months: number }[] =>
  TIMER_KEYS.flatMap((key) =>
    CHANNEL_KEYS.filter((channel) => CHANNELS[channel].consent === RETENTION_TIMERS[key].consent).map((channel) => ({
      channel,
      months: retention[key],
    })),
  );

export type ExplainedTimer = {
  readonly timer: TimerKey;
  readonly label: Text;
  readonly channels: readonly string[];
  readonly months: number;
  readonly monthsMin: number;
  readonly monthsDefault: number;
  readonly why: Text;
};

/** The timers in words, for whoever sets them. */
export const explainRetention = (retention: Retention): readonly ExplainedTimer[] =>
  TIMER_KEYS.map((timer) => {
    const { consent, months: monthsDefault, monthsMin, en, zh, why }: Timer = RETENTION_TIMERS[timer];
    const channels = CHANNEL_KEYS.filter((channel) => CHANNELS[channel].consent === consent);
    return { timer, label: { en, zh }, channels, months: retention[timer], monthsMin, monthsDefault, why };
  });
