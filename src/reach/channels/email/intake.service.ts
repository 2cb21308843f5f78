// Mail that comes back: bounces (DSN) and complaints (ARF) to the return path. Whatever is neither, or is not about a message of ours, is
// counted and left alone: only a token we signed can make anything happen.
import type { RecordsDb } from '../../../stores/records/records.ts';
import { inTransaction } from '../../../stores/records/transactions.ts';
import { actOnReports, type DeliveryReport } from '../../tracking/delivery-reports.service.ts';
import { parseComplaint } from './arf.ts';
import { VERDICTS } from './bounce-policy.ts';
import { bounceOf, parseDsn } from './dsn.ts';
import { startMailSink, type MailSink } from './sink.ts';

export type Intake = { readonly kind: 'complaint' | 'bounce' | 'ignored'; readonly messageId: string | undefined };

/** Acts on one report. `envelopeTo` is the address it was sent to: our return paths carry a token there. */
export async function takeReport(
  context: { readonly db: RecordsDb; readonly tokenSecret: string },
  raw: Uint8Array,
  envelopeTo: string,
  now: Date,
): Promise<Intake> {
  const act = (reports: readonly DeliveryReport[]): Promise<void> =>
    inTransaction(context.db, (tx) => actOnReports(tx, reports, now));
  const complaint = await parseComplaint(raw, context.tokenSecret);
  if (complaint !== undefined) {
    if (complaint.messageId !== undefined && complaint.isComplaint) {
      await act([{ kind: 'complained', messageId: complaint.messageId, at: now }]);
    }
    return { kind: 'complaint', messageId: complaint.messageId };
  }
  const dsn = await parseDsn(raw, context.tokenSecret, envelopeTo);
  if (dsn === undefined) return { kind: 'ignored', messageId: undefined };
  const { messageId } = dsn;
  const bounce = bounceOf(dsn);
  if (messageId !== undefined && bounce !== undefined) {
    const { verdict = VERDICTS.soft, status = '', detail } = bounce;
    await act([{ kind: 'bounced', messageId, at: now, verdict, status, detail }]);
  }
  return { kind: 'bounce', messageId };
}

/** An SMTP server for the return path's domain: point its MX (or a forward) here. */
export const startReportIntake = (
  context: { readonly db: RecordsDb; readonly tokenSecret: string },
  now: () => Date,
  port: number,
): Promise<MailSink> =>
  startMailSink({
    port,
    onMail: async (mail) => {
      await takeReport(context, mail.raw, mail.envelopeTo[0] ?? '', now());
    },
  });
