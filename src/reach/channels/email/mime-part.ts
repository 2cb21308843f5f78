// How is text put into mail so that every relay passes it on unchanged? Plain ASCII with short lines travels as it is; ASCII with
// long lines as quoted-printable; anything else as base64. Header text becomes encoded words (RFC 2047), folded at 76.
// Written here because a composer for every kind of mail spends over a millisecond on ours.
import { encodeWord, foldLines } from 'nodemailer/lib/mime-funcs';
import { encode as quotedPrintable, wrap as wrapQuotedPrintable } from 'nodemailer/lib/qp';

const PLAIN = /^[\t\r\n\u0020-\u007e]*$/;
// oxlint-disable-next-line no-control-regex
const ASCII = /^[\u0000-\u007f]*$/;
// 998 is the law (RFC 5321 4.5.3.1.6); some relays break earlier. "From " at a line start is altered by mbox stores.
const NEEDS_ENCODING = /.{901}|^From /m;

function encodedBody(content: string): { encoding: '7bit' | 'quoted-printable' | 'base64'; body: string } {
  const lines = content.replaceAll(/\r\n?|\n/g, '\r\n');
  if (PLAIN.test(lines) && !NEEDS_ENCODING.test(lines)) return { encoding: '7bit', body: lines };
  if (ASCII.test(lines)) return { encoding: 'quoted-printable', body: wrapQuotedPrintable(quotedPrintable(lines), 76) };
  return { encoding: 'base64', body: Buffer.from(lines).toString('base64').replaceAll(/.{76}/g, '$&\r\n') };
}

/** One part of a multipart message, headers included, without boundaries. */
export function textPart(type: 'text/plain' | 'text/html', content: string): string {
  const { encoding, body } = encodedBody(content);
  return `Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`;
}

/** `Subject: …` with its value safe for a header; `text` must be one line. */
export const textHeader = (name: string, text: string): string =>
  foldLines(`${name}: ${PLAIN.test(text) && !text.includes('=?') ? text : encodeWord(text, 'B', 52)}`, 76);

/** `From: "Name" <address>`; both parts must be one line. */
export function addressHeader(name: string, { name: phrase, address }: { name: string; address: string }): string {
  if (phrase === '') return `${name}: ${address}`;
  const words =
    PLAIN.test(phrase) && !phrase.includes('=?')
      ? `"${phrase.replaceAll(/["\\]/g, '\\$&')}"`
      : encodeWord(phrase, 'B', 52);
  return foldLines(`${name}: ${words} <${address}>`, 76);
}
