// What is deleted when its time has come (PIPL art. 47): the traces of text messages, and requests and links that ended. What is counted in
// results stays, without anything that names a person. Safe to run at any time.
import { sql } from 'kysely';
import { z } from 'zod';
import { DAY_MS } from '../../kernel/days.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { readSetting, writeSetting } from '../../stores/records/settings.ts';

/** China asks for at least six months of an SMS's record. */
export const retentionSchema = z.strictObject({ smsMonths: z.number().int().min(6).max(120).default(12) });
export type Retention = z.output<typeof retentionSchema>;

const KEY = 'retention';
const ENDED_DAYS = 30;

export const readRetention = async (db: RecordsDb): Promise<Retention> =>
  retentionSchema.parse((await readSetting(db, KEY)) ?? {});

export const saveRetention = (db: RecordsDb, retention: Retention): Promise<void> => writeSetting(db, KEY, retention);

/** Deletes what is due; returns how many messages lost their traces. */
export async function deleteExpired(db: RecordsDb, now: Date): Promise<{ readonly messages: number }> {
  const { smsMonths } = await readRetention(db);
  const ended = new Date(now.getTime() - ENDED_DAYS * DAY_MS);
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ message_id: string }>`
      UPDATE messages SET address = '', address_key = 'deleted:' || message_id, provider_id = NULL, detail = NULL
      WHERE channel = 'sms' AND address <> '' AND finished_at < ${now}::timestamptz - make_interval(months => ${smsMonths}::int)
      RETURNING message_id`.execute(tx);
    const ids = rows.map((row) => row.message_id);
    if (ids.length > 0) {
      await sql`DELETE FROM message_links WHERE message_id = ANY(${ids})`.execute(tx);
      await sql`UPDATE receipts SET detail = '{}' WHERE message_id = ANY(${ids})`.execute(tx);
    }
    await sql`DELETE FROM consent_requests WHERE confirmed_at IS NULL AND expires_at < ${ended}`.execute(tx);
    await sql`DELETE FROM preference_links WHERE expires_at < ${ended}`.execute(tx);
    return { messages: ids.length };
  });
}
