// The verification key of SendGrid's signed event webhook, as its console shows it: bare base64, or PEM.
import { createPublicKey, type KeyObject } from 'node:crypto';

/** Undefined for anything but an elliptic-curve key on P-256. */
export function verificationKey(text: string): KeyObject | undefined {
  const body = text.replaceAll(/-----[A-Z ]+-----|\s/g, '');
  try {
    const key = createPublicKey({ key: Buffer.from(body, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined;
  } catch {
    return undefined; // What cannot be read is no key; whoever saved it is told.
  }
}
