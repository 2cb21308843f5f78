// SendGrid, API v3. It builds the mail itself from fields and signs it with the domain it was authenticated for; our one-click headers, list id
// and Feedback-ID are handed over as headers, its own tracking and its own unsubscribe words are switched off.
import { verify } from 'node:crypto';
import { z } from 'zod';
import { ok, refused } from '../../../../kernel/result.ts';
import { oneLine } from '../../../templates/context.ts';
import { signAddressToken } from '../../../tracking/token.ts';
import type { SendOutcome } from '../../channel.ts';
import { httpClient, outcomeOfStatus, type HttpAnswer } from '../../http/exchange.ts';
import { readAs } from '../../sms/answers.ts';
import { judgeBounce, VERDICTS, type BounceVerdict } from '../bounce-policy.ts';
import { listHeaders, type MailToSend } from '../mime.ts';
import { whenBuilt } from './finished.ts';
import {
  instantOf,
  isFresh,
  laterBy,
  MAIL_FAULT,
  messageBehind,
  refusedBy,
  type MailProvider,
  type MailProviderOptions,
  type MailReport,
} from './provider.ts';
import { verificationKey } from './sendgrid-key.ts';
import type { MailSettingsOf } from './settings.ts';

const errorSchema = z.looseObject({
  errors: z.array(z.looseObject({ message: z.string(), field: z.string().nullish() })).min(1),
});
const eventSchema = z.looseObject({
  event: z.string(),
  email: z.string().optional(),
  timestamp: z.number().optional(),
  sg_event_id: z.string().min(1),
  sg_message_id: z.string().optional(),
  rekindle: z.unknown().optional(),
  reason: z.string().optional(),
  status: z.string().optional(),
  type: z.string().optional(),
});
type SendgridEvent = z.output<typeof eventSchema>;

function outcomeOf(answer: HttpAnswer, now: Date): SendOutcome {
  const { status } = answer;
  if (status === 202) {
    const providerId = answer.headers['x-message-id'];
    return providerId === undefined || providerId === ''
      ? { kind: 'unknown', detail: 'accepted without an id' }
      : { kind: 'sent', providerId, response: 'accepted by SendGrid' };
  }
  const error = readAs(errorSchema, answer.body)?.errors[0];
  if (error === undefined || status >= 500) return outcomeOfStatus(answer, now);
  const code = `http_${status}`;
  if (status === 429) return laterBy(code, error.message, answer, now, 'x-ratelimit-reset');
  if (status === 401 || status === 403) return refusedBy(MAIL_FAULT.account, code, error.message);
  if (/^personalizations\.\d+\.to/.test(error.field ?? ''))
    return refusedBy(MAIL_FAULT.address, code, `${error.field}: ${error.message}`);
  const isSender = status === 404 || error.field === 'from' || error.field?.startsWith('from.') === true;
  return refusedBy(isSender ? MAIL_FAULT.account : MAIL_FAULT.content, code, error.message);
}

const bodyOf = (mail: MailToSend, to: string, secret: string): string =>
  JSON.stringify({
    personalizations: [{ to: [{ email: to }] }],
    from: { email: mail.from.address, name: oneLine(mail.from.name ?? '') },
    ...(mail.replyTo === undefined ? {} : { reply_to: { email: mail.replyTo.address } }),
    subject: oneLine(mail.subject),
    content: [
      { type: 'text/plain', value: mail.text },
      { type: 'text/html', value: mail.html },
    ],
    headers: Object.fromEntries(listHeaders(mail, secret)),
    // Comes back with every event.
    custom_args: { rekindle: signAddressToken(secret, mail.messageId) },
    tracking_settings: {
      click_tracking: { enable: false, enable_text: false },
      open_tracking: { enable: false },
      subscription_tracking: { enable: false },
    },
  });

function bounceVerdict(event: SendgridEvent): BounceVerdict {
  const judged = judgeBounce({ status: event.status, text: event.reason ?? '' });
  // "Blocked" is a refusal of this mail, not of the address, whatever the server wrote.
  if (event.type === 'blocked') return judged.class === 'sender' || judged.class === 'content' ? judged : VERDICTS.soft;
  return judged;
}

function reportOf(event: SendgridEvent, secret: string, now: Date): MailReport | undefined {
  const base = {
    messageId: messageBehind(secret, event.rekindle),
    providerId: event.sg_message_id?.split('.')[0],
    recipient: undefined,
    at: instantOf(event.timestamp) ?? now,
    eventId: event.sg_event_id,
  };
  const bounced = (verdict: BounceVerdict): MailReport => ({
    ...base,
    kind: 'bounced',
    verdict,
    status: event.status ?? '',
    detail: event.reason ?? '',
  });
  switch (event.event) {
    case 'delivered':
      return { ...base, kind: 'delivered' };
    case 'bounce':
    case 'blocked':
      return bounced(bounceVerdict(event));
    case 'dropped': {
      const reason = event.reason ?? '';
      if (/unsubscribed/i.test(reason)) return { ...base, kind: 'unsubscribed' };
      if (/spam reporting/i.test(reason)) return { ...base, kind: 'complained' };
      if (/bounced address|^invalid$/i.test(reason.trim())) return bounced(VERDICTS.address);
      return bounced(/spam content/i.test(reason) ? VERDICTS.content : VERDICTS.soft);
    }
    case 'spamreport':
      return { ...base, kind: 'complained' };
    case 'unsubscribe':
    case 'group_unsubscribe':
      return { ...base, kind: 'unsubscribed' };
    default:
      return undefined;
  }
}

export function sendgridMail(settings: MailSettingsOf<'sendgrid'>, options: MailProviderOptions): MailProvider {
  const http = httpClient(settings.timeoutMs);
  const { now, secret } = options;
  const url = `${new URL(settings.baseUrl ?? 'https://api.sendgrid.com').origin}/v3/mail/send`;
  const key = settings.webhookKey === undefined ? undefined : verificationKey(settings.webhookKey);
  return {
    key: 'sendgrid',
    channel: {
      key: 'email',
      send: (mail, signal, mayLeave) =>
        // Built here as well, so that what no server would take is refused by the same rules.
        whenBuilt(mail, { secret, dkimKeys: [] }, async ({ envelopeTo }) => {
          const headers = { authorization: `Bearer ${settings.keySecret}`, 'content-type': 'application/json' };
          const call = { url, method: 'POST', headers, body: bodyOf(mail, envelopeTo, secret) } as const;
          const answer = await http.exchange(call, signal, mayLeave);
          return answer.kind === 'answered' ? outcomeOf(answer, now()) : answer;
        }),
      close: () => {
        http.close();
        return Promise.resolve();
      },
    },
    read: ({ headers, body }, at) => {
      const signature = headers['x-twilio-email-event-webhook-signature'];
      const timestamp = headers['x-twilio-email-event-webhook-timestamp'];
      if (key === undefined || signature === undefined || timestamp === undefined)
        return Promise.resolve(refused('not_authentic'));
      if (!verify('sha256', Buffer.from(timestamp + body), key, Buffer.from(signature, 'base64')))
        return Promise.resolve(refused('not_authentic'));
      const signedAt = instantOf(timestamp);
      if (signedAt === undefined || !isFresh(signedAt, at)) return Promise.resolve(refused('too_old'));
      const events = readAs(z.array(eventSchema), body);
      if (events === undefined) return Promise.resolve(refused('unreadable'));
      return Promise.resolve(ok(events.flatMap((event) => reportOf(event, secret, at) ?? [])));
    },
  };
}
