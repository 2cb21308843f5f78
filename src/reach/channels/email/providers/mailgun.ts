// Mailgun. Takes our own MIME as it is, signed by us; its tracking is switched off, because it would rewrite what we signed.
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { sameText } from '../../../../kernel/hash.ts';
import { ok, refused } from '../../../../kernel/result.ts';
import { signAddressToken } from '../../../tracking/token.ts';
import type { SendOutcome } from '../../channel.ts';
import { httpClient, outcomeOfStatus, type HttpAnswer } from '../../http/exchange.ts';
import { readAs } from '../../sms/answers.ts';
import { judgeBounce, VERDICTS, type BounceVerdict } from '../bounce-policy.ts';
import type { RawMail } from '../mime.ts';
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
import type { MailSettingsOf } from './settings.ts';

const HOSTS = { us: 'https://api.mailgun.net', eu: 'https://api.eu.mailgun.net' } as const;

const sentSchema = z.looseObject({ id: z.string().min(1), message: z.string().default('') });
const errorSchema = z.looseObject({ message: z.string() });
const hookSchema = z.looseObject({
  signature: z.looseObject({
    timestamp: z.union([z.string(), z.number()]).transform(String),
    token: z.string().min(1),
    signature: z.string(),
  }),
  'event-data': z.looseObject({
    event: z.string(),
    timestamp: z.number().optional(),
    severity: z.string().optional(),
    reason: z.string().optional(),
    recipient: z.string().optional(),
    'user-variables': z.looseObject({ rekindle: z.unknown().optional() }).optional(),
    message: z.looseObject({ headers: z.looseObject({ 'message-id': z.string().optional() }).optional() }).optional(),
    'delivery-status': z
      .looseObject({
        code: z.union([z.number(), z.string()]).nullish(),
        'enhanced-code': z.string().nullish(),
        message: z.string().nullish(),
        description: z.string().nullish(),
      })
      .optional(),
  }),
});
type MailgunEvent = z.output<typeof hookSchema>['event-data'];

function outcomeOf(answer: HttpAnswer, now: Date): SendOutcome {
  const { status } = answer;
  if (status === 200) {
    const said = readAs(sentSchema, answer.body);
    return said === undefined
      ? { kind: 'unknown', detail: 'accepted without an id' }
      : { kind: 'sent', providerId: said.id.replaceAll(/^<|>$/g, ''), response: said.message };
  }
  const detail = readAs(errorSchema, answer.body)?.message;
  if (detail === undefined || status >= 500) return outcomeOfStatus(answer, now);
  const code = `http_${status}`;
  if (status === 429) return laterBy(code, detail, answer, now);
  if ([401, 402, 403, 404].includes(status)) return refusedBy(MAIL_FAULT.account, code, detail);
  if (status === 400 && /'?to'? parameter is not a valid address/i.test(detail))
    return refusedBy(MAIL_FAULT.address, code, detail);
  const isSender = /domain .{0,60}(?:not|disabled|unverified|suspend)|account .{0,40}disabled|not allowed to send/i;
  return refusedBy(isSender.test(detail) ? MAIL_FAULT.account : MAIL_FAULT.content, code, detail);
}

/** A form with the mail as a file; the boundary is in no mail of ours, because our tokens never hold it. */
function formOf(raw: RawMail, token: string): { readonly type: string; readonly body: Buffer } {
  const boundary = `rekindle-form-${token}`;
  const field = (name: string, value: string): string =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const head =
    field('to', raw.envelopeTo) +
    field('o:tracking', 'no') +
    field('v:rekindle', token) +
    `--${boundary}\r\nContent-Disposition: form-data; name="message"; filename="message.eml"\r\nContent-Type: message/rfc822\r\n\r\n`;
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([Buffer.from(head), raw.raw, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}

function failureVerdict(event: MailgunEvent, status: string, detail: string): BounceVerdict {
  if (event.severity === 'temporary') return VERDICTS.soft;
  // Refused by Mailgun itself, because the address had bounced before.
  if (event.reason === 'suppress-bounce') return VERDICTS.address;
  const code = String(event['delivery-status']?.code ?? '');
  return judgeBounce({ status, code: /^[245]\d\d$/.test(code) ? code : undefined, text: detail });
}

function reportOf(event: MailgunEvent, eventId: string, secret: string, now: Date): MailReport | undefined {
  const base = {
    messageId: messageBehind(secret, event['user-variables']?.rekindle),
    providerId: event.message?.headers?.['message-id'],
    recipient: undefined,
    at: instantOf(event.timestamp) ?? now,
    eventId,
  };
  const delivery = event['delivery-status'];
  const detail = [delivery?.message, delivery?.description, event.reason].find((text) => (text ?? '') !== '') ?? '';
  const status = delivery?.['enhanced-code'] ?? /(?:^|\s)([245]\.\d{1,3}\.\d{1,3})(?=\s|$)/.exec(detail)?.[1] ?? '';
  switch (event.event) {
    case 'delivered':
      return { ...base, kind: 'delivered' };
    case 'failed':
      if (event.reason === 'suppress-complaint') return { ...base, kind: 'complained' };
      if (event.reason === 'suppress-unsubscribe') return { ...base, kind: 'unsubscribed' };
      return { ...base, kind: 'bounced', verdict: failureVerdict(event, status, detail), status, detail };
    case 'rejected':
      return { ...base, kind: 'bounced', verdict: VERDICTS.content, status, detail };
    case 'complained':
      return { ...base, kind: 'complained' };
    case 'unsubscribed':
      return { ...base, kind: 'unsubscribed' };
    default:
      return undefined;
  }
}

export function mailgunMail(settings: MailSettingsOf<'mailgun'>, options: MailProviderOptions): MailProvider {
  const http = httpClient(settings.timeoutMs);
  const { now, secret, dkimKeys } = options;
  const { webhookKey } = settings;
  const base = new URL(settings.baseUrl ?? HOSTS[settings.region]).origin;
  const url = `${base}/v3/${settings.domain}/messages.mime`;
  const authorization = `Basic ${Buffer.from(`api:${settings.keySecret}`).toString('base64')}`;
  return {
    key: 'mailgun',
    channel: {
      key: 'email',
      send: (mail, signal, mayLeave) =>
        whenBuilt(mail, { secret, dkimKeys }, async (raw) => {
          const { type, body } = formOf(raw, signAddressToken(secret, mail.messageId));
          const call = { url, method: 'POST', headers: { authorization, 'content-type': type }, body } as const;
          const answer = await http.exchange(call, signal, mayLeave);
          return answer.kind === 'answered' ? outcomeOf(answer, now()) : answer;
        }),
      close: () => {
        http.close();
        return Promise.resolve();
      },
    },
    read: ({ body }, at) => {
      const hook = readAs(hookSchema, body);
      if (hook === undefined) return Promise.resolve(refused('unreadable'));
      const { timestamp, token, signature } = hook.signature;
      if (webhookKey === undefined) return Promise.resolve(refused('not_authentic'));
      const expected = createHmac('sha256', webhookKey)
        .update(timestamp + token)
        .digest('hex');
      if (!sameText(signature, expected)) return Promise.resolve(refused('not_authentic'));
      const signedAt = instantOf(timestamp);
      if (signedAt === undefined || !isFresh(signedAt, at)) return Promise.resolve(refused('too_old'));
      // The signature covers nothing but time and token: the token is good once.
      const report = reportOf(hook['event-data'], token, secret, at);
      return Promise.resolve(ok(report === undefined ? [] : [report]));
    },
  };
}
