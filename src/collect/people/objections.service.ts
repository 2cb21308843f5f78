// Who objects to being profiled (GDPR art. 21)? The wish is kept with the records; the events store holds a copy that everything said about one
// person leaves out. Guarantee: when `keepObjections` resolves, no score, stage, reason, preference or recommendation of an objector is left.
import { ident, sql } from '../../kernel/sql.ts';
import type { PeopleStores } from './people.service.ts';

const OBJECTORS = sql`SELECT person_id FROM objectors FINAL WHERE objects = 1`;
const PROFILES = ['person_states', 'person_reasons', 'person_recommendations', 'person_preferences'] as const;

/** Brings the copy up to the records. Costs two queries while nothing has changed. */
export async function keepObjections({ records, events }: PeopleStores, now: Date): Promise<void> {
  const wished = await records.db
    .selectFrom('reach_profiles')
    .select('person_id')
    .where('objected_at', 'is not', null)
    .execute();
  const objectors = new Set(wished.map((row) => row.person_id));
  const known = new Set((await events.rows<{ person_id: string }>(OBJECTORS)).map((row) => row.person_id));
  const added = [...objectors].filter((personId) => !known.has(personId));
  const rows = [
    ...added.map((person_id) => ({ person_id, objects: 1, version: now.getTime() })),
    ...[...known]
      .filter((personId) => !objectors.has(personId))
      .map((person_id) => ({ person_id, objects: 0, version: now.getTime() })),
  ];
  if (rows.length === 0) return;
  await events.insert('objectors', rows);
  if (added.length === 0) return;
  for (const table of PROFILES)
    await events.run(
      sql`ALTER TABLE ${ident(table)} DELETE WHERE person_id IN (${OBJECTORS}) SETTINGS mutations_sync = 2`,
    );
}
