// Every records table that names a person, in one list, so that merge, export and erase can forget none (a test compares it to the schema).
import { sql } from 'kysely';
import { newId } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { RecordsDb } from '../../stores/records/records.ts';

/** `erase`: delete the rows, or keep them under an id that leads nowhere (they are counted in results). */
export const PERSON_TABLES = [
  { table: 'people', erase: 'delete', merge: 'fill' },
  { table: 'person_links', erase: 'delete', merge: 'links' },
  { table: 'consents', erase: 'delete', merge: 'move' },
  { table: 'grants', erase: 'anonymise', merge: 'move-unless-there' },
  { table: 'members', erase: 'anonymise', merge: 'move-unless-there' },
  { table: 'decisions', erase: 'anonymise', merge: 'move' },
  { table: 'messages', erase: 'anonymise', merge: 'move-unless-there' },
  { table: 'survey_invitations', erase: 'delete', merge: 'move-unless-there' },
  { table: 'survey_answers', erase: 'delete', merge: 'move-unless-there' },
] as const;

export async function personRecords(db: RecordsDb, personId: string): Promise<JsonObject> {
  const [person, consents, grants, members, decisions, messages, suppressions, surveyInvitations, surveyAnswers] =
    await Promise.all([
      db.selectFrom('people').selectAll().where('person_id', '=', personId).executeTakeFirst(),
      db.selectFrom('consents').selectAll().where('person_id', '=', personId).orderBy('decided_at').execute(),
      db.selectFrom('grants').selectAll().where('person_id', '=', personId).execute(),
      db.selectFrom('members').selectAll().where('person_id', '=', personId).execute(),
      db.selectFrom('decisions').selectAll().where('person_id', '=', personId).orderBy('decided_at').execute(),
      db.selectFrom('messages').selectAll().where('person_id', '=', personId).orderBy('created_at').execute(),
      db.selectFrom('suppressions').selectAll().where('kind', '=', 'person').where('key', '=', personId).execute(),
      db.selectFrom('survey_invitations').selectAll().where('person_id', '=', personId).orderBy('invited_at').execute(),
      db.selectFrom('survey_answers').selectAll().where('person_id', '=', personId).orderBy('answered_at').execute(),
    ]);
  return {
    person,
    consents,
    grants,
    members,
    decisions,
    messages,
    suppressions,
    surveyInvitations,
    surveyAnswers,
  };
}

/** Moves everything of `from` to `into`. Where both hold a row that may exist once, the row of `into` stays and `from`'s is kept closed. */
export async function movePerson(db: RecordsDb, from: string, into: string): Promise<void> {
  await sql`UPDATE consents SET person_id = ${into} WHERE person_id = ${from}`.execute(db);
  await sql`UPDATE decisions SET person_id = ${into} WHERE person_id = ${from}`.execute(db);
  await sql`UPDATE grants g SET person_id = ${into} WHERE person_id = ${from}
    AND NOT EXISTS (SELECT 1 FROM grants o WHERE o.person_id = ${into} AND o.offer_id = g.offer_id AND o.run_id IS NOT DISTINCT FROM g.run_id)`.execute(
    db,
  );
  await sql`UPDATE members m SET person_id = ${into} WHERE person_id = ${from}
    AND NOT EXISTS (SELECT 1 FROM members o WHERE o.person_id = ${into} AND o.run_id = m.run_id)`.execute(db);
  await sql`UPDATE members SET state = 'exited', end_reason = 'merged' WHERE person_id = ${from} AND state = 'active'`.execute(
    db,
  );
  await sql`UPDATE messages m SET person_id = ${into} WHERE person_id = ${from}
    AND NOT EXISTS (SELECT 1 FROM messages o WHERE o.person_id = ${into} AND o.run_id = m.run_id AND o.step = m.step)`.execute(
    db,
  );
  await sql`UPDATE messages SET state = 'cancelled', code = 'merged' WHERE person_id = ${from} AND state = 'planned'`.execute(
    db,
  );
  // Two answers to one wave: the later words stand, as when she had changed her answer herself.
  await sql`DELETE FROM survey_answers a USING survey_answers b WHERE a.survey_id = b.survey_id
    AND ((a.person_id = ${into} AND b.person_id = ${from} AND b.changed_at > a.changed_at)
      OR (a.person_id = ${from} AND b.person_id = ${into} AND b.changed_at >= a.changed_at))`.execute(db);
  await sql`UPDATE survey_answers SET person_id = ${into} WHERE person_id = ${from}`.execute(db);
  await sql`DELETE FROM survey_invitations a USING survey_invitations b
    WHERE a.survey_id = b.survey_id AND a.person_id = ${from} AND b.person_id = ${into}`.execute(db);
  await sql`UPDATE survey_invitations SET person_id = ${into} WHERE person_id = ${from}`.execute(db);
  await sql`INSERT INTO suppressions (suppression_id, kind, key, channel, reason, created_at)
    SELECT suppression_id || '+', kind, ${into}, channel, reason, created_at FROM suppressions WHERE kind = 'person' AND key = ${from}
    ON CONFLICT (kind, key, channel) DO NOTHING`.execute(db);
  await sql`
    INSERT INTO people (person_id, email, phone, email_key, phone_key, first_name, language, country, time_zone, traits,
                        cluster_key, global_bucket, created_at, updated_at)
    SELECT ${into}, email, phone, email_key, phone_key, first_name, language, country, time_zone, traits,
           cluster_key, global_bucket, created_at, updated_at FROM people WHERE person_id = ${from}
    ON CONFLICT (person_id) DO UPDATE SET
      email = COALESCE(people.email, EXCLUDED.email), email_key = COALESCE(people.email_key, EXCLUDED.email_key),
      phone = COALESCE(people.phone, EXCLUDED.phone), phone_key = COALESCE(people.phone_key, EXCLUDED.phone_key),
      first_name = COALESCE(people.first_name, EXCLUDED.first_name), language = COALESCE(people.language, EXCLUDED.language),
      country = COALESCE(people.country, EXCLUDED.country), time_zone = COALESCE(people.time_zone, EXCLUDED.time_zone),
      traits = EXCLUDED.traits || people.traits`.execute(db);
  await sql`DELETE FROM people WHERE person_id = ${from}`.execute(db);
}

