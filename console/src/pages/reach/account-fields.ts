// What does each account outside want to know? One table for e-mail, SMS, push, WeChat, webhooks, social networks and ad networks.
type Kind =
  | 'text'
  | 'secret'
  | 'long_secret'
  | 'json_secret'
  | 'number'
  | 'choice'
  | 'switch'
  | 'list'
  | 'numbers'
  | 'pairs'
  | 'long';

export type AccountField = {
  /** Where it stands in the settings; a dot walks into them. */
  readonly name: string;
  readonly kind: Kind;
  readonly label: FieldWord;
  readonly isRequired: boolean;
  readonly choices?: readonly string[];
};

type FieldWord =
  | 'access_token' | 'account_id' | 'advertiser_id' | 'aes_key' | 'api_key' | 'app_id' | 'app_password' | 'app_secret' | 'auth_token'
  | 'bad_address' | 'base_url' | 'body' | 'bundle_id' | 'callback_token' | 'configuration_set' | 'confirms_stop' | 'content_type' | 'corp_id'
  | 'corp_secret' | 'countries' | 'deferred' | 'domain' | 'employees' | 'error_path' | 'handle' | 'headers' | 'home_country' | 'hook_key'
  | 'host' | 'id_path' | 'in_from' | 'in_id' | 'in_list' | 'in_text' | 'key_id' | 'key_secret' | 'language' | 'login_account' | 'method'
  | 'mini_state' | 'opt_out' | 'password' | 'pool' | 'port' | 'private_key' | 'push_answer' | 'receipt_delivered' | 'receipt_failed'
  | 'receipt_id' | 'receipt_list' | 'receipt_phone' | 'receipt_status' | 'record_months' | 'region' | 'rule_in' | 'rule_path' | 'sandbox'
  | 'sender' | 'service_account' | 'session_token' | 'sid' | 'sign_secret' | 'signature' | 'stream' | 'success_status' | 'team_id' | 'timeout'
  | 'tls' | 'topic_arn' | 'url' | 'user' | 'version' | 'visibility'; // prettier-ignore

const field = (name: string, label: FieldWord, kind: Kind = 'text', isRequired = false): AccountField => ({
  name,
  kind,
  label,
  isRequired,
});
const must = (name: string, label: FieldWord, kind: Kind = 'text'): AccountField => field(name, label, kind, true);
const choice = (name: string, label: FieldWord, choices: readonly string[]): AccountField => ({
  ...field(name, label, 'choice'),
  choices,
});
const timeout = field('timeoutMs', 'timeout', 'number');

export const MAIL_FIELDS = {
  smtp: [
    must('host', 'host'),
    field('port', 'port', 'number'),
    field('user', 'user'),
    field('keySecret', 'password', 'secret'),
    choice('tls', 'tls', ['implicit', 'require', 'offer', 'off']),
    field('pool', 'pool', 'number'),
  ],
  ses: [
    must('keyId', 'key_id'),
    must('keySecret', 'key_secret', 'secret'),
    field('sessionToken', 'session_token', 'secret'),
    must('region', 'region'),
    field('configurationSet', 'configuration_set'),
    field('topicArn', 'topic_arn'),
    timeout,
  ],
  sendgrid: [must('keySecret', 'api_key', 'secret'), field('webhookKey', 'hook_key', 'long'), timeout],
  mailgun: [
    must('keySecret', 'api_key', 'secret'),
    must('domain', 'domain'),
    choice('region', 'region', ['us', 'eu']),
    field('webhookKey', 'hook_key', 'secret'),
    timeout,
  ],
  postmark: [
    must('keySecret', 'api_key', 'secret'),
    field('stream', 'stream'),
    field('webhookKey', 'hook_key', 'secret'),
    timeout,
  ],
} as const satisfies Readonly<Record<string, readonly AccountField[]>>;

