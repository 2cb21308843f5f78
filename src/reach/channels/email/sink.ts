// A mail server that delivers nowhere: the demo's post office, the preview mailbox and the tests' other side. It speaks real SMTP
// on the loopback interface and gives every accepted message to one function; it can be told to refuse recipients.
import { SMTPServer } from 'smtp-server';
import PostalMime, { type Email } from 'postal-mime';

export type SunkMail = {
  readonly envelopeFrom: string;
  readonly envelopeTo: readonly string[];
  readonly raw: Buffer;
};

/** A refusal the sink gives instead of accepting: `{ code: 550, text: '5.1.1 no such user' }`. */
type SinkRefusal = { readonly code: number; readonly text: string };

export type MailSink = {
  /** `smtp://127.0.0.1:port`, ready for `smtpChannel`. */
  readonly url: string;
  readonly port: number;
  readonly close: () => Promise<void>;
};

export type SinkOptions = {
  /** Accepted only when this settles: what it throws becomes "451 try again". */
  readonly onMail: (mail: SunkMail) => void | Promise<void>;
  readonly refuse?: (recipient: string) => SinkRefusal | undefined;
  /** A recipient is answered only when this settles. */
  readonly beforeReply?: (recipient: string) => Promise<void>;
  /** 0 or absent: any free port. */
  readonly port?: number;
};

const LARGEST_BYTES = 25 * 1024 * 1024;

const refusal = ({ code, text }: SinkRefusal): Error => Object.assign(new Error(text), { responseCode: code });

/** Parses a message for a preview or a test: headers, subject, text, html, attachments. */
export const parseMail = (raw: Buffer): Promise<Email> => PostalMime.parse(raw);

export async function startMailSink(options: SinkOptions): Promise<MailSink> {
  const take = async (mail: SunkMail, done: (error?: Error | null, message?: string) => void): Promise<void> => {
    try {
      await options.onMail(mail);
      done(null, '2.0.0 accepted by the sink');
    } catch (error) {
      done(refusal({ code: 451, text: `4.3.0 ${error instanceof Error ? error.message : 'try again'}` }));
    }
  };
  const admit = async (recipient: string, done: (error?: Error | null) => void): Promise<void> => {
    try {
      await options.beforeReply?.(recipient);
      const no = options.refuse?.(recipient);
      done(no ? refusal(no) : null);
    } catch (error) {
      done(refusal({ code: 451, text: `4.3.0 ${error instanceof Error ? error.message : 'try again'}` }));
    }
  };
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    banner: 'Rekindle sink, delivers nowhere',
    disableReverseLookup: true,
    size: LARGEST_BYTES,
    logger: false,
    // Pooled senders keep idle connections; nobody waits half a minute for them to leave.
    closeTimeout: 500,
    onRcptTo: (recipient, _session, done) => {
      void admit(recipient.address, done);
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('end', () => {
        if (stream.sizeExceeded) return done(refusal({ code: 552, text: '5.3.4 message too large' }));
        const mail: SunkMail = {
          envelopeFrom: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
          envelopeTo: session.envelope.rcptTo.map((recipient) => recipient.address),
          raw: Buffer.concat(chunks),
        };
        void take(mail, done);
      });
    },
  });
  // A client that hangs up is its own affair.
  server.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', () => resolve());
  });
  const address = server.server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
