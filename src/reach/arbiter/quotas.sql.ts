// How many messages may still be sent to her with this template of the provider's, whichever of ours fills it, where every accepted subscription is one
// message? Each gift and each use is one line under its own key, so that neither an event nor a message counts twice; a use is taken only where
// something is left, and given back where nothing was sent. Where the provider says that nothing is left, its word stands. The lines always add up
// to what remains.
import { sql } from 'kysely';
import type { RecordsDb } from '../../stores/records/records.ts';

export type QuotaGift = {
  /** The provider's event that brought it. */
  readonly key: string;
  readonly personId: string;
  readonly channel: string;
  /** What she subscribed to; WeChat names its templates so that no two accounts share a name. */
  readonly providerTemplateId: string;
  readonly count: number;
};

/** Adds what is new; returns how many gifts were. */
export async function giveQuota(db: RecordsDb, gifts: readonly QuotaGift[], now: Date): Promise<number> {
  if (gifts.length === 0) return 0;
  const rows = gifts.map((gift) => ({
    dedupe_key: `gift:${gift.channel}:${gift.key}`,
    person_id: gift.personId,
    channel: gift.channel,
    provider_template_id: gift.providerTemplateId,
    delta: gift.count,
  }));
  const { rows: added } = await sql<{ added: number }>`
    WITH entry AS (
      INSERT INTO quota_entries (dedupe_key, person_id, channel, provider_template_id, delta, occurred_at)
      SELECT DISTINCT ON (dedupe_key) dedupe_key, person_id, channel, provider_template_id, delta, ${now}::timestamptz
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS r (dedupe_key text, person_id text, channel text, provider_template_id text, delta int)
      ON CONFLICT (dedupe_key) DO NOTHING RETURNING person_id, channel, provider_template_id, delta
    ), balance AS (
      INSERT INTO channel_quotas (person_id, channel, provider_template_id, remaining, updated_at)
      SELECT person_id, channel, provider_template_id, sum(delta)::int, ${now}::timestamptz FROM entry GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
      ON CONFLICT (person_id, channel, provider_template_id)
        DO UPDATE SET remaining = channel_quotas.remaining + EXCLUDED.remaining, updated_at = EXCLUDED.updated_at)
    SELECT count(*)::int AS added FROM entry`.execute(db);
  return added[0]?.added ?? 0;
}

type QuotaUse = {
  readonly messageId: string;
  readonly personId: string;
  readonly channel: string;
  readonly providerTemplateId: string;
};

const rowsOf = (uses: readonly QuotaUse[]) =>
  uses.map((use) => ({
    message_id: use.messageId,
    person_id: use.personId,
    channel: use.channel,
    provider_template_id: use.providerTemplateId,
  }));

/** Of messages that need no subscription, those whose template she has refused at the provider. */
export async function refusedTemplates(db: RecordsDb, uses: readonly QuotaUse[]): Promise<ReadonlySet<string>> {
  if (uses.length === 0) return new Set();
  const { rows } = await sql<{ message_id: string }>`
    SELECT a.message_id FROM jsonb_to_recordset(${JSON.stringify(rowsOf(uses))}::jsonb)
      AS a (message_id text, person_id text, channel text, provider_template_id text)
    JOIN channel_quotas q ON q.person_id = a.person_id AND q.channel = a.channel AND q.provider_template_id = a.provider_template_id
    WHERE q.remaining = 0`.execute(db);
  return new Set(rows.map((row) => row.message_id));
}

/** Takes one for each message, at most one per message for ever; returns the messages that have theirs. Each person and template once per call. */
export async function takeQuota(db: RecordsDb, uses: readonly QuotaUse[], now: Date): Promise<ReadonlySet<string>> {
  if (uses.length === 0) return new Set();
  const rows = rowsOf(uses);
  const { rows: taken } = await sql<{ message_id: string }>`
    WITH asked AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (message_id text, person_id text, channel text, provider_template_id text)
    ), before AS (
      SELECT a.message_id FROM asked a JOIN quota_entries e ON e.dedupe_key = 'message:' || a.message_id
    ), balance AS (
      UPDATE channel_quotas q SET remaining = q.remaining - 1, updated_at = ${now}::timestamptz FROM (
        -- In the order in which whatever else changes quotas locks them: neither breaks the other off.
        SELECT a.message_id, o.person_id, o.channel, o.provider_template_id FROM channel_quotas o
        JOIN asked a ON o.person_id = a.person_id AND o.channel = a.channel AND o.provider_template_id = a.provider_template_id
        WHERE o.remaining > 0 AND a.message_id NOT IN (SELECT message_id FROM before)
        ORDER BY o.person_id, o.channel, o.provider_template_id FOR UPDATE OF o
      ) AS mine
      WHERE q.person_id = mine.person_id AND q.channel = mine.channel AND q.provider_template_id = mine.provider_template_id AND q.remaining > 0
      RETURNING mine.message_id, q.person_id, q.channel, q.provider_template_id
    ), entry AS (
      INSERT INTO quota_entries (dedupe_key, person_id, channel, provider_template_id, delta, occurred_at)
      SELECT 'message:' || message_id, person_id, channel, provider_template_id, -1, ${now}::timestamptz FROM balance)
    SELECT message_id FROM balance UNION SELECT message_id FROM before`.execute(db);
  return new Set(taken.map((row) => row.message_id));
}

