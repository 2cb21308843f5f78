// How mail is handed over when it is not by SMTP: one provider and its credentials. Given by the environment or saved by the API; secrets go
// in and never come out.
import { z } from 'zod';
import { RekindleError } from '../../../../kernel/errors.ts';
import { issueText, inWords } from '../../../../kernel/issue.ts';
import { isLoopback, parseSmtpUrl } from '../smtp-url.ts';
import { SECRET_SHOWN } from '../../../connections/kept-secrets.ts';
import { verificationKey } from './sendgrid-key.ts';

const secret = z.string().min(1).max(500);
const every = {
  /** What takes longer is not known. */
  timeoutMs: z.number().int().min(100).max(120_000).default(20_000),
  /** For a private gateway, or a test. */
  baseUrl: z.url().optional(),
};

const settingsSchema = z.discriminatedUnion('provider', [
  z.strictObject({
    provider: z.literal('smtp'),
    host: z
      .string()
      .regex(/^(?:[\w.-]{1,253}|\[[0-9a-f:.]+\])$/i, inWords('the name of a mail server', '邮件服务器名称')),
    port: z.number().int().min(1).max(65_535).default(587),
    user: z.string().min(1).max(320).optional(),
    keySecret: secret.optional(),
    /** Absent: implicit on 465; elsewhere required as soon as a password is sent, unless the server is this machine. */
    tls: z.enum(['implicit', 'require', 'offer', 'off']).optional(),
    /** Connections at once. */
    pool: z.number().int().min(1).max(200).default(5),
  }),
  z.strictObject({
    provider: z.literal('ses'),
    keyId: z.string().min(1).max(200),
    keySecret: secret,
    /** Of temporary credentials. */
    sessionToken: z.string().min(1).max(5_000).optional(),
    region: z.string().regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, inWords('a region like eu-west-1', '形如 eu-west-1 的地域')),
    /** Publishes events to the topic below, and carries our mark in them. */
    configurationSet: z
      .string()
      .regex(/^[\w-]{1,64}$/, inWords('the name of a configuration set', '配置集名称'))
      .optional(),
    /** Only reports of this topic are taken. */
    topicArn: z
      .string()
      .regex(/^arn:aws[\w-]*:sns:/, inWords('the ARN of an SNS topic', 'SNS 主题的 ARN'))
      .optional(),
    ...every,
  }),
  z.strictObject({
    provider: z.literal('sendgrid'),
    keySecret: secret,
    /** The verification key of the signed event webhook; without it no report is taken. */
    webhookKey: z
      .string()
      .max(2_000)
      .refine(
        (text) => verificationKey(text) !== undefined,
        inWords('the verification key, as SendGrid shows it', 'SendGrid 页面所示的验证公钥'),
      )
      .optional(),
    ...every,
  }),
  z.strictObject({
    provider: z.literal('mailgun'),
    keySecret: secret,
    domain: z.string().regex(/^[\w.-]{1,253}$/, inWords('a sending domain', '发信域名')),
    region: z.enum(['us', 'eu']).default('us'),
    /** The HTTP webhook signing key; without it no report is taken. */
    webhookKey: secret.optional(),
    ...every,
  }),
  z.strictObject({
    provider: z.literal('postmark'),
    keySecret: secret,
    /** Marketing goes by a broadcast stream. */
    stream: z
      .string()
      .regex(/^[\w-]{1,100}$/, inWords('the id of a message stream', '消息流 ID'))
      .default('broadcast'),
    /** Basic auth of the webhook, `user:password`; without it no report is taken. */
    webhookKey: z
      .string()
      .regex(
        /^[^:]+:.{8,}$/,
        inWords('user:password, the password of eight characters at least', '形如 用户名:密码，密码至少 8 个字符'),
      )
      .optional(),
    ...every,
  }),
]);

