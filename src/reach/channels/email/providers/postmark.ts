// Postmark. It builds the mail itself from fields, and signs it for the domain it was set up with; our one-click headers, list id and
// Feedback-ID are handed over as headers, and its tracking is switched off. Its reports are not signed: Basic auth is all they carry.
import { z } from 'zod';
import { sameText } from '../../../../kernel/hash.ts';
import { ok, refused } from '../../../../kernel/result.ts';
import { oneLine } from '../../../templates/context.ts';
import { signAddressToken } from '../../../tracking/token.ts';
import type { SendOutcome } from '../../channel.ts';
import { httpClient, outcomeOfStatus, type HttpAnswer } from '../../http/exchange.ts';
import { readAs } from '../../sms/answers.ts';
import { judgeBounce, readReply, VERDICTS, type BounceVerdict } from '../bounce-policy.ts';
import { listHeaders, type MailAddress, type MailToSend } from '../mime.ts';
import { whenBuilt } from './finished.ts';
import {
  instantOf,
  isFresh,
  laterBy,
  MAIL_FAULT,
  messageBehind,
  refusedBy,
  type MailFault,
  type MailProvider,
  type MailProviderOptions,
  type MailReport,
} from './provider.ts';
import type { MailSettingsOf } from './settings.ts';

const answerSchema = z.looseObject({
  ErrorCode: z.number().int(),
  Message: z.string().default(''),
  MessageID: z.string().optional(),
});

/** Postmark's own error codes that are not about what the mail holds. */
const FAULTS: Readonly<Record<number, MailFault | 'later'>> = {
  10: MAIL_FAULT.account, // no, or a wrong, token
  100: 'later', // maintenance
  400: MAIL_FAULT.account, // the sender signature is not there
  401: MAIL_FAULT.account, // … or not confirmed
  405: MAIL_FAULT.account, // not allowed to send: no credits left
  406: MAIL_FAULT.address, // inactive recipient: bounced or complained before
  412: MAIL_FAULT.account, // the account is being reviewed
  413: MAIL_FAULT.account,
  429: 'later',
  1235: MAIL_FAULT.account, // no such message stream
  1236: MAIL_FAULT.account,
};

function outcomeOf(answer: HttpAnswer, now: Date): SendOutcome {
  const { status } = answer;
  const said = readAs(answerSchema, answer.body);
  if (status === 200 && said?.ErrorCode === 0 && said.MessageID !== undefined)
    return { kind: 'sent', providerId: said.MessageID, response: said.Message };
  if (said === undefined || status >= 500 || said.ErrorCode === 0) return outcomeOfStatus(answer, now);
  const code = `postmark_${said.ErrorCode}`;
  if (status === 429) return laterBy(code, said.Message, answer, now);
  if (status === 401 || status === 403) return refusedBy(MAIL_FAULT.account, code, said.Message);
  const fault = FAULTS[said.ErrorCode] ?? MAIL_FAULT.content;
  if (fault === 'later') return laterBy(code, said.Message, answer, now);
  // 300 is any field that is wrong; what it says tells whether it is the address.
  const isAddress = said.ErrorCode === 300 && /'to' address|recipient/i.test(said.Message);
  return refusedBy(isAddress ? MAIL_FAULT.address : fault, code, said.Message);
}

