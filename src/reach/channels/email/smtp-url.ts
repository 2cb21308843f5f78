// Where does mail go out? One URL: smtp://user:password@host:587?pool=8&max_messages=500&tls=require. An unknown option is an
// error, and no message ever repeats the password.
import { RekindleError } from '../../../kernel/errors.ts';

export type SmtpConfig = {
  readonly host: string;
  readonly port: number;
  readonly auth?: { readonly user: string; readonly pass: string };
  /** `implicit`: smtps. `require`: STARTTLS or nothing. `offer`: STARTTLS where offered. `off`: never, for a relay on this machine. */
  readonly tls: 'implicit' | 'require' | 'offer' | 'off';
  /** Connections at once. */
  readonly pool: number;
  /** Messages per connection before it is renewed. */
  readonly maxMessages: number;
  /** Name said in EHLO. */
  readonly name?: string;
  readonly timeoutSeconds: number;
};

export const isLoopback = (host: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/i.test(host);

/** Where mail servers listen that pass mail on: port 25, and those of submission (RFC 6409, 8314). */
const PASSES_ON = new Set([25, 465, 587]);

/**
 * Whether mail stays on this machine: a server here that catches it, as one looks at mails with during development. One that listens where mail servers do
 * passes it on to the world, and has a reputation to lose.
 */
export const staysHere = ({ host, port }: Pick<SmtpConfig, 'host' | 'port'>): boolean =>
  isLoopback(host) && !PASSES_ON.has(port);

const invalid = (en: string, zh: string): RekindleError =>
  new RekindleError('invalid', { where: { en: 'mail server URL', zh: '邮件服务器 URL' }, what: { en, zh } });

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw invalid(`${name} is a whole number from ${least} to ${most}`, `${name} 须为 ${least} 至 ${most} 的整数`);
  return value;
}

/** Throws `invalid`. A password is sent in the clear only to this machine: elsewhere credentials make TLS required. */
export function parseSmtpUrl(text: string): SmtpConfig {
  if (!URL.canParse(text))
    throw invalid('not a URL like smtp://user:password@host:587', '不是形如 smtp://user:password@host:587 的 URL');
  const url = new URL(text);
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:')
    throw invalid('starts with smtp:// or smtps://', '须以 smtp:// 或 smtps:// 开头');
  if (url.hostname === '') throw invalid('names no host', '缺少主机名');
  const options = new Map(url.searchParams);
  const take = (name: string): string | undefined => {
    const value = options.get(name);
    options.delete(name);
    return value;
  };
  const host = url.hostname.replaceAll(/^\[|\]$/g, '');
  const implicit = url.protocol === 'smtps:';
  const credentials = url.username !== '';
  const tls = take('tls') ?? (implicit ? 'implicit' : credentials && !isLoopback(host) ? 'require' : 'offer');
  if (tls !== 'implicit' && tls !== 'require' && tls !== 'offer' && tls !== 'off')
    throw invalid('tls is require, offer or off', 'tls 只能是 require、offer 或 off');
  if (implicit !== (tls === 'implicit'))
    throw invalid(
      'smtps:// is always implicit TLS; choose tls= with smtp://',
      'smtps:// 始终为隐式 TLS；tls= 只能与 smtp:// 同用',
    );
  const name = take('name');
  const config: SmtpConfig = {
    host,
    port: url.port === '' ? (implicit ? 465 : 587) : Number(url.port),
    ...(credentials && { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
    tls,
    pool: wholeNumber('pool', take('pool') ?? '5', 1, 200),
    maxMessages: wholeNumber('max_messages', take('max_messages') ?? '500', 1, 1_000_000),
    timeoutSeconds: wholeNumber('timeout', take('timeout') ?? '300', 1, 3_600),
    ...(name !== undefined && { name }),
  };
  const [unknown] = options.keys();
  if (unknown !== undefined) throw invalid(`there is no option ${unknown}`, `没有选项 ${unknown}`);
  return config;
}
