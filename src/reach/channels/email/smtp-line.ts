// One connection to an SMTP server (RFC 5321): greeting, EHLO, STARTTLS (RFC 3207), AUTH (RFC 4954), and then one message after another.
// Where the server offers PIPELINING (RFC 2920) an envelope is one write, and goes out behind the last bytes of the message before it if one
// is waiting then: neither side waits for the other between two messages, and each wakes up half as often. Written here because a message
// costs a client made for everything three times the processor time, and because the moment its last bytes are given to the socket must be
// known exactly.
import { createHmac } from 'node:crypto';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls } from 'node:tls';
import type { RawMail } from './mime.ts';
import type { SmtpFailure } from './smtp-outcome.ts';
import type { SmtpConfig } from './smtp-url.ts';

/** What a server answered; `text` is all its lines with their codes. */
type Reply = { readonly code: number; readonly text: string };

/** Ends an attempt; carries what `outcomeOf` wants to know. */
export class SmtpError extends Error implements SmtpFailure {
  override name = 'SmtpError';
  readonly code: string;
  readonly command: string | undefined;
  readonly response: string | undefined;
  readonly responseCode: number | undefined;
  constructor(code: string, message: string, command?: string, reply?: Reply) {
    super(message);
    this.code = code;
    this.command = command;
    this.response = reply?.text;
    this.responseCode = reply?.code;
  }
}

export type Line = {
  /** Messages it has carried or tried to. */
  sent: number;
  readonly isAlive: () => boolean;
  /** Can a mail be announced behind another one? */
  readonly mayAnnounce: (mail: RawMail) => boolean;
  /**
   * Hands a message over. `mayGo` is asked once everything but the message's last bytes has been said; it throws or answers false to keep it
   * back, which ends the line. `onLeaving` is told when those bytes are given to the socket; the mail it answers is announced behind them: it
   * must be one of those that may, and the next that is transmitted, or the line is destroyed. Returns the server's words; throws a SmtpError.
   * Afterwards the line is good for another message if it is alive.
   */
  readonly transmit: (
    mail: RawMail,
    mayGo: () => Promise<boolean>,
    onLeaving: () => RawMail | undefined,
  ) => Promise<string>;
  readonly quit: () => void;
  readonly destroy: (error?: Error) => void;
};

const CHUNK_BYTES = 64 * 1024;
const GREETING_SECONDS_MAX = 30;
/** No honest answer is longer. */
const REPLY_CHARACTERS_MAX = 65_536;
const PLAIN_PATH = /^[^\s<>]*$/;

const rejected = (code: string, command: string, reply: Reply): SmtpError =>
  new SmtpError(code, reply.text, command, reply);

const isRefusal = ({ code }: Reply): boolean => code < 200 || code >= 400;

const ENVELOPE = ['MAIL FROM', 'RCPT TO', 'DATA'] as const;

const DOT = Buffer.from('.');
const DOT_BYTE = 46;
const LINE_END = Buffer.from('\n.');

/** The message as it is transmitted, in pieces: a dot at the start of a line is doubled (RFC 5321 4.5.2). */
function dotsDoubled(raw: Buffer): Buffer[] {
  const pieces: Buffer[] = raw[0] === DOT_BYTE ? [DOT] : [];
  let from = 0;
  for (let at = raw.indexOf(LINE_END); at !== -1; at = raw.indexOf(LINE_END, at + 1)) {
    pieces.push(raw.subarray(from, at + 2), DOT);
    from = at + 2;
  }
  pieces.push(raw.subarray(from));
  return pieces;
}

const ownName = (): string => {
  const name = hostname();
  return name.includes('.') ? name : '[127.0.0.1]';
};

