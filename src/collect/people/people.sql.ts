// The people table and the links between ids, in sets: one statement per batch, whatever its size.
import { sql } from 'kysely';
import { BUCKETS, BUCKET_HASH_VERSION } from '../../kernel/hash.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { JsonObject } from '../../kernel/json.ts';

const zonesOf = new WeakMap<RecordsDb, Promise<ReadonlySet<string>>>();

/** Names of the time zones that this store knows, in lower case; a server's list may be older than ours. Asked for once. */
export function storedZones(db: RecordsDb): Promise<ReadonlySet<string>> {
  const known = zonesOf.get(db);
  if (known !== undefined) return known;
  const asked = sql<{ name: string }>`SELECT lower(name) AS name FROM pg_timezone_names`
    .execute(db)
    .then(({ rows }) => new Set(rows.map(({ name }) => name)));
  zonesOf.set(db, asked);
  asked.catch(() => zonesOf.delete(db));
  return asked;
}

export type PersonRow = {
  readonly person_id: string;
  readonly email: string | null;
  readonly phone: string | null;
  readonly email_key: string | null;
  readonly phone_key: string | null;
  readonly first_name: string | null;
  readonly language: string | null;
  readonly country: string | null;
  readonly time_zone: string | null;
  readonly traits: JsonObject;
  /** Her cluster while she shares her address with nobody: a keyed hash, because others may carry it after she was erased. */
  readonly own_cluster: string;
  readonly at: Date;
};

/**
 * Adds or updates people; each person once per call. Newer values win, absent ones leave what is known. A newcomer who shares an e-mail
 * address joins the cluster of the first who had it, so that assignment treats them as one.
 */
export async function upsertPeople(
  db: RecordsDb,
  rows: readonly PersonRow[],
): Promise<{ person_id: string; traits: JsonObject }[]> {
  if (rows.length === 0) return [];
  const result = await sql<{ person_id: string; traits: JsonObject }>`
    WITH incoming AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (
        person_id text, email text, phone text, email_key text, phone_key text, first_name text,
        language text, country text, time_zone text, traits jsonb, own_cluster text, at timestamptz)
    ), clustered AS (
      SELECT i.*, COALESCE(
        (SELECT p.cluster_key FROM people p WHERE p.email_key = i.email_key ORDER BY p.created_at, p.person_id LIMIT 1),
        FIRST_VALUE(i.own_cluster) OVER (PARTITION BY COALESCE(i.email_key, i.person_id) ORDER BY i.person_id)) AS cluster_key
      FROM incoming i
    )
    INSERT INTO people (person_id, email, phone, email_key, phone_key, first_name, language, country, time_zone, traits,
                        cluster_key, global_bucket, created_at, updated_at)
    SELECT person_id, email, phone, email_key, phone_key, first_name, language, country, time_zone, COALESCE(traits, '{}'),
           cluster_key,
           ('x' || substr(md5(${`${BUCKET_HASH_VERSION}:global:`} || cluster_key), 1, 8))::bit(32)::bigint % ${sql.lit(BUCKETS)},
           at, at
    FROM clustered ORDER BY person_id
    ON CONFLICT (person_id) DO UPDATE SET
      email      = CASE WHEN EXCLUDED.updated_at >= people.updated_at THEN COALESCE(EXCLUDED.email, people.email) ELSE COALESCE(people.email, EXCLUDED.email) END,
      email_key  = CASE WHEN EXCLUDED.updated_at >= people.updated_at THEN COALESCE(EXCLUDED.email_key, people.email_key) ELSE COALESCE(people.email_key, EXCLUDED.email_key) END,
      phone      = CASE WHEN EXCLUDED.updated_at >= people.updated_at THEN COALESCE(EXCLUDED.phone, people.phone) ELSE COALESCE(people.phone, EXCLUDED.phone) END,
      phone_key  = CASE WHEN EXCLUDED.updated_at >= people.updated_at THEN COALESCE(EXCLUDED.phone_key, people.phone_key) ELSE COALESCE(people.phone_key, EXCLUDED.phone_key) END,
      first_name = CASE WHEN EXCLUDED.updated_at >= people.updated_at THEN COALESCE(EXCLUDED.first_name, people.first_name) ELSE COALESCE(people.first_name, EXCLUDED.first_name) END,
      language   = CASE WHEN EXCLUDED.updated_at >= people.updated_at THEN COALESCE(EXCLUDED.language, people.language) ELSE COALESCE(people.language, EXCLUDED.language) END,
      country    = CASE WHEN EXCLUDED.updated_at >= people.updated_at THEN COALESCE(EXCLUDED.country, people.country) ELSE COALESCE(people.country, EXCLUDED.country) END,
      time_zone  = CASE WHEN EXCLUDED.updated_at >= people.updated_at THEN COALESCE(EXCLUDED.time_zone, people.time_zone) ELSE COALESCE(people.time_zone, EXCLUDED.time_zone) END,
      traits     = CASE WHEN EXCLUDED.updated_at >= people.updated_at THEN people.traits || EXCLUDED.traits ELSE EXCLUDED.traits || people.traits END,
      updated_at = GREATEST(people.updated_at, EXCLUDED.updated_at)
    RETURNING person_id, traits`.execute(db);
  return result.rows;
}

