// What a delivered mail offers to whoever opens it: its links, its pixel, its unsubscribe addresses, its coupon. Pure, and quick: it reads
// thousands of mails in a simulated morning.
import type { MessageLinks } from './world/response.ts';

export type DeliveredMail = {
  readonly recipient: string;
  readonly links: MessageLinks;
  readonly couponCode: string | undefined;
};

const unfoldQuotedPrintable = (text: string): string => text.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=');

/** Bodies in base64, decoded; the rest as it stands. */
function readableText(raw: string): string {
  const parts = raw.split(/\r?\n--/);
  return parts
    .map((part) => {
      const split = part.search(/\r?\n\r?\n/);
      const isBase64 = split !== -1 && /content-transfer-encoding:\s*base64/i.test(part.slice(0, split));
      return isBase64 ? Buffer.from(part.slice(split), 'base64').toString('utf8') : unfoldQuotedPrintable(part);
    })
    .join('\n');
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];

/** Reads a mail as its recipient's program would; `publicUrl` is where our links point. */
export function openMail(raw: Buffer, recipient: string, publicUrl: string): DeliveredMail {
  const bytes = raw.toString('latin1');
  const headersEnd = bytes.search(/\r?\n\r?\n/);
  const headers = bytes.slice(0, headersEnd);
  const text = readableText(bytes);
  const found = (path: string): string[] =>
    unique(text.match(new RegExp(`${publicUrl}/${path}/[A-Za-z0-9_-]{40}`, 'g')) ?? []);
  const oneClick = /^List-Unsubscribe:\s*<([^>]+)>/im.exec(headers)?.[1];
  const [pixel] = found('o');
  const [unsubscribePage] = found('u');
  return {
    recipient,
    links: {
      clicks: found('c'),
      ...(pixel === undefined ? {} : { openPixel: pixel }),
      ...(oneClick === undefined ? {} : { oneClick }),
      ...(unsubscribePage === undefined ? {} : { unsubscribePage }),
    },
    couponCode: /\b[A-Z0-9]{2,8}-[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}\b/.exec(text)?.[0],
  };
}
