// Hands raw mail to an SMTP server over a pool of connections and says what became of it. nodemailer speaks the protocol; the
// pool is ours because its answer must be exact: a message is `handedOver` from the moment its last byte is given to the
// connection, since only after that can the final dot be on the wire. Lost before: `unavailable`. Lost after: `unknown`. The gate is
// asked at that moment and not earlier, because a message may wait long for a connection or for a slow server.
import { Readable } from 'node:stream';
import SmtpConnection from 'nodemailer/lib/smtp-connection';
import { RekindleError } from '../../../kernel/errors.ts';
import type { Channel, HandOverGate, SendOutcome } from '../channel.ts';
import type { RawMail } from './mime.ts';
import { outcomeOf, type SmtpFailure } from './smtp-outcome.ts';
import { parseSmtpUrl, type SmtpConfig } from './smtp-url.ts';

/** Shorter than any server's own patience, so that it is we who end an idle connection. */
const IDLE_MS = 60_000;
const CHUNK_BYTES = 64 * 1024;

type Line = { readonly connection: SmtpConnection; sent: number; alive: boolean; onEnd: () => void };
type Attempt = { readonly outcome: SendOutcome; readonly lineUsable: boolean; readonly refusedByGate?: true };

// Postfix, Exim, Exchange and most relays name the message they took; the name finds it in their logs.
const providerIdOf = (response: string): string | undefined =>
  /(?:queued (?:mail for delivery )?as|\bid=)\s*<?([\w.+@-]+)/i.exec(response)?.[1];

const failureOf = (error: unknown): SmtpFailure => (error instanceof Error ? error : { message: String(error) });

function dial(config: SmtpConfig): Promise<Line> {
  const connection = new SmtpConnection({
    host: config.host,
    port: config.port,
    secure: config.tls === 'implicit',
    requireTLS: config.tls === 'require',
    ignoreTLS: config.tls === 'off',
    connectionTimeout: Math.min(30, config.timeoutSeconds) * 1000,
    greetingTimeout: Math.min(30, config.timeoutSeconds) * 1000,
    socketTimeout: config.timeoutSeconds * 1000,
    ...(config.name !== undefined && { name: config.name }),
  });
  return new Promise((resolve, reject) => {
    const line: Line = {
      connection,
      sent: 0,
      alive: true,
      onEnd: () => reject(new Error('the server closed the connection')),
    };
    const fail = (error: Error): void => {
      line.alive = false;
      reject(error);
      connection.close();
    };
    connection.on('error', fail);
    connection.once('end', () => {
      line.alive = false;
      // The connection tells its caller first, where it does.
      setImmediate(() => line.onEnd());
    });
    connection.connect((error) => {
      if (error) fail(error);
      else if (config.auth) connection.login(config.auth, (refused) => (refused ? fail(refused) : resolve(line)));
      else resolve(line);
    });
  });
}

function transmit(
  line: Line,
  mail: RawMail,
  signal: AbortSignal | undefined,
  mayLeave: HandOverGate | undefined,
): Promise<Attempt> {
  return new Promise((resolve) => {
    let handedOver = false;
    let settled = false;
    let offset = 0;
    const source = new Readable({
      read() {
        if (offset < mail.raw.length) this.push(mail.raw.subarray(offset, (offset += CHUNK_BYTES)));
        else void leave();
      },
    });
    const settle = (attempt: Attempt): void => {
      if (settled) return;
      settled = true;
      signal?.removeEventListener('abort', onAbort);
      line.onEnd = () => {};
      resolve(attempt);
    };
    const lost = (error: unknown): void =>
      settle({ outcome: outcomeOf(failureOf(error), handedOver), lineUsable: false });
    const leave = async (): Promise<void> => {
      try {
        const allowed = mayLeave === undefined || (await mayLeave());
        if (settled) return;
        if (!allowed) throw new Error('stopped before the last byte');
        handedOver = true;
        source.push(null);
      } catch (error) {
        // Closing before the final dot takes the message back.
        settle({ outcome: outcomeOf(failureOf(error), false), lineUsable: false, refusedByGate: true });
        line.connection.close();
      }
    };
    const onAbort = (): void => {
      lost(new Error('aborted'));
      line.connection.close();
    };
    line.onEnd = () => lost(new Error('the server closed the connection'));
    signal?.addEventListener('abort', onAbort, { once: true });
    const envelope = { from: mail.envelopeFrom, to: [mail.envelopeTo], size: mail.raw.length };
    line.connection.send(envelope, source, (error, info) => {
      if (!error) {
        const response = info.response ?? '';
        const providerId = info.serverMessageId ?? providerIdOf(response) ?? mail.messageId;
        return settle({ outcome: { kind: 'sent', providerId, response }, lineUsable: true });
      }
      const outcome = outcomeOf(failureOf(error), handedOver);
      if (!line.alive || outcome.kind === 'unavailable' || outcome.kind === 'unknown') {
        return settle({ outcome, lineUsable: false });
      }
      // The server refused this message, not the connection; a reset makes it good for the next one.
      line.onEnd = () => settle({ outcome, lineUsable: false });
      line.connection.reset((failed) => settle({ outcome, lineUsable: !failed }));
    });
  });
}

