// What became of a message, given how SMTP ended? An answer of the server decides; without one, only the moment matters: before
// the whole message was handed over it is certainly not sent, afterwards nobody can know.
import type { SendOutcome } from '../channel.ts';
import { judgeBounce, readReply } from './bounce-policy.ts';

/** The parts of a nodemailer SMTP error that carry meaning. */
export type SmtpFailure = {
  readonly message: string;
  readonly code?: string | undefined;
  readonly command?: string | undefined;
  readonly response?: string | undefined;
  readonly responseCode?: number | undefined;
};

const oneLineDetail = (text: string): string => text.replaceAll(/\s+/g, ' ').trim().slice(0, 500);

/** "try again in 300 seconds", "retry after 5 minutes". */
export function retryAfterSeconds(text: string): number | undefined {
  const found = /(?:in|after|for)\s+(\d{1,6})\s*(s|sec|seconds?|m|min|minutes?|h|hours?)\b/i.exec(text);
  if (!found) return undefined;
  const unit = found[2]!.charAt(0).toLowerCase();
  return Number(found[1]) * (unit === 'h' ? 3600 : unit === 'm' ? 60 : 1);
}

// A refusal to talk to us at all (greeting, EHLO, STARTTLS, AUTH) says nothing about this message.
const isAboutMessage = (failure: SmtpFailure, handedOver: boolean): boolean =>
  handedOver || failure.code === 'EENVELOPE' || failure.code === 'EMESSAGE' || failure.responseCode === 421;

function stageOf(command: string | undefined): 'mail' | 'rcpt' | 'data' | undefined {
  if (command?.startsWith('MAIL')) return 'mail';
  if (command?.startsWith('RCPT')) return 'rcpt';
  return command?.startsWith('DATA') ? 'data' : undefined;
}

/** `handedOver`: the last byte of the message had been given to the connection, so its end may have reached the server. */
export function outcomeOf(failure: SmtpFailure, handedOver: boolean): SendOutcome {
  const detail = oneLineDetail(failure.response ?? failure.message);
  const code = failure.responseCode;
  if (code !== undefined && code >= 400 && code < 600 && isAboutMessage(failure, handedOver)) {
    const status = readReply(failure.response ?? '').status;
    if (code < 500) {
      const wait = retryAfterSeconds(detail);
      return {
        kind: 'deferred',
        code: status ?? String(code),
        detail,
        ...(wait !== undefined && { retryAfterSeconds: wait }),
      };
    }
    const verdict = judgeBounce({ status, code: String(code), text: detail, stage: stageOf(failure.command) });
    return {
      kind: 'rejected',
      class: verdict.class,
      permanent: verdict.permanent,
      code: status ?? String(code),
      detail,
    };
  }
  if (handedOver) return { kind: 'unknown', detail };
  // RFC 4954: a user or password that is not taken now will not be taken for the next mail either.
  if (failure.code === 'EAUTH' && code !== undefined && code >= 500)
    return { kind: 'rejected', class: 'account', permanent: false, code: String(code), detail };
  // Refused by our own client before a word was said about it.
  if (failure.code === 'EMESSAGE')
    return { kind: 'rejected', class: 'content', permanent: true, code: 'local', detail };
  if (failure.code === 'EENVELOPE' && failure.command === 'API') {
    return { kind: 'rejected', class: 'address', permanent: true, code: 'local', detail };
  }
  return { kind: 'unavailable', detail };
}
