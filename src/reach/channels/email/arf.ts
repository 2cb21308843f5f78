// Somebody pressed "this is spam": on which message? Reads abuse reports (RFC 5965). The address is usually blacked out, so the
// message is recognised by our signed token in the embedded mail; the caller then suppresses all marketing to that person at once.
import { addressOf, fieldGroups, openReport, ourMessageIn, type OpenedReport } from './report.ts';

export type Complaint = {
  /** `abuse`, `fraud`, `virus`, `not-spam`, `auth-failure`, `opt-out`, or whatever the sender wrote. */
  readonly feedbackType: string;
  /** Ours, proved by a signed token. */
  readonly messageId: string | undefined;
  /** Only where the reporter did not redact it. */
  readonly recipient: string | undefined;
  readonly userAgent: string | undefined;
  /** A person said: stop. */
  readonly isComplaint: boolean;
};

/**
 * What no person complained by: `not-spam` is one who takes hers back (RFC 6430), `auth-failure` a receiver that tells the domain's owner about a mail that
 * failed DMARC (RFC 6591), forged ones and relayed ones alike. Whatever else is written there means: stop.
 */
const NO_COMPLAINTS: readonly string[] = ['not-spam', 'auth-failure'];
export const isComplaintOf = (feedbackType: string): boolean => !NO_COMPLAINTS.includes(feedbackType.toLowerCase());

// Outlook's programme (JMRP) sends the mail alone, marked with a header of its own.
function outlookComplaint(report: OpenedReport, secret: string): Complaint | undefined {
  const marked = fieldGroups(report.original)[0]?.get('x-hmxmroriginalrecipient');
  if (marked === undefined || !/^\s*complaint about message/i.test(report.email.subject ?? '')) return undefined;
  return {
    feedbackType: 'abuse',
    messageId: ourMessageIn(secret, [report.original]),
    recipient: addressOf(marked),
    userAgent: undefined,
    isComplaint: true,
  };
}

/** Undefined when the mail is no feedback report. */
export async function parseComplaint(raw: Uint8Array, secret: string): Promise<Complaint | undefined> {
  const report = await openReport(raw, 'message/feedback-report');
  const fields = fieldGroups(report.fields)[0];
  const feedbackType = fields?.get('feedback-type')?.toLowerCase();
  if (!fields || feedbackType === undefined) return outlookComplaint(report, secret);
  return {
    feedbackType,
    messageId: ourMessageIn(secret, [report.original, report.fields]),
    recipient: addressOf(fields.get('original-rcpt-to')),
    userAgent: fields.get('user-agent'),
    isComplaint: isComplaintOf(feedbackType),
  };
}
