// How is text put into mail so that every relay passes it on unchanged? Plain ASCII with short lines travels as it is; ASCII with
// long lines as quoted-printable, and so does a text in which little is not ASCII, because filters take one that hides in base64 for a disguise; anything
// else as base64. Header text becomes encoded words (RFC 2047), folded at 76.
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

/** Whole lines that may travel as they are: as they are in a text, and as they are in a mail. */
type Standing = { readonly text: Buffer; readonly lines: Buffer };

/** The lines as they are in a mail, if they may travel as they are. */
function plainLines(text: string): string | undefined {
  const lines = withCrlf(text);
  return PLAIN.test(lines) && !needsEncoding(lines) ? lines : undefined;
}

const known = new WeakMap<readonly string[], readonly Standing[]>();

function standingOf(passages: readonly string[]): readonly Standing[] {
  let standing = known.get(passages);
  if (standing === undefined) {
    standing = passages.flatMap((text) => {
      const lines = text.endsWith('\n') && !text.includes('\r') ? plainLines(text) : undefined;
      return lines === undefined ? [] : [{ text: Buffer.from(text), lines: Buffer.from(lines) }];
    });
    known.set(passages, standing);
  }
  return standing;
}

const LINE_FEED = 10;

/**
 * A body of ASCII with short lines, as it travels; undefined for any other. `passages` that are found are not looked at again: they are whole
 * lines, and so is what lies between them, so that each may be judged by itself.
 */
function plainBody(content: string, passages: readonly string[]): Buffer[] | undefined {
  const bytes = Buffer.from(content);
  // More bytes than characters: not all of it is ASCII.
  if (bytes.length !== content.length) return undefined;
  const pieces: Buffer[] = [];
  let from = 0;
  const addUpTo = (end: number): boolean => {
    if (end === from) return true;
    const lines = plainLines(content.slice(from, end));
    if (lines === undefined) return false;
    pieces.push(Buffer.from(lines, 'latin1'));
    from = end;
    return true;
  };
  for (const { text, lines } of standingOf(passages)) {
    const at = bytes.indexOf(text, from);
    if (at === -1 || (at > 0 && bytes[at - 1] !== LINE_FEED)) continue;
    if (!addUpTo(at)) return undefined;
    pieces.push(lines);
    from = at + text.length;
  }
  return addUpTo(content.length) ? pieces : undefined;
}

/** Where so few bytes come from what is not ASCII, quoting them is shorter than base64 too. */
const QUOTED_SHARE_MAX = 1 / 12;
/** "From " at the start of a line is what stores alter. */
const quotedLines = (lines: string): string =>
  wrapQuotedPrintable(quotedPrintable(lines), 74).replaceAll(/^From /gm, '=46rom ');

function encodedBody(
  type: 'text/plain' | 'text/html',
  content: string,
  passages: readonly string[],
): { encoding: '7bit' | 'quoted-printable' | 'base64'; body: readonly Buffer[] } {
  const plain = plainBody(content, passages);
  if (plain !== undefined) return { encoding: '7bit', body: plain };
  const lines = withCrlf(content);
  const bytes = Buffer.from(lines);
  const beyondAscii = bytes.length - lines.length;
  return beyondAscii === 0 || (type === 'text/plain' && beyondAscii < QUOTED_SHARE_MAX * bytes.length)
    ? { encoding: 'quoted-printable', body: [Buffer.from(quotedLines(lines), 'latin1')] }
    : { encoding: 'base64', body: [Buffer.from(base64Lines(bytes), 'latin1')] };
}

const NO_PASSAGES: readonly string[] = [];

/** One part of a multipart message, headers included, without boundaries, in pieces. */
export function textPart(
  type: 'text/plain' | 'text/html',
  content: string,
  standing: readonly string[] = NO_PASSAGES,
): readonly Buffer[] {
  const { encoding, body } = encodedBody(type, content, standing);
  const head = `Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
  return [Buffer.from(head, 'latin1'), ...body];
}

/** Headers are folded at blanks: a longer word would make a line that no relay has to take. Encoded, it is cut. */
const UNFOLDABLE = /[^ ]{200}/;
const isPlainHeader = (text: string): boolean => PLAIN.test(text) && !text.includes('=?') && !UNFOLDABLE.test(text);

/** `Subject: …` with its value safe for a header; `text` must be one line. */
export const textHeader = (name: string, text: string): string =>
  foldLines(`${name}: ${isPlainHeader(text) ? text : encodeWord(text, 'B', 52)}`, 76);

/** `From: "Name" <address>`; both parts must be one line. */
export function addressHeader(name: string, { name: phrase, address }: { name: string; address: string }): string {
  if (phrase === '') return `${name}: ${address}`;
  const words = isPlainHeader(phrase) ? `"${phrase.replaceAll(/["\\]/g, '\\$&')}"` : encodeWord(phrase, 'B', 52);
  return foldLines(`${name}: ${words} <${address}>`, 76);
}
