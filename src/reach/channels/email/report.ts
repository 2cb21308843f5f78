// A machine wrote back: which of our messages is it about? Both kinds of report (bounces, complaints) are opened here, and the
// message is recognised only by a token that we signed, never by an address that anybody could type.
import PostalMime, { type Email } from 'postal-mime';
import { readAddressToken, readToken } from '../../tracking/token.ts';

export type OpenedReport = {
  readonly email: Email;
  /** The machine-readable part, decoded, or ''. */
  readonly fields: string;
  /** The mail (or its headers) that the report is about, or ''. */
  readonly original: string;
  /** Everything written for people. */
  readonly words: string;
};

/** Reports are short; what is longer is a hostile or broken one, and patterns are tried on no more than this. */
const LONGEST_WORDS = 50_000;
const MOST_CANDIDATES = 200;

const decoder = new TextDecoder('utf-8');
const textOf = (content: string | ArrayBuffer | Uint8Array): string =>
  typeof content === 'string' ? content : decoder.decode(content);

const stripTags = (html: string): string =>
  html.replaceAll(/<(?:style|script)[\s\S]*?<\/(?:style|script)>/gi, '').replaceAll(/<[^>]+>/g, ' ');

/** `machineType` is message/delivery-status or message/feedback-report. */
export async function openReport(raw: Uint8Array, machineType: string): Promise<OpenedReport> {
  const email = await PostalMime.parse(raw, { forceRfc822Attachments: true });
  const part = (...types: string[]): string => {
    const found = email.attachments.find((attachment) => types.includes(attachment.mimeType.toLowerCase()));
    return found ? textOf(found.content) : '';
  };
  return {
    email,
    fields: part(machineType, machineType.replace('message/', 'message/global-')),
    original: part(
      'message/rfc822',
      'text/rfc822-headers',
      'message/rfc822-headers',
      'message/global',
      'message/global-headers',
    ),
    words: [email.text ?? '', email.text ? '' : stripTags(email.html ?? '')].join('\n').trim().slice(0, LONGEST_WORDS),
  };
}

/** RFC 822 style fields, unfolded: one map per blank-line separated group, names in lower case, the first of each name wins. */
export function fieldGroups(text: string): readonly ReadonlyMap<string, string>[] {
  const unfolded = text.replaceAll(/\r\n?/g, '\n').replaceAll(/\n[ \t]+/g, ' ');
  return unfolded
    .split(/\n\s*\n/)
    .map((group) => {
      const fields = new Map<string, string>();
      for (const line of group.split('\n')) {
        const [, name, value] = /^([A-Za-z][\w-]*)\s*:\s*(.*)$/.exec(line) ?? [];
        if (name !== undefined && value !== undefined && !fields.has(name.toLowerCase()))
          fields.set(name.toLowerCase(), value.trim());
      }
      return fields;
    })
    .filter((fields) => fields.size > 0);
}

/** `rfc822; <mia@example.net>` → `mia@example.net`. */
export const addressOf = (field: string | undefined): string | undefined =>
  /([^\s<>;"]+@[^\s<>;"]+)/.exec(field?.replace(/^[\w-]+\s*;\s*/, '') ?? '')?.[1]?.toLowerCase();

const candidates = (text: string, pattern: RegExp): readonly string[] =>
  (text.match(pattern) ?? []).slice(0, MOST_CANDIDATES);

/**
 * The message id behind the first genuine token in any of the texts. Tokens sit in the Message-ID, the return path and the
 * unsubscribe link; quoted-printable line ends and folding inside them are undone first.
 */
export function ourMessageIn(secret: string, texts: readonly string[]): string | undefined {
  for (const text of texts) {
    const whole = text.slice(0, 20 * LONGEST_WORDS).replaceAll(/=\r?\n|\r?\n[ \t]+/g, '');
    for (const candidate of candidates(whole, /(?<![0-9a-z])[0-9a-z]{48}(?![0-9a-z])/gi)) {
      const read = readAddressToken(secret, candidate);
      if (read.ok) return read.value;
    }
    for (const candidate of candidates(whole, /(?<![\w-])[\w-]{40}(?![\w-])/g)) {
      const read = readToken(secret, candidate);
      if (read.ok) return read.value.messageId;
    }
  }
  return undefined;
}
