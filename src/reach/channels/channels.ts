// Which ways to a person are there? The closed table of channels: where her address on each comes from, which kind of template it takes,
// which consent it needs, and whether a message is pushed out or waits in an inbox that her own app pulls. Pure.
import { RekindleError } from '../../kernel/errors.ts';
import type { Text } from '../../kernel/lang.ts';

/** What a template of this kind holds is in `templates/template.ts`. */
export const TEMPLATE_KINDS = ['email', 'sms', 'push', 'in_app', 'wechat', 'webhook'] as const;
export type TemplateKind = (typeof TEMPLATE_KINDS)[number];

type ChannelEntry = {
  /** A column of `people`, the newest live row of `endpoints`, or nothing but who she is. */
  readonly address: 'email' | 'phone' | 'endpoint' | 'person';
  readonly template: TemplateKind;
  /** The channel her consent is recorded under: one word for all of WeChat. */
  readonly consent: string;
  /** `opt_out`: shown inside the business's own product, where absence of a no is enough; a withdrawal still ends it. */
  readonly basis: 'opt_in' | 'opt_out';
  /** `pull`: a message is `sent` when it lies in the inbox that her SDK asks. `assisted`: an employee lets it go. */
  readonly delivery: 'push' | 'pull' | 'assisted';
} & Text;

export const CHANNELS = {
  email: {
    en: 'E-mail',
    zh: '电子邮件',
    address: 'email',
    template: 'email',
    consent: 'email',
    basis: 'opt_in',
    delivery: 'push',
  },
  sms: { en: 'SMS', zh: '短信', address: 'phone', template: 'sms', consent: 'sms', basis: 'opt_in', delivery: 'push' },
  web_push: {
    en: 'Web push',
    zh: '网页推送',
    address: 'endpoint',
    template: 'push',
    consent: 'web_push',
    basis: 'opt_in',
    delivery: 'push',
  },
  app_push: {
    en: 'App push',
    zh: 'App 推送',
    address: 'endpoint',
    template: 'push',
    consent: 'app_push',
    basis: 'opt_in',
    delivery: 'push',
  },
  in_app: {
    en: 'In-app message',
    zh: '站内消息',
    address: 'person',
    template: 'in_app',
    consent: 'in_app',
    basis: 'opt_out',
    delivery: 'pull',
  },
  wechat_mini: {
    en: 'WeChat mini program subscription message',
    zh: '小程序订阅消息',
    address: 'endpoint',
    template: 'wechat',
    consent: 'wechat',
    basis: 'opt_in',
    delivery: 'push',
  },
  wechat_service: {
    en: 'WeChat service account template message',
    zh: '服务号模板消息',
    address: 'endpoint',
    template: 'wechat',
    consent: 'wechat',
    basis: 'opt_in',
    delivery: 'push',
  },
  wecom: {
    en: 'WeCom customer message, released by an employee',
    zh: '企业微信群发（需成员确认）',
    address: 'endpoint',
    template: 'wechat',
    consent: 'wechat',
    basis: 'opt_in',
    delivery: 'assisted',
  },
  webhook: {
    en: 'Webhook',
    zh: 'Webhook',
    address: 'person',
    template: 'webhook',
    consent: 'webhook',
    basis: 'opt_in',
    delivery: 'push',
  },
} as const satisfies Record<string, ChannelEntry>;

export type ChannelKey = keyof typeof CHANNELS;

export const isChannelKey = (key: string): key is ChannelKey => Object.hasOwn(CHANNELS, key);

/** In the table's order. */
export const CHANNEL_KEYS = Object.keys(CHANNELS).filter(isChannelKey);

export const CONSENT_CHANNELS = [...new Set(CHANNEL_KEYS.map((key) => CHANNELS[key].consent))];

/** Channels whose addresses are rows of `endpoints`. */
export const ENDPOINT_CHANNELS = CHANNEL_KEYS.filter((key) => CHANNELS[key].address === 'endpoint');

/** The channel by its key. Throws `invalid` for a word that is none. */
export function channelOf(key: string): ChannelEntry {
  if (!isChannelKey(key))
    throw new RekindleError('invalid', {
      where: 'channel',
      what: { en: `there is no channel "${key}"`, zh: `没有渠道“${key}”` },
    });
  return CHANNELS[key];
}

/** Every channel that lives on the same consent as this one, itself included. */
export const channelsOnConsent = (consent: string): readonly ChannelKey[] =>
  CHANNEL_KEYS.filter((key) => CHANNELS[key].consent === consent);
