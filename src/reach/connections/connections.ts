// Which outside accounts may be connected, and what does each need? One closed table: label, shape, and the fields that never come out again.
import { z } from 'zod';
import { RekindleError } from '../../kernel/errors.ts';
import { issueText, inWords } from '../../kernel/issue.ts';
import { isObject } from '../../kernel/json.ts';
import { isApnsKey } from '../channels/push/apns-channel.ts';
import { serviceAccountSchema } from '../channels/http/service-account.ts';
import { SECRET_SHOWN } from './kept-secrets.ts';
import type { Text } from '../../kernel/lang.ts';

const secret = z.string().min(1).max(4_000);
const id = z.string().min(1).max(200);
const every = {
  timeoutMs: z.number().int().min(100).max(120_000).default(15_000),
  /** For a private gateway, or a test. */
  baseUrl: z.url().optional(),
};
/** What WeChat's console asks for beside the address of a callback. */
const callback = {
  token: z.string().min(3).max(32).optional(),
  encodingAesKey: z.string().length(43).optional(),
};
const signed = {
  url: z.url(),
  /** As Standard Webhooks writes it: `whsec_` and base64. */
  secret: z
    .string()
    .regex(
      /^(?:whsec_)?[A-Za-z0-9+/]{32,}={0,2}$/,
      inWords('whsec_ and at least 24 bytes as base64', '以 whsec_ 开头，后接至少 24 字节的 Base64'),
    ),
  timeoutMs: every.timeoutMs,
};
const language = z.enum(['en', 'zh']);

const SCHEMAS = {
  webhook: z.strictObject(signed),
  fcm: z.strictObject({ serviceAccount: serviceAccountSchema, baseUrl: every.baseUrl }),
  apns: z.strictObject({
    /** The `.p8` file as it is. */
    privateKey: z
      .string()
      .max(4_000)
      .refine(
        isApnsKey,
        inWords('a private key on the curve P-256, the whole .p8 file', '完整的 .p8 文件，即 P-256 私钥'),
      ),
    keyId: id,
    teamId: id,
    /** The app's bundle id. */
    topic: id,
    isSandbox: z.boolean().default(false),
    baseUrl: every.baseUrl,
  }),
  wechat_mini: z.strictObject({
    appId: id,
    appSecret: secret,
    state: z.enum(['formal', 'trial', 'developer']).default('formal'),
    ...callback,
    ...every,
  }),
  wechat_service: z.strictObject({ appId: id, appSecret: secret, ...callback, ...every }),
  wecom: z.strictObject({
    corpId: id,
    corpSecret: secret,
    /** Employees who are asked to let Moments go; absent: all who may. */
    employees: z.array(id).min(1).max(10_000).optional(),
    language: language.default('zh'),
    ...callback,
    ...every,
  }),
  meta: z.strictObject({
    accessToken: secret,
    appSecret: secret.optional(),
    accountId: z.string().regex(/^\d+$/, inWords('digits, without act_', '只写数字，不带 act_')),
    version: z
      .string()
      .regex(/^v\d+\.\d+$/)
      .default('v24.0'),
    ...every,
  }),
  google: z.strictObject({
    serviceAccount: z.looseObject({
      client_email: z.string().min(1),
      private_key: z.string().min(1),
      private_key_id: z.string().min(1),
      token_uri: z.url().default('https://oauth2.googleapis.com/token'),
    }),
    accountId: z.string().regex(/^\d+$/, inWords('digits only', '只能是数字')),
    loginAccountId: z.string().regex(/^\d+$/, inWords('digits only', '只能是数字')).optional(),
    ...every,
  }),
  tiktok: z.strictObject({ accessToken: secret, advertiserId: z.string().regex(/^\d+$/), ...every }),
  oceanengine: z.strictObject({
    accessToken: secret,
    advertiserId: z.string().regex(/^\d+$/),
    /** One file each. An IMEI only where it may lawfully be held, which is why none is sent unless it is named here. */
    identifiers: z
      .array(z.enum(['phone', 'oaid_md5', 'imei_md5', 'idfa_md5']))
      .min(1)
      .default(['phone']),
    ...every,
  }),
  tencent_ads: z
    .strictObject({
      accessToken: secret,
      accountId: z.string().regex(/^\d+$/),
      identifiers: z
        .array(z.enum(['phone', 'phone_md5', 'oaid_md5', 'imei_md5', 'idfa_md5', 'openid']))
        .min(1)
        .default(['phone']),
      /** Whose openids are meant. */
      openAppId: z.string().min(1).max(128).optional(),
      ...every,
    })
    .refine(({ identifiers, openAppId }) => openAppId !== undefined || !identifiers.includes('openid'), {
      path: ['openAppId'],
      error: inWords('openids are of one app: name it', 'OpenID 属于某一应用，请写明是哪一个'),
    }),
  mastodon: z.strictObject({
    baseUrl: z.url(),
    accessToken: secret,
    visibility: z.enum(['public', 'unlisted', 'private']).default('public'),
    language: language.default('en'),
    timeoutMs: every.timeoutMs,
  }),
  bluesky: z.strictObject({
    baseUrl: z.url().default('https://bsky.social'),
    identifier: id,
    appPassword: secret,
    language: language.default('en'),
    timeoutMs: every.timeoutMs,
  }),
  post_webhook: z.strictObject({ ...signed, language: language.default('en') }),
} as const;