export type MailProviderSettings = z.infer<typeof settingsSchema>;
export type MailSettingsOf<Provider extends MailProviderSettings['provider']> = Extract<
  MailProviderSettings,
  { provider: Provider }
>;

export const MAIL_SECRETS: ReadonlySet<string> = new Set(['keySecret', 'sessionToken', 'webhookKey']);

/** The address of a mail server, as the rest of the house writes it. */
export function smtpUrlOf({ host, port, user, keySecret, tls, pool }: MailSettingsOf<'smtp'>): string {
  const way = tls ?? (port === 465 ? 'implicit' : user !== undefined && !isLoopback(host) ? 'require' : 'offer');
  const credentials = user === undefined ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(keySecret ?? '')}@`;
  const options = new URLSearchParams({ pool: String(pool), ...(way === 'implicit' ? {} : { tls: way }) });
  return `${way === 'implicit' ? 'smtps' : 'smtp'}://${credentials}${host}:${port}?${options.toString()}`;
}

/** Settings from untrusted JSON. Throws `invalid` naming the first field that is wrong. */
export function parseMailProvider(input: unknown): MailProviderSettings {
  const parsed = settingsSchema.safeParse(input);
  if (parsed.success) {
    if (parsed.data.provider === 'smtp') {
      const { host, user, tls } = parsed.data;
      if (user !== undefined && (tls === 'off' || tls === 'offer') && !isLoopback(host))
        throw new RekindleError('invalid', {
          where: 'email.tls',
          what: { en: 'a password leaves this machine only over TLS', zh: '密码只能经 TLS 发出本机' },
        });
      parseSmtpUrl(smtpUrlOf(parsed.data));
    }
    return parsed.data;
  }
  const issue = parsed.error.issues[0];
  throw new RekindleError('invalid', {
    where: ['email', ...(issue?.path ?? [])].join('.'),
    what: issueText(issue),
  });
}

/** The settings as they may be shown. SendGrid's verification key is public, and a typing error in it wants to be seen. */
export const shownSettings = (settings: MailProviderSettings): Readonly<Record<string, unknown>> => ({
  ...settings,
  ...(settings.keySecret === undefined ? {} : { keySecret: SECRET_SHOWN }),
  ...('sessionToken' in settings && settings.sessionToken !== undefined ? { sessionToken: SECRET_SHOWN } : {}),
  ...('webhookKey' in settings && settings.webhookKey !== undefined && settings.provider !== 'sendgrid'
    ? { webhookKey: SECRET_SHOWN }
    : {}),
});

const ENVIRONMENT = {
  REKINDLE_MAIL_KEY_ID: 'keyId',
  REKINDLE_MAIL_KEY_SECRET: 'keySecret',
  REKINDLE_MAIL_SESSION_TOKEN: 'sessionToken',
  REKINDLE_MAIL_REGION: 'region',
  REKINDLE_MAIL_DOMAIN: 'domain',
  REKINDLE_MAIL_STREAM: 'stream',
  REKINDLE_MAIL_CONFIGURATION_SET: 'configurationSet',
  REKINDLE_MAIL_TOPIC_ARN: 'topicArn',
  REKINDLE_MAIL_WEBHOOK_KEY: 'webhookKey',
  REKINDLE_MAIL_BASE_URL: 'baseUrl',
} as const;

/** What REKINDLE_MAIL_… say, or undefined when REKINDLE_MAIL_PROVIDER names none. Throws `invalid`. */
export function mailProviderOf(env: Readonly<Record<string, string | undefined>>): MailProviderSettings | undefined {
  const provider = env['REKINDLE_MAIL_PROVIDER'];
  if (provider === undefined || provider === '') return undefined;
  const given = Object.entries(ENVIRONMENT).flatMap(([name, field]) => {
    const value = env[name];
    return value === undefined || value === '' ? [] : [[field, value] as const];
  });
  return parseMailProvider({ provider, ...Object.fromEntries(given) });
}
