// What became of mails after they were taken, from wherever it is heard (a returned mail, an abuse report, a provider's webhook): one way to act
// on it, in sets. A dead address, a complaint and an unsubscribe suppress at once; an address that bounces softly again and again is given up.
import { sql } from 'kysely';
import type { JsonObject } from '../../kernel/json.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { BounceVerdict } from '../channels/email/bounce-policy.ts';
import { suppress, unsubscribeAll, type Suppression } from '../consent/consent.service.ts';
import { countReports, type CountedReport } from '../deliverability/guard.sql.ts';
import { finishMessages } from '../messages/ledger.sql.ts';

export type DeliveryReport = {
  readonly messageId: string;
  /** Where a provider told it. */
  readonly providerId?: string | undefined;
  readonly at: Date;
} & (
  | { readonly kind: 'delivered' | 'complained' | 'unsubscribed' }
  | { readonly kind: 'bounced'; readonly verdict: BounceVerdict; readonly status: string; readonly detail: string }
);

/** An address is given up when it has bounced softly on so many days within so many. */
const SOFT_BOUNCES = { days: 3, withinDays: 30 } as const;

type Known = {
  readonly message_id: string;
  readonly person_id: string;
  readonly address: string;
  readonly address_key: string;
  readonly channel: string;
  readonly state: string;
};
type Told = { readonly report: DeliveryReport; readonly message: Known };

const receiptOf = ({ report, message }: Told): { readonly [column: string]: string | Date | JsonObject } => {
  const base = { message_id: message.message_id, kind: report.kind, occurred_at: report.at };
  switch (report.kind) {
    case 'delivered':
      return { ...base, class: 'provider', detail: {}, dedupe_key: 'once' };
    case 'bounced':
      return {
        ...base,
        class: report.verdict.class,
        // The other side's words name the address: where that was deleted they do not bring it back.
        detail: {
          status: report.status,
          permanent: report.verdict.permanent,
          ...(message.address === '' ? {} : { says: report.detail.slice(0, 300) }),
        },
        dedupe_key: report.status,
      };
    case 'complained':
    case 'unsubscribed':
      return { ...base, class: 'human', detail: {}, dedupe_key: 'once' };
  }
};

function suppressionsOf({ report, message }: Told): readonly Suppression[] {
  const address = { kind: 'address', key: message.address_key, channel: message.channel } as const;
  if (report.kind === 'bounced')
    return report.verdict.action === 'suppress_address' ? [{ ...address, reason: 'bounced' }] : [];
  if (report.kind !== 'complained') return [];
  return [
    { ...address, channel: '*', reason: 'complained' },
    { kind: 'person', key: message.person_id, channel: '*', reason: 'complained' },
  ];
}

/** Those of these addresses that have bounced softly on too many days, and took nothing since. */
export async function softlyGivenUp(
  tx: RecordsDb,
  addressKeys: readonly string[],
  now: Date,
): Promise<readonly Suppression[]> {
  if (addressKeys.length === 0) return [];
  const keys = [...new Set(addressKeys)];
  const { rows } = await sql<{ address_key: string; channel: string }>`
    SELECT m.address_key, m.channel FROM messages m JOIN receipts r ON r.message_id = m.message_id
    WHERE m.address_key = ANY(${keys}) AND r.kind = 'bounced' AND r.class = 'mailbox'
      AND r.occurred_at > ${now}::timestamptz - make_interval(days => ${SOFT_BOUNCES.withinDays})
      AND NOT EXISTS (SELECT 1 FROM messages o JOIN receipts d ON d.message_id = o.message_id AND d.kind = 'delivered'
        WHERE o.address_key = m.address_key AND o.channel = m.channel AND d.occurred_at > r.occurred_at)
    GROUP BY m.address_key, m.channel
    HAVING count(DISTINCT (r.occurred_at AT TIME ZONE 'UTC')::date) >= ${SOFT_BOUNCES.days}`.execute(tx);
  return rows.map(({ address_key: key, channel }) => ({ kind: 'address', key, channel, reason: 'bounced' }));
}

/** Acts on reports about messages of ours; one about a message nobody knows is passed over. Repeating it changes nothing. */
export async function actOnReports(tx: RecordsDb, reports: readonly DeliveryReport[], now: Date): Promise<void> {
  if (reports.length === 0) return;
  const ids = [...new Set(reports.map(({ messageId }) => messageId))];
  const { rows } = await sql<Known>`
    SELECT message_id, person_id, address, address_key, channel, state FROM messages WHERE message_id = ANY(${ids})`.execute(
    tx,
  );
  const known = new Map(rows.map((row) => [row.message_id, row]));
  const told = reports.flatMap((report): Told[] => {
    const message = known.get(report.messageId);
    return message === undefined ? [] : [{ report, message }];
  });
  if (told.length === 0) return;
  const { rows: added } = await sql<{ message_id: string; kind: string; class: string; permanent: boolean | null }>`
    INSERT INTO receipts (message_id, kind, class, detail, occurred_at, dedupe_key)
    SELECT DISTINCT ON (message_id, kind, dedupe_key) * FROM jsonb_to_recordset(${JSON.stringify(told.map(receiptOf))}::jsonb) AS r (
      message_id text, kind text, class text, detail jsonb, occurred_at timestamptz, dedupe_key text)
    ORDER BY message_id, kind, dedupe_key, occurred_at
    ON CONFLICT (message_id, kind, dedupe_key) DO NOTHING
    RETURNING message_id, kind, class, (detail ->> 'permanent')::boolean AS permanent`.execute(tx);
  const soft = told
    .filter(({ report }) => report.kind === 'bounced' && report.verdict.action === 'soft_bounce')
    .map(({ message }) => message.address_key);
  await suppress(tx, [...told.flatMap(suppressionsOf), ...(await softlyGivenUp(tx, soft, now))], now);
  await unsubscribeAll(
    tx,
    told
      .filter(({ report }) => report.kind === 'unsubscribed')
      .map(({ message }) => ({
        personId: message.person_id,
        addressKey: message.address_key,
        channel: message.channel,
        proof: { messageId: message.message_id, how: 'provider' },
      })),
    now,
  );
  // Last, as everywhere: messages first, then the sender's day, so that nobody waits in a ring.
  // Whatever is reported of a message, the other side has had it.
  await finishMessages(
    tx,
    told
      .filter(({ message }) => message.state === 'unknown')
      .map(({ report, message }) => ({
        message_id: message.message_id,
        state: 'sent',
        at: now,
        provider_id: report.providerId ?? null,
        code: null,
        detail: 'known by its report',
        due_at: null,
      })),
  );
  await countReports(
    tx,
    added.flatMap(({ message_id, kind, class: fault, permanent }): CountedReport[] => {
      if (kind === 'complained') return [{ message_id, kind: 'complaint' }];
      if (kind !== 'bounced') return [];
      if (fault === 'sender') return [{ message_id, kind: 'sender_fault' }];
      return permanent === true && (fault === 'address' || fault === 'mailbox')
        ? [{ message_id, kind: 'hard_bounce' }]
        : [];
    }),
  );
}
