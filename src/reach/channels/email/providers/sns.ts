// Does this really come from Amazon SNS? The signature over its fields, with a certificate that is read only from Amazon's own hosts.
import { verify, X509Certificate, type KeyObject } from 'node:crypto';
import { z } from 'zod';

export const snsMessageSchema = z.looseObject({
  Type: z.enum(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  MessageId: z.string().min(1),
  TopicArn: z.string(),
  Message: z.string(),
  Timestamp: z.string(),
  Subject: z.string().nullish(),
  Token: z.string().optional(),
  SubscribeURL: z.string().optional(),
  SignatureVersion: z.enum(['1', '2']),
  Signature: z.string(),
  SigningCertURL: z.string(),
});
type SnsMessage = z.output<typeof snsMessageSchema>;

const HOST = /^sns\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?$/;

/** An HTTPS address of SNS itself, at its usual port and without credentials. */
export function isAwsAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (
    url.protocol === 'https:' &&
    HOST.test(url.hostname) &&
    url.port === '' &&
    url.username === '' &&
    url.password === ''
  );
}

const isCertificateAddress = (text: string): boolean =>
  isAwsAddress(text) && /^\/SimpleNotificationService-[\w-]+\.pem$/.test(new URL(text).pathname);

const CERTIFICATES_KEPT = 20;

/**
 * Keys by the address of their certificate, each read once however many reports wait for it; undefined for one that is not Amazon's, or not valid
 * now. Throws where it cannot be read now: the next report asks again.
 */
export function snsCertificates(
  fetchText: (url: string) => Promise<string>,
): (url: string, now: Date) => Promise<KeyObject | undefined> {
  const known = new Map<string, X509Certificate>();
  const asking = new Map<string, Promise<X509Certificate>>();
  const read = async (url: string): Promise<X509Certificate> => {
    const certificate = new X509Certificate(await fetchText(url));
    if (known.size >= CERTIFICATES_KEPT) known.clear();
    known.set(url, certificate);
    return certificate;
  };
  return async (url, now) => {
    if (!isCertificateAddress(url)) return undefined;
    let certificate = known.get(url);
    if (certificate === undefined) {
      const asked = asking.get(url) ?? read(url).finally(() => asking.delete(url));
      asking.set(url, asked);
      certificate = await asked;
    }
    const isValid = now >= new Date(certificate.validFrom) && now <= new Date(certificate.validTo);
    const isTheirs = /(?:^|\n)CN=sns\.(?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?(?:\n|$)/.test(certificate.subject);
    return isValid && isTheirs ? certificate.publicKey : undefined;
  };
}

/** What SNS signs: certain fields with their names, in the order of the alphabet, a subject only where there is one. */
function snsStringToSign(message: SnsMessage): string {
  const names =
    message.Type === 'Notification'
      ? (['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'] as const)
      : (['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'] as const);
  return names
    .flatMap((name) => {
      const value = message[name];
      return value === undefined || value === null ? [] : [`${name}\n${value}\n`];
    })
    .join('');
}

export const isSignedBySns = (message: SnsMessage, key: KeyObject): boolean =>
  verify(
    message.SignatureVersion === '1' ? 'sha1' : 'sha256',
    Buffer.from(snsStringToSign(message)),
    key,
    Buffer.from(message.Signature, 'base64'),
  );
