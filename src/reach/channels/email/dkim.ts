// Did this mail really come from the domain it names? DKIM signatures (RFC 6376, relaxed/relaxed) made here, RSA-2048 and
// Ed25519 (RFC 8463) side by side. `h=` names List-Unsubscribe and List-Unsubscribe-Post, as one-click unsubscribe demands, and
// names From twice, so that no second From can be added on the way.
import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';

export type DkimKey = { readonly domain: string; readonly selector: string; readonly key: KeyObject };

/** A signing key from PEM; throws for anything but RSA ≥ 2048 bits or Ed25519. */
export function dkimKey(domain: string, selector: string, pem: string): DkimKey {
  const key = createPrivateKey(pem);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'ed25519' && !(key.asymmetricKeyType === 'rsa' && bits >= 2048)) {
    throw new Error('a DKIM key is RSA of at least 2048 bits, or Ed25519');
  }
  return { domain, selector, key };
}

/** What `p=` of the selector's record must say (RFC 6376 §3.6.1, RFC 8463 §4): the whole key of RSA, the bare 32 bytes of Ed25519. */
export function publishedKey({ key }: DkimKey): string {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return (key.asymmetricKeyType === 'ed25519' ? spki.subarray(-32) : spki).toString('base64');
}

const SIGNED_HEADERS = [
  'from',
  'reply-to',
  'to',
  'subject',
  'date',
  'message-id',
  'mime-version',
  'content-type',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'list-id',
  'feedback-id',
] as const;

/** RFC 6376 §3.4.2: name in lower case, unfolded, runs of white space one space. */
export function relaxedHeader(line: string): string {
  const colon = line.indexOf(':');
  const value = line
    .slice(colon + 1)
    .replaceAll(/\r\n/g, '')
    .replaceAll(/[ \t]+/g, ' ')
    .trim();
  return `${line.slice(0, colon).trim().toLowerCase()}:${value}`;
}

/** RFC 6376 §3.4.4, on text with CRLF line ends: no white space at line ends, runs are one space, no empty lines at the end. */
export function relaxedBody(body: string): string {
  // Most bodies are encoded, and have no white space but single blanks inside lines.
  const squeezed = /\t|  | \r\n| $/.test(body)
    ? body.replaceAll(/[ \t]+(?=\r\n|$)/g, '').replaceAll(/[ \t]+/g, ' ')
    : body;
  let end = squeezed.length;
  while (end >= 2 && squeezed.startsWith('\r\n', end - 2)) end -= 2;
  const text = squeezed.slice(0, end);
  return text === '' ? '' : `${text}\r\n`;
}

function splitMessage(raw: Buffer): { headers: readonly string[]; body: string } {
  const text = raw.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const head = end === -1 ? text : text.slice(0, end);
  return { headers: head.split(/\r\n(?![ \t])/), body: end === -1 ? '' : text.slice(end + 4) };
}

// The thread pool signs: RSA is the most expensive thing a mail goes through.
const signed = (key: KeyObject, data: Buffer): Promise<Buffer> => {
  const ed = key.asymmetricKeyType === 'ed25519';
  const input = ed ? createHash('sha256').update(data).digest() : data;
  return new Promise((resolve, reject) => {
    sign(ed ? null : 'sha256', input, key, (error, signature) => (error ? reject(error) : resolve(signature)));
  });
};

const folded = (text: string, width: number): string =>
  text.match(new RegExp(`.{1,${width}}`, 'g'))?.join('\r\n ') ?? '';

/** A line of `h=` ends behind a colon: a name itself may not be broken (RFC 6376 §3.5), and strict verifiers refuse one that is. */
const foldedNames = (names: readonly string[]): string =>
  names
    .map((name, n) => (n < names.length - 1 ? `${name}:` : name))
    .reduce((text, part) => {
      const lineLength = text.length - (text.lastIndexOf('\n') + 1);
      return `${text}${lineLength + part.length > 66 ? '\r\n ' : ''}${part}`;
    }, '');

/**
 * The message with one DKIM-Signature per key on top. `raw` must have CRLF line ends; `now` becomes `t=`. `rewritten` names headers (in lower
 * case) that a relay behind us replaces: a signature over them would be broken on arrival.
 */
export async function signDkim(
  raw: Buffer,
  keys: readonly DkimKey[],
  now: Date,
  rewritten: readonly string[] = [],
): Promise<Buffer> {
  const { headers, body } = splitMessage(raw);
  const bodyHash = createHash('sha256').update(relaxedBody(body), 'latin1').digest('base64');
  const byName = new Map(headers.map((line) => [line.slice(0, line.indexOf(':')).trim().toLowerCase(), line]));
  const present = SIGNED_HEADERS.filter((name) => byName.has(name) && !rewritten.includes(name));
  const content = present.map((name) => `${relaxedHeader(byName.get(name)!)}\r\n`).join('');
  const names = foldedNames(['from', ...present]);
  const signatures = await Promise.all(
    keys.map(async ({ domain, selector, key }) => {
      const algorithm = key.asymmetricKeyType === 'ed25519' ? 'ed25519-sha256' : 'rsa-sha256';
      const head =
        `DKIM-Signature: v=1; a=${algorithm}; c=relaxed/relaxed; d=${domain}; s=${selector};\r\n` +
        ` t=${Math.floor(now.getTime() / 1000)}; h=${names};\r\n bh=${bodyHash};\r\n b=`;
      const signature = await signed(key, Buffer.from(content + relaxedHeader(head), 'latin1'));
      return `${head}${folded(signature.toString('base64'), 72)}\r\n`;
    }),
  );
  return Buffer.concat([Buffer.from(signatures.join(''), 'latin1'), raw]);
}