/** The person each of these ids stands for now; ids without a link stand for themselves and are left out. */
export async function linkedPeople(db: RecordsDb, actorIds: readonly string[]): Promise<Map<string, string>> {
  if (actorIds.length === 0) return new Map();
  const links = await sql<{ actor_id: string; person_id: string }>`
    SELECT actor_id, person_id FROM person_links WHERE actor_id = ANY(${[...actorIds]})`.execute(db);
  return new Map(links.rows.map((row) => [row.actor_id, row.person_id]));
}

/** Of these ids, those that came to stand for a person at `since` or later. */
export async function joinedSince(
  db: RecordsDb,
  actorIds: readonly string[],
  since: Date,
): Promise<{ actor_id: string; person_id: string }[]> {
  if (actorIds.length === 0) return [];
  const links = await sql<{ actor_id: string; person_id: string }>`
    SELECT actor_id, person_id FROM person_links WHERE actor_id = ANY(${[...actorIds]}) AND linked_at >= ${since}`.execute(
    db,
  );
  return links.rows;
}

/** Of these ids, those that are people. */
export async function knownPeople(db: RecordsDb, personIds: readonly string[]): Promise<Set<string>> {
  if (personIds.length === 0) return new Set();
  const rows = await sql<{
    person_id: string;
  }>`SELECT person_id FROM people WHERE person_id = ANY(${[...personIds]})`.execute(db);
  return new Set(rows.rows.map((row) => row.person_id));
}

/** Links ids that no link has yet; the first link stays. Returns what was added. */
export async function addLinks(
  db: RecordsDb,
  links: readonly { readonly actor_id: string; readonly person_id: string }[],
  at: Date,
): Promise<{ actor_id: string; person_id: string }[]> {
  const added = await sql<{ actor_id: string; person_id: string }>`
    INSERT INTO person_links (actor_id, person_id, linked_at)
    SELECT actor_id, person_id, ${at} FROM jsonb_to_recordset(${JSON.stringify(links)}::jsonb) AS r (actor_id text, person_id text)
    ORDER BY actor_id
    ON CONFLICT (actor_id) DO NOTHING RETURNING actor_id, person_id`.execute(db);
  return added.rows;
}

/** Links made in the last hour in which any were made. */
export async function recentLinks(db: RecordsDb): Promise<{ actor_id: string; person_id: string }[]> {
  const rows = await sql<{ actor_id: string; person_id: string }>`
    SELECT actor_id, person_id FROM person_links
    WHERE linked_at >= (SELECT max(linked_at) FROM person_links) - interval '1 hour' ORDER BY actor_id`.execute(db);
  return rows.rows;
}

/** Points `actorId`, and all that pointed at it, at `personId`. Returns every id that was moved. */
export async function linkActor(db: RecordsDb, actorId: string, personId: string, at: Date): Promise<string[]> {
  const moved = await db
    .updateTable('person_links')
    .set({ person_id: personId, linked_at: at })
    .where('person_id', '=', actorId)
    .returning('actor_id')
    .execute();
  await db
    .insertInto('person_links')
    .values({ actor_id: actorId, person_id: personId, linked_at: at })
    .onConflict((conflict) => conflict.column('actor_id').doUpdateSet({ person_id: personId, linked_at: at }))
    .execute();
  return [actorId, ...moved.map((row) => row.actor_id)];
}