/** Reads replies off a socket in order; after the end every wait fails with the same error. */
function conversation(socket: Socket): {
  readonly say: (text: string | Buffer) => void;
  readonly next: () => Promise<Reply>;
  readonly isOpen: () => boolean;
  /** What was read and not asked for: before TLS begins there must be none. */
  readonly isSilent: () => boolean;
  readonly handOn: () => void;
  /** Hangs up; every wait fails with the error, which is returned. */
  readonly end: (error: Error) => Error;
} {
  let text = '';
  let lines = '';
  let ended: Error | undefined;
  const replies: Reply[] = [];
  const waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void }[] = [];
  const end = (error: Error): Error => {
    if (ended !== undefined) return error;
    ended = error;
    socket.destroy();
    for (const each of waiting.splice(0)) each.reject(error);
    return error;
  };
  const read = (chunk: Buffer): void => {
    text += chunk.toString('latin1');
    if (text.length + lines.length > REPLY_CHARACTERS_MAX)
      return void end(new SmtpError('EPROTOCOL', 'an answer without end'));
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n')) {
      const line = text.slice(0, at).trimEnd();
      text = text.slice(at + 1);
      if (!/^\d{3}(?:[ -]|$)/.test(line))
        return void end(new SmtpError('EPROTOCOL', `not an SMTP answer: ${line.slice(0, 200)}`));
      lines += lines === '' ? line : `\n${line}`;
      if (line[3] === '-') continue;
      const reply = { code: Number(line.slice(0, 3)), text: lines };
      lines = '';
      const waiter = waiting.shift();
      if (waiter) waiter.resolve(reply);
      else replies.push(reply);
    }
  };
  const onError = (error: Error): void => void end(error);
  const onClose = (): void => void end(new SmtpError('ECONNECTION', 'the server closed the connection'));
  const onTimeout = (): void => void end(new SmtpError('ETIMEDOUT', 'the server kept silent for too long'));
  socket.on('data', read).on('error', onError).on('close', onClose).on('end', onClose).on('timeout', onTimeout);
  return {
    // Commands are ASCII, which goes out as it lies in memory.
    say: (what) => void (typeof what === 'string' ? socket.write(what, 'latin1') : socket.write(what)),
    next: () => {
      const reply = replies.shift();
      if (reply) return Promise.resolve(reply);
      if (ended) return Promise.reject(ended);
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    isOpen: () => ended === undefined,
    isSilent: () => ended === undefined && replies.length === 0 && text === '' && lines === '',
    handOn: () => {
      socket
        .off('data', read)
        .off('error', onError)
        .off('close', onClose)
        .off('end', onClose)
        .off('timeout', onTimeout);
    },
    end,
  };
}

type Conversation = ReturnType<typeof conversation>;

/** Resolves when the socket is connected (and secured). */
function connected(socket: Socket, event: 'connect' | 'secureConnect', seconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(
      () => fail(new SmtpError('ETIMEDOUT', 'no connection within the time allowed')),
      seconds * 1000,
    );
    const onClose = (): void => fail(new SmtpError('ECONNECTION', 'the server closed the connection'));
    socket.once('error', fail).once('close', onClose);
    socket.once(event, () => {
      clearTimeout(timer);
      socket.off('error', fail).off('close', onClose);
      resolve();
    });
    socket.once('close', () => clearTimeout(timer));
  });
}

async function logIn(
  talk: Conversation,
  offered: string,
  auth: { readonly user: string; readonly pass: string },
): Promise<void> {
  const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
  const ask = async (what: string): Promise<Reply> => {
    talk.say(`${what}\r\n`);
    const reply = await talk.next();
    if (isRefusal(reply)) throw rejected('EAUTH', 'AUTH', reply);
    return reply;
  };
  const methods = /^AUTH[ =](.*)$/im.exec(offered)?.[1]?.toUpperCase().split(/\s+/) ?? [];
  if (methods.length === 0 || methods.includes('PLAIN')) {
    const reply = await ask(`AUTH PLAIN ${base64(`\0${auth.user}\0${auth.pass}`)}`);
    if (reply.code >= 300) throw rejected('EAUTH', 'AUTH', reply);
  } else if (methods.includes('LOGIN')) {
    await ask('AUTH LOGIN');
    await ask(base64(auth.user));
    await ask(base64(auth.pass));
  } else if (methods.includes('CRAM-MD5')) {
    const challenge = Buffer.from((await ask('AUTH CRAM-MD5')).text.slice(4), 'base64');
    const digest = createHmac('md5', auth.pass).update(challenge).digest('hex');
    await ask(base64(`${auth.user} ${digest}`));
  } else
    throw new SmtpError(
      'EAUTH',
      `the server knows none of PLAIN, LOGIN and CRAM-MD5 but ${methods.join(', ')}`,
      'AUTH',
    );
}

