// What is deleted when its time has come (PIPL art. 47): to whom messages went and what the other side said of them, devices that are gone, texts that
// came in, and requests and links that ended. What is counted in results stays. Safe to run at any time, and in several processes at once.
// The keyed hash of the address stays on a message: an unsubscribe, a bounce or a complaint that comes back to it years later still finds the mailbox
// that must not be written to again, and caps of shared addresses go on counting.
import { sql } from 'kysely';
import { DAY_MS } from '../../kernel/days.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { readSetting, writeSetting } from '../../stores/records/settings.ts';
import { ENDPOINT_CHANNELS } from '../channels/channels.ts';
import { channelMonths, retentionOf, type Retention, type RetentionChange } from './retention.ts';

const KEY = 'retention';
const SWEPT = 'retention-swept';
const ENDED_DAYS = 30;
/** Read and cleared by one statement: what waits behind it waits for so many, not for a ledger. */
const MESSAGES_PER_STATEMENT = 10_000;

export const readRetention = async (db: RecordsDb): Promise<Retention> => retentionOf(await readSetting(db, KEY));

/** In force with the next round, whenever the last one was. */
export async function saveRetention(db: RecordsDb, change: RetentionChange): Promise<Retention> {
  const retention = retentionOf({ ...(await readRetention(db)), ...change });
  await writeSetting(db, KEY, retention);
  await writeSetting(db, SWEPT, '');
  return retention;
}

/** Of a receipt what names nobody: which link, by which rule, with which status. */
const KEPT_DETAIL = sql`COALESCE((SELECT jsonb_object_agg(d.key, d.value) FROM jsonb_each(r.detail) d
  WHERE d.key IN ('link', 'rule', 'status', 'permanent', 'how')), '{}')`;

/** One page of the ledger in the order of its ids, which is that of time; behind `after`. */
async function clearPage(
  db: RecordsDb,
  retention: Retention,
  after: string,
  now: Date,
): Promise<{ readonly cleared: number; readonly last: string | null }> {
  const at = sql`${now}::timestamptz`;
  const timers = JSON.stringify(channelMonths(retention));
  const { rows } = await sql<{ cleared: number; last: string | null }>`
    WITH timer AS (
      SELECT channel, ${at} - make_interval(months => months) AS before FROM jsonb_to_recordset(${timers}::jsonb) AS t (channel text, months int)
    ), page AS MATERIALIZED (
      SELECT message_id, channel, created_at, finished_at, address <> '' OR provider_id IS NOT NULL OR detail IS NOT NULL AS has_traces
      FROM messages WHERE message_id > ${after} ORDER BY message_id LIMIT ${MESSAGES_PER_STATEMENT}
    ), due AS MATERIALIZED (
      SELECT m.message_id FROM page p JOIN timer t ON t.channel = p.channel AND p.finished_at < t.before JOIN messages m ON m.message_id = p.message_id
      WHERE p.has_traces ORDER BY m.message_id FOR UPDATE OF m
    ), cleared AS (
      UPDATE messages m SET address = '', provider_id = NULL, detail = NULL FROM due WHERE m.message_id = due.message_id
    ), links AS (
      DELETE FROM message_links l USING due WHERE l.message_id = due.message_id
    ), told AS (
      UPDATE receipts r SET detail = ${KEPT_DETAIL} FROM due WHERE r.message_id = due.message_id AND r.detail <> '{}'
    )
    SELECT (SELECT count(*)::int FROM due) AS cleared,
      -- Nothing made after the latest moment that any timer reaches can have ended before it.
      (SELECT CASE WHEN count(*) = ${MESSAGES_PER_STATEMENT} AND max(created_at) < (SELECT max(before) FROM timer) THEN max(message_id) END
        FROM page) AS last`.execute(db);
  return rows[0] ?? { cleared: 0, last: null };
}

async function clearMessages(db: RecordsDb, retention: Retention, now: Date): Promise<number> {
  let messages = 0;
  for (let after: string | null = ''; after !== null;) {
    const page = await clearPage(db, retention, after, now);
    messages += page.cleared;
    after = page.last;
  }
  return messages;
}

/** Deletes what is due; returns how many messages lost their traces. */
export async function deleteExpired(db: RecordsDb, now: Date): Promise<{ readonly messages: number }> {
  const retention = await readRetention(db);
  const messages = await clearMessages(db, retention, now);
  const at = sql`${now}::timestamptz`;
  const devices = channelMonths(retention).filter(({ channel }) => ENDPOINT_CHANNELS.some((each) => each === channel));
  await sql`DELETE FROM endpoints e USING jsonb_to_recordset(${JSON.stringify(devices)}::jsonb) AS t (channel text, months int)
    WHERE e.channel = t.channel AND e.disabled_at < ${at} - make_interval(months => t.months)`.execute(db);
  // What still waits for somebody to read it has not ended.
  await sql`DELETE FROM sms_inbound WHERE review <> 'waiting'
    AND GREATEST(received_at, taken_at, resolved_at) < ${at} - make_interval(months => ${retention.smsMonths}::int)`.execute(
    db,
  );
  const ended = new Date(now.getTime() - ENDED_DAYS * DAY_MS);
  await sql`DELETE FROM consent_requests WHERE confirmed_at IS NULL AND expires_at < ${ended}`.execute(db);
  await sql`DELETE FROM preference_links WHERE expires_at < ${ended}`.execute(db);
  return { messages };
}

/** The same once a day of UTC, and after every change of the timers. */
export async function deleteExpiredDaily(db: RecordsDb, now: Date): Promise<void> {
  const today = now.toISOString().slice(0, 10);
  if ((await readSetting(db, SWEPT)) === today) return;
  await deleteExpired(db, now);
  await writeSetting(db, SWEPT, today);
}
