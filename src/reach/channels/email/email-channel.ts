// The e-mail channel as the ledger sees it: a finished mail in, one of five outcomes out. Builds the MIME, signs it, hands it over.
import { RekindleError } from '../../../kernel/errors.ts';
import type { Channel } from '../channel.ts';
import { signDkim, type DkimKey } from './dkim.ts';
import { buildMime, type MailToSend } from './mime.ts';
import { smtpChannel } from './smtp.ts';

export type EmailChannelOptions = {
  readonly smtpUrl: string;
  /** Signs message ids and return paths; the same secret reads them back. */
  readonly secret: string;
  /** One RSA and one Ed25519 key is best; none for a relay that signs itself. */
  readonly dkimKeys: readonly DkimKey[];
};

export function emailChannel(options: EmailChannelOptions): Channel<MailToSend> {
  const smtp = smtpChannel(options.smtpUrl);
  return {
    ...smtp,
    send: async (mail, signal, mayLeave) => {
      try {
        const built = buildMime(mail, options.secret);
        const raw = options.dkimKeys.length > 0 ? await signDkim(built.raw, options.dkimKeys, mail.date) : built.raw;
        return await smtp.send({ ...built, raw }, signal, mayLeave);
      } catch (error) {
        // Only building can throw: nothing was sent, and the same mail will never be sendable.
        if (!(error instanceof RekindleError)) throw error;
        const fault = error.details['where'] === 'to' ? 'address' : 'content';
        return { kind: 'rejected', class: fault, permanent: true, code: 'local', detail: error.message };
      }
    },
  };
}
