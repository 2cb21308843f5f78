// How is text put into mail so that every relay passes it on unchanged? Plain ASCII with short lines travels as it is; ASCII with
// long lines as quoted-printable; anything else as base64. Header text becomes encoded words (RFC 2047), folded at 76.
// Written here because a composer for every kind of mail spends over a millisecond on ours.
import { encodeWord, foldLines } from 'nodemailer/lib/mime-funcs';
import { encode as quotedPrintable, wrap as wrapQuotedPrintable } from 'nodemailer/lib/qp';

const PLAIN = /^[\t\r\n\u0020-\u007e]*$/;
/** 998 is the law (RFC 5321 4.5.3.1.6); some relays break earlier. */
const LINE_MAX = 900;
const BASE64_LINE = 76;

const withCrlf = (text: string): string =>
  text.includes('\r') ? text.replaceAll(/\r\n?|\n/g, '\r\n') : text.replaceAll('\n', '\r\n');

function base64Lines(bytes: Buffer): string {
  const text = bytes.toString('base64');
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += BASE64_LINE) lines.push(text.slice(at, at + BASE64_LINE));
  return lines.join('\r\n');
}

/** Relays may break a line that is too long, and mbox stores alter "From " at the start of one. */
function needsEncoding(lines: string): boolean {
  for (let from = 0; from < lines.length;) {
    const end = lines.indexOf('\r\n', from);
    const to = end === -1 ? lines.length : end;
    if (to - from > LINE_MAX || lines.startsWith('From ', from)) return true;
    from = to + 2;
  }
  return false;
}

function encodedBody(content: string): { encoding: '7bit' | 'quoted-printable' | 'base64'; body: string } {
  const lines = withCrlf(content);
  // More bytes than characters: not all of it is ASCII.
  if (Buffer.byteLength(lines) !== lines.length) return { encoding: 'base64', body: base64Lines(Buffer.from(lines)) };
  if (PLAIN.test(lines) && !needsEncoding(lines)) return { encoding: '7bit', body: lines };
  return { encoding: 'quoted-printable', body: wrapQuotedPrintable(quotedPrintable(lines), 76) };
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
