// What the environment says, read once. Every setting has a default, so that nothing needs to be set.
import { resolve } from 'node:path';
import { z } from 'zod';
import { RekindleError } from './kernel/errors.ts';
import { issueText } from './kernel/issue.ts';
import { mailProviderOf, type MailProviderSettings } from './reach/channels/email/providers/settings.ts';
import { DEFAULT_PACE, parsePace, type PaceLimits } from './reach/messages/pace.ts';
import { connectionsOf, type ConnectionKey } from './reach/connections/connections.ts';
import { smsSettingsOf, type SmsSettings } from './reach/channels/sms/settings.ts';

const schema = z.object({
  REKINDLE_DATA_DIR: z.string().default('./.rekindle'),
  REKINDLE_DATABASE_URL: z.string().optional(),
  REKINDLE_CLICKHOUSE_URL: z.string().optional(),
  REKINDLE_CLICKHOUSE_DATABASE: z
    .string()
    .regex(/^[a-z_][a-z0-9_]*$/i)
    .default('rekindle'),
  REKINDLE_PORT: z.coerce.number().int().min(0).max(65_535).default(8420),
  REKINDLE_HOST: z.string().default('127.0.0.1'),
  REKINDLE_PUBLIC_URL: z.url().optional(),
  /** Absent: the built-in preview mailbox takes every mail and delivers nowhere. */
  REKINDLE_SMTP_URL: z.string().optional(),
  REKINDLE_BOUNCE_DOMAIN: z.string().optional(),
  /** `gmail.com=50/s:10, *=100/s:20`: messages a second and hand-overs at once, by recipient domain. */
  REKINDLE_DOMAIN_LIMITS: z.string().optional(),
  /** A port that takes bounces and complaints by SMTP; 0 takes any free one. */
  REKINDLE_REPORTS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  /** The JSON key of a Firebase service account: app push through FCM. */
  REKINDLE_FCM_KEY_FILE: z.string().optional(),
  /** The `.p8` key of an Apple developer account: app push through APNs. */
  REKINDLE_APNS_KEY_FILE: z.string().optional(),
  REKINDLE_APNS_KEY_ID: z.string().optional(),
  REKINDLE_APNS_TEAM_ID: z.string().optional(),
  REKINDLE_APNS_TOPIC: z.string().optional(),
  REKINDLE_APNS_SANDBOX: z.stringbool().default(false),
  REKINDLE_DKIM_DOMAIN: z.string().optional(),
  REKINDLE_DKIM_SELECTOR: z.string().default('rekindle'),
  REKINDLE_DKIM_KEY_FILE: z.string().optional(),
  /** Single sign-on by OpenID Connect: all three, or none. */
  REKINDLE_OIDC_ISSUER: z.url().optional(),
  REKINDLE_OIDC_CLIENT_ID: z.string().optional(),
  REKINDLE_OIDC_CLIENT_SECRET: z.string().optional(),
  REKINDLE_OIDC_NAME: z.string().default('SSO'),
  /** The role of those whom nobody has invited; absent: only the invited may enter. */
  REKINDLE_OIDC_ROLE: z.enum(['owner', 'marketer', 'approver', 'analyst', 'support', 'reader']).optional(),
  /** An engine that answers recommendations in place of ours (the runtime of Amazon Personalize in shape). */
  REKINDLE_RECOMMEND_URL: z.url().optional(),
  REKINDLE_RECOMMEND_KEY: z.string().optional(),
});

export type Config = {
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly clickhouseUrl: string | undefined;
  readonly clickhouseDatabase: string;
  readonly port: number;
  readonly host: string;
  readonly publicUrl: string | undefined;
  /** Where this machine listens, if a port was chosen: the base of links as long as there is no public address. */
  readonly chosenUrl: string | undefined;
  readonly smtpUrl: string | undefined;
  readonly bounceDomain: string | undefined;
  readonly domainLimits: PaceLimits;
  readonly reportsPort: number | undefined;
  readonly recommendEngine: { readonly url: string; readonly key: string | undefined } | undefined;
  readonly singleSignOn:
    | {
        readonly name: string;
        readonly issuer: string;
        readonly clientId: string;
        readonly clientSecret: string;
        readonly role: 'owner' | 'marketer' | 'approver' | 'analyst' | 'support' | 'reader' | undefined;
      }
    | undefined;
  readonly fcmKeyFile: string | undefined;
  readonly apns:
    | {
        readonly keyFile: string;
        readonly keyId: string;
        readonly teamId: string;
        readonly topic: string;
        readonly isSandbox: boolean;
      }
    | undefined;
  /** Until settings are saved through the API; absent: the sink. */
  readonly sms: SmsSettings | undefined;
  /** Until settings are saved through the API; absent: SMTP. */
  readonly mailProvider: MailProviderSettings | undefined;
  /** Until they are saved through the API. */
  readonly connections: Readonly<Partial<Record<ConnectionKey, unknown>>>;
  readonly dkim: { readonly domain: string; readonly selector: string; readonly keyFile: string } | undefined;
};

