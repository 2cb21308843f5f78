// What the records store knows of people, as segments need it: one statement for a set of people, and the notes of whose facts changed.
import { sql, type RawBuilder } from 'kysely';
import { personAddress } from '../../reach/channels/addresses.sql.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { HeldFacts } from './facts.ts';

export type FactsRules = {
  readonly timeZone: string;
  readonly globalControlBuckets: number;
};

const offBy = (kind: 'person' | 'address', key: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`ARRAY(SELECT channel FROM suppressions WHERE kind = ${sql.lit(kind)} AND key = ${key})`;

/** Of those ids that are people. */
export async function heldFacts(
  db: RecordsDb,
  personIds: readonly string[],
  { timeZone, globalControlBuckets }: FactsRules,
  addressSecret: string,
  now: Date,
): Promise<HeldFacts[]> {
  const keys = personIds.map((personId) => personAddress(addressSecret, personId).addressKey);
  const inControl = sql`global_bucket < ${globalControlBuckets}::int`;
  const result = await sql<HeldFacts>`
    SELECT pe.person_id, (pe.created_at AT TIME ZONE ${timeZone})::date::text AS created_on,
      pe.email_key IS NOT NULL AS has_email, pe.phone_key IS NOT NULL AS has_phone,
      ARRAY(SELECT DISTINCT channel FROM endpoints WHERE person_id = pe.person_id AND disabled_at IS NULL) AS endpoints,
      COALESCE((
        SELECT jsonb_agg(jsonb_build_object('channel', k.channel, 'purpose', k.purpose, 'status', k.status, 'expires_at', k.expires_at))
        FROM (
          SELECT DISTINCT ON (channel, purpose) channel, purpose, status, expires_at FROM consents
          WHERE person_id = pe.person_id AND decided_at <= ${now}
          ORDER BY channel, purpose, decided_at DESC, status DESC, consent_id DESC) k), '[]') AS consents,
      ${offBy('person', sql`pe.person_id`)} AS person_off,
      ${offBy('address', sql`pe.email_key`)} AS email_off,
      ${offBy('address', sql`pe.phone_key`)} AS phone_off,
      ${offBy('address', sql`w.id_key`)} AS id_off,
      ARRAY(
        SELECT e.channel FROM (
          SELECT DISTINCT ON (channel) channel, address_key FROM endpoints WHERE person_id = pe.person_id AND disabled_at IS NULL
          ORDER BY channel, seen_at DESC, endpoint_id DESC) e
        WHERE EXISTS (SELECT 1 FROM suppressions s WHERE s.kind = 'address' AND s.key = e.address_key AND s.channel IN ('*', e.channel))
      ) AS endpoints_off,
      EXISTS (SELECT 1 FROM reach_profiles r WHERE r.person_id = pe.person_id AND r.objected_at <= ${now}) AS is_off,
      ARRAY(SELECT DISTINCT c.channel FROM sunsets u, unnest(COALESCE(u.channels, ARRAY['*'])) AS c (channel)
        WHERE u.person_id = pe.person_id AND u.ended_on IS NULL ORDER BY 1) AS sunset_off,
      pe.${inControl} OR EXISTS (SELECT 1 FROM people o WHERE o.email_key = pe.email_key AND o.${inControl})
        OR EXISTS (SELECT 1 FROM people o WHERE o.phone_key = pe.phone_key AND o.${inControl}) AS global_control,
      COALESCE((
        SELECT jsonb_agg(jsonb_build_object('what', t.what, 'programme_id', t.programme_id, 'channel', t.channel,
          'on_day', (t.at AT TIME ZONE ${timeZone})::date::text))
        FROM (
          SELECT CASE arm WHEN 'control' THEN 'control' ELSE 'entered' END AS what, programme_id, '' AS channel, enrolled_at AS at
          FROM members WHERE person_id = pe.person_id
          UNION ALL
          SELECT 'returned', programme_id, '', ended_at FROM members WHERE person_id = pe.person_id AND end_reason = 'returned'
          UNION ALL
          SELECT 'messaged', programme_id, channel, COALESCE(sent_at, claimed_at, created_at) FROM messages
          WHERE person_id = pe.person_id AND state IN ('sent', 'unknown')
          UNION ALL
          SELECT 'clicked', m.programme_id, m.channel, r.occurred_at FROM messages m JOIN receipts r ON r.message_id = m.message_id
          WHERE m.person_id = pe.person_id AND r.kind = 'clicked' AND r.class = 'human'
          UNION ALL
          SELECT 'redeemed', COALESCE(programme_id, ''), '', redeemed_at FROM grants
          WHERE person_id = pe.person_id AND state = 'redeemed'
        ) t WHERE t.at IS NOT NULL), '[]') AS touches
    FROM unnest(${[...personIds]}::text[], ${keys}::text[]) AS w (person_id, id_key) JOIN people pe ON pe.person_id = w.person_id`.execute(
    db,
  );
  return result.rows;
}

type ChangedPerson = { readonly person_id: string; readonly version: number };

export async function hasFactChanges(db: RecordsDb): Promise<boolean> {
  const row = await db.selectFrom('fact_changes').select('change_id').limit(1).executeTakeFirst();
  return row !== undefined;
}

/** Takes the oldest notes; a person noted several times is one row with her latest note's number. */
export async function takeFactChanges(db: RecordsDb, limit: number): Promise<ChangedPerson[]> {
  const result = await sql<ChangedPerson>`
    WITH taken AS (
      DELETE FROM fact_changes WHERE change_id IN (SELECT change_id FROM fact_changes ORDER BY change_id LIMIT ${limit})
      RETURNING change_id, person_id
    )
    SELECT person_id, max(change_id) AS version FROM taken GROUP BY person_id`.execute(db);
  return result.rows;
}

/** Everybody's facts are to be read again: the rules they are read by have changed. */
export async function noteEverybody(db: RecordsDb): Promise<void> {
  await sql`INSERT INTO fact_changes (person_id) SELECT person_id FROM people`.execute(db);
}
