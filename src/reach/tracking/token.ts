// Whose link was this? Short signed tokens for unsubscribe, click, open, preference and survey links, and for return paths.
// 30 bytes: kind (1), link index (2), message id (16), HMAC-SHA256 cut to 88 bits (11) → 40 characters, so that
// https://m.example.com/u/<token> stays far below the 70 characters at which header folding starts. They never expire: an
// unsubscribe link must work for 60 days and more. Without the secret none can be made, and none can be altered.
import { timingSafeEqual } from 'node:crypto';
import { hmacSha256 } from '../../kernel/hash.ts';
import { ok, refused, type Result } from '../../kernel/result.ts';

const KINDS = { unsubscribe: 1, click: 2, open: 3, preferences: 4, survey: 5, bounce: 6, receipt: 7 } as const;

export type TokenKind = keyof typeof KINDS;
export type TrackingToken = { readonly kind: TokenKind; readonly messageId: string; readonly linkIndex: number };

const KIND_OF = new Map<number, TokenKind>(Object.entries(KINDS).map(([kind, byte]) => [byte, kind as TokenKind]));
const BODY_BYTES = 19;
const TOKEN_BYTES = 30;
const PREFIX = 'msg_';
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** 26 Crockford characters are 130 bits of which a ULID leaves the first two zero: 16 bytes. Null when it is not such an id. */
function packId(messageId: string): Buffer | undefined {
  const text = messageId.slice(PREFIX.length);
  if (!messageId.startsWith(PREFIX) || text.length !== 26 || text.charAt(0) > '7') return undefined;
  let bits = 0n;
  for (const char of text) {
    const value = ALPHABET.indexOf(char);
    if (value === -1) return undefined;
    bits = bits * 32n + BigInt(value);
  }
  return Buffer.from(bits.toString(16).padStart(32, '0'), 'hex');
}

function unpackId(bytes: Buffer): string {
  let bits = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (let i = 0; i < 26; i++) {
    text = ALPHABET.charAt(Number(bits % 32n)) + text;
    bits /= 32n;
  }
  return PREFIX + text;
}

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
export function signAddressToken(secret: string, messageId: string): string {
  let bits = BigInt(`0x${seal(secret, { kind: 'bounce', messageId, linkIndex: 0 }).toString('hex')}`);
  let text = '';
  for (let i = 0; i < 48; i++) {
    text = ALPHABET.charAt(Number(bits % 32n)) + text;
    bits /= 32n;
  }
  return text;
}

/** The message id behind an address token in any case, or `token_invalid`. */
export function readAddressToken(secret: string, token: string): Result<string, 'token_invalid'> {
  const text = token.toLowerCase();
  if (!/^[0-9a-hjkmnp-tv-z]{48}$/.test(text)) return refused('token_invalid');
  let bits = 0n;
  for (const char of text) bits = bits * 32n + BigInt(ALPHABET.indexOf(char));
  const opened = open(secret, Buffer.from(bits.toString(16).padStart(60, '0'), 'hex'));
  if (!opened.ok) return opened;
  return opened.value.kind === 'bounce' ? ok(opened.value.messageId) : refused('token_invalid');
}