/** A channel over one SMTP server, from the URL of `parseSmtpUrl`. */
export function smtpChannel(url: string): Channel<RawMail> {
  const config = parseSmtpUrl(url);
  const idle: { line: Line; timer: NodeJS.Timeout }[] = [];
  const waiting: (() => void)[] = [];
  let free = config.pool;
  let closed = false;
  let whenEmpty: (() => void) | undefined;

  const hangUp = (line: Line): void => {
    if (line.alive) line.connection.quit();
  };
  const takeSlot = (): Promise<void> | undefined => {
    if (free === 0) return new Promise((resolve) => waiting.push(resolve));
    free--;
    return undefined;
  };
  const giveSlot = (): void => {
    const next = waiting.shift();
    if (next) return next();
    free++;
    if (free === config.pool) whenEmpty?.();
  };
  const park = (line: Line): void => {
    if (closed || line.sent >= config.maxMessages) return hangUp(line);
    const timer = setTimeout(() => {
      idle.splice(
        idle.findIndex((parked) => parked.line === line),
        1,
      );
      hangUp(line);
    }, IDLE_MS);
    timer.unref();
    idle.push({ line, timer });
  };
  const reuse = (): Line | undefined => {
    for (let parked = idle.pop(); parked; parked = idle.pop()) {
      clearTimeout(parked.timer);
      if (parked.line.alive) return parked.line;
    }
    return undefined;
  };

  const deliver = async (
    mail: RawMail,
    signal: AbortSignal | undefined,
    mayLeave: HandOverGate | undefined,
  ): Promise<SendOutcome> => {
    for (;;) {
      if (signal?.aborted) return { kind: 'unavailable', detail: 'aborted' };
      const parked = reuse();
      let line = parked;
      try {
        line ??= await dial(config);
      } catch (error) {
        return outcomeOf(failureOf(error), false);
      }
      if (signal?.aborted) {
        park(line);
        return { kind: 'unavailable', detail: 'aborted' };
      }
      const { outcome, lineUsable, refusedByGate } = await transmit(line, mail, signal, mayLeave);
      line.sent++;
      if (lineUsable && line.alive) park(line);
      else line.connection.close();
      // A parked connection may have died unnoticed; nothing of the message left, so the next one may have it.
      if (outcome.kind !== 'unavailable' || !parked || refusedByGate || signal?.aborted) return outcome;
    }
  };

  return {
    key: 'email',
    send: async (mail, signal, mayLeave) => {
      if (closed) return { kind: 'unavailable', detail: 'the channel is closed' };
      await takeSlot();
      try {
        return await deliver(mail, signal, mayLeave);
      } finally {
        giveSlot();
      }
    },
    verify: async () => {
      try {
        hangUp(await dial(config));
      } catch (error) {
        const what = failureOf(error).message;
        throw new RekindleError('mail_server_down', { host: `${config.host}:${config.port}`, what }, { cause: error });
      }
    },
    close: async () => {
      closed = true;
      if (free < config.pool) await new Promise<void>((resolve) => (whenEmpty = resolve));
      for (const parked of idle.splice(0)) {
        clearTimeout(parked.timer);
        hangUp(parked.line);
      }
    },
  };
}