const EVERY_SMS = [
  must('signature', 'signature'),
  field('optOut', 'opt_out'),
  field('homeCountry', 'home_country'),
  field('countries', 'countries', 'list'),
  field('confirmsStop', 'confirms_stop', 'switch'),
  field('recordMonths', 'record_months', 'number'),
  timeout,
] as const;

export const SMS_FIELDS = {
  aliyun: [must('keyId', 'key_id'), must('keySecret', 'key_secret', 'secret'), ...EVERY_SMS],
  tencent: [
    must('keyId', 'key_id'),
    must('keySecret', 'key_secret', 'secret'),
    must('appId', 'app_id'),
    field('region', 'region'),
    ...EVERY_SMS,
  ],
  twilio: [must('keyId', 'sid'), must('keySecret', 'auth_token', 'secret'), must('from', 'sender'), ...EVERY_SMS],
  http: [
    must('http.url', 'url'),
    choice('http.method', 'method', ['POST', 'GET']),
    choice('http.contentType', 'content_type', ['application/json', 'application/x-www-form-urlencoded']),
    field('http.headers', 'headers', 'pairs'),
    field('http.body', 'body', 'long'),
    field('keySecret', 'key_secret', 'secret'),
    field('http.success.status', 'success_status', 'numbers'),
    field('http.success.rule.path', 'rule_path'),
    field('http.success.rule.in', 'rule_in', 'list'),
    must('http.idPath', 'id_path'),
    field('http.errorPath', 'error_path'),
    field('http.deferred', 'deferred', 'list'),
    field('http.badAddress', 'bad_address', 'list'),
    field('http.receipts.listPath', 'receipt_list'),
    field('http.receipts.idPath', 'receipt_id'),
    field('http.receipts.phonePath', 'receipt_phone'),
    field('http.receipts.statusPath', 'receipt_status'),
    field('http.receipts.delivered', 'receipt_delivered', 'list'),
    field('http.receipts.failed', 'receipt_failed', 'list'),
    field('http.inbound.listPath', 'in_list'),
    field('http.inbound.fromPath', 'in_from'),
    field('http.inbound.textPath', 'in_text'),
    field('http.inbound.idPath', 'in_id'),
    field('http.pushAnswer', 'push_answer'),
    ...EVERY_SMS,
  ],
} as const satisfies Readonly<Record<string, readonly AccountField[]>>;

const callback = [field('token', 'callback_token', 'secret'), field('encodingAesKey', 'aes_key', 'secret')] as const;
const language = choice('language', 'language', ['en', 'zh']);
const signed = [must('url', 'url'), must('secret', 'sign_secret', 'secret'), timeout] as const;

export const CONNECTION_FIELDS: Readonly<Record<string, readonly AccountField[]>> = {
  fcm: [must('serviceAccount', 'service_account', 'json_secret')],
  apns: [
    must('privateKey', 'private_key', 'long_secret'),
    must('keyId', 'key_id'),
    must('teamId', 'team_id'),
    must('topic', 'bundle_id'),
    field('isSandbox', 'sandbox', 'switch'),
  ],
  wechat_mini: [
    must('appId', 'app_id'),
    must('appSecret', 'app_secret', 'secret'),
    choice('state', 'mini_state', ['formal', 'trial', 'developer']),
    ...callback,
    timeout,
  ],
  wechat_service: [must('appId', 'app_id'), must('appSecret', 'app_secret', 'secret'), ...callback, timeout],
  wecom: [
    must('corpId', 'corp_id'),
    must('corpSecret', 'corp_secret', 'secret'),
    field('employees', 'employees', 'list'),
    language,
    ...callback,
    timeout,
  ],
  webhook: [...signed],
  mastodon: [
    must('baseUrl', 'base_url'),
    must('accessToken', 'access_token', 'secret'),
    choice('visibility', 'visibility', ['public', 'unlisted', 'private']),
    language,
    timeout,
  ],
  bluesky: [
    field('baseUrl', 'base_url'),
    must('identifier', 'handle'),
    must('appPassword', 'app_password', 'secret'),
    language,
    timeout,
  ],
  post_webhook: [...signed, language],
  meta: [
    must('accountId', 'account_id'),
    must('accessToken', 'access_token', 'secret'),
    field('appSecret', 'app_secret', 'secret'),
    field('version', 'version'),
    timeout,
  ],
  google: [
    must('serviceAccount', 'service_account', 'json_secret'),
    must('accountId', 'account_id'),
    field('loginAccountId', 'login_account'),
    timeout,
  ],
  tiktok: [must('advertiserId', 'advertiser_id'), must('accessToken', 'access_token', 'secret'), timeout],
  oceanengine: [must('advertiserId', 'advertiser_id'), must('accessToken', 'access_token', 'secret'), timeout],
  tencent_ads: [must('accountId', 'account_id'), must('accessToken', 'access_token', 'secret'), timeout],
};

