// Short signed links to things that are not messages: a person's preferences, a consent to confirm. 26 characters of an id and an
// HMAC-SHA256 cut to 96 bits, 42 characters in all; whether one has expired is said by its row. Without the secret none can be made.
import { hmacSha256, sameText } from '../../kernel/hash.ts';
import { ok, refused, type Result } from '../../kernel/result.ts';

const PREFIXES = { preferences: 'plk', consent: 'crq' } as const;
export type LinkKind = keyof typeof PREFIXES;

export const linkPrefix = (kind: LinkKind): string => PREFIXES[kind];

const macOf = (secret: string, kind: LinkKind, tail: string): string =>
  hmacSha256(secret, `rekindle link 1 ${kind} ${tail}`).subarray(0, 12).toString('base64url');

/** The token of an id made by `newId(linkPrefix(kind), …)`. */
export function signLink(secret: string, kind: LinkKind, id: string): string {
  const tail = id.slice(PREFIXES[kind].length + 1);
  if (!id.startsWith(`${PREFIXES[kind]}_`) || tail.length !== 26) throw new Error(`not an id of a ${kind} link: ${id}`);
  return tail + macOf(secret, kind, tail);
}

/** The id behind a token, or `token_invalid` for anything forged, cut, altered or made for another kind. */
export function readLink(secret: string, kind: LinkKind, token: string): Result<string, 'token_invalid'> {
  const tail = token.slice(0, 26);
  if (!/^[0-9a-z]{26}[A-Za-z0-9_-]{16}$/.test(token) || !sameText(macOf(secret, kind, tail), token.slice(26)))
    return refused('token_invalid');
  return ok(`${PREFIXES[kind]}_${tail}`);
}