/** Gives back what these messages took and was not used, once for each; nothing where it has been void since. */
export async function returnQuota(db: RecordsDb, messageIds: readonly string[], now: Date): Promise<void> {
  if (messageIds.length === 0) return;
  await sql`
    WITH back AS (
      INSERT INTO quota_entries (dedupe_key, person_id, channel, provider_template_id, delta, occurred_at)
      SELECT 'back:' || m.message_id, e.person_id, e.channel, e.provider_template_id, 1, ${now}::timestamptz
      FROM unnest(${[...messageIds]}::text[]) AS m (message_id) JOIN quota_entries e ON e.dedupe_key = 'message:' || m.message_id
      WHERE NOT EXISTS (SELECT 1 FROM quota_entries v WHERE v.person_id = e.person_id AND v.channel = e.channel
        AND v.provider_template_id = e.provider_template_id AND v.dedupe_key LIKE 'void:%' AND v.occurred_at >= e.occurred_at)
      ON CONFLICT (dedupe_key) DO NOTHING RETURNING person_id, channel, provider_template_id
    )
    INSERT INTO channel_quotas (person_id, channel, provider_template_id, remaining, updated_at)
    SELECT person_id, channel, provider_template_id, count(*)::int, ${now}::timestamptz FROM back GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (person_id, channel, provider_template_id)
      DO UPDATE SET remaining = channel_quotas.remaining + EXCLUDED.remaining, updated_at = EXCLUDED.updated_at`.execute(
    db,
  );
}

export type QuotaVoid = {
  /** The message that was refused, or the provider's event. */
  readonly key: string;
  readonly personId: string;
  readonly channel: string;
  readonly providerTemplateId: string;
  /** What she has accepted since then stands. */
  readonly before: Date;
};

/**
 * Nothing of what was counted before is left; once for each key. Opens a transaction of its own: what is accepted in the same moment waits for it,
 * and is not lost.
 */
export async function voidQuota(db: RecordsDb, voids: readonly QuotaVoid[], now: Date): Promise<void> {
  if (voids.length === 0) return;
  const rows = voids.map((each) => ({
    dedupe_key: `void:${each.key}`,
    person_id: each.personId,
    channel: each.channel,
    provider_template_id: each.providerTemplateId,
    before: each.before,
  }));
  const asked = sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
    AS r (dedupe_key text, person_id text, channel text, provider_template_id text, before timestamptz)`;
  await db.transaction().execute(async (tx) => {
    await sql`
      INSERT INTO channel_quotas (person_id, channel, provider_template_id, remaining, updated_at)
      SELECT DISTINCT person_id, channel, provider_template_id, 0, ${now}::timestamptz FROM ${asked} ORDER BY 1, 2, 3
      ON CONFLICT (person_id, channel, provider_template_id) DO UPDATE SET updated_at = EXCLUDED.updated_at`.execute(
      tx,
    );
    // The rows are ours now, and this statement sees every gift that was counted in them.
    await sql`
      WITH fresh AS (
        SELECT DISTINCT ON (person_id, channel, provider_template_id) * FROM ${asked}
        WHERE NOT EXISTS (SELECT 1 FROM quota_entries e WHERE e.dedupe_key = r.dedupe_key)
        ORDER BY person_id, channel, provider_template_id, before DESC
      ), entry AS (
        INSERT INTO quota_entries (dedupe_key, person_id, channel, provider_template_id, delta, occurred_at)
        SELECT f.dedupe_key, f.person_id, f.channel, f.provider_template_id, LEAST(0, since.gifts - q.remaining), ${now}::timestamptz
        FROM fresh f JOIN channel_quotas q ON q.person_id = f.person_id AND q.channel = f.channel AND q.provider_template_id = f.provider_template_id
        CROSS JOIN LATERAL (
          SELECT COALESCE(sum(g.delta), 0)::int AS gifts FROM quota_entries g
          WHERE g.person_id = f.person_id AND g.channel = f.channel AND g.provider_template_id = f.provider_template_id
            AND g.dedupe_key LIKE 'gift:%' AND g.occurred_at > f.before
        ) since
        ON CONFLICT (dedupe_key) DO NOTHING RETURNING person_id, channel, provider_template_id, delta
      )
      UPDATE channel_quotas q SET remaining = q.remaining + e.delta FROM entry e
      WHERE q.person_id = e.person_id AND q.channel = e.channel AND q.provider_template_id = e.provider_template_id`.execute(
      tx,
    );
  });
}
