// Whom does a policy stop contacting? Contacts are in the records store, silence in the events store: once a day the contacts of everybody who
// had enough of them are held against her silence, and what ends a sunset (her return, a new consent) is looked for at every round. The records
// store's `sunsets` is the truth, one open row per policy and person; `person_sunsets` mirrors it beside the stages.
import { sql as recordsSql } from 'kysely';
import type { Day } from '../../kernel/days.ts';
import { newId } from '../../kernel/ids.ts';
import { ident, p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { replacePartition } from '../../stores/events/replace-partition.ts';
import { readSetting, writeSetting } from '../../stores/records/settings.ts';
import type { Records, RecordsDb } from '../../stores/records/records.ts';
import type { DormancyPolicy } from './policy.ts';
import { dropTable } from './evaluate.sql.ts';
import { countSunsets, createContacts, dueForSunset, returnedFromSunset } from './sunset.sql.ts';

export type SunsetContext = { readonly records: Records; readonly events: Events; readonly timeZone: string };

const ROWS_PER_PAGE = 20_000;

type Settled = {
  readonly policy: DormancyPolicy;
  /** The day the policy was last evaluated for. */
  readonly asOf: Day;
  readonly now: Date;
};

/** Ends the sunsets of people who consented to marketing again on a later day. */
async function endByConsent(db: RecordsDb, policyId: string, timeZone: string): Promise<string[]> {
  const { rows } = await recordsSql<{ person_id: string }>`
    UPDATE sunsets u SET ended_on = c.consented_on, end_cause = 'consented'
    FROM (
      SELECT s.person_id, s.since_on, min((c.decided_at AT TIME ZONE ${timeZone})::date) AS consented_on
      FROM sunsets s JOIN consents c ON c.person_id = s.person_id AND c.status = 'granted' AND c.purpose = 'marketing'
        AND (c.decided_at AT TIME ZONE ${timeZone})::date > s.since_on
      WHERE s.policy_id = ${policyId} AND s.ended_on IS NULL
      GROUP BY s.person_id, s.since_on
    ) c
    WHERE u.policy_id = ${policyId} AND u.person_id = c.person_id AND u.since_on = c.since_on AND u.ended_on IS NULL
    RETURNING u.person_id`.execute(db);
  return rows.map((row) => row.person_id);
}

async function endByReturn({ records, events }: SunsetContext, policyId: string): Promise<string[]> {
  const returned = await events.rows<{ person_id: string; returned_on: Day }>(returnedFromSunset(policyId));
  if (returned.length === 0) return [];
  await recordsSql`
    UPDATE sunsets u SET ended_on = r.returned_on, end_cause = 'returned'
    FROM jsonb_to_recordset(${JSON.stringify(returned)}::jsonb) AS r (person_id text, returned_on date)
    WHERE u.policy_id = ${policyId} AND u.person_id = r.person_id AND u.ended_on IS NULL`.execute(records.db);
  // Ended now, or already by the event itself: of both the engine does not know yet.
  return returned.map((row) => row.person_id);
}

/** A contact is a message that was sent, or whose fate is unknown: it may have been. What answers her own sign-up is none. */
async function* contactedPeople(
  db: RecordsDb,
  policyId: string,
  { contacts: contactsMin, channels }: NonNullable<DormancyPolicy['sunset']>,
  timeZone: string,
): AsyncIterable<readonly { readonly person_id: string; readonly contacts: readonly Day[] }[]> {
  for (let after = ''; ;) {
    const { rows } = await recordsSql<{ person_id: string; contacts: string[] }>`
      SELECT person_id, array_agg((coalesce(sent_at, claimed_at, created_at) AT TIME ZONE ${timeZone})::date::text ORDER BY 1) AS contacts
      FROM messages m WHERE state IN ('sent', 'unknown') AND purpose NOT IN ('confirmation', 'requested') AND person_id > ${after}
        AND (${channels ?? null}::text[] IS NULL OR channel = ANY(${channels ?? null}::text[]))
        AND NOT EXISTS (SELECT 1 FROM sunsets u WHERE u.policy_id = ${policyId} AND u.person_id = m.person_id AND u.ended_on IS NULL)
      GROUP BY person_id HAVING count(*) >= ${contactsMin} ORDER BY person_id LIMIT ${ROWS_PER_PAGE}`.execute(db);
    if (rows.length === 0) return;
    yield rows.map((row) => ({ ...row, contacts: row.contacts.toSorted() }));
    after = rows.at(-1)!.person_id;
  }
}

async function begin({ records, events, timeZone }: SunsetContext, { policy, asOf, now }: Settled): Promise<string[]> {
  const { policyId, sunset } = policy;
  if (sunset === undefined) return [];
  const contacts = newId('scratch_contacts', now);
  try {
    await events.run(createContacts(ident(contacts)));
    for await (const page of contactedPeople(records.db, policyId, sunset, timeZone))
      await events.insert(contacts, page);
    const due = await events.rows<{ person_id: string; since_on: Day; contacts: number }>(
      dueForSunset(ident(contacts), policyId, sunset, asOf),
    );
    if (due.length === 0) return [];
    const { rows } = await recordsSql<{ person_id: string }>`
      INSERT INTO sunsets (policy_id, person_id, since_on, contacts, channels)
      SELECT ${policyId}, person_id, since_on, contacts, ${sunset.channels ?? null}::text[]
      FROM jsonb_to_recordset(${JSON.stringify(due)}::jsonb) AS d (person_id text, since_on date, contacts integer)
      ON CONFLICT DO NOTHING RETURNING person_id`.execute(records.db);
    return rows.map((row) => row.person_id);
  } finally {
    await events.run(dropTable(ident(contacts)));
  }
}

/** The latest sunset of everybody who ever had one, as the events store sees it. */
async function mirror({ records, events }: SunsetContext, policyId: string, now: Date): Promise<void> {
  const scratch = newId('scratch_sunsets', now);
  try {
    await events.run(sql`CREATE TABLE ${ident(scratch)} AS person_sunsets`);
    for (let after = ''; ;) {
      const { rows } = await recordsSql<{ person_id: string }>`
        SELECT DISTINCT ON (person_id) policy_id, person_id, since_on::text AS since_on, contacts, ended_on::text AS ended_on,
          coalesce(end_cause, '') AS end_cause
        FROM sunsets WHERE policy_id = ${policyId} AND person_id > ${after}
        ORDER BY person_id, since_on DESC LIMIT ${ROWS_PER_PAGE}`.execute(records.db);
      if (rows.length === 0) break;
      await events.insert(scratch, rows);
      after = rows.at(-1)!.person_id;
    }
    await replacePartition(events, 'person_sunsets', policyId, ident(scratch));
  } finally {
    await events.run(dropTable(ident(scratch)));
  }
}

const settledKey = (policyId: string): string => `sunsets/${policyId}`;

/**
 * Begins and ends the sunsets of a policy that was just evaluated, and returns the people whose sunset began or ended: their stages are to be
 * judged again. Running it again changes nothing. A policy that no longer sunsets anybody lets go those it had.
 */
export async function settleSunsets(context: SunsetContext, settled: Settled): Promise<readonly string[]> {
  const { records, events, timeZone } = context;
  const { policy, asOf, now } = settled;
  const { policyId } = policy;
  const mirrored = await countSunsets(events, policyId);
  if (policy.sunset === undefined) {
    if (mirrored > 0) {
      await records.db.deleteFrom('sunsets').where('policy_id', '=', policyId).execute();
      await events.run(sql`ALTER TABLE person_sunsets DROP PARTITION ${p.text(policyId)}`);
    }
    return [];
  }
  const ended = [
    ...(await endByConsent(records.db, policyId, timeZone)),
    ...(mirrored > 0 ? await endByReturn(context, policyId) : []),
  ];
  if (ended.length > 0) await mirror(context, policyId, now);
  const mark = [asOf, policy.sunset.contacts, policy.sunset.days, ...(policy.sunset.channels ?? [])].join('/');
  if ((await readSetting(records.db, settledKey(policyId))) === mark) return ended;
  const begun = await begin(context, settled);
  await mirror(context, policyId, now);
  await writeSetting(records.db, settledKey(policyId), mark);
  return [...new Set([...ended, ...begun])];
}
