// One spelling per network, then SHA-256 in lower-case hex: what each of them matches people by. Pure.
import { sha256Hex } from '../../kernel/hash.ts';

export type Known = {
  readonly personId: string;
  readonly email: string | undefined;
  readonly phone: string | undefined;
  /** Of her devices, as an app reported them in her traits. */
  readonly oaid?: string | undefined;
  readonly imei?: string | undefined;
  readonly idfa?: string | undefined;
  /** Her openid by the app that gave it. */
  readonly openids?: Readonly<Record<string, string>> | undefined;
};

/** `kind:hash`; nothing where there is nothing. */
export const hashed = (kind: string, text: string | undefined): string | undefined =>
  text === undefined || text === '' ? undefined : `${kind}:${sha256Hex(text)}`;

/** Trimmed and lower-cased. */
export const plainEmail = (email: string | undefined): string | undefined => email?.trim().toLowerCase();

const GMAIL = new Set(['gmail.com', 'googlemail.com']);

/** Google's rule: no white space, lower case; of its own mailboxes neither dots nor what follows a plus. */
export function googleEmail(email: string | undefined): string | undefined {
  const plain = email?.replaceAll(/\s/g, '').toLowerCase();
  const at = plain?.lastIndexOf('@') ?? -1;
  if (plain === undefined || at < 1) return undefined;
  const [local, domain] = [plain.slice(0, at), plain.slice(at + 1)];
  return GMAIL.has(domain) ? `${local.replace(/\+.*$/, '').replaceAll('.', '')}@${domain}` : plain;
}

/** Eleven digits; other countries' numbers are none that mainland networks know. */
export const mainlandNumber = (phone: string | undefined): string | undefined =>
  /^\+86(1\d{10})$/.exec(phone ?? '')?.[1];

export const valuesOf = (row: readonly string[], kind: string): readonly string[] =>
  row.filter((each) => each.startsWith(`${kind}:`)).map((each) => each.slice(kind.length + 1));
