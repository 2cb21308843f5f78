// The abuse report a mailbox provider sends back when somebody presses "this is spam": an RFC 5965 feedback report (ARF) that
// carries the complained-of mail with the recipient redacted, as the large providers do.
export type Complaint = {
  /** The mail as it was delivered, RFC 5322 text. */
  readonly original: string;
  readonly recipient: string;
  readonly reportTo: string;
  readonly at: Date;
};

export function feedbackReport({ original, recipient, reportTo, at }: Complaint): string {
  const domain = recipient.slice(recipient.lastIndexOf('@') + 1);
  const boundary = `arf-${at.getTime()}`;
  const redacted = original.replaceAll(recipient, `redacted@${domain}`).replaceAll(/\r?\n/g, '\r\n');
  const date = at.toUTCString().replace('GMT', '+0000');
  return [
    `From: feedback@${domain}`,
    `To: ${reportTo}`,
    `Date: ${date}`,
    'Subject: FW: complaint',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=feedback-report; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'This is an email abuse report.',
    `--${boundary}`,
    'Content-Type: message/feedback-report',
    '',
    'Feedback-Type: abuse',
    `User-Agent: ${domain}-feedback/1.0`,
    'Version: 1',
    `Arrival-Date: ${date}`,
    '',
    `--${boundary}`,
    'Content-Type: message/rfc822',
    '',
    redacted,
    `--${boundary}--`,
    '',
  ].join('\r\n');
}
