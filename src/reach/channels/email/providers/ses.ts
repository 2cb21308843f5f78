// Amazon SES, API v2. Takes our own MIME, signed by us; it replaces Message-ID and Date, so our signature leaves those two out. Its bounces go
// to its own return path and come back through SNS, with our mark among the tags when a configuration set publishes them.
import { z } from 'zod';
import { ok, refused } from '../../../../kernel/result.ts';
import { signAddressToken } from '../../../tracking/token.ts';
import type { SendOutcome } from '../../channel.ts';
import { httpClient, outcomeOfStatus, type HttpAnswer } from '../../http/exchange.ts';
import { readAs } from '../../sms/answers.ts';
import { whenBuilt } from './finished.ts';
import {
  isFresh,
  laterBy,
  MAIL_FAULT,
  refusedBy,
  type MailFault,
  type MailProvider,
  type MailProviderOptions,
} from './provider.ts';
import { readSesEvent } from './ses-events.ts';
import type { MailSettingsOf } from './settings.ts';
import { signAws4 } from './sigv4.ts';
import { isAwsAddress, snsCertificates, snsMessageSchema, isSignedBySns } from './sns.ts';

const sentSchema = z.looseObject({ MessageId: z.string().min(1) });
const errorSchema = z.looseObject({
  __type: z.string().optional(),
  message: z.string().optional(),
  Message: z.string().optional(),
});

const FAULTS: Readonly<Record<string, MailFault | 'later'>> = {
  TooManyRequestsException: 'later',
  ThrottlingException: 'later',
  LimitExceededException: 'later',
  AccountSuspendedException: MAIL_FAULT.account,
  SendingPausedException: MAIL_FAULT.account,
  MailFromDomainNotVerifiedException: MAIL_FAULT.account,
  NotFoundException: MAIL_FAULT.account,
  BadRequestException: MAIL_FAULT.content,
};

/** `com.amazonaws.ses#MessageRejected:http://…` → `MessageRejected`. */
const errorName = (text: string): string => text.split(':')[0]!.split('#').at(-1)!.trim();

function outcomeOf(answer: HttpAnswer, now: Date): SendOutcome {
  const { status } = answer;
  if (status === 200) {
    const said = readAs(sentSchema, answer.body);
    return said === undefined
      ? { kind: 'unknown', detail: 'accepted without an id' }
      : { kind: 'sent', providerId: said.MessageId, response: 'accepted by SES' };
  }
  const error = readAs(errorSchema, answer.body);
  const code = errorName(answer.headers['x-amzn-errortype'] ?? error?.__type ?? '');
  const detail = error?.message ?? error?.Message ?? `HTTP ${status}`;
  if (code === '' || status >= 500) return outcomeOfStatus(answer, now);
  if (status === 401 || status === 403) return refusedBy(MAIL_FAULT.account, code, detail);
  // An identity that is not verified is ours to verify; anything else that SES rejects is in the message.
  if (code === 'MessageRejected')
    return refusedBy(/not verified|sandbox/i.test(detail) ? MAIL_FAULT.account : MAIL_FAULT.content, code, detail);
  const fault = status === 429 ? 'later' : (FAULTS[code] ?? MAIL_FAULT.content);
  return fault === 'later' ? laterBy(code, detail, answer, now) : refusedBy(fault, code, detail);
}

const UNHEARD = Symbol('unheard');

/** What Amazon said; a line that is broken, slow or says something else is no word about the report. */
async function heard<T>(ask: () => Promise<T>): Promise<T | typeof UNHEARD> {
  try {
    return await ask();
  } catch {
    return UNHEARD;
  }
}

export function sesMail(settings: MailSettingsOf<'ses'>, options: MailProviderOptions): MailProvider {
  const http = httpClient(settings.timeoutMs);
  const { now, secret, dkimKeys, fetchText } = options;
  const certificates = snsCertificates(fetchText);
  const { keyId, keySecret, sessionToken, region, configurationSet, topicArn } = settings;
  const base = new URL(settings.baseUrl ?? `https://email.${region}.amazonaws.com`).origin;
  const url = `${base}/v2/email/outbound-emails`;
  return {
    key: 'ses',
    channel: {
      key: 'email',
      send: (mail, signal, mayLeave) =>
        whenBuilt(mail, { secret, dkimKeys, rewritten: ['message-id', 'date'] }, async (raw) => {
          const body = JSON.stringify({
            FromEmailAddress: mail.from.address,
            Destination: { ToAddresses: [raw.envelopeTo] },
            Content: { Raw: { Data: raw.raw.toString('base64') } },
            EmailTags: [{ Name: 'rekindle', Value: signAddressToken(secret, mail.messageId) }],
            ...(configurationSet === undefined ? {} : { ConfigurationSetName: configurationSet }),
          });
          const unsigned = { method: 'POST', url, headers: { 'content-type': 'application/json' }, body } as const;
          const headers = signAws4(
            { id: keyId, secret: keySecret, sessionToken },
            { region, service: 'ses' },
            unsigned,
            now(),
          );
          const answer = await http.exchange({ ...unsigned, headers }, signal, mayLeave);
          return answer.kind === 'answered' ? outcomeOf(answer, now()) : answer;
        }),
      close: () => {
        http.close();
        return Promise.resolve();
      },
    },
    read: async ({ body }, at) => {
      const message = readAs(snsMessageSchema, body);
      if (message === undefined) return refused('unreadable');
      if (topicArn !== undefined && message.TopicArn !== topicArn) return refused('not_authentic');
      const key = await heard(() => certificates(message.SigningCertURL, at));
      if (key === UNHEARD) return refused('unproven');
      if (key === undefined || !isSignedBySns(message, key)) return refused('not_authentic');
      const signedAt = new Date(message.Timestamp);
      if (Number.isNaN(signedAt.getTime()) || !isFresh(signedAt, at)) return refused('too_old');
      switch (message.Type) {
        case 'SubscriptionConfirmation':
          if (message.SubscribeURL === undefined || !isAwsAddress(message.SubscribeURL))
            return refused('not_authentic');
          const { SubscribeURL } = message;
          const confirmed = await heard(() => fetchText(SubscribeURL));
          return confirmed === UNHEARD ? refused('unproven') : ok([]);
        case 'UnsubscribeConfirmation':
          return ok([]);
        case 'Notification': {
          const reports = readSesEvent(message.Message, message.MessageId, secret, at);
          return reports === undefined ? refused('unreadable') : ok(reports);
        }
      }
    },
  };
}
