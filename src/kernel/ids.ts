// Sortable identifiers: 48 bits of time and 80 random bits in Crockford base 32 (the ULID layout), behind a readable prefix.
import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** `prefix_` + 26 characters; ids made later sort later (to the millisecond). */
export function newId(prefix: string, now: Date): string {
  let time = now.getTime();
  let head = '';
  for (let i = 0; i < 10; i++) {
    head = ALPHABET.charAt(time % 32) + head;
    time = Math.floor(time / 32);
  }
  let tail = '';
  for (const byte of randomBytes(16)) tail += ALPHABET.charAt(byte & 31);
  return `${prefix}_${head}${tail}`;
}

/** An unguessable secret of `bytes` random bytes, base64url. */
export const newSecret = (bytes = 24): string => randomBytes(bytes).toString('base64url');