const mailboxText = ({ name, address }: MailAddress): string => {
  const phrase = oneLine(name ?? '').replaceAll(/["\\]/g, '\\$&');
  return phrase === '' ? address : `"${phrase}" <${address}>`;
};

const bodyOf = (mail: MailToSend, to: string, stream: string, secret: string): string =>
  JSON.stringify({
    From: mailboxText(mail.from),
    To: to,
    ...(mail.replyTo === undefined ? {} : { ReplyTo: mail.replyTo.address }),
    Subject: oneLine(mail.subject),
    HtmlBody: mail.html,
    TextBody: mail.text,
    MessageStream: stream,
    TrackOpens: false,
    TrackLinks: 'None',
    Headers: listHeaders(mail, secret).map(([Name, Value]) => ({ Name, Value })),
    // Comes back with every report.
    Metadata: { rekindle: signAddressToken(secret, mail.messageId) },
  });

const hookSchema = z.looseObject({
  RecordType: z.string(),
  MessageID: z.string().optional(),
  ID: z.number().optional(),
  Type: z.string().optional(),
  Details: z.string().optional(),
  Description: z.string().optional(),
  BouncedAt: z.string().optional(),
  DeliveredAt: z.string().optional(),
  ChangedAt: z.string().optional(),
  SuppressSending: z.boolean().optional(),
  SuppressionReason: z.string().nullish(),
  Metadata: z.looseObject({ rekindle: z.unknown().optional() }).optional(),
});
type PostmarkHook = z.output<typeof hookSchema>;

/** By its own types; those that say nothing about the address are soft, and what is no bounce is left out. */
const BY_TYPE: Readonly<Record<string, BounceVerdict | 'complained' | 'unsubscribed' | 'words'>> = {
  HardBounce: 'words',
  BadEmailAddress: VERDICTS.address,
  ManuallyDeactivated: VERDICTS.address,
  Transient: VERDICTS.soft,
  SoftBounce: VERDICTS.soft,
  DnsError: VERDICTS.soft,
  Undeliverable: VERDICTS.soft,
  SMTPApiError: VERDICTS.soft,
  Unknown: VERDICTS.soft,
  SpamNotification: VERDICTS.content,
  VirusNotification: VERDICTS.content,
  TemplateRenderingFailed: VERDICTS.content,
  Blocked: VERDICTS.sender,
  DMARCPolicy: VERDICTS.sender,
  SpamComplaint: 'complained',
  Unsubscribe: 'unsubscribed',
};

/** A hard bounce is about the address, unless the server's own words blame us or the mail. */
function hardVerdict(status: string, detail: string): BounceVerdict {
  const judged = judgeBounce({ status, code: readReply(detail).code, text: detail });
  return status !== '' && (judged.class === 'sender' || judged.class === 'content') ? judged : VERDICTS.address;
}

function reportOf(hook: PostmarkHook, secret: string, now: Date): MailReport | undefined {
  const at = instantOf(hook.BouncedAt ?? hook.DeliveredAt ?? hook.ChangedAt) ?? now;
  const base = {
    messageId: messageBehind(secret, hook.Metadata?.rekindle),
    providerId: hook.MessageID,
    recipient: undefined,
    at,
    eventId: [hook.RecordType, hook.ID ?? hook.MessageID ?? '', hook.ID === undefined ? at.toISOString() : ''].join(
      ':',
    ),
  };
  const detail = hook.Details ?? hook.Description ?? '';
  const status = readReply(detail).status ?? '';
  const bounced = (verdict: BounceVerdict): MailReport => ({ ...base, kind: 'bounced', verdict, status, detail });
  switch (hook.RecordType) {
    case 'Delivery':
      return { ...base, kind: 'delivered' };
    case 'Bounce': {
      const meaning = BY_TYPE[hook.Type ?? ''];
      if (meaning === undefined) return undefined;
      if (meaning === 'complained' || meaning === 'unsubscribed') return { ...base, kind: meaning };
      return bounced(meaning === 'words' ? hardVerdict(status, detail) : meaning);
    }
    case 'SpamComplaint':
      return { ...base, kind: 'complained' };
    case 'SubscriptionChange':
      // That somebody may be written to again gives no consent.
      if (hook.SuppressSending !== true) return undefined;
      if (hook.SuppressionReason === 'HardBounce') return bounced(VERDICTS.address);
      return { ...base, kind: hook.SuppressionReason === 'SpamComplaint' ? 'complained' : 'unsubscribed' };
    default:
      return undefined;
  }
}

export function postmarkMail(settings: MailSettingsOf<'postmark'>, options: MailProviderOptions): MailProvider {
  const http = httpClient(settings.timeoutMs);
  const { now, secret } = options;
  const { webhookKey } = settings;
  const url = `${new URL(settings.baseUrl ?? 'https://api.postmarkapp.com').origin}/email`;
  return {
    key: 'postmark',
    channel: {
      key: 'email',
      send: (mail, signal, mayLeave) =>
        // Built here as well, so that what no server would take is refused by the same rules.
        whenBuilt(mail, { secret, dkimKeys: [] }, async ({ envelopeTo }) => {
          const headers = {
            accept: 'application/json',
            'content-type': 'application/json',
            'x-postmark-server-token': settings.keySecret,
          };
          const body = bodyOf(mail, envelopeTo, settings.stream, secret);
          const answer = await http.exchange({ url, method: 'POST', headers, body }, signal, mayLeave);
          return answer.kind === 'answered' ? outcomeOf(answer, now()) : answer;
        }),
      close: () => {
        http.close();
        return Promise.resolve();
      },
    },
    read: ({ headers, body }, at) => {
      const expected = webhookKey === undefined ? undefined : `Basic ${Buffer.from(webhookKey).toString('base64')}`;
      if (expected === undefined || !sameText(headers['authorization'] ?? '', expected))
        return Promise.resolve(refused('not_authentic'));
      const hook = readAs(hookSchema, body);
      if (hook === undefined) return Promise.resolve(refused('unreadable'));
      const report = reportOf(hook, secret, at);
      if (report !== undefined && !isFresh(report.at, at)) return Promise.resolve(refused('too_old'));
      return Promise.resolve(ok(report === undefined ? [] : [report]));
    },
  };
}
