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

/** One page, the latest first; only those of these keys where any are given. */
export async function listSuppressions(
  db: RecordsDb,
  page: { readonly limit: number; readonly offset: number },
  keys?: readonly string[],
): Promise<{ readonly suppressions: readonly SuppressionRow[]; readonly total: number }> {
  const wanted = db
    .selectFrom('suppressions')
    .$if(keys !== undefined, (query) => query.where('key', 'in', [...(keys ?? [])]));
  const { total } = await wanted.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const rows = await wanted
    .select(['kind', 'key', 'channel', 'reason', 'created_at'])
    .orderBy('created_at', 'desc')
    .orderBy('suppression_id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  return { total, suppressions: rows.map(({ created_at, ...row }) => ({ ...row, createdAt: created_at })) };
}

/** What she set herself, or the law did. */
const HERS = ['unsubscribed', 'complained', 'erased'];

/** Takes one entry off the list, unless it is her own wish. False when there is none that may be taken off. */
export async function liftSuppression(
  db: RecordsDb,
  entry: Pick<SuppressionRow, 'kind' | 'key' | 'channel'>,
): Promise<boolean> {
  const lifted = await db
    .deleteFrom('suppressions')
    .where('kind', '=', entry.kind)
    .where('key', '=', entry.key)
    .where('channel', '=', entry.channel)
    .where('reason', 'not in', HERS)
    .returning('key')
    .executeTakeFirst();
  return lifted !== undefined;
}

/** Of these ids, those that are no person's. */
export async function unknownPeople(db: RecordsDb, personIds: readonly string[]): Promise<string[]> {
  const rows = await sql<{ person_id: string }>`
    SELECT w.person_id FROM unnest(${[...personIds]}::text[]) AS w (person_id)
    WHERE NOT EXISTS (SELECT 1 FROM people p WHERE p.person_id = w.person_id) LIMIT 10`.execute(db);
  return rows.rows.map((row) => row.person_id);
}
