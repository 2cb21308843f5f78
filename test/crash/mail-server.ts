// The mail server at the other end, in the test's own process: it outlives the sender, counts what it has accepted, and misbehaves on order.
// Plain SMTP (RFC 5321) over a socket, because a test must be able to keep silent or hang up at any point.
import { createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * `silent`: accepted, no answer ever. `slow`: accepted, answered after a while. `hang-up-after`: accepted, connection cut without an answer.
 * `hang-up-before`: not accepted. `defer`: not accepted, and says "451 later".
 */
export type Behaviour = 'accept' | 'silent' | 'slow' | 'hang-up-after' | 'hang-up-before' | 'defer';

export type ArrivedMail = {
  /** When the final dot had arrived, `performance.now()`. */
  readonly atMs: number;
  /** The name its sender said in EHLO. */
  readonly from: string;
  readonly to: string;
  /** The message's own token, from its Message-ID. */
  readonly token: string;
  readonly unsubscribeUrl: string;
  readonly coupon: string | undefined;
};

export type MailServer = {
  readonly url: string;
  readonly mails: readonly ArrivedMail[];
  /** Decides about the next mail; called when it has arrived whole, before any answer. */
  behave: (mail: ArrivedMail) => Behaviour;
  onMail: (mail: ArrivedMail) => void;
  /** Whether a recipient is put off with "450 greylisted". */
  greylists: (recipient: string) => boolean;
  /** Connections of a sender that have begun a message and have said nothing since its last answer: what may be on the wire. */
  readonly inFlight: (from: string) => number;
  readonly close: () => void;
};

const COUPON = /\bCRASH-[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}\b/;

/** The first part, decoded: the plain text, which holds the code. */
function plainText(raw: string): string {
  const part = raw.split('\r\n--')[1] ?? '';
  const start = part.indexOf('\r\n\r\n');
  const body = part.slice(start);
  return /transfer-encoding: base64/i.test(part.slice(0, start))
    ? Buffer.from(body, 'base64').toString('utf8')
    : body.replaceAll(/=\r\n/g, '');
}

const SLOW_MS = 400;

function readMail(raw: string, from: string, to: string): ArrivedMail {
  return {
    atMs: performance.now(),
    from,
    to,
    token: /^Message-ID: <([0-9a-z]{48})@/m.exec(raw)?.[1] ?? '',
    unsubscribeUrl: /^List-Unsubscribe: <([^>]+)>/m.exec(raw)?.[1] ?? '',
    coupon: COUPON.exec(plainText(raw))?.[0],
  };
}

export async function startMailServer(): Promise<MailServer> {
  const mails: ArrivedMail[] = [];
  const sockets = new Set<Socket>();
  const busy = new Map<Socket, string>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      busy.delete(socket);
    });
    socket.on('error', () => undefined);
    socket.setNoDelay(true);
    let buffered = '';
    let inData = false;
    let from = '';
    let to = '';
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    const arrived = (raw: string): void => {
      const mail = readMail(raw, from, to);
      const behaviour = self.behave(mail);
      if (behaviour !== 'hang-up-before' && behaviour !== 'defer') {
        mails.push(mail);
        self.onMail(mail);
      }
      const accept = `250 2.0.0 queued as ${mails.length}`;
      if (behaviour === 'accept') say(accept);
      else if (behaviour === 'slow') setTimeout(() => say(accept), SLOW_MS);
      else if (behaviour === 'defer') say('451 4.3.0 later');
      else if (behaviour !== 'silent') socket.destroy();
    };
    const command = (line: string): void => {
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'MAIL') busy.set(socket, from);
      else if (verb !== 'RCPT' && verb !== 'DATA') busy.delete(socket);
      if (verb === 'EHLO' || verb === 'HELO') {
        from = line.slice(5);
        say('250-crash.example\r\n250 PIPELINING');
      } else if (verb === 'RCPT') {
        const recipient = /<([^>]*)>/.exec(line)?.[1] ?? '';
        to = self.greylists(recipient) ? '' : recipient;
        say(to === '' ? '450 4.2.0 greylisted, come back later' : '250 ok');
      } else if (verb === 'DATA' && to === '') say('503 5.5.1 nobody to take it');
      else if (verb === 'DATA') {
        inData = true;
        say('354 go on');
      } else if (verb === 'QUIT') socket.end('221 bye\r\n');
      else say('250 ok');
    };
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      buffered += chunk;
      for (;;) {
        const mark = inData ? '\r\n.\r\n' : '\r\n';
        const end = buffered.indexOf(mark);
        if (end === -1) return;
        const text = buffered.slice(0, end);
        buffered = buffered.slice(end + mark.length);
        if (inData) {
          inData = false;
          arrived(text);
        } else command(text);
      }
    });
    say('220 crash.example');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const self: MailServer = {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}?tls=off`,
    mails,
    behave: () => 'accept',
    onMail: () => undefined,
    greylists: () => false,
    inFlight: (from) => [...busy.values()].filter((name) => name === from).length,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  return self;
}
