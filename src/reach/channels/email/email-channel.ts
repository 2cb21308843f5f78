// The e-mail channel as the ledger sees it: a finished mail in, one of five outcomes out. Builds the MIME, signs it, hands it over.
import type { Channel } from '../channel.ts';
import type { DkimKey } from './dkim.ts';
import type { MailToSend } from './mime.ts';
import { whenBuilt } from './providers/finished.ts';
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
    send: (mail, signal, mayLeave) => whenBuilt(mail, options, (raw) => smtp.send(raw, signal, mayLeave)),
  };
}
