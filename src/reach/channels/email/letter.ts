// A plain letter to somebody who works here (an invitation, a reset), by whichever way mail goes out: no tracking, no list, one try.
import { escapeHtml } from '../../templates/links.ts';
import type { Channel } from '../channel.ts';
import type { MailAddress, MailToSend } from './mime.ts';

export type Letter = {
  readonly from: MailAddress;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly date: Date;
  readonly messageId: string;
};

/** The same words as HTML: paragraphs, line breaks, and addresses that can be clicked. */
const htmlOf = (text: string): string =>
  `<!doctype html><html><body>${text
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${escapeHtml(paragraph).replaceAll('\n', '<br>')}</p>`)
    .join('')
    .replaceAll(/https?:\/\/[^\s<]+/g, (url) => `<a href="${url}">${url}</a>`)}</body></html>`;

/** False when whoever should take it did not. */
export async function sendLetter(channel: Pick<Channel<MailToSend>, 'send'>, letter: Letter): Promise<boolean> {
  const { to, text, ...rest } = letter;
  const outcome = await channel.send({ ...rest, to: { address: to }, text, html: htmlOf(text), isLetter: true });
  return outcome.kind === 'sent';
}
