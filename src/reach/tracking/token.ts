// Whose link was this? Short signed tokens for unsubscribe, click, open, preference and survey links, and for return paths.
// 30 bytes: kind (1), link index (2), message id (16), HMAC-SHA256 cut to 88 bits (11) → 40 characters, so that
// https://m.example.com/u/<token> stays far below the 70 characters at which header folding starts. They never expire: an
// unsubscribe link must work for 60 days and more. Without the secret none can be made, and none can be altered.
import { timingSafeEqual } from 'node:crypto';
import { hmacSha256 } from '../../kernel/hash.ts';
import { ok, refused, type Result } from '../../kernel/result.ts';

const KINDS = { unsubscribe: 1, click: 2, open: 3, preferences: 4, survey: 5, bounce: 6, receipt: 7, trap: 8 } as const;

export type TokenKind = keyof typeof KINDS;
export type TrackingToken = { readonly kind: TokenKind; readonly messageId: string; readonly linkIndex: number };

const KIND_OF = new Map<number, TokenKind>(Object.entries(KINDS).map(([kind, byte]) => [byte, kind as TokenKind]));
const BODY_BYTES = 19;
const TOKEN_BYTES = 30;
const ADDRESS_TOKEN_DIGITS = 48;
const PREFIX = 'msg_';
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** The digits' values by character code; anything else is 255. */
const VALUES = new Uint8Array(128).fill(255);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

/** Bytes as digits of five bits, the first one filled up with zeros in front. */
function toDigits(bytes: Uint8Array, digits: number): string {
  let text = '';
  let held = 0;
  let bits = digits * 5 - bytes.length * 8;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5;) text += ALPHABET.charAt((held >> (bits -= 5)) & 31);
  }
  return text;
}

/** The reverse; undefined for a character that is no digit, or where the filling (of less than a digit) is not zero. */
function fromDigits(text: string, size: number): Buffer | undefined {
  const bytes = Buffer.alloc(size);
  let held = 0;
  let bits = size * 8 - text.length * 5;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? 255;
    if (value === 255) return undefined;
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (i === 0 && held >> bits !== 0) return undefined;
    if (bits >= 8) bytes[at++] = (held >> (bits -= 8)) & 255;
  }
  return bytes;
}

/** 26 Crockford characters are 130 bits of which a ULID leaves the first two zero: 16 bytes. */
const packId = (messageId: string): Buffer | undefined =>
  messageId.startsWith(PREFIX) && messageId.length === PREFIX.length + 26
    ? fromDigits(messageId.slice(PREFIX.length), 16)
    : undefined;

const unpackId = (bytes: Buffer): string => PREFIX + toDigits(bytes, 26);

const macOf = (secret: string, body: Buffer): Buffer =>
  hmacSha256(secret, `rekindle tracking 1 ${body.toString('hex')}`).subarray(0, TOKEN_BYTES - BODY_BYTES);

function seal(secret: string, token: TrackingToken): Buffer {
  const id = packId(token.messageId);
  if (!id) throw new Error(`not a message id: ${token.messageId}`);
  const body = Buffer.concat([Buffer.from([KINDS[token.kind], token.linkIndex >> 8, token.linkIndex & 255]), id]);
  return Buffer.concat([body, macOf(secret, body)]);
}

function open(secret: string, bytes: Buffer): Result<TrackingToken, 'token_invalid'> {
  const body = bytes.subarray(0, BODY_BYTES);
  const kind = KIND_OF.get(bytes[0] ?? 0);
  const intact = bytes.length === TOKEN_BYTES && timingSafeEqual(macOf(secret, body), bytes.subarray(BODY_BYTES));
  if (!intact || !kind) return refused('token_invalid');
  return ok({ kind, linkIndex: body.readUInt16BE(1), messageId: unpackId(body.subarray(3)) });
}

/** 40 characters of base64url. Throws for an id that is not `msg_` + ULID: a broken invariant, not bad input. */
export const signToken = (
  secret: string,
  token: { readonly kind: TokenKind; readonly messageId: string; readonly linkIndex?: number },
): string => seal(secret, { linkIndex: 0, ...token }).toString('base64url');

/** What the token says, or `token_invalid` for anything forged, cut, altered or signed with another secret. */
export function readToken(secret: string, token: string): Result<TrackingToken, 'token_invalid'> {
  if (!/^[A-Za-z0-9_-]{40}$/.test(token)) return refused('token_invalid');
  return open(secret, Buffer.from(token, 'base64url'));
}

/** 48 characters of lower-case base 32, for local parts: mail servers may change the case of an address. */
export const signAddressToken = (secret: string, messageId: string): string =>
  toDigits(seal(secret, { kind: 'bounce', messageId, linkIndex: 0 }), ADDRESS_TOKEN_DIGITS);

/** The message id behind an address token in any case, or `token_invalid`. */
export function readAddressToken(secret: string, token: string): Result<string, 'token_invalid'> {
  const bytes = token.length === ADDRESS_TOKEN_DIGITS ? fromDigits(token.toLowerCase(), TOKEN_BYTES) : undefined;
  if (bytes === undefined) return refused('token_invalid');
  const opened = open(secret, bytes);
  if (!opened.ok) return opened;
  return opened.value.kind === 'bounce' ? ok(opened.value.messageId) : refused('token_invalid');
}
