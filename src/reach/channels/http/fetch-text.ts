// One small text from a provider's own address: a certificate, the confirmation of a subscription. The caller has checked whose address it is.
const BYTES_MAX = 64 * 1024;
const TIMEOUT_MS = 10_000;

/** Throws for anything but a short 2xx answer from the very address that was asked. */
export async function fetchText(url: string): Promise<string> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status}`);
  if (Number(response.headers.get('content-length') ?? 0) > BYTES_MAX)
    throw new Error(`${new URL(url).host} answered with more than ${BYTES_MAX} bytes`);
  const text = await response.text();
  if (text.length > BYTES_MAX) throw new Error(`${new URL(url).host} answered with more than ${BYTES_MAX} bytes`);
  return text;
}