export const isSecret = ({ kind }: AccountField): boolean =>
  kind === 'secret' || kind === 'long_secret' || kind === 'json_secret';

type Values = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const at = (settings: unknown, name: string): unknown =>
  name.split('.').reduce<unknown>((here, step) => (isRecord(here) ? here[step] : undefined), settings);

const PAIR = /^([^:：]+)[:：]\s*(.*)$/;
/** A setting as a field shows it. */
function shown({ kind }: AccountField, value: unknown): unknown {
  if (value === undefined || value === null) return kind === 'switch' ? false : undefined;
  if (Array.isArray(value)) return value.map(String).join(', ');
  if (kind === 'pairs' && isRecord(value))
    return Object.entries(value)
      .map(([name, text]) => `${name}: ${String(text)}`)
      .join('\n');
  return value;
}

/** What a form starts with: by the names of the fields, secrets empty. */
export const formValues = (fields: readonly AccountField[], settings: unknown): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    fields.filter((each) => !isSecret(each)).map((each) => [each.name, shown(each, at(settings, each.name))]),
  );

/** A field as a setting; undefined for what is left empty. Throws SyntaxError for JSON that is none. */
function meant({ kind }: AccountField, value: unknown): unknown {
  if (typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const text = value.trim();
  switch (kind) {
    case 'list':
      return text.split(/[,，\n]/).flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
    case 'numbers':
      return text.split(/[,，\s]+/).map(Number);
    case 'pairs':
      return Object.fromEntries(
        text.split('\n').flatMap((line) => {
          const [, name, rest] = PAIR.exec(line.trim()) ?? [];
          return name === undefined ? [] : [[name.trim(), rest ?? '']];
        }),
      );
    case 'json_secret':
      return JSON.parse(text) as unknown;
    case 'long':
    case 'long_secret':
      return value;
    default:
      return text;
  }
}

function put(settings: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  if (rest.length === 0) settings[name] = value;
  else {
    const inner = isRecord(settings[name]) ? { ...settings[name] } : {};
    put(inner, rest, value);
    settings[name] = inner;
  }
}

/**
 * Settings from what was typed. Fields that no form shows are kept; secrets that were left empty are not mentioned, and so stay; those to be
 * taken away are null.
 */
export function settingsOf(
  fields: readonly AccountField[],
  typed: Readonly<Record<string, unknown>>,
  kept: unknown,
  away: ReadonlySet<string>,
): Readonly<Record<string, unknown>> {
  const ours = new Set(fields.map(({ name }) => name.split('.')[0]));
  const settings: Record<string, unknown> = Object.fromEntries(
    Object.entries(isRecord(kept) ? kept : {}).filter(([name, value]) => !ours.has(name) && value !== SET),
  );
  for (const each of fields) {
    const value = meant(each, typed[each.name]);
    if (value !== undefined) put(settings, each.name.split('.'), value);
    else if (away.has(each.name)) put(settings, each.name.split('.'), null);
  }
  return settings;
}
/** What the server shows in place of a secret. */
const SET = '(set)';
