// What is read of a set of people at once is what would be read of each by herself.
import { sql, type RawBuilder } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { heldFacts } from '../../src/decide/facts/facts.sql.ts';
import type { HeldFacts } from '../../src/decide/facts/facts.ts';
import { personAddress } from '../../src/reach/channels/addresses.sql.ts';
import type { RecordsDb } from '../../src/stores/records/records.ts';
import { HELD_NOW, heldIds, holdPeople } from '../support/held-people.ts';
import { RECORDS_KINDS, recordsAbsent, temporaryRecords, type TemporaryRecords } from '../support/records-store.ts';

const PEOPLE = 400;
const SECRET = 'secret';
const RULES = { timeZone: 'Asia/Shanghai', globalControlBuckets: 500 };

const offBy = (kind: 'person' | 'address', key: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`ARRAY(SELECT channel FROM suppressions WHERE kind = ${sql.lit(kind)} AND key = ${key})`;

/** Ten questions about each person, in one statement that asks them one after another. */
async function readOneByOne(db: RecordsDb, personIds: readonly string[]): Promise<HeldFacts[]> {
  const keys = personIds.map((personId) => personAddress(SECRET, personId).addressKey);
  const inControl = sql`global_bucket < ${RULES.globalControlBuckets}::int`;
  const result = await sql<HeldFacts>`
    SELECT pe.person_id, (pe.created_at AT TIME ZONE ${RULES.timeZone})::date::text AS created_on,
      pe.email_key IS NOT NULL AS has_email, pe.phone_key IS NOT NULL AS has_phone,
      ARRAY(SELECT DISTINCT channel FROM endpoints WHERE person_id = pe.person_id AND disabled_at IS NULL) AS endpoints,
      COALESCE((
        SELECT jsonb_agg(jsonb_build_object('channel', k.channel, 'purpose', k.purpose, 'status', k.status, 'expires_at', k.expires_at))
        FROM (
          SELECT DISTINCT ON (channel, purpose) channel, purpose, status, expires_at FROM consents
          WHERE person_id = pe.person_id AND decided_at <= ${HELD_NOW}
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
      EXISTS (SELECT 1 FROM reach_profiles r WHERE r.person_id = pe.person_id AND r.objected_at <= ${HELD_NOW}) AS is_off,
      ARRAY(SELECT DISTINCT c.channel FROM sunsets u, unnest(COALESCE(u.channels, ARRAY['*'])) AS c (channel)
        WHERE u.person_id = pe.person_id AND u.ended_on IS NULL ORDER BY 1) AS sunset_off,
      pe.${inControl} OR EXISTS (SELECT 1 FROM people o WHERE o.email_key = pe.email_key AND o.${inControl})
        OR EXISTS (SELECT 1 FROM people o WHERE o.phone_key = pe.phone_key AND o.${inControl}) AS global_control,
      COALESCE((
        SELECT jsonb_agg(jsonb_build_object('what', t.what, 'programme_id', t.programme_id, 'channel', t.channel,
          'on_day', (t.at AT TIME ZONE ${RULES.timeZone})::date::text))
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
    FROM unnest(${personIds}::text[], ${keys}::text[]) AS w (person_id, id_key) JOIN people pe ON pe.person_id = w.person_id`.execute(
    db,
  );
  return result.rows;
}

/** Nothing is said about the order of what is listed. */
const inOrder = (facts: readonly HeldFacts[]): string[] =>
  facts
    .map((held) =>
      Object.fromEntries(
        Object.entries(held).map(([key, value]) => [
          key,
          Array.isArray(value) ? value.map((each) => JSON.stringify(sortedKeys(each))).toSorted() : value,
        ]),
      ),
    )
    .map((held) => JSON.stringify(held))
    .toSorted();

const sortedKeys = (value: unknown): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).toSorted(([a], [b]) => a.localeCompare(b))
    : value;

describe.each(RECORDS_KINDS)('facts of people on %s', (kind) => {
  describe.skipIf(recordsAbsent[kind] !== '')(`read of a set${recordsAbsent[kind]}`, () => {
    let store: TemporaryRecords;
    beforeAll(async () => {
      store = await temporaryRecords(kind);
      await holdPeople(store.records.db, PEOPLE, SECRET);
    });
    afterAll(() => store.close());

    const read = (ids: readonly string[]) => heldFacts(store.records.db, ids, RULES, SECRET, HELD_NOW);

    it('are those of each person by herself, and of nobody who is not there', async () => {
      const ids = [...heldIds(PEOPLE), 'nobody'];
      const facts = await read(ids);
      expect(facts).toHaveLength(PEOPLE);
      expect(inOrder(facts)).toEqual(inOrder(await readOneByOne(store.records.db, ids)));
      expect(inOrder(await read(ids.slice(5, 6)))).toEqual(inOrder(facts.filter((each) => each.person_id === ids[5])));
      expect(await read(['nobody'])).toEqual([]);
    });

    it('are of every kind among these people, and each kind tells them apart', async () => {
      const facts = await read(heldIds(PEOPLE));
      const tells: readonly (readonly [string, (held: HeldFacts) => boolean])[] = [
        ...(
          [
            'endpoints',
            'person_off',
            'email_off',
            'phone_off',
            'id_off',
            'endpoints_off',
            'sunset_off',
            'touches',
          ] as const
        ).map((list) => [list, (held: HeldFacts) => held[list].length > 0] as const),
        ...(['has_email', 'has_phone', 'is_off', 'global_control'] as const).map(
          (flag) => [flag, (held: HeldFacts) => held[flag]] as const,
        ),
        ...['entered', 'control', 'messaged', 'clicked', 'redeemed', 'returned'].map(
          (what) => [what, (held: HeldFacts) => held.touches.some((touch) => touch.what === what)] as const,
        ),
        ...['granted', 'withdrawn'].map(
          (status) => [status, (held: HeldFacts) => held.consents.some((said) => said.status === status)] as const,
        ),
        ['an expiry', (held) => held.consents.some((said) => said.expires_at !== null)],
      ];
      const dull = tells.filter(([, holds]) => {
        const found = facts.filter(holds).length;
        return found === 0 || found === PEOPLE;
      });
      expect(dull.map(([what]) => what)).toEqual([]);
    });
  });
});
