// What an SES event says, in either of its two forms (`eventType` of a configuration set, `notificationType` of an identity).
import { z } from 'zod';
import { readAs } from '../../sms/answers.ts';
import { isComplaintOf } from '../arf.ts';
import { judgeBounce, readReply, VERDICTS, type BounceVerdict } from '../bounce-policy.ts';
import { instantOf, messageBehind, type MailReport } from './provider.ts';

const recipient = z.looseObject({
  emailAddress: z.string(),
  status: z.string().optional(),
  diagnosticCode: z.string().optional(),
});
const eventSchema = z.looseObject({
  eventType: z.string().optional(),
  notificationType: z.string().optional(),
  mail: z.looseObject({
    messageId: z.string(),
    tags: z.record(z.string(), z.array(z.string())).optional(),
  }),
  bounce: z
    .looseObject({
      bounceType: z.string(),
      bounceSubType: z.string().default(''),
      bouncedRecipients: z.array(recipient),
      timestamp: z.string().optional(),
    })
    .optional(),
  complaint: z
    .looseObject({
      complainedRecipients: z.array(recipient),
      complaintFeedbackType: z.string().nullish(),
      timestamp: z.string().optional(),
    })
    .optional(),
  delivery: z.looseObject({ recipients: z.array(z.string()), timestamp: z.string().optional() }).optional(),
  reject: z.looseObject({ reason: z.string().optional() }).optional(),
  failure: z.looseObject({ errorMessage: z.string().optional() }).optional(),
  subscription: z
    .looseObject({
      timestamp: z.string().optional(),
      newTopicPreferences: z.looseObject({ unsubscribeAll: z.boolean().default(false) }).optional(),
    })
    .optional(),
});
type SesEvent = z.output<typeof eventSchema>;
type Recipient = z.output<typeof recipient>;

const IN_CONTENT = new Set(['MessageTooLarge', 'ContentRejected', 'AttachmentRejected']);

/** SES says first whether it is for good; the server's own words say whose fault it is. */
function verdictOf(type: string, subType: string, to: Recipient): BounceVerdict {
  if (IN_CONTENT.has(subType)) return VERDICTS.content;
  if (type !== 'Permanent') return VERDICTS.soft;
  const judged = judgeBounce({
    status: to.status,
    code: readReply(to.diagnosticCode ?? '').code,
    text: to.diagnosticCode ?? '',
  });
  return judged.class === 'sender' || judged.class === 'content' ? judged : VERDICTS.address;
}

/** The reports in an event, none for what is no report (Send, Open, Click, DeliveryDelay); undefined for what is no event. */
export function readSesEvent(
  text: string,
  eventId: string,
  secret: string,
  now: Date,
): readonly MailReport[] | undefined {
  // A topic greets a new subscriber in plain words.
  if (text.startsWith('Successfully validated SNS topic')) return [];
  const event = readAs(eventSchema, text);
  const kind = event?.eventType ?? event?.notificationType;
  if (event === undefined || kind === undefined) return undefined;
  return reportsOf(event, kind, eventId, secret, now);
}

function reportsOf(event: SesEvent, kind: string, eventId: string, secret: string, now: Date): readonly MailReport[] {
  const base = (at: string | undefined, to: string | undefined, n: number, several: boolean) => ({
    messageId: messageBehind(secret, event.mail.tags?.['rekindle']?.[0]),
    providerId: event.mail.messageId,
    recipient: several ? to : undefined,
    at: instantOf(at) ?? now,
    eventId: `${eventId}:${n}`,
  });
  const { bounce, complaint, delivery, subscription } = event;
  switch (kind) {
    case 'Bounce':
      return (bounce?.bouncedRecipients ?? []).map((to, n, all) => ({
        ...base(bounce?.timestamp, to.emailAddress, n, all.length > 1),
        kind: 'bounced',
        verdict: verdictOf(bounce?.bounceType ?? '', bounce?.bounceSubType ?? '', to),
        status: to.status ?? '',
        detail: to.diagnosticCode ?? `${bounce?.bounceType} ${bounce?.bounceSubType}`,
      }));
    case 'Complaint':
      if (!isComplaintOf(complaint?.complaintFeedbackType ?? '')) return [];
      return (complaint?.complainedRecipients ?? []).map((to, n, all) => ({
        ...base(complaint?.timestamp, to.emailAddress, n, all.length > 1),
        kind: 'complained',
      }));
    case 'Delivery':
      return (delivery?.recipients ?? []).map((to, n, all) => ({
        ...base(delivery?.timestamp, to, n, all.length > 1),
        kind: 'delivered',
      }));
    case 'Reject':
    case 'Rendering Failure':
    case 'RenderingFailure':
      return [
        {
          ...base(undefined, undefined, 0, false),
          kind: 'bounced',
          verdict: VERDICTS.content,
          status: '',
          detail: event.reject?.reason ?? event.failure?.errorMessage ?? kind,
        },
      ];
    case 'Subscription':
      return subscription?.newTopicPreferences?.unsubscribeAll === true
        ? [{ ...base(subscription.timestamp, undefined, 0, false), kind: 'unsubscribed' }]
        : [];
    default:
      return [];
  }
}
