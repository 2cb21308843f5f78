// A plain letter to somebody who works here (an invitation, a reset): no tracking, no list, one try. Not for customers.
import { RekindleError } from '../../../kernel/errors.ts';
import { oneLine } from '../../templates/context.ts';
import { addressHeader, textHeader, textPart } from './mime-part.ts';
import { plainAddress } from './mime.ts';
import { smtpChannel } from './smtp.ts';

export type Letter = {
  readonly from: { readonly name: string; readonly address: string };
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly date: Date;
  readonly messageId: string;
};

/** Throws `mail_server_down` when the server does not take it. */
export async function sendLetter(smtpUrl: string, letter: Letter): Promise<void> {
  const from = plainAddress(letter.from.address, 'from');
  const to = plainAddress(letter.to, 'to');
  const raw = [
    addressHeader('From', { name: oneLine(letter.from.name), address: from }),
    `To: ${to}`,
    textHeader('Subject', oneLine(letter.subject)),
    `Date: ${letter.date.toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${letter.messageId}@${from.slice(from.lastIndexOf('@') + 1)}>`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    textPart('text/plain', letter.text),
  ].join('\r\n');
  const smtp = smtpChannel(smtpUrl);
  try {
    const outcome = await smtp.send({
      messageId: letter.messageId,
      envelopeFrom: from,
      envelopeTo: to,
      raw: Buffer.from(raw),
    });
    if (outcome.kind !== 'sent')
      throw new RekindleError('mail_server_down', {
        host: new URL(smtpUrl).host,
        what: outcome.detail,
      });
  } finally {
    await smtp.close();
  }
}
