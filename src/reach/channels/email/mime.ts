// What bytes leave the house? One MIME message, built once: multipart/alternative, one-click unsubscribe (RFC 8058), and a signed
// Message-ID and return path by which bounces and complaints find their message again. Every header is one line: text is
// stripped of line breaks, and addresses with anything odd in them are refused.
import { domainToASCII } from 'node:url';
import MailComposer from 'nodemailer/lib/mail-composer';
import { RekindleError } from '../../../kernel/errors.ts';
import { signAddressToken } from '../../tracking/token.ts';
import { oneLine } from '../../templates/context.ts';

export type MailAddress = { readonly name?: string | undefined; readonly address: string };

export type MailToSend = {
  readonly messageId: string;
  readonly from: MailAddress;
  readonly replyTo?: MailAddress | undefined;
  readonly to: MailAddress;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  readonly date: Date;
  /** HTTPS (HTTP only on localhost); POSTing to it unsubscribes. */
  readonly unsubscribeUrl: string;
  /** Gmail's aggregate reports: up to four parts, `programme:step:variant:sender`. */
  readonly feedbackId?: string | undefined;
  readonly list: { readonly name: string; readonly id: string };
  /** Where bounces go: `b-<token>@bounceDomain`. Absent: bounces return to the From address. */
  readonly bounceDomain?: string | undefined;
};

/** What SMTP carries. `raw` has CRLF line ends throughout, so that a signature over it survives the journey. */
export type RawMail = {
  readonly messageId: string;
  readonly envelopeFrom: string;
  readonly envelopeTo: string;
  readonly raw: Buffer;
};

const BOUNCE_PREFIX = 'b-';
// oxlint-disable-next-line no-control-regex
const PLAIN_ADDRESS = /^[^\s<>()[\]"',:;\\@\u0000-\u001f\u007f]{1,64}@[^\s<>()[\]"',:;\\@\u0000-\u001f\u007f]{1,255}$/u;

/** The address with its domain in ASCII; throws `invalid` for anything but a plain local@domain. */
export function plainAddress(address: string, where: string): string {
  const at = address.lastIndexOf('@');
  const domain = domainToASCII(address.slice(at + 1));
  if (!PLAIN_ADDRESS.test(address) || domain === '') {
    throw new RekindleError('invalid', { where, what: 'not a plain e-mail address' });
  }
  return `${address.slice(0, at)}@${domain}`;
}

function oneClickUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const local = parsed?.hostname === 'localhost' || parsed?.hostname === '127.0.0.1' || parsed?.hostname === '[::1]';
  if (!parsed || !(parsed.protocol === 'https:' || (parsed.protocol === 'http:' && local)) || /[\s<>,]/.test(url)) {
    throw new RekindleError('invalid', { where: 'unsubscribe_url', what: 'one-click unsubscribe needs https' });
  }
  return url;
}

/** The token a bounce address carries, or nothing. */
export const bounceTokenOf = (address: string): string | undefined =>
  /^b-([0-9a-z]{48})@/i.exec(address.trim().replace(/^<|>$/g, ''))?.[1]?.toLowerCase();

const named = ({ name, address }: MailAddress, where: string): { name: string; address: string } => ({
  name: oneLine(name ?? '').replaceAll('"', "'"),
  address: plainAddress(address, where),
});

const header = (value: string): { prepared: true; foldLines: false; value: string } => ({
  prepared: true,
  foldLines: false,
  value,
});

// The phrase is for people; one that is not plain ASCII is left out rather than encoded into something filters cannot read.
const listPhrase = (name: string): string => (/^[\w .,'&+-]{1,60}$/.test(name) ? `"${name}" ` : '');

/** Builds the message. Throws `invalid` for an unusable address, list id or unsubscribe address; never sends a broken one. */
export async function buildMime(mail: MailToSend, secret: string): Promise<RawMail> {
  const from = named(mail.from, 'from');
  const to = named(mail.to, 'to');
  const token = signAddressToken(secret, mail.messageId);
  if (!/^[\w.-]{1,120}$/.test(mail.list.id))
    throw new RekindleError('invalid', { where: 'list.id', what: mail.list.id });
  if (mail.feedbackId !== undefined && !/^[\w.-]+(?::[\w.-]+){0,3}$/.test(mail.feedbackId)) {
    throw new RekindleError('invalid', { where: 'feedback_id', what: 'up to four words joined by colons' });
  }
  const composer = new MailComposer({
    from,
    to,
    ...(mail.replyTo && { replyTo: named(mail.replyTo, 'reply_to') }),
    subject: oneLine(mail.subject),
    date: mail.date,
    headers: {
      'Message-ID': header(`<${token}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`),
      'List-Unsubscribe': header(`<${oneClickUrl(mail.unsubscribeUrl)}>`),
      'List-Unsubscribe-Post': header('List-Unsubscribe=One-Click'),
      'List-Id': header(`${listPhrase(mail.list.name)}<${mail.list.id}>`),
      ...(mail.feedbackId !== undefined && { 'Feedback-ID': header(mail.feedbackId) }),
    },
    text: mail.text,
    html: mail.html,
    xMailer: false,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const built = await composer.compile().build();
  return {
    messageId: mail.messageId,
    envelopeFrom: mail.bounceDomain ? `${BOUNCE_PREFIX}${token}@${domainToASCII(mail.bounceDomain)}` : from.address,
    envelopeTo: to.address,
    raw: withCrlf(built),
  };
}

const withCrlf = (bytes: Buffer): Buffer =>
  Buffer.from(bytes.toString('latin1').replaceAll(/\r?\n|\r/g, '\r\n'), 'latin1');
