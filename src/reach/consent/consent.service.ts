// The consent ledger and the suppression list. Consent is appended, never changed; suppression is by person or by keyed address.
// Guarantee: when `withdraw` or `suppress` has resolved, nothing planned on that channel is left to send.
import { sql } from 'kysely';
import { newId } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { inTransaction } from '../../stores/records/transactions.ts';
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
  for (const group of Map.groupBy(suppressions, ({ kind, channel }) => `${kind} ${channel}`).values()) {
    const { kind, channel } = group[0]!;
    const keys = group.map(({ key }) => key);
    await stopMessages(db, {
      ...(kind === 'person' ? { personIds: keys } : { addressKeys: keys }),
      ...(channel === '*' ? {} : { channel }),
      code: 'suppressed',
      now,
    });
  }
}

export type Unsubscribing = {
  readonly personId: string;
  readonly addressKey: string;
  readonly channel: string;
  readonly proof: JsonObject;
};

/**
 * One click, in force before its answer: withdraws the marketing consent the channel lives on, suppresses the mailbox or number (whoever
 * shares it) and stops what is planned on every channel of that consent. Repeating it appends nothing new.
 */
export const unsubscribe = (
  db: RecordsDb,
  who: Omit<Unsubscribing, 'proof'>,
  proof: JsonObject,
  now: Date,
): Promise<void> => inTransaction(db, (tx) => unsubscribeAll(tx, [{ ...who, proof }], now));

/** The same for many, in the caller's transaction: a fixed number of statements for each channel that is among them. */
export async function unsubscribeAll(tx: RecordsDb, all: readonly Unsubscribing[], now: Date): Promise<void> {
  for (const [channel, group] of Map.groupBy(all, (who) => who.channel)) {
    const { consent } = channelOf(channel);
    const people = new Map(group.map((who) => [who.personId, who]));
    const { rows: withdrawn } = await sql<{ person_id: string }>`
      SELECT person_id FROM (
        SELECT DISTINCT ON (person_id) person_id, status FROM consents
        WHERE person_id = ANY(${[...people.keys()]}) AND channel = ${consent} AND purpose = 'marketing'
        ORDER BY person_id, decided_at DESC, status DESC
      ) latest WHERE status = 'withdrawn'`.execute(tx);
    for (const { person_id } of withdrawn) people.delete(person_id);
    await recordConsents(
      tx,
      [...people.values()].map(({ personId, proof }) => ({
        personId,
        channel: consent,
        purpose: 'marketing',
        status: 'withdrawn',
        basis: 'unsubscribe',
        textVersion: '',
        source: 'one-click',
        proof,
        decidedAt: now,
        expiresAt: null,
      })),
    );
    await suppress(
      tx,
      group.map(({ addressKey: key }) => ({ kind: 'address', key, channel, reason: 'unsubscribed' })),
      now,
    );
    for (const each of channelsOnConsent(consent))
      await stopMessages(tx, { personIds: group.map((who) => who.personId), channel: each, code: 'unsubscribed', now });
  }
}
