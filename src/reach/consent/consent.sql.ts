// Who must not be contacted; and which of these ids nobody has.
import { sql } from 'kysely';
import type { RecordsDb } from '../../stores/records/records.ts';

export type SuppressionRow = {
  readonly kind: 'person' | 'address';
  readonly key: string;
  readonly channel: string;
  readonly reason: string;
  readonly createdAt: Date;
};

/** The latest first. */
export async function listSuppressions(db: RecordsDb, limit: number): Promise<SuppressionRow[]> {
  const rows = await db
    .selectFrom('suppressions')
    .select(['kind', 'key', 'channel', 'reason', 'created_at'])
    .orderBy('created_at', 'desc')
    .orderBy('suppression_id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ created_at, ...row }) => ({ ...row, createdAt: created_at }));
}

/** Of these ids, those that are no person's. */
export async function unknownPeople(db: RecordsDb, personIds: readonly string[]): Promise<string[]> {
  const rows = await sql<{ person_id: string }>`
    SELECT w.person_id FROM unnest(${[...personIds]}::text[]) AS w (person_id)
    WHERE NOT EXISTS (SELECT 1 FROM people p WHERE p.person_id = w.person_id) LIMIT 10`.execute(db);
  return rows.rows.map((row) => row.person_id);
}
