// How many messages may still be sent to her with this template, where every accepted subscription is one message? Each gift and each use is one
// line under its own key, so that neither an event nor a message counts twice; a use is taken only where something is left.
import { sql } from 'kysely';
import type { RecordsDb } from '../../stores/records/records.ts';

export type QuotaGift = {
  /** The provider's event that brought it. */
  readonly key: string;
  readonly personId: string;
  readonly channel: string;
  readonly templateId: string;
  readonly count: number;
};

/** Adds what is new; returns how many gifts were. */
export async function giveQuota(db: RecordsDb, gifts: readonly QuotaGift[], now: Date): Promise<number> {
  if (gifts.length === 0) return 0;
  const rows = gifts.map((gift) => ({
    dedupe_key: `gift:${gift.channel}:${gift.key}`,
    person_id: gift.personId,
    channel: gift.channel,
    template_id: gift.templateId,
    delta: gift.count,
  }));
  const { rows: added } = await sql<{ added: number }>`
    WITH entry AS (
      INSERT INTO quota_entries (dedupe_key, person_id, channel, template_id, delta, occurred_at)
      SELECT DISTINCT ON (dedupe_key) dedupe_key, person_id, channel, template_id, delta, ${now}::timestamptz
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS r (dedupe_key text, person_id text, channel text, template_id text, delta int)
      ON CONFLICT (dedupe_key) DO NOTHING RETURNING person_id, channel, template_id, delta
    ), balance AS (
      INSERT INTO channel_quotas (person_id, channel, template_id, remaining, updated_at)
      SELECT person_id, channel, template_id, sum(delta)::int, ${now}::timestamptz FROM entry GROUP BY 1, 2, 3
      ON CONFLICT (person_id, channel, template_id)
        DO UPDATE SET remaining = channel_quotas.remaining + EXCLUDED.remaining, updated_at = EXCLUDED.updated_at)
    SELECT count(*)::int AS added FROM entry`.execute(db);
  return added[0]?.added ?? 0;
}

/** Takes one for each message, at most one per message for ever; returns the messages that have theirs. Each person and template once per call. */
export async function takeQuota(
  db: RecordsDb,
  uses: readonly {
    readonly messageId: string;
    readonly personId: string;
    readonly channel: string;
    readonly templateId: string;
  }[],
  now: Date,
): Promise<ReadonlySet<string>> {
  if (uses.length === 0) return new Set();
  const rows = uses.map((use) => ({
    message_id: use.messageId,
    person_id: use.personId,
    channel: use.channel,
    template_id: use.templateId,
  }));
  const { rows: taken } = await sql<{ message_id: string }>`
    WITH asked AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (message_id text, person_id text, channel text, template_id text)
    ), before AS (
      SELECT a.message_id FROM asked a JOIN quota_entries e ON e.dedupe_key = 'message:' || a.message_id
    ), balance AS (
      UPDATE channel_quotas q SET remaining = q.remaining - 1, updated_at = ${now}::timestamptz FROM asked a
      WHERE q.person_id = a.person_id AND q.channel = a.channel AND q.template_id = a.template_id AND q.remaining > 0
        AND a.message_id NOT IN (SELECT message_id FROM before)
      RETURNING a.message_id, q.person_id, q.channel, q.template_id
    ), entry AS (
      INSERT INTO quota_entries (dedupe_key, person_id, channel, template_id, delta, occurred_at)
      SELECT 'message:' || message_id, person_id, channel, template_id, -1, ${now}::timestamptz FROM balance)
    SELECT message_id FROM balance UNION SELECT message_id FROM before`.execute(db);
  return new Set(taken.map((row) => row.message_id));
}
