// What bytes leave the house? One MIME message, built once: multipart/alternative, one-click unsubscribe (RFC 8058), and a signed
// Message-ID and return path by which bounces and complaints find their message again. Every header is one line: text is
// stripped of line breaks, and addresses with anything odd in them are refused.
import { domainToASCII } from 'node:url';
import { RekindleError } from '../../../kernel/errors.ts';
import { signAddressToken } from '../../tracking/token.ts';
import { addressHeader, textHeader, textPart } from './mime-part.ts';
import { oneLine } from '../../templates/context.ts';

export type MailAddress = { readonly name?: string | undefined; readonly address: string };

/** A mail to a customer: she can leave by one click. */
type ToCustomer = {
  /** HTTPS (HTTP only on localhost); POSTing to it unsubscribes. */
  readonly unsubscribeUrl: string;
  /** Gmail's aggregate reports: up to four parts, `programme:step:variant:sender`. */
  readonly feedbackId?: string | undefined;
  readonly list: { readonly name: string; readonly id: string };
  readonly isLetter?: false;
};
/** A plain letter to somebody who works here: on no list, answered by nobody's machine. */
type ToColleague = { readonly isLetter: true };

export type MailToSend = {
  readonly messageId: string;
  readonly from: MailAddress;
  readonly replyTo?: MailAddress | undefined;
  readonly to: MailAddress;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  readonly date: Date;
  /** Passages of whole lines that the HTML has in common with other mails, in order: they are looked at once. Changes no byte. */
  readonly standing?: readonly string[] | undefined;
  /** Where bounces go: `b-<token>@bounceDomain`. Absent: bounces return to the From address. */
  readonly bounceDomain?: string | undefined;
} & (ToCustomer | ToColleague);

/** What SMTP carries. `raw` has CRLF line ends throughout, so that a signature over it survives the journey. */
export type RawMail = {
  readonly messageId: string;
  readonly envelopeFrom: string;
  readonly envelopeTo: string;
  readonly raw: Buffer;
};

const BOUNCE_PREFIX = 'b-';
const PLAIN_ADDRESS = /^[!#$%&'*+\-/=?^_`{|}~.\w]{1,64}@[^\s<>()[\]"',:;\\@]{1,255}$/;

/** The address with its domain in ASCII; throws `invalid` for anything but a plain local@domain. */
export function plainAddress(address: string, where: string): string {
  const at = address.lastIndexOf('@');
  const domain = domainToASCII(address.slice(at + 1));
  if (!PLAIN_ADDRESS.test(address) || domain === '') {
    throw new RekindleError('invalid', { where, what: { en: 'not a plain e-mail address', zh: '不是普通的邮箱地址' } });
  }
  return `${address.slice(0, at)}@${domain}`;
}

function oneClickUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const local = parsed?.hostname === 'localhost' || parsed?.hostname === '127.0.0.1' || parsed?.hostname === '[::1]';
  if (!parsed || !(parsed.protocol === 'https:' || (parsed.protocol === 'http:' && local)) || /[\s<>,]/.test(url)) {
    throw new RekindleError('invalid', {
      where: 'unsubscribe_url',
      what: { en: 'one-click unsubscribe needs https', zh: '一键退订须使用 https' },
    });
  }
  return url;
}

/** The token a bounce address carries, or nothing. */
export const bounceTokenOf = (address: string): string | undefined =>
  /^b-([0-9a-z]{48})@/i.exec(address.trim().replace(/^<|>$/g, ''))?.[1]?.toLowerCase();

const named = ({ name, address }: MailAddress, where: string): { name: string; address: string } => ({
  name: oneLine(name ?? ''),
  address: plainAddress(address, where),
});

// The phrase is for people; one that is not plain ASCII is left out rather than encoded into something filters cannot read.
const listPhrase = (name: string): string => (/^[\w .,'&+-]{1,60}$/.test(name) ? `"${name}" ` : '');

/** Where bounces of this mail go: its own signed address under the bounce domain, or the sender. */
const returnPathOf = (mail: MailToSend, token: string, from: string): string =>
  mail.bounceDomain ? `${BOUNCE_PREFIX}${token}@${domainToASCII(mail.bounceDomain)}` : from;

/**
 * The headers by which a mail is recognised when it comes back, and left by one click: name and value, in the order in which they are
 * written. A provider that builds the mail itself is given these. Throws `invalid`.
 */
export function listHeaders(
  mail: MailToSend,
  secret: string,
  token = signAddressToken(secret, mail.messageId),
): readonly (readonly [name: string, value: string])[] {
  const from = plainAddress(mail.from.address, 'from');
  const messageId = ['Message-ID', `<${token}@${from.slice(from.lastIndexOf('@') + 1)}>`] as const;
  if (mail.isLetter === true) return [messageId, ['Auto-Submitted', 'auto-generated']];
  if (!/^[\w.-]{1,120}$/.test(mail.list.id))
    throw new RekindleError('invalid', { where: 'list.id', what: mail.list.id });
  if (mail.feedbackId !== undefined && !/^[\w.-]+(?::[\w.-]+){0,3}$/.test(mail.feedbackId)) {
    throw new RekindleError('invalid', {
      where: 'feedback_id',
      what: { en: 'up to four words joined by colons', zh: '最多四个词，以冒号连接' },
    });
  }
  return [
    messageId,
    ['List-Unsubscribe', `<${oneClickUrl(mail.unsubscribeUrl)}>`],
    ['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'],
    ['List-Id', `${listPhrase(mail.list.name)}<${mail.list.id}>`],
    ...(mail.feedbackId === undefined ? [] : [['Feedback-ID', mail.feedbackId] as const]),
  ];
}

/** Builds the message. Throws `invalid` for an unusable address, list id or unsubscribe address; never sends a broken one. */
export function buildMime(mail: MailToSend, secret: string): RawMail {
  const from = named(mail.from, 'from');
  const to = named(mail.to, 'to');
  const token = signAddressToken(secret, mail.messageId);
  const boundary = `=_${token.slice(0, 32)}`;
  const head = [
    addressHeader('From', from),
    ...(mail.replyTo ? [addressHeader('Reply-To', named(mail.replyTo, 'reply_to'))] : []),
    addressHeader('To', to),
    textHeader('Subject', oneLine(mail.subject)),
    `Date: ${mail.date.toUTCString().replace('GMT', '+0000')}`,
    ...listHeaders(mail, secret, token).map(([name, value]) => `${name}: ${value}`),
    'MIME-Version: 1.0',
    `Content-Type: multipart/alternative;\r\n boundary="${boundary}"`,
    '',
    `--${boundary}\r\n`,
  ].join('\r\n');
  const raw = Buffer.concat([
    Buffer.from(head, 'latin1'),
    ...textPart('text/plain', mail.text),
    Buffer.from(`\r\n--${boundary}\r\n`, 'latin1'),
    ...textPart('text/html', mail.html, mail.standing),
    Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1'),
  ]);
  return {
    messageId: mail.messageId,
    envelopeFrom: returnPathOf(mail, token, from.address),
    envelopeTo: to.address,
    raw,
  };
}
