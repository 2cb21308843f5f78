// Named settings in the records store: small JSON values, read at start and written rarely.
import { sql } from 'kysely';
import type { RecordsDb } from './records.ts';

export async function readSetting(db: RecordsDb, key: string): Promise<unknown> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst();
  return row?.value;
}

export async function writeSetting(db: RecordsDb, key: string, value: unknown): Promise<void> {
  const text = JSON.stringify(value);
  await db
    .insertInto('settings')
    .values({ key, value: text })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: text }))
    .execute();
}

/** The value under `key`, writing `fresh()` first where there is none: two processes starting together agree on one. */
export async function settingOr(db: RecordsDb, key: string, fresh: () => unknown): Promise<unknown> {
  await sql`INSERT INTO settings (key, value) VALUES (${key}, ${JSON.stringify(fresh())}::jsonb) ON CONFLICT (key) DO NOTHING`.execute(
    db,
  );
  return readSetting(db, key);
}
