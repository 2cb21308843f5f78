// One spelling per address, so that the same mailbox or number is one key everywhere: suppression, sharing, deduplication.
import { hmacSha256 } from './hash.ts';

const EMAIL = /^[^\s@<>"(),;:\\[\]]+@[^\s@<>"(),;:\\[\]]+\.[^\s@<>"(),;:\\[\]]{2,}$/;
const EMAIL_LENGTH_MAX = 254;

/** Trimmed and lower-cased (the local part too: no provider of consequence tells cases apart), or undefined when it is no address. */
export function normalEmail(text: string): string | undefined {
  const email = text.trim().toLowerCase().normalize('NFC');
  return email.length <= EMAIL_LENGTH_MAX && EMAIL.test(email) ? email : undefined;
}

/** Digits with a leading plus (E.164 shape, 8–15 digits), or undefined. National numbers need a country and are not guessed. */
export function normalPhone(text: string): string | undefined {
  const digits = text.normalize('NFKC').replaceAll(/[\s().-]/g, '');
  const match = /^(?:\+|00)(\d{8,15})$/.exec(digits);
  return match ? `+${match[1]}` : undefined;
}

/** The domain as the DNS has it (IDNA, by WHATWG's host parser): `bücher.example` and `xn--bcher-kva.example` are one. */
function dnsSpelling(address: string): string {
  const at = address.lastIndexOf('@') + 1;
  const domain = address.slice(at);
  if (at === 0 || !/[^\x20-\x7e]/.test(domain)) return address;
  const url = `http://${domain}`;
  return URL.canParse(url) ? address.slice(0, at) + new URL(url).hostname : address;
}

/**
 * The keyed hash under which an address is kept for ever, even after its owner was erased: 128 bits, hex. Both spellings of an international domain
 * have one.
 */
export const addressKey = (secret: string, normalAddress: string): string =>
  hmacSha256(secret, dnsSpelling(normalAddress)).subarray(0, 16).toString('hex');