export type ConnectionKey = keyof typeof SCHEMAS;
export type ConnectionSettings<Key extends ConnectionKey> = z.output<(typeof SCHEMAS)[Key]>;

export const CONNECTIONS: Readonly<Record<ConnectionKey, Text>> = {
  webhook: { en: 'Webhook for messages', zh: '消息 Webhook' },
  fcm: { en: 'Firebase Cloud Messaging', zh: 'Firebase 云消息（FCM）' },
  apns: { en: 'Apple Push Notification service', zh: 'Apple 推送（APNs）' },
  wechat_mini: { en: 'WeChat mini program', zh: '微信小程序' },
  wechat_service: { en: 'WeChat service account', zh: '微信服务号' },
  wecom: { en: 'WeCom', zh: '企业微信' },
  meta: { en: 'Meta Custom Audiences', zh: 'Meta 自定义受众' },
  google: { en: 'Google Data Manager', zh: 'Google Data Manager' },
  tiktok: { en: 'TikTok custom audiences', zh: 'TikTok 自定义受众' },
  oceanengine: { en: 'Ocean Engine audiences', zh: '巨量引擎人群' },
  tencent_ads: { en: 'Tencent Ads audiences', zh: '腾讯广告人群' },
  mastodon: { en: 'Mastodon', zh: 'Mastodon' },
  bluesky: { en: 'Bluesky', zh: 'Bluesky' },
  post_webhook: { en: 'Webhook for posts', zh: '动态 Webhook' },
};

export const CONNECTION_KEYS = Object.keys(SCHEMAS).filter((key): key is ConnectionKey => key in SCHEMAS);

export const CONNECTION_SECRETS: ReadonlySet<string> = new Set([
  'secret',
  'appSecret',
  'corpSecret',
  'accessToken',
  'appPassword',
  'token',
  'encodingAesKey',
  'serviceAccount',
  'privateKey',
]);

/** The connection of that name. Throws `not_found`. */
export function connectionKeyOf(text: string): ConnectionKey {
  const key = CONNECTION_KEYS.find((each) => each === text);
  if (key === undefined)
    throw new RekindleError('not_found', { what: { en: `connection "${text}"`, zh: `连接“${text}”` } });
  return key;
}

/** Settings from untrusted JSON. Throws `invalid` naming the first field that is wrong. */
export function parseConnection<Key extends ConnectionKey>(key: Key, input: unknown): ConnectionSettings<Key> {
  const schema: z.ZodType = SCHEMAS[key];
  const parsed = schema.safeParse(input);
  // The table pairs each key with its own shape.
  if (parsed.success) return parsed.data as ConnectionSettings<Key>;
  const issue = parsed.error.issues[0];
  throw new RekindleError('invalid', {
    where: [key, ...(issue?.path ?? [])].join('.'),
    what: issueText(issue),
  });
}

/** The settings as they may be shown. */
export const shownConnection = (settings: unknown): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(isObject(settings) ? settings : {}).map(([name, value]) => [
      name,
      CONNECTION_SECRETS.has(name) ? SECRET_SHOWN : value,
    ]),
  );

/** What REKINDLE_CONNECT_<NAME> say, each a JSON object. Throws `invalid` naming the variable. */
export function connectionsOf(
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Partial<Record<ConnectionKey, unknown>>> {
  return Object.fromEntries(
    CONNECTION_KEYS.flatMap((key) => {
      const name = `REKINDLE_CONNECT_${key.toUpperCase()}`;
      const text = env[name];
      if (text === undefined || text === '') return [];
      try {
        return [[key, parseConnection(key, JSON.parse(text))] as const];
      } catch (cause) {
        const what = cause instanceof RekindleError ? cause.message : 'not valid JSON';
        throw new RekindleError('invalid', { where: name, what }, { cause });
      }
    }),
  );
}
