// What the records store knows of people, as segments need it: a few statements for a set of people, and the notes of whose facts changed.
import { sql, type RawBuilder } from 'kysely';
import { personAddress } from '../../reach/channels/addresses.sql.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { HeldFacts } from './facts.ts';

export type FactsRules = {
  readonly timeZone: string;
  readonly globalControlBuckets: number;
};

type PersonRow = {
  readonly person_id: string;
  readonly created_on: string;
  readonly email_key: string | null;
  readonly phone_key: string | null;
  readonly in_control: boolean;
};
type Live = { readonly person_id: string; readonly channel: string; readonly address_key: string };
type Said = HeldFacts['consents'][number] & { readonly person_id: string };
type Off = { readonly kind: 'person' | 'address'; readonly key: string; readonly channel: string };
type Touched = HeldFacts['touches'][number] & { readonly person_id: string };

/** All rows in one value: of tens of thousands, handing over each by itself costs more than finding them. */
async function atOnce<T>(db: RecordsDb, query: RawBuilder<unknown>): Promise<readonly T[]> {
  const { rows } = await sql<{ all: T[] | null }>`SELECT json_agg(t) AS all FROM (${query}) t`.execute(db);
  return rows[0]?.all ?? [];
}

/** Each person's own rows, which need not say again whose they are. */
function byPerson<T extends { readonly person_id: string }>(
  rows: readonly T[],
): ReadonlyMap<string, readonly Omit<T, 'person_id'>[]> {
  const own = new Map<string, Omit<T, 'person_id'>[]>();
  for (const { person_id: personId, ...row } of rows) {
    const list = own.get(personId);
    if (list === undefined) own.set(personId, [row]);
    else list.push(row);
  }
  return own;
}

/**
 * Of those ids that are people. Each table is asked once for all of them, by keys handed over as one array: a plan that is good whatever the
 * planner knows of the tables, and it knows nothing before their first statistics.
 */
export async function heldFacts(
  db: RecordsDb,
  personIds: readonly string[],
  { timeZone, globalControlBuckets }: FactsRules,
  addressSecret: string,
  now: Date,
): Promise<HeldFacts[]> {
  const ids = sql`ANY(${[...personIds]}::text[])`;
  const people = await atOnce<PersonRow>(
    db,
    sql`
    SELECT person_id, (created_at AT TIME ZONE ${timeZone})::date::text AS created_on, email_key, phone_key,
      global_bucket < ${globalControlBuckets}::int AS in_control
    FROM people WHERE person_id = ${ids}`,
  );
  if (people.length === 0) return [];
  const emailKeys = people.flatMap((row) => row.email_key ?? []);
  const phoneKeys = people.flatMap((row) => row.phone_key ?? []);

  const inControl = await atOnce<{ key: string }>(
    db,
    sql`
    SELECT email_key AS key FROM people WHERE email_key = ANY(${emailKeys}::text[]) AND global_bucket < ${globalControlBuckets}::int
    UNION SELECT phone_key FROM people WHERE phone_key = ANY(${phoneKeys}::text[]) AND global_bucket < ${globalControlBuckets}::int`,
  );
  const objectors = await atOnce<{ person_id: string }>(
    db,
    sql`SELECT person_id FROM reach_profiles WHERE person_id = ${ids} AND objected_at <= ${now}`,
  );
  const sunsets = await atOnce<{ person_id: string; channel: string }>(
    db,
    sql`
    SELECT DISTINCT u.person_id, c.channel FROM sunsets u, unnest(COALESCE(u.channels, ARRAY['*'])) AS c (channel)
    WHERE u.person_id = ${ids} AND u.ended_on IS NULL ORDER BY 1, 2`,
  );
  const endpoints = await atOnce<Live>(
    db,
    sql`
    SELECT DISTINCT ON (person_id, channel) person_id, channel, address_key FROM endpoints
    WHERE person_id = ${ids} AND disabled_at IS NULL
    ORDER BY person_id, channel, seen_at DESC, endpoint_id DESC`,
  );
  const consents = await atOnce<Said>(
    db,
    sql`
    SELECT DISTINCT ON (person_id, channel, purpose) person_id, channel, purpose, status, expires_at FROM consents
    WHERE person_id = ${ids} AND decided_at <= ${now}
    ORDER BY person_id, channel, purpose, decided_at DESC, status DESC, consent_id DESC`,
  );
  const ownKeys = new Map(people.map((row) => [row.person_id, personAddress(addressSecret, row.person_id).addressKey]));
  const addressKeys = [...emailKeys, ...phoneKeys, ...endpoints.map((row) => row.address_key), ...ownKeys.values()];
  const off = await atOnce<Off>(
    db,
    sql`
    SELECT kind, key, channel FROM suppressions WHERE kind = 'person' AND key = ${ids}
    UNION ALL SELECT kind, key, channel FROM suppressions WHERE kind = 'address' AND key = ANY(${addressKeys}::text[])`,
  );
  const touches = await touchesOf(db, personIds, timeZone);

  const offOf = (kind: Off['kind']) =>
    Map.groupBy(
      off.filter((row) => row.kind === kind),
      (row) => row.key,
    );
  const [offPeople, offAddresses] = [offOf('person'), offOf('address')];
  const channelsOff = (key: string | null | undefined): string[] =>
    (offAddresses.get(key ?? '') ?? []).map((row) => row.channel);
  const objecting = new Set(objectors.map((row) => row.person_id));
  const controlled = new Set(inControl.map((row) => row.key));
  const [endpointsOf, consentsOf, sunsetsOf] = [byPerson(endpoints), byPerson(consents), byPerson(sunsets)];
  return people.map((row): HeldFacts => {
    const own = endpointsOf.get(row.person_id) ?? [];
    const isOff = ({ channel, address_key }: Omit<Live, 'person_id'>): boolean =>
      channelsOff(address_key).some((each) => each === '*' || each === channel);
    return {
      person_id: row.person_id,
      created_on: row.created_on,
      has_email: row.email_key !== null,
      has_phone: row.phone_key !== null,
      endpoints: own.map(({ channel }) => channel),
      consents: consentsOf.get(row.person_id) ?? [],
      person_off: (offPeople.get(row.person_id) ?? []).map(({ channel }) => channel),
      email_off: channelsOff(row.email_key),
      phone_off: channelsOff(row.phone_key),
      id_off: channelsOff(ownKeys.get(row.person_id)),
      endpoints_off: own.filter(isOff).map(({ channel }) => channel),
      is_off: objecting.has(row.person_id),
      sunset_off: (sunsetsOf.get(row.person_id) ?? []).map(({ channel }) => channel),
      global_control:
        row.in_control || [row.email_key, row.phone_key].some((key) => key !== null && controlled.has(key)),
      touches: touches.get(row.person_id) ?? [],
    };
  });
}

