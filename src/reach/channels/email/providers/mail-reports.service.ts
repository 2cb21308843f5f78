// What a provider reports, on its way into the ledger: each report once, matched to its mail, and acted upon as a returned mail would be.
import { sql } from 'kysely';
import type { RecordsDb } from '../../../../stores/records/records.ts';
import { inTransaction } from '../../../../stores/records/transactions.ts';
import { actOnReports, type DeliveryReport } from '../../../tracking/delivery-reports.service.ts';
import type { MailReport } from './provider.ts';

type Matched = { readonly n: number; readonly message_id: string; readonly address: string };

const sameMailbox = (one: string, other: string): boolean => one.trim().toLowerCase() === other.trim().toLowerCase();

/** Of these reports, those that were not taken before; a report that comes twice in one set counts once. */
async function freshOf(
  tx: RecordsDb,
  provider: string,
  reports: readonly MailReport[],
  now: Date,
): Promise<readonly MailReport[]> {
  const byId = new Map(reports.map((report) => [report.eventId.slice(0, 300), report]));
  const { rows } = await sql<{ event_id: string }>`
    INSERT INTO mail_hook_events (provider, event_id, taken_at)
    SELECT ${provider}, event_id, ${now}::timestamptz FROM unnest(${[...byId.keys()]}::text[]) AS event_id ORDER BY event_id
    ON CONFLICT (provider, event_id) DO NOTHING RETURNING event_id`.execute(tx);
  return rows.map(({ event_id }) => byId.get(event_id)!);
}

/** Matches by our own token first, by the provider's id where no token came back. */
async function matched(tx: RecordsDb, reports: readonly MailReport[]): Promise<readonly DeliveryReport[]> {
  const asked = reports.map((report, n) => ({
    n,
    message_id: report.messageId ?? null,
    provider_id: report.providerId ?? null,
  }));
  const { rows } = await sql<Matched>`
    WITH asked AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) AS r (n integer, message_id text, provider_id text)
    )
    SELECT a.n, m.message_id, m.address FROM asked a JOIN messages m ON m.message_id = a.message_id AND m.channel = 'email'
    UNION ALL
    SELECT a.n, m.message_id, m.address FROM asked a
      JOIN messages m ON a.message_id IS NULL AND m.provider_id = a.provider_id AND m.channel = 'email'`.execute(tx);
  return rows.flatMap(({ n, message_id: messageId, address }): DeliveryReport[] => {
    const { recipient, providerId, ...report } = reports[n]!;
    // A report about several people names each; one that is about somebody else on the same mail is not about her.
    if (recipient !== undefined && address !== '' && !sameMailbox(recipient, address)) return [];
    return [{ ...report, messageId, providerId }];
  });
}

/** Takes reports; returns how many were new and about a mail of ours. All or none: what fails is reported again by the provider. */
export async function takeMailReports(
  db: RecordsDb,
  provider: string,
  reports: readonly MailReport[],
  now: Date,
): Promise<number> {
  if (reports.length === 0) return 0;
  return inTransaction(db, async (tx) => {
    const found = await matched(tx, await freshOf(tx, provider, reports, now));
    await actOnReports(tx, found, now);
    return found.length;
  });
}

const KEPT_DAYS = 14;

/** Forgets ids of reports that no signature would still let in. */
export async function forgetMailReports(db: RecordsDb, now: Date): Promise<void> {
  await sql`DELETE FROM mail_hook_events WHERE taken_at < ${now}::timestamptz - make_interval(days => ${KEPT_DAYS})`.execute(
    db,
  );
}
