// Hands raw mail to an SMTP server over a pool of connections and says what became of it. Its answer must be exact: a message is
// `handedOver` from the moment its last bytes are given to the connection, since only after that can the final dot be on the wire. Lost
// before: `unavailable`. Lost after: `unknown`. The gate is asked at that moment and not earlier, because a message may wait long for a
// connection or for a slow server.
import { RekindleError } from '../../../kernel/errors.ts';
import type { Channel, HandOverGate, SendOutcome } from '../channel.ts';
import type { RawMail } from './mime.ts';
import { dial, SmtpError, type Line } from './smtp-line.ts';
import { outcomeOf, type SmtpFailure } from './smtp-outcome.ts';
import { parseSmtpUrl } from './smtp-url.ts';

/** Shorter than any server's own patience, so that it is we who end an idle connection. */
const IDLE_MS = 60_000;

type Attempt = { readonly outcome: SendOutcome; readonly gateWasAsked: boolean };

// Postfix, Exim, Exchange and most relays name the message they took; the name finds it in their logs.
const providerIdOf = (response: string): string | undefined =>
  /(?:queued (?:mail for delivery )?as|\bid=)\s*<?([\w.+@-]+)/i.exec(response)?.[1];

const failureOf = (error: unknown): SmtpFailure => (error instanceof Error ? error : { message: String(error) });

async function transmit(
  line: Line,
  mail: RawMail,
  signal: AbortSignal | undefined,
  mayLeave: HandOverGate | undefined,
): Promise<Attempt> {
  let handedOver = false;
  const gate = { wasAsked: false, isOpen: false };
  const mayGo = async (): Promise<boolean> => {
    gate.wasAsked = true;
    gate.isOpen = mayLeave === undefined || (await mayLeave());
    return gate.isOpen;
  };
  const onAbort = (): void => line.destroy(new SmtpError('EABORTED', 'aborted'));
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const response = await line.transmit(mail, mayGo, () => (handedOver = true));
    const providerId = providerIdOf(response) ?? mail.messageId;
    return { outcome: { kind: 'sent', providerId, response }, gateWasAsked: true };
  } catch (error) {
    // Hanging up before the final dot takes the message back.
    if (gate.wasAsked && !gate.isOpen) line.destroy();
    return { outcome: outcomeOf(failureOf(error), handedOver), gateWasAsked: gate.wasAsked };
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
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
    line.quit();
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
      if (parked.line.isAlive()) return parked.line;
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
      const { outcome, gateWasAsked } = await transmit(line, mail, signal, mayLeave);
      if (line.isAlive()) park(line);
      else line.destroy();
      // A parked connection may have died unnoticed; nothing of the message left, so the next one may have it. The gate opens once.
      if (outcome.kind !== 'unavailable' || !parked || gateWasAsked || signal?.aborted) return outcome;
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
