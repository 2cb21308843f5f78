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
  { table: 'endpoints', erase: 'delete', merge: 'move' },
  { table: 'sink_messages', erase: 'delete', merge: 'move' },
  { table: 'inbox', erase: 'delete', merge: 'move' },
  { table: 'sms_inbound', erase: 'delete', merge: 'move' },
  { table: 'sunsets', erase: 'delete', merge: 'move-unless-there' },
  { table: 'reach_profiles', erase: 'delete', merge: 'strictest' },
  { table: 'topic_preferences', erase: 'delete', merge: 'move-unless-there' },
  { table: 'consent_requests', erase: 'delete', merge: 'move' },
  { table: 'preference_links', erase: 'delete', merge: 'move' },
  { table: 'channel_quotas', erase: 'delete', merge: 'add' },
  { table: 'quota_entries', erase: 'delete', merge: 'move' },
  // A copy that was made for her goes with her.
  { table: 'privacy_files', erase: 'delete', merge: 'stay' },
  // Under a ghost the hashes stay until the ad network has let her go.
  { table: 'audience_records', erase: 'anonymise', merge: 'move-unless-there' },
  // Last: deleting the others notes her here once more.
  { table: 'fact_changes', erase: 'delete', merge: 'stay' },
] as const;

/** `actorIds`: every id she has gone by; what a merge could not move is still under an old one. */
export async function personRecords(db: RecordsDb, personId: string, actorIds: readonly string[]): Promise<JsonObject> {
  const ids = [...actorIds];
  const [
    person,
    consents,
    grants,
    members,
    decisions,
    messages,
    suppressions,
    surveyInvitations,
    surveyAnswers,
    endpoints,
    sinkMessages,
    inbox,
    smsInbound,
    sunsets,
    reachProfile,
    topicPreferences,
    consentRequests,
    preferenceLinks,
    channelQuotas,
    quotaEntries,
    audienceRecords,
  ] = await Promise.all([
    db.selectFrom('people').selectAll().where('person_id', '=', personId).executeTakeFirst(),
    // At one instant a withdrawal is the later word, as everywhere.
    db
      .selectFrom('consents')
      .selectAll()
      .where('person_id', 'in', ids)
      .orderBy('decided_at')
      .orderBy('status')
      .orderBy('consent_id')
      .execute(),
    db.selectFrom('grants').selectAll().where('person_id', 'in', ids).execute(),
    db.selectFrom('members').selectAll().where('person_id', 'in', ids).execute(),
    db.selectFrom('decisions').selectAll().where('person_id', 'in', ids).orderBy('decided_at').execute(),
    db.selectFrom('messages').selectAll().where('person_id', 'in', ids).orderBy('created_at').execute(),
    db.selectFrom('suppressions').selectAll().where('kind', '=', 'person').where('key', 'in', ids).execute(),
    db.selectFrom('survey_invitations').selectAll().where('person_id', 'in', ids).orderBy('invited_at').execute(),
    db.selectFrom('survey_answers').selectAll().where('person_id', 'in', ids).orderBy('answered_at').execute(),
    db.selectFrom('endpoints').selectAll().where('person_id', 'in', ids).orderBy('created_at').execute(),
    db.selectFrom('sink_messages').selectAll().where('person_id', 'in', ids).orderBy('sink_id').execute(),
    db.selectFrom('inbox').selectAll().where('person_id', 'in', ids).orderBy('placed_at').execute(),
    db.selectFrom('sms_inbound').selectAll().where('person_id', 'in', ids).orderBy('received_at').execute(),
    db.selectFrom('sunsets').selectAll().where('person_id', 'in', ids).orderBy('since_on').execute(),
    db.selectFrom('reach_profiles').selectAll().where('person_id', '=', personId).executeTakeFirst(),
    db.selectFrom('topic_preferences').selectAll().where('person_id', 'in', ids).orderBy('decided_at').execute(),
    db.selectFrom('consent_requests').selectAll().where('person_id', 'in', ids).orderBy('requested_at').execute(),
    db.selectFrom('preference_links').select(['created_at', 'expires_at']).where('person_id', 'in', ids).execute(),
    db.selectFrom('channel_quotas').selectAll().where('person_id', 'in', ids).execute(),
    db.selectFrom('quota_entries').selectAll().where('person_id', 'in', ids).orderBy('occurred_at').execute(),
    db.selectFrom('audience_records').selectAll().where('person_id', 'in', ids).execute(),
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
    endpoints,
    sinkMessages,
    inbox,
    smsInbound,
    sunsets,
    reachProfile,
    topicPreferences,
    consentRequests,
    preferenceLinks,
    channelQuotas,
    quotaEntries,
    audienceRecords,
  };
}

/** Moves everything of `from` to `into`. Where both hold a row that may exist once, the row of `into` stays and `from`'s is kept closed. */
export async function movePerson(db: RecordsDb, from: string, into: string, now: Date): Promise<void> {
  await sql`UPDATE consents SET person_id = ${into} WHERE person_id = ${from}`.execute(db);
  await sql`UPDATE decisions SET person_id = ${into} WHERE person_id = ${from}`.execute(db);
  await sql`UPDATE grants g SET person_id = ${into} WHERE person_id = ${from}
    AND NOT EXISTS (SELECT 1 FROM grants o WHERE o.person_id = ${into} AND o.offer_id = g.offer_id AND o.run_id IS NOT DISTINCT FROM g.run_id)`.execute(
    db,
  );
  await sql`UPDATE members m SET person_id = ${into} WHERE person_id = ${from}
    AND NOT EXISTS (SELECT 1 FROM members o WHERE o.person_id = ${into} AND o.run_id = m.run_id)`.execute(db);
  await sql`UPDATE members SET state = 'exited', end_reason = 'merged', ended_at = ${now} WHERE person_id = ${from} AND state = 'active'`.execute(
    db,
  );
  await sql`UPDATE messages m SET person_id = ${into} WHERE person_id = ${from}
    AND NOT EXISTS (SELECT 1 FROM messages o WHERE o.person_id = ${into} AND o.run_id = m.run_id AND o.step = m.step)`.execute(
    db,
  );
  await sql`UPDATE messages SET state = 'cancelled', code = 'merged', finished_at = ${now} WHERE person_id = ${from} AND state = 'planned'`.execute(
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
  await sql`UPDATE endpoints SET person_id = ${into} WHERE person_id = ${from}`.execute(db);
  await sql`UPDATE inbox SET person_id = ${into} WHERE person_id = ${from}`.execute(db);
  await sql`UPDATE sink_messages SET person_id = ${into} WHERE person_id = ${from}`.execute(db);
  await sql`UPDATE sms_inbound SET person_id = ${into} WHERE person_id = ${from}`.execute(db);
  // At most one is open per policy, and none may begin on the same day.
  await sql`DELETE FROM sunsets a USING sunsets b WHERE a.person_id = ${from} AND b.person_id = ${into} AND a.policy_id = b.policy_id
    AND (a.since_on = b.since_on OR (a.ended_on IS NULL AND b.ended_on IS NULL))`.execute(db);
  await sql`UPDATE sunsets SET person_id = ${into} WHERE person_id = ${from}`.execute(db);
  // Of two wishes the one that asks for less contact stands.
  await sql`INSERT INTO reach_profiles (person_id, objected_at, paused_until, frequency, best_hours, updated_at)
    SELECT ${into}, objected_at, paused_until, frequency, best_hours, ${now} FROM reach_profiles WHERE person_id = ${from}
    ON CONFLICT (person_id) DO UPDATE SET objected_at = LEAST(reach_profiles.objected_at, EXCLUDED.objected_at),
      paused_until = GREATEST(reach_profiles.paused_until, EXCLUDED.paused_until),
      frequency = CASE WHEN array_position(ARRAY['weekly', 'monthly', 'quarterly'], EXCLUDED.frequency)
          > COALESCE(array_position(ARRAY['weekly', 'monthly', 'quarterly'], reach_profiles.frequency), 0)
        THEN EXCLUDED.frequency ELSE reach_profiles.frequency END,
      best_hours = COALESCE(reach_profiles.best_hours, EXCLUDED.best_hours), updated_at = EXCLUDED.updated_at`.execute(
    db,
  );
  await sql`DELETE FROM reach_profiles WHERE person_id = ${from}`.execute(db);
  await sql`INSERT INTO topic_preferences (person_id, topic_id, channel, wanted, decided_at)
    SELECT ${into}, topic_id, channel, wanted, decided_at FROM topic_preferences WHERE person_id = ${from}
    ON CONFLICT (person_id, topic_id, channel) DO UPDATE SET wanted = topic_preferences.wanted AND EXCLUDED.wanted,
      decided_at = GREATEST(topic_preferences.decided_at, EXCLUDED.decided_at)`.execute(db);
  await sql`DELETE FROM topic_preferences WHERE person_id = ${from}`.execute(db);
  await sql`UPDATE consent_requests SET person_id = ${into} WHERE person_id = ${from}`.execute(db);
  await sql`UPDATE preference_links SET person_id = ${into} WHERE person_id = ${from}`.execute(db);
  await sql`UPDATE quota_entries SET person_id = ${into} WHERE person_id = ${from}`.execute(db);
  await sql`INSERT INTO channel_quotas (person_id, channel, provider_template_id, remaining, updated_at)
    SELECT ${into}, channel, provider_template_id, remaining, ${now} FROM channel_quotas WHERE person_id = ${from}
    ON CONFLICT (person_id, channel, provider_template_id) DO UPDATE SET remaining = channel_quotas.remaining + EXCLUDED.remaining,
      updated_at = EXCLUDED.updated_at`.execute(db);
  await sql`DELETE FROM channel_quotas WHERE person_id = ${from}`.execute(db);
  await sql`UPDATE audience_records a SET person_id = ${into} WHERE person_id = ${from}
    AND NOT EXISTS (SELECT 1 FROM audience_records o WHERE o.person_id = ${into} AND o.audience_id = a.audience_id)`.execute(
    db,
  );
  await sql`UPDATE audience_records SET identifiers = '{}', reason = 'merged', retry_at = NULL WHERE person_id = ${from}`.execute(
    db,
  );
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

/** Stops what is planned for a person, marks what is being sent, and puts her addresses' keyed hashes on the suppression list. */
export async function stopEverything(db: RecordsDb, actorIds: readonly string[], now: Date): Promise<void> {
  const ids = [...actorIds];
  await sql`UPDATE messages SET code = CASE state WHEN 'planned' THEN 'erased' ELSE 'stop:erased' END,
      finished_at = CASE state WHEN 'planned' THEN ${now}::timestamptz ELSE finished_at END,
      state = CASE state WHEN 'planned' THEN 'cancelled' ELSE state END
    WHERE person_id = ANY(${ids}) AND state IN ('planned', 'sending')`.execute(db);
  await sql`UPDATE members SET state = 'exited', end_reason = 'erased', ended_at = ${now}
    WHERE person_id = ANY(${ids}) AND state = 'active'`.execute(db);
  await sql`DELETE FROM audience_records WHERE person_id = ANY(${ids}) AND held = '{}'`.execute(db);
  await sql`UPDATE audience_records SET identifiers = '{}', reason = 'erased', retry_at = NULL, code = NULL, detail = NULL
    WHERE person_id = ANY(${ids})`.execute(db);
  const keys = await sql<{ key: string }>`
    SELECT k.key FROM people pe, unnest(ARRAY[pe.email_key, pe.phone_key]) AS k (key)
    WHERE pe.person_id = ANY(${ids}) AND k.key IS NOT NULL
    UNION SELECT address_key FROM endpoints WHERE person_id = ANY(${ids})
    UNION SELECT address_key FROM messages WHERE person_id = ANY(${ids})`.execute(db);
  for (const { key } of keys.rows) {
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

export async function deletePersonRows(db: RecordsDb, actorIds: readonly string[]): Promise<void> {
  const ids = [...actorIds];
  await db.deleteFrom('suppressions').where('kind', '=', 'person').where('key', 'in', ids).execute();
  await db.deleteFrom('person_links').where('actor_id', 'in', ids).execute();
  for (const { table, erase } of PERSON_TABLES) {
    if (erase === 'delete') await db.deleteFrom(table).where('person_id', 'in', ids).execute();
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
  // Mails went to the address of their day, which need not be today's.
  await sql`DELETE FROM sink_mails WHERE lower(recipient) IN (SELECT email FROM people WHERE person_id = ${personId}
    UNION SELECT address FROM messages WHERE person_id = ${personId})`.execute(db);
  await sql`UPDATE messages SET address = '', detail = NULL, address_key = ${ghostId} WHERE person_id = ${personId}`.execute(
    db,
  );
  for (const { table, erase } of PERSON_TABLES) {
    if (erase === 'anonymise')
      await db.updateTable(table).set({ person_id: ghostId }).where('person_id', '=', personId).execute();
  }
}
