// Hands one finished message to an SMTP server: how providers' feedback loops and bouncing servers write back, in the demo and in tests.
import { createTransport } from 'nodemailer';

export type RawPost = { readonly from: string; readonly to: string; readonly raw: string | Buffer };

/** Opens a connection, sends, closes. Rejects with the server's words when it refuses. */
export async function postRaw(url: string, { from, to, raw }: RawPost): Promise<void> {
  const transport = createTransport(url);
  try {
    await transport.sendMail({ envelope: { from, to }, raw });
  } finally {
    transport.close();
  }
}
