// Who may read an inbox? Whoever holds a person token: a JSON Web Token (RFC 7519) with HMAC-SHA256, so that a shop's own server can make one
// with any library. Made by us, it is signed with the installation's secret; made by a shop, with the SHA-256 (hex) of one of its secret
// keys, which `kid` names. Short-lived by rule: a copied token soon opens nothing.
import { hmacSha256, sameText } from '../../kernel/hash.ts';
import { isObject } from '../../kernel/json.ts';
import { ok, refused, type Result } from '../../kernel/result.ts';

export const PERSON_TOKEN_SECONDS_MAX = 86_400;
/** `aud` of every person token: a token meant for anything else opens no inbox. */
export const PERSON_TOKEN_AUDIENCE = 'rekindle:inbox';
/** `kid` of tokens we signed ourselves. */
export const OWN_KEY_ID = 'rekindle';
/** Clocks of two servers differ a little. */
const LEEWAY_SECONDS = 60;

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const signatureOf = (secret: string, signed: string): string => hmacSha256(secret, signed).toString('base64url');

export function signPersonToken(secret: string, personId: string, expiresAt: Date, keyId: string = OWN_KEY_ID): string {
  const claims = { sub: personId, aud: PERSON_TOKEN_AUDIENCE, exp: Math.floor(expiresAt.getTime() / 1000) };
  const signed = `${part({ alg: 'HS256', typ: 'JWT', kid: keyId })}.${part(claims)}`;
  return `${signed}.${signatureOf(secret, signed)}`;
}

function json(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text ?? '', 'base64url').toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Which key a token claims to be signed with; says nothing about whether it is. */
export function keyIdOf(token: string): string | undefined {
  const kid = json(token.split('.', 1)[0])?.['kid'];
  return typeof kid === 'string' ? kid : undefined;
}

/** The person's id, or `token_invalid`: forged, expired, valid for too long, or meant for something else. */
export function readPersonToken(secret: string, token: string, now: Date): Result<string, 'token_invalid'> {
  const parts = token.split('.');
  const [header, claims, signature] = parts;
  if (parts.length !== 3 || signature === undefined) return refused('token_invalid');
  // The algorithm is ours to say, not the token's: "none" and public-key confusion end here.
  if (json(header)?.['alg'] !== 'HS256') return refused('token_invalid');
  if (!sameText(signature, signatureOf(secret, `${header}.${claims}`))) return refused('token_invalid');
  const { sub, aud, exp } = json(claims) ?? {};
  const nowSeconds = now.getTime() / 1000;
  const isMeant = aud === PERSON_TOKEN_AUDIENCE || (Array.isArray(aud) && aud.includes(PERSON_TOKEN_AUDIENCE));
  const isInTime =
    typeof exp === 'number' &&
    exp > nowSeconds - LEEWAY_SECONDS &&
    exp <= nowSeconds + PERSON_TOKEN_SECONDS_MAX + LEEWAY_SECONDS;
  return typeof sub === 'string' && sub !== '' && isMeant && isInTime ? ok(sub) : refused('token_invalid');
}
