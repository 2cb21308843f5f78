// What became of a message that a browser or an app showed: the events by which SDKs tell become receipts. Each carries the message's own
// signed token, so nobody can speak for a message she was never given. Safe to repeat: an event is one receipt.
import { sql } from 'kysely';
import type { IngestObserver } from '../../collect/ingest/ingest.service.ts';
import { textOf } from '../../kernel/json.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { ReceiptsTable } from '../../stores/records/tables/messages.ts';
import { readToken } from '../tracking/token.ts';

/** An answered survey is the click of a message that asks. What nobody did herself arrives marked `passive:`. */
const REPORTS: ReadonlyMap<string, ReceiptsTable['kind']> = new Map([
  ['In-App Message Seen', 'delivered'],
  ['In-App Message Clicked', 'clicked'],
  ['In-App Message Answered', 'clicked'],
  ['In-App Message Closed', 'closed'],
  ['passive:Push Notification Received', 'delivered'],
  ['Push Notification Tapped', 'clicked'],
  ['passive:Push Notification Dismissed', 'closed'],
]);

export const observeReports =
  (db: RecordsDb, tokenSecret: string): IngestObserver =>
  async (events) => {
    const rows = events.flatMap((event) => {
      const kind = REPORTS.get(event.name);
      if (kind === undefined) return [];
      const token = readToken(tokenSecret, textOf(event.properties['receipt']) ?? '');
      if (!token.ok || token.value.kind !== 'receipt') return [];
      const { messageId } = token.value;
      return [{ message_id: messageId, kind, occurred_at: event.occurredAt, dedupe_key: event.messageId }];
    });
    if (rows.length === 0) return;
    await sql`
      INSERT INTO receipts (message_id, kind, class, detail, occurred_at, dedupe_key)
      SELECT r.message_id, r.kind, 'human', '{"by":"sdk"}', r.occurred_at, r.dedupe_key
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (message_id text, kind text, occurred_at timestamptz, dedupe_key text)
      JOIN messages m USING (message_id)
      ON CONFLICT (message_id, kind, dedupe_key) DO NOTHING`.execute(db);
  };
