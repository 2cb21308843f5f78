// Who wants nothing made for her? Her messages are the generic ones, which use nothing personal.
import { sql } from 'kysely';
import type { RecordsDb } from '../../stores/records/records.ts';

/** Of these people, those whose last word on profiling is a withdrawal. */
export async function unprofiled(db: RecordsDb, personIds: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ person_id: string }>`
    SELECT person_id FROM (
      SELECT DISTINCT ON (person_id) person_id, status FROM consents
      WHERE person_id = ANY(${[...personIds]}) AND purpose = 'profiling' ORDER BY person_id, decided_at DESC, status DESC
    ) latest WHERE status = 'withdrawn'`.execute(db);
  return new Set(rows.map((row) => row.person_id));
}