/** Connects, secures and logs in. Throws a SmtpError or the network's own error. */
export async function dial(config: SmtpConfig): Promise<Line> {
  const { host, port, tls } = config;
  const patienceSeconds = Math.min(GREETING_SECONDS_MAX, config.timeoutSeconds);
  const servername = isIP(host) === 0 ? host : undefined;
  const isImplicit = tls === 'implicit';
  let socket: Socket = isImplicit
    ? connectTls({ host, port, ...(servername !== undefined && { servername }) })
    : connectPlain({ host, port });
  await connected(socket, isImplicit ? 'secureConnect' : 'connect', patienceSeconds);
  socket.setNoDelay(true);
  socket.setTimeout(patienceSeconds * 1000);
  let talk = conversation(socket);
  try {
    const greeting = await talk.next();
    if (isRefusal(greeting)) throw rejected('EPROTOCOL', 'CONN', greeting);
    const hello = async (): Promise<string> => {
      const name = config.name ?? ownName();
      talk.say(`EHLO ${name}\r\n`);
      const reply = await talk.next();
      if (!isRefusal(reply)) return reply.text.replaceAll(/^\d{3}[ -]/gm, '');
      talk.say(`HELO ${name}\r\n`);
      const plain = await talk.next();
      if (isRefusal(plain)) throw rejected('EPROTOCOL', 'HELO', plain);
      return '';
    };
    let offered = await hello();
    const offersTls = /^STARTTLS\b/im.test(offered);
    if (tls === 'require' && !offersTls) throw new SmtpError('ETLS', 'the server does not offer STARTTLS', 'STARTTLS');
    if (offersTls && (tls === 'require' || tls === 'offer')) {
      talk.say('STARTTLS\r\n');
      const reply = await talk.next();
      if (isRefusal(reply)) throw rejected('ETLS', 'STARTTLS', reply);
      // Whatever came in the clear behind the answer is not the server's word (CVE-2011-0411).
      if (!talk.isSilent()) throw new SmtpError('ETLS', 'the server spoke before TLS had begun', 'STARTTLS');
      talk.handOn();
      socket.setTimeout(0);
      const secured = connectTls({ socket, ...(servername === undefined ? { host } : { servername, host }) });
      await connected(secured, 'secureConnect', patienceSeconds);
      socket = secured;
      socket.setTimeout(patienceSeconds * 1000);
      talk = conversation(socket);
      offered = await hello();
    }
    if (config.auth) await logIn(talk, offered, config.auth);
    socket.setTimeout(config.timeoutSeconds * 1000);
    return lineOver(socket, talk, offered);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function lineOver(socket: Socket, talk: Conversation, offered: string): Line {
  const pipelines = /^PIPELINING\b/im.test(offered);
  const size = /^SIZE(?:[ =](\d+))?/im.exec(offered);
  const sizeMax = Number(size?.[1] ?? 0);

  const ask = async (command: string): Promise<Reply> => {
    talk.say(command);
    return talk.next();
  };
  const commandOf = (command: (typeof ENVELOPE)[number], mail: RawMail): string => {
    switch (command) {
      case 'MAIL FROM':
        return `MAIL FROM:<${mail.envelopeFrom}>${size ? ` SIZE=${mail.raw.length}` : ''}\r\n`;
      case 'RCPT TO':
        return `RCPT TO:<${mail.envelopeTo}>\r\n`;
      case 'DATA':
        return 'DATA\r\n';
    }
  };
  const envelopeOf = (mail: RawMail): string => ENVELOPE.map((command) => commandOf(command, mail)).join('');
  /** What cannot be said on this line at all. */
  const faultOf = (mail: RawMail): SmtpError | undefined => {
    // Ours are always plain; this keeps a broken one from becoming a command.
    if (!PLAIN_PATH.test(mail.envelopeFrom) || !PLAIN_PATH.test(mail.envelopeTo))
      return new SmtpError('EENVELOPE', 'not an address', 'API');
    if (sizeMax > 0 && mail.raw.length > sizeMax)
      return new SmtpError('EMESSAGE', `${mail.raw.length} bytes are more than the ${sizeMax} the server takes`, 'API');
    return undefined;
  };
  /** The mail whose envelope went out behind the last one. */
  let announced: RawMail | undefined;

  /** Says who it is from and to, if that has not been said; throws the first refusal, with the line ready for the next message where it can be. */
  const envelope = async (mail: RawMail, isAnnounced: boolean): Promise<void> => {
    let refusal: SmtpError | undefined;
    if (pipelines && !isAnnounced) talk.say(envelopeOf(mail));
    for (const command of ENVELOPE) {
      const reply = await (pipelines ? talk.next() : ask(commandOf(command, mail)));
      if (command === 'DATA' && reply.code === 354) {
        if (refusal === undefined) return;
        // Pipelined, and ready for a body although nobody is to have it (RFC 2920 3.1): an empty one ends it.
        await ask('.\r\n');
      } else if (isRefusal(reply) || command === 'DATA') {
        // Announced before the server said so: it speaks of the connection, and of this message nothing was heard.
        if (isAnnounced && reply.code === 421 && refusal === undefined)
          throw talk.end(new SmtpError('ECONNECTION', reply.text));
        refusal ??= rejected('EENVELOPE', command, reply);
        if (!pipelines) break;
      }
    }
    if (refusal?.responseCode === 421) socket.destroy();
    else if (isRefusal(await ask('RSET\r\n'))) socket.destroy();
    throw refusal!;
  };

  const line: Line = {
    sent: 0,
    isAlive: () => !socket.destroyed && (announced === undefined ? talk.isSilent() : talk.isOpen()),
    mayAnnounce: (mail) => pipelines && faultOf(mail) === undefined,
    transmit: async (mail, mayGo, onLeaving) => {
      line.sent++;
      const isAnnounced = announced !== undefined;
      if (isAnnounced && announced !== mail) throw talk.end(new SmtpError('ECONNECTION', 'another mail was announced'));
      announced = undefined;
      const fault = faultOf(mail);
      if (fault !== undefined) throw fault;
      await envelope(mail, isAnnounced);
      let pieces = dotsDoubled(mail.raw);
      if (mail.raw.length > CHUNK_BYTES) {
        const body = Buffer.concat(pieces);
        let from = 0;
        for (; body.length - from > CHUNK_BYTES; from += CHUNK_BYTES) {
          if (socket.write(body.subarray(from, from + CHUNK_BYTES))) continue;
          await new Promise<void>((resolve) => {
            socket.once('drain', resolve).once('close', () => resolve());
          });
          if (!talk.isOpen()) break;
        }
        pieces = [body.subarray(from)];
      }
      if (!talk.isOpen()) await talk.next();
      if (!(await mayGo())) {
        socket.destroy();
        throw new SmtpError('ESTOPPED', 'stopped before the last byte');
      }
      if (!talk.isOpen()) await talk.next();
      announced = onLeaving();
      const end = `${mail.raw.at(-1) === 10 ? '' : '\r\n'}.\r\n${announced === undefined ? '' : envelopeOf(announced)}`;
      talk.say(Buffer.concat([...pieces, Buffer.from(end, 'latin1')]));
      const reply = await talk.next();
      if (reply.code === 421) socket.destroy();
      if (isRefusal(reply)) throw rejected('EMESSAGE', 'DATA', reply);
      return reply.text;
    },
    quit: () => {
      if (talk.isOpen()) socket.end('QUIT\r\n');
      setTimeout(() => socket.destroy(), 1_000).unref();
    },
    destroy: (error) => void talk.end(error ?? new SmtpError('ECONNECTION', 'hung up')),
  };
  return line;
}