/** What programmes did with people. Clicks are found by the ids of their messages, of which receipts are many more than people. */
async function touchesOf(
  db: RecordsDb,
  personIds: readonly string[],
  timeZone: string,
): Promise<ReadonlyMap<string, HeldFacts['touches']>> {
  const ids = sql`ANY(${[...personIds]}::text[])`;
  const told = await atOnce<Touched & { readonly on_day: string | null }>(
    db,
    sql`
    SELECT person_id, what, programme_id, channel, (at AT TIME ZONE ${timeZone})::date::text AS on_day FROM (
      SELECT person_id, CASE arm WHEN 'control' THEN 'control' ELSE 'entered' END AS what, programme_id, '' AS channel, enrolled_at AS at
      FROM members WHERE person_id = ${ids}
      UNION ALL
      SELECT person_id, 'returned', programme_id, '', ended_at FROM members WHERE person_id = ${ids} AND end_reason = 'returned'
      UNION ALL
      SELECT person_id, 'redeemed', COALESCE(programme_id, ''), '', redeemed_at FROM grants WHERE person_id = ${ids} AND state = 'redeemed'
    ) t WHERE at IS NOT NULL`,
  );
  const messages = await atOnce<Omit<Touched, 'what'> & { readonly message_id: string; readonly is_sent: boolean }>(
    db,
    sql`
    SELECT person_id, message_id, programme_id, channel, state IN ('sent', 'unknown') AS is_sent,
      (COALESCE(sent_at, claimed_at, created_at) AT TIME ZONE ${timeZone})::date::text AS on_day
    FROM messages WHERE person_id = ${ids}`,
  );
  const clicks = await atOnce<{ message_id: string; on_day: string }>(
    db,
    sql`
    SELECT message_id, (occurred_at AT TIME ZONE ${timeZone})::date::text AS on_day FROM receipts
    WHERE message_id = ANY(${messages.map((row) => row.message_id)}::text[]) AND kind = 'clicked' AND class = 'human'`,
  );
  const known = new Map(messages.map((row) => [row.message_id, row]));
  return byPerson([
    ...told,
    ...messages
      .filter((row) => row.is_sent)
      .map(({ person_id, programme_id, channel, on_day }) => ({
        person_id,
        what: 'messaged',
        programme_id,
        channel,
        on_day,
      })),
    ...clicks.map(({ message_id, on_day }) => {
      const { person_id, programme_id, channel } = known.get(message_id)!;
      return { person_id, what: 'clicked', programme_id, channel, on_day };
    }),
  ]);
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
