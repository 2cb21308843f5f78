// How texts are sent: one provider, its credentials, the signature and the way out. Given by the environment or saved by the API; secrets
// go in and never come out.
import { z } from 'zod';
import { RekindleError } from '../../../kernel/errors.ts';
import { issueText, inWords } from '../../../kernel/issue.ts';

const secret = z.string().min(1).max(500);
const every = {
  /** Who is texting, without brackets: filed with the provider on the mainland. */
  signature: z
    .string()
    .min(1)
    .max(30)
    .regex(/^[^【】[\]\r\n]+$/, inWords('without brackets', '不含括号')),
  /** Ends every text; what the provider demands differs: 回复TD退订, 拒收请回复R, Reply STOP to opt out. */
  optOut: z.string().max(40).optional(),
  /** Numbers without a country prefix are of this one. */
  homeCountry: z.string().length(2).optional(),
  /** ISO 3166 of those served; absent: all. */
  countries: z.array(z.string().length(2)).min(1).optional(),
  /** One text, without marketing, that tells her it is done. Some providers answer STOP themselves. */
  confirmsStop: z.boolean().optional(),
  /** How long texts that came in are kept: the law wants six months at least. */
  recordMonths: z.number().int().min(6).max(120).default(12),
  /** Providers answer within seconds; what takes longer is not known. */
  timeoutMs: z.number().int().min(100).max(60_000).default(10_000),
  /** For a private gateway, or a test. */
  baseUrl: z.url().optional(),
};

/** Where in an answer is what? `data.0.id` walks objects and lists. */
const path = z.string().regex(/^[\w-]+(?:\.[\w-]+)*$/, inWords('a path like data.0.id', '形如 data.0.id 的路径'));
const equals = z.union([z.string(), z.number(), z.boolean()]);
const rule = z.strictObject({ path, in: z.array(equals).min(1) });
const receiptSchema = z.strictObject({
  /** Where the list of them is; absent: the body is one, or a list. */
  listPath: path.optional(),
  idPath: path,
  phonePath: path.optional(),
  statusPath: path,
  delivered: z.array(equals).min(1),
  failed: z.array(equals).min(1),
});

export const httpSmsSchema = z.strictObject({
  url: z.url(),
  method: z.enum(['GET', 'POST']).default('POST'),
  /** `{{to}}`, `{{national}}`, `{{text}}`, `{{messageId}}`, `{{signature}}`, `{{secret}}` are filled in, quoted as the content type wants. */
  headers: z.record(z.string().regex(/^[\w-]+$/), z.string().max(1_000)).default({}),
  contentType: z.enum(['application/json', 'application/x-www-form-urlencoded']).default('application/json'),
  body: z.string().max(10_000).default(''),
  success: z.strictObject({ status: z.array(z.number().int()).default([200, 201, 202]), rule: rule.optional() }),
  idPath: path,
  errorPath: path.optional(),
  /** Error values that mean "not now", and those that name a dead number. */
  deferred: z.array(equals).default([]),
  badAddress: z.array(equals).default([]),
  receipts: receiptSchema.optional(),
  inbound: z
    .strictObject({ listPath: path.optional(), fromPath: path, textPath: path, idPath: path.optional() })
    .optional(),
  /** What the provider wants to hear when it pushes. */
  pushAnswer: z.string().max(500).default('{"ok":true}'),
});

export const smsSettingsSchema = z.discriminatedUnion('provider', [
  z.strictObject({ provider: z.literal('aliyun'), keyId: z.string().min(1), keySecret: secret, ...every }),
  z.strictObject({
    provider: z.literal('tencent'),
    keyId: z.string().min(1),
    keySecret: secret,
    appId: z.string().min(1),
    region: z.string().default('ap-guangzhou'),
    ...every,
  }),
  z.strictObject({
    provider: z.literal('twilio'),
    keyId: z.string().regex(/^AC[\w]+$/, inWords('an account SID', '账号 SID')),
    keySecret: secret,
    /** A number in E.164, or the SID of a messaging service. */
    from: z.string().min(1),
    ...every,
  }),
  z.strictObject({ provider: z.literal('http'), keySecret: secret.optional(), http: httpSmsSchema, ...every }),
]);

export type SmsSettings = z.infer<typeof smsSettingsSchema>;
export type HttpSmsRules = z.infer<typeof httpSmsSchema>;
export type SettingsOf<Provider extends SmsSettings['provider']> = Extract<SmsSettings, { provider: Provider }>;

/** What each provider's own rules want at the end of a text, unless the settings say otherwise. */
const OPT_OUT: Readonly<Record<SmsSettings['provider'], string>> = {
  // 阿里云 appends nothing itself; the words are part of the filed template, and counted.
  aliyun: '拒收请回复R',
  tencent: '拒收请回复R',
  twilio: 'Reply STOP to opt out',
  http: '回复TD退订',
};

export const optOutOf = (settings: SmsSettings): string => settings.optOut ?? OPT_OUT[settings.provider];

/** Settings from untrusted JSON. Throws `invalid` naming the first field that is wrong. */
export function parseSmsSettings(input: unknown): SmsSettings {
  const parsed = smsSettingsSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new RekindleError('invalid', {
    where: ['sms', ...(issue?.path ?? [])].join('.'),
    what: issueText(issue),
  });
}

/** The settings as they may be shown. */
export const withoutSecrets = ({ ...settings }: SmsSettings): Readonly<Record<string, unknown>> => ({
  ...settings,
  ...(settings.keySecret === undefined ? {} : { keySecret: '(set)' }),
  ...(settings.provider === 'http'
    ? {
        // A header is where such gateways put their keys.
        http: {
          ...settings.http,
          headers: Object.fromEntries(Object.keys(settings.http.headers).map((name) => [name, '(set)'])),
        },
      }
    : {}),
});

const ENVIRONMENT = {
  REKINDLE_SMS_KEY_ID: 'keyId',
  REKINDLE_SMS_KEY_SECRET: 'keySecret',
  REKINDLE_SMS_APP_ID: 'appId',
  REKINDLE_SMS_REGION: 'region',
  REKINDLE_SMS_FROM: 'from',
  REKINDLE_SMS_SIGNATURE: 'signature',
  REKINDLE_SMS_OPT_OUT: 'optOut',
  REKINDLE_SMS_HOME_COUNTRY: 'homeCountry',
  REKINDLE_SMS_BASE_URL: 'baseUrl',
} as const;

/** What REKINDLE_SMS_… say, or undefined when REKINDLE_SMS_PROVIDER names none. Throws `invalid`. */
export function smsSettingsOf(env: Readonly<Record<string, string | undefined>>): SmsSettings | undefined {
  const provider = env['REKINDLE_SMS_PROVIDER'];
  if (provider === undefined || provider === '') return undefined;
  const given = Object.entries(ENVIRONMENT).flatMap(([name, field]) => {
    const value = env[name];
    return value === undefined || value === '' ? [] : [[field, value] as const];
  });
  const http = env['REKINDLE_SMS_HTTP'];
  let rules: unknown;
  try {
    rules = http === undefined ? undefined : JSON.parse(http);
  } catch (cause) {
    throw new RekindleError(
      'invalid',
      { where: 'REKINDLE_SMS_HTTP', what: { en: 'not valid JSON', zh: '不是有效的 JSON' } },
      { cause },
    );
  }
  return parseSmsSettings({ provider, ...Object.fromEntries(given), ...(rules === undefined ? {} : { http: rules }) });
}