/** Names of this machine; the last two are no address at all, but stand for every one it has. */
const OWN_NAMES = ['localhost', '127.0.0.1', '[::1]', '0.0.0.0', '[::]'];

/** The address a browser on this machine reaches what listens there by. */
export function ownUrl(host: string, port: number): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${name === '0.0.0.0' || name === '[::]' ? 'localhost' : name}:${port}`;
}

/** Does this address lead to the machine of whoever follows it? */
export const isOwnMachine = (url: string): boolean => OWN_NAMES.includes(new URL(url).hostname);

/** All four or none: half of them would be a channel that looks ready and is not. */
function apnsOf(value: z.output<typeof schema>): Config['apns'] {
  const given = {
    REKINDLE_APNS_KEY_FILE: value.REKINDLE_APNS_KEY_FILE,
    REKINDLE_APNS_KEY_ID: value.REKINDLE_APNS_KEY_ID,
    REKINDLE_APNS_TEAM_ID: value.REKINDLE_APNS_TEAM_ID,
    REKINDLE_APNS_TOPIC: value.REKINDLE_APNS_TOPIC,
  };
  const absent = Object.entries(given).find(([, text]) => text === undefined)?.[0];
  const [keyFile, keyId, teamId, topic] = Object.values(given);
  if (keyFile !== undefined && keyId !== undefined && teamId !== undefined && topic !== undefined)
    return { keyFile, keyId, teamId, topic, isSandbox: value.REKINDLE_APNS_SANDBOX };
  if (Object.values(given).every((text) => text === undefined)) return undefined;
  throw new RekindleError('invalid', {
    where: absent ?? '',
    what: { en: 'is needed beside the other APNs settings', zh: '须与其他 APNs 设置一并填写' },
  });
}

/** Throws `invalid` naming the variable that makes no sense. */
export function configOf(env: Readonly<Record<string, string | undefined>>): Config {
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new RekindleError('invalid', {
      where: String(issue?.path[0] ?? 'environment'),
      what: issueText(issue),
    });
  }
  const value = parsed.data;
  const {
    REKINDLE_OIDC_ISSUER: issuer,
    REKINDLE_OIDC_CLIENT_ID: clientId,
    REKINDLE_OIDC_CLIENT_SECRET: clientSecret,
  } = value;
  const { REKINDLE_DKIM_DOMAIN: domain, REKINDLE_DKIM_KEY_FILE: keyFile } = value;
  return {
    dataDir: resolve(value.REKINDLE_DATA_DIR),
    databaseUrl: value.REKINDLE_DATABASE_URL,
    clickhouseUrl: value.REKINDLE_CLICKHOUSE_URL,
    clickhouseDatabase: value.REKINDLE_CLICKHOUSE_DATABASE,
    port: value.REKINDLE_PORT,
    host: value.REKINDLE_HOST,
    publicUrl: value.REKINDLE_PUBLIC_URL,
    chosenUrl:
      env['REKINDLE_PORT'] === undefined || value.REKINDLE_PORT === 0
        ? undefined
        : ownUrl(value.REKINDLE_HOST, value.REKINDLE_PORT),
    smtpUrl: value.REKINDLE_SMTP_URL,
    bounceDomain: value.REKINDLE_BOUNCE_DOMAIN,
    domainLimits: value.REKINDLE_DOMAIN_LIMITS === undefined ? DEFAULT_PACE : parsePace(value.REKINDLE_DOMAIN_LIMITS),
    reportsPort: value.REKINDLE_REPORTS_PORT,
    sms: smsSettingsOf(env),
    mailProvider: mailProviderOf(env),
    connections: connectionsOf(env),
    recommendEngine:
      value.REKINDLE_RECOMMEND_URL === undefined
        ? undefined
        : { url: value.REKINDLE_RECOMMEND_URL, key: value.REKINDLE_RECOMMEND_KEY },
    singleSignOn:
      issuer !== undefined && clientId !== undefined && clientSecret !== undefined
        ? { name: value.REKINDLE_OIDC_NAME, issuer, clientId, clientSecret, role: value.REKINDLE_OIDC_ROLE }
        : undefined,
    fcmKeyFile: value.REKINDLE_FCM_KEY_FILE,
    apns: apnsOf(value),
    dkim:
      domain !== undefined && keyFile !== undefined
        ? { domain, selector: value.REKINDLE_DKIM_SELECTOR, keyFile }
        : undefined,
  };
}
