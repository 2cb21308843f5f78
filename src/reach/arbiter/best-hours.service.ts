// When is she most likely to look? The shares of the 24 hours that `understand` computes, brought beside what the arbiter reads, in sets.
import { sql as recordsSql } from 'kysely';
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import type { Records } from '../../stores/records/records.ts';

const PAGE = 5_000;

/** Copies what was computed since it was last copied; returns for how many people. */
export async function copyBestHours(
  { records, events }: { readonly records: Records; readonly events: Events },
  now: Date,
): Promise<number> {
  let copied = 0;
  for (let after = ''; ;) {
    const rows = await events.rows<{ person_id: string; best_hours: number[] }>(sql`
      SELECT person_id, hours AS best_hours FROM person_preferences WHERE person_id > ${p.text(after)} AND length(hours) = 24
      ORDER BY person_id LIMIT ${p.int(PAGE)}`);
    const last = rows.at(-1);
    if (last === undefined) return copied;
    await recordsSql`
      INSERT INTO reach_profiles (person_id, best_hours, updated_at)
      SELECT r.person_id, ARRAY(SELECT jsonb_array_elements_text(r.best_hours)::real), ${now}
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (person_id text, best_hours jsonb)
      JOIN people pe ON pe.person_id = r.person_id
      ON CONFLICT (person_id) DO UPDATE SET best_hours = EXCLUDED.best_hours, updated_at = EXCLUDED.updated_at`.execute(
      records.db,
    );
    copied += rows.length;
    after = last.person_id;
  }
}
