// Hands raw mail to an SMTP server over a pool of connections and says what became of it. Its answer must be exact: a message is
// `handedOver` from the moment its last bytes are given to the connection, since only after that can the final dot be on the wire. Lost
// before: `unavailable`. Lost after: `unknown`. The gate is asked at that moment and not earlier, because a message may wait long for a
// connection or for a slow server. A message that waits for a connection may be announced on one behind the message that is leaving on it;
// nothing but its envelope is said before its own turn, and where that does not come soon it goes another way.
import { RekindleError } from '../../../kernel/errors.ts';
import type { Channel, HandOverGate, SendOutcome } from '../channel.ts';
import type { RawMail } from './mime.ts';
import { dial, SmtpError, type Line } from './smtp-line.ts';
import { outcomeOf, type SmtpFailure } from './smtp-outcome.ts';
import { parseSmtpUrl } from './smtp-url.ts';

/** Shorter than any server's own patience, so that it is we who end an idle connection. */
const IDLE_MS = 60_000;

/** Until then an announced message waits for the answer to the one before it, even if another connection is free. */
const PATIENCE_MS = 1_000;

type Attempt = { readonly outcome: SendOutcome; readonly gateWasAsked: boolean };

/** A message and its place in the queue. */
type Job = {
  readonly mail: RawMail;
  readonly signal: AbortSignal | undefined;
  readonly mayLeave: HandOverGate | undefined;
  /** It may use a connection: the one on which it is announced, or any. */
  readonly begin: (announcedOn: Line | undefined) => void;
};

/** A message announced behind another one; `job` is undefined once it has gone another way. */
type Follower = { job: Job | undefined; isOverdue: boolean };

// Postfix, Exim, Exchange and most relays name the message they took; the name finds it in their logs.
const providerIdOf = (response: string): string | undefined =>
  /(?:queued (?:mail for delivery )?as|\bid=)\s*<?([\w.+@-]+)/i.exec(response)?.[1];

const failureOf = (error: unknown): SmtpFailure => (error instanceof Error ? error : { message: String(error) });

async function transmit(
  line: Line,
  { mail, signal, mayLeave }: Job,
  announce: (line: Line) => RawMail | undefined,
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
    const response = await line.transmit(mail, mayGo, () => {
      handedOver = true;
      return announce(line);
    });
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
  const waiting: Job[] = [];
  const followers = new Set<Follower>();
  let free = config.pool;
  let closed = false;
  let whenEmpty: (() => void) | undefined;

  const hangUp = (line: Line): void => {
    line.quit();
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

  /** Of those whose connection keeps silent, the first. */
  const takeOverdue = (): Job | undefined => {
    for (const follower of followers)
      if (follower.isOverdue) {
        const { job } = follower;
        follower.job = undefined;
        followers.delete(follower);
        return job;
      }
    return undefined;
  };
  const giveSlot = (): void => {
    const next = waiting.shift() ?? takeOverdue();
    if (next) return next.begin(undefined);
    free++;
    if (free === config.pool) whenEmpty?.();
  };
  /** Takes the next in the queue along with what is leaving now, if the line has room for it. */
  const follow = (line: Line): Follower | undefined => {
    const [job] = waiting;
    if (job === undefined || job.signal?.aborted || line.sent >= config.maxMessages || !line.mayAnnounce(job.mail))
      return undefined;
    waiting.shift();
    const follower: Follower = { job, isOverdue: false };
    followers.add(follower);
    return follower;
  };
  const watch = (follower: Follower): NodeJS.Timeout =>
    setTimeout(() => {
      follower.isOverdue = true;
      if (free === 0) return;
      free--;
      takeOverdue()?.begin(undefined);
    }, PATIENCE_MS);

  /** Sends one; the connection and the right to use one go on to whoever is announced on it. */
  const deliver = async (job: Job, announcedOn: Line | undefined): Promise<SendOutcome> => {
    const { signal } = job;
    let follower: Follower | undefined;
    let patience: NodeJS.Timeout | undefined;
    let carrier: Line | undefined;
    const announce = (line: Line): RawMail | undefined => {
      follower = follow(line);
      if (follower === undefined) return undefined;
      carrier = line;
      patience = watch(follower);
      return follower.job?.mail;
    };
    try {
      for (let expecting = announcedOn; ; expecting = undefined) {
        if (signal?.aborted) {
          expecting?.destroy();
          return { kind: 'unavailable', detail: 'aborted' };
        }
        const known = expecting ?? reuse();
        let line = known;
        try {
          line ??= await dial(config);
        } catch (error) {
          return outcomeOf(failureOf(error), false);
        }
        if (signal?.aborted) {
          park(line);
          return { kind: 'unavailable', detail: 'aborted' };
        }
        const { outcome, gateWasAsked } = await transmit(line, job, announce);
        if (!line.isAlive()) line.destroy();
        else if (follower === undefined) park(line);
        // A line that was known may have died unnoticed; nothing of the message left, so the next one may have it. The gate opens once.
        if (outcome.kind !== 'unavailable' || !known || gateWasAsked || signal?.aborted) return outcome;
      }
    } finally {
      clearTimeout(patience);
      const next = follower?.job;
      if (follower !== undefined) followers.delete(follower);
      if (next !== undefined) next.begin(carrier?.isAlive() === true ? carrier : undefined);
      else {
        // The envelope of somebody who has gone another way is open on it.
        carrier?.destroy();
        giveSlot();
      }
    }
  };

  return {
    key: 'email',
    send: async (mail, signal, mayLeave) => {
      if (closed) return { kind: 'unavailable', detail: 'the channel is closed' };
      return new Promise((resolve, reject) => {
        const job: Job = {
          mail,
          signal,
          mayLeave,
          // Not at once: of thousands who are called off together each would begin inside the end of the one before.
          begin: (announcedOn) =>
            void Promise.resolve()
              .then(() => deliver(job, announcedOn))
              .then(resolve, reject),
        };
        if (free === 0) waiting.push(job);
        else {
          free--;
          job.begin(undefined);
        }
      });
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