/** Cancels what is planned for a person and puts her addresses' keyed hashes on the suppression list. */
export async function stopEverything(db: RecordsDb, personId: string, now: Date): Promise<void> {
  const person = await db
    .selectFrom('people')
    .select(['email_key', 'phone_key'])
    .where('person_id', '=', personId)
    .executeTakeFirst();
  await sql`UPDATE messages SET state = 'cancelled', code = 'erased', finished_at = ${now}
    WHERE person_id = ${personId} AND state = 'planned'`.execute(db);
  await sql`UPDATE members SET state = 'exited', end_reason = 'erased', ended_at = ${now}
    WHERE person_id = ${personId} AND state = 'active'`.execute(db);
  for (const key of [person?.email_key, person?.phone_key]) {
    if (key === null || key === undefined) continue;
    await db
      .insertInto('suppressions')
      .values({
        suppression_id: newId('sup', now),
        kind: 'address',
        key,
        channel: '*',
        reason: 'erased',
        created_at: now,
      })
      .onConflict((conflict) => conflict.columns(['kind', 'key', 'channel']).doNothing())
      .execute();
  }
}

export async function deletePersonRows(db: RecordsDb, personId: string): Promise<void> {
  await db.deleteFrom('suppressions').where('kind', '=', 'person').where('key', '=', personId).execute();
  for (const { table, erase } of PERSON_TABLES) {
    if (erase === 'delete') await db.deleteFrom(table).where('person_id', '=', personId).execute();
  }
}

/** Keeps counted rows under `ghostId`, without any address. */
export async function anonymisePerson(db: RecordsDb, personId: string, ghostId: string): Promise<void> {
  await sql`DELETE FROM message_links WHERE message_id IN (SELECT message_id FROM messages WHERE person_id = ${personId})`.execute(
    db,
  );
  await sql`UPDATE receipts SET detail = '{}' WHERE message_id IN (SELECT message_id FROM messages WHERE person_id = ${personId})`.execute(
    db,
  );
  await sql`UPDATE messages SET address = '', detail = NULL, address_key = ${ghostId} WHERE person_id = ${personId}`.execute(
    db,
  );
  await sql`DELETE FROM sink_mails WHERE recipient IN (SELECT email FROM people WHERE person_id = ${personId})`.execute(
    db,
  );
  for (const { table, erase } of PERSON_TABLES) {
    if (erase === 'anonymise')
      await db.updateTable(table).set({ person_id: ghostId }).where('person_id', '=', personId).execute();
  }
}
