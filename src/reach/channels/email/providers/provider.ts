// What a mail provider is to the rest: a channel to hand mails over, and a reader of what it reports back.
import type { Result } from '../../../../kernel/result.ts';
import { readAddressToken } from '../../../tracking/token.ts';
import type { Channel, SendOutcome } from '../../channel.ts';
import { deferral, retryAfterSeconds, type HttpAnswer } from '../../http/exchange.ts';
import type { BounceVerdict } from '../bounce-policy.ts';
import type { DkimKey } from '../dkim.ts';
import type { MailToSend } from '../mime.ts';

/** What happened to one mail after the provider took it. */
export type MailReport = {
  /** Ours, proved by the token that the provider gave back. */
  readonly messageId: string | undefined;
  /** Theirs, by which the mail is found where no token came back. */
  readonly providerId: string | undefined;
  /** Whom the report is about, where it may be about several. */
  readonly recipient: string | undefined;
  readonly at: Date;
  /** Providers repeat themselves; the same id is the same report. */
  readonly eventId: string;
} & (
  | { readonly kind: 'delivered' | 'complained' | 'unsubscribed' }
  | { readonly kind: 'bounced'; readonly verdict: BounceVerdict; readonly status: string; readonly detail: string }
);

export type HookRequest = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

/** Why a report is not taken: not the provider's, signed too long ago (or in the future), or nothing we can read. */
/** `unproven`: what would prove it could not be read from the provider now; it will report again. */
export type HookRefusal = 'not_authentic' | 'too_old' | 'unreadable' | 'unproven';

export type MailProvider = {
  readonly key: string;
  readonly channel: Channel<MailToSend>;
  readonly read: (request: HookRequest, now: Date) => Promise<Result<readonly MailReport[], HookRefusal>>;
};

export type MailProviderOptions = {
  readonly now: () => Date;
  /** Signs message ids and return paths; the same secret reads them back. */
  readonly secret: string;
  readonly dkimKeys: readonly DkimKey[];
  /** Reads an address of the provider: a certificate, or the confirmation of a subscription. Throws when it cannot. */
  readonly fetchText: (url: string) => Promise<string>;
};

/**
 * How old a signature may be. Providers repeat a report that was not taken for up to a day (SendGrid 24 hours, Mailgun 8), and a bounce that is
 * lost because we were down costs more than one that is heard late: within this time a repeated report is recognised by its id.
 */
const SIGNED_MS_MAX = 26 * 3_600_000;
const AHEAD_MS_MAX = 5 * 60_000;

export const isFresh = (at: Date, now: Date): boolean =>
  at.getTime() >= now.getTime() - SIGNED_MS_MAX && at.getTime() <= now.getTime() + AHEAD_MS_MAX;

export type MailFault = Pick<Extract<SendOutcome, { kind: 'rejected' }>, 'class' | 'permanent'>;
export const MAIL_FAULT = {
  account: { class: 'account', permanent: false },
  content: { class: 'content', permanent: false },
  address: { class: 'address', permanent: true },
} as const satisfies Record<string, MailFault>;

export const refusedBy = (fault: MailFault, code: string, detail: string): SendOutcome => ({
  kind: 'rejected',
  ...fault,
  code,
  detail: detail.slice(0, 500),
});

/** Said of everything that the account sends. */
export function laterBy(
  code: string,
  detail: string,
  answer: HttpAnswer,
  now: Date,
  /** A header that names the second from which on they listen again, where they have one of their own. */
  resetHeader?: string,
): SendOutcome {
  const resetAt = resetHeader === undefined ? undefined : instantOf(answer.headers[resetHeader]);
  const after =
    retryAfterSeconds(answer.headers, now) ??
    (resetAt === undefined ? undefined : Math.max(0, Math.ceil((resetAt.getTime() - now.getTime()) / 1_000)));
  return deferral(code, detail, after, 'account');
}

/** The message behind a token a provider gave back, if it is one of ours. */
export function messageBehind(secret: string, token: unknown): string | undefined {
  const read = typeof token === 'string' ? readAddressToken(secret, token) : undefined;
  return read?.ok === true ? read.value : undefined;
}

/** An instant in seconds, milliseconds or ISO 8601; undefined for anything else. */
export function instantOf(value: unknown): Date | undefined {
  const ms =
    typeof value === 'number' || (typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value))
      ? Number(value) * (Number(value) > 100_000_000_000 ? 1 : 1_000)
      : typeof value === 'string'
        ? Date.parse(value)
        : Number.NaN;
  return Number.isNaN(ms) || Math.abs(ms) > 8.64e15 ? undefined : new Date(ms);
}
