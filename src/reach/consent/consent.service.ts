// The consent ledger and the suppression list. Consent is appended, never changed; suppression is by person or by keyed address.
// Guarantee: when `withdraw` or `suppress` has resolved, nothing planned on that channel is left to send.
import { sql } from 'kysely';
import { newId } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { channelOf, channelsOnConsent } from '../channels/channels.ts';
import { stopMessages } from '../messages/ledger.sql.ts';

export const PURPOSES = ['marketing', 'ads_audience', 'profiling'] as const;
export type Purpose = (typeof PURPOSES)[number];

export type ConsentEntry = {
  readonly personId: string;
  readonly channel: string;
  readonly purpose: Purpose;
  readonly status: 'granted' | 'withdrawn';
  /** The legal ground: `express`, `implied_purchase` (CASL, two years), `implied_inquiry` (six months), `imported`… */
  readonly basis: string;
  readonly textVersion: string;
  readonly source: string;
  readonly proof: JsonObject;
  readonly decidedAt: Date;
  readonly expiresAt: Date | null;
};

const ROWS_PER_STATEMENT = 5_000;

/** Appends entries. Bulk: any number, a few thousand per statement. */
export async function recordConsents(db: RecordsDb, entries: readonly ConsentEntry[]): Promise<void> {
  for (let at = 0; at < entries.length; at += ROWS_PER_STATEMENT) {
    const rows = entries.slice(at, at + ROWS_PER_STATEMENT).map((entry) => ({
      consent_id: newId('con', entry.decidedAt),
      person_id: entry.personId,
      channel: entry.channel,
      purpose: entry.purpose,
      status: entry.status,
      basis: entry.basis,
      text_version: entry.textVersion,
      source: entry.source,
      proof: entry.proof,
      decided_at: entry.decidedAt,
      expires_at: entry.expiresAt,
    }));
    await sql`
      INSERT INTO consents (consent_id, person_id, channel, purpose, status, basis, text_version, source, proof, decided_at, expires_at)
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (
        consent_id text, person_id text, channel text, purpose text, status text, basis text, text_version text, source text,
        proof jsonb, decided_at timestamptz, expires_at timestamptz)`.execute(db);
  }
}

export type Suppression = {
  readonly kind: 'person' | 'address';
  readonly key: string;
  /** A channel, or `*` for all. */
  readonly channel: string;
  readonly reason: string;
};

/** Adds to the suppression list and stops what is planned. Repeating it changes nothing. */
export async function suppress(db: RecordsDb, suppressions: readonly Suppression[], now: Date): Promise<void> {
  if (suppressions.length === 0) return;
  await db
    .insertInto('suppressions')
    .values(
      suppressions.map((entry) => ({
        suppression_id: newId('sup', now),
        kind: entry.kind,
        key: entry.key,
        channel: entry.channel,
        reason: entry.reason,
        created_at: now,
      })),
    )
    .onConflict((conflict) => conflict.columns(['kind', 'key', 'channel']).doNothing())
    .execute();
  for (const entry of suppressions) {
    const who = entry.kind === 'person' ? { personIds: [entry.key] } : { addressKeys: [entry.key] };
    await stopMessages(db, {
      ...who,
      ...(entry.channel === '*' ? {} : { channel: entry.channel }),
      code: 'suppressed',
      now,
    });
  }
}

/**
 * One click, in force before its answer: withdraws the marketing consent the channel lives on, suppresses the mailbox or number (whoever
 * shares it) and stops what is planned on every channel of that consent. Repeating it appends nothing new.
 */
export async function unsubscribe(
  db: RecordsDb,
  who: { readonly personId: string; readonly addressKey: string; readonly channel: string },
  proof: JsonObject,
  now: Date,
): Promise<void> {
  const { consent } = channelOf(who.channel);
  await db.transaction().execute(async (tx) => {
    const latest = await tx
      .selectFrom('consents')
      .select('status')
      .where('person_id', '=', who.personId)
      .where('channel', '=', consent)
      .where('purpose', '=', 'marketing')
      .orderBy('decided_at', 'desc')
      .orderBy('status', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (latest?.status !== 'withdrawn') {
      await recordConsents(tx, [
        {
          personId: who.personId,
          channel: consent,
          purpose: 'marketing',
          status: 'withdrawn',
          basis: 'unsubscribe',
          textVersion: '',
          source: 'one-click',
          proof,
          decidedAt: now,
          expiresAt: null,
        },
      ]);
    }
    await suppress(tx, [{ kind: 'address', key: who.addressKey, channel: who.channel, reason: 'unsubscribed' }], now);
    for (const channel of channelsOnConsent(consent))
      await stopMessages(tx, { personIds: [who.personId], channel, code: 'unsubscribed', now });
  });
}
