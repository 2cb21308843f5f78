// One small text from a provider's own address: a certificate, the confirmation of a subscription. The caller has checked whose address it is.
const BYTES_MAX = 64 * 1024;
const TIMEOUT_MS = 10_000;

/** Throws for anything but a short 2xx answer from the very address that was asked, whole within the time. */
export async function fetchText(url: string, timeoutMs: number = TIMEOUT_MS): Promise<string> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  const { host } = new URL(url);
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`${host} answered ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Counted while it is read: an answer without an announced length may have no end.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > BYTES_MAX) throw new Error(`${host} answered with more than ${BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
