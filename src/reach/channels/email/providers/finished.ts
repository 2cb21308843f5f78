// A mail, ready to be handed to a provider: built and signed by us, or refused before anything leaves.
import { RekindleError } from '../../../../kernel/errors.ts';
import type { SendOutcome } from '../../channel.ts';
import { signDkim, type DkimKey } from '../dkim.ts';
import { buildMime, type MailToSend, type RawMail } from '../mime.ts';

type Signing = {
  readonly secret: string;
  readonly dkimKeys: readonly DkimKey[];
  /** Headers that whoever takes the mail replaces by its own. */
  readonly rewritten?: readonly string[];
};

/** Builds and signs, then hands over. What cannot be built was not sent, and the same mail will never be sendable. */
export async function whenBuilt(
  mail: MailToSend,
  { secret, dkimKeys, rewritten }: Signing,
  hand: (raw: RawMail) => Promise<SendOutcome>,
): Promise<SendOutcome> {
  let raw: RawMail;
  try {
    const built = buildMime(mail, secret);
    raw = dkimKeys.length > 0 ? { ...built, raw: await signDkim(built.raw, dkimKeys, mail.date, rewritten) } : built;
  } catch (error) {
    if (!(error instanceof RekindleError)) throw error;
    const fault = error.details['where'] === 'to' ? 'address' : 'content';
    return { kind: 'rejected', class: fault, permanent: true, code: 'local', detail: error.message };
  }
  return hand(raw);
}
