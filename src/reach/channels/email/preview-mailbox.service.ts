// The preview mailbox: a real SMTP server on loopback that keeps the newest mails and delivers nowhere. What is used until a real server is set.
import { sql } from 'kysely';
import type { RecordsDb } from '../../../stores/records/records.ts';
import { parseMail, startMailSink, type MailSink, type SunkMail } from './sink.ts';

const KEPT = 500;
const RAW_BYTES_MAX = 256 * 1024;

/** Keeps one mail; of many only the newest stay. */
export async function keepPreview(db: RecordsDb, mail: SunkMail, at: Date): Promise<void> {
  const parsed = await parseMail(mail.raw);
  const added = await db
    .insertInto('sink_mails')
    .values({
      received_at: at,
      sender: mail.envelopeFrom,
      recipient: mail.envelopeTo.join(', '),
      subject: parsed.subject ?? '',
      raw: mail.raw.subarray(0, RAW_BYTES_MAX).toString('latin1'),
    })
    .returning('mail_id')
    .executeTakeFirstOrThrow();
  if (added.mail_id % 50 === 0)
    await db
      .deleteFrom('sink_mails')
      .where('mail_id', '<=', added.mail_id - KEPT)
      .execute();
}

export const previewMailbox = (db: RecordsDb, now: () => Date): Promise<MailSink> =>
  startMailSink({ onMail: (mail) => keepPreview(db, mail, now()) });

export type PreviewMail = {
  readonly mailId: number;
  readonly receivedAt: Date;
  readonly sender: string;
  readonly recipient: string;
  readonly subject: string;
};

export async function listPreviewMails(db: RecordsDb, limit: number): Promise<PreviewMail[]> {
  const rows = await sql<PreviewMail>`
    SELECT mail_id AS "mailId", received_at AS "receivedAt", sender, recipient, subject FROM sink_mails ORDER BY mail_id DESC LIMIT ${limit}`.execute(
    db,
  );
  return rows.rows;
}

/** One mail, parsed; undefined when it is gone. */
export async function readPreviewMail(
  db: RecordsDb,
  mailId: number,
): Promise<
  | {
      readonly subject: string;
      readonly html: string;
      readonly text: string;
      readonly headers: readonly { key: string; value: string }[];
    }
  | undefined
> {
  const row = await db.selectFrom('sink_mails').select('raw').where('mail_id', '=', mailId).executeTakeFirst();
  if (row === undefined) return undefined;
  const parsed = await parseMail(Buffer.from(row.raw, 'latin1'));
  return {
    subject: parsed.subject ?? '',
    html: parsed.html ?? '',
    text: parsed.text ?? '',
    headers: parsed.headers.map(({ key, value }) => ({ key, value })),
  };
}
