// Who is this? Identify, join ids, merge, export and erase: each in sets, each safe to repeat.
import { addressKey } from '../../kernel/address.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { ident, p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { lockPersonFacts } from '../../stores/records/locks.ts';
import type { Records } from '../../stores/records/records.ts';
import type { AcceptedEvent } from '../ingest/incoming.ts';
import { emailKeyOf, personUpdateOf, phoneKeyOf, type PersonUpdate } from './person.ts';
import {
  addLinks,
  knownPeople,
  linkActor,
  linkedPeople,
  recentLinks,
  storedZones,
  upsertPeople,
  type PersonRow,
} from './people.sql.ts';
import { anonymisePerson, deletePersonRows, movePerson, personRecords, stopEverything } from './person-rows.sql.ts';

/** Parameters of a query to a server travel in its address, which has a limit. */
const LINKS_PER_LOOKUP = 500;

export type PeopleStores = { readonly records: Records; readonly events: Events };

const rowOf = (secret: string, zones: ReadonlySet<string>, update: PersonUpdate): PersonRow => ({
  person_id: update.personId,
  email: update.email ?? null,
  phone: update.phone ?? null,
  email_key: emailKeyOf(secret, update),
  phone_key: phoneKeyOf(secret, update),
  first_name: update.firstName ?? null,
  language: update.language ?? null,
  country: update.country ?? null,
  time_zone: update.timeZone !== undefined && zones.has(update.timeZone.toLowerCase()) ? update.timeZone : null,
  traits: update.traits,
  own_cluster: addressKey(secret, `cluster ${update.personId}`),
  at: update.at,
});

/** Later updates of one person win over earlier ones within the set, so that a batch may carry her twice. */
function foldUpdates(updates: readonly PersonUpdate[]): PersonUpdate[] {
  const folded = new Map<string, PersonUpdate>();
  for (const update of [...updates].sort((a, b) => a.at.getTime() - b.at.getTime())) {
    const before = folded.get(update.personId);
    if (before === undefined) {
      folded.set(update.personId, update);
      continue;
    }
    const known = Object.fromEntries(Object.entries(update).filter(([, value]) => value !== undefined));
    folded.set(update.personId, {
      ...before,
      ...known,
      traits: { ...before.traits, ...update.traits },
    } as PersonUpdate);
  }
  return [...folded.values()];
}

/** Writes people to both stores. */
export async function savePeople(
  { records, events, addressSecret }: PeopleStores & { readonly addressSecret: string },
  updates: readonly PersonUpdate[],
): Promise<void> {
  const folded = foldUpdates(updates);
  if (folded.length === 0) return;
  const at = new Map(folded.map((update) => [update.personId, update.at]));
  const zones = await storedZones(records.db);
  const saved = await upsertPeople(
    records.db,
    folded.map((update) => rowOf(addressSecret, zones, update)),
  );
  await events.insert(
    'person_traits',
    saved.map((row) => ({
      person_id: row.person_id,
      traits: JSON.stringify(row.traits),
      updated_at: at.get(row.person_id)?.toISOString(),
      erased: 0,
    })),
  );
}

/** Every known user in these events becomes a person; identify calls bring her traits. */
export async function identifyPeople(
  stores: PeopleStores & { readonly addressSecret: string },
  accepted: readonly AcceptedEvent[],
): Promise<void> {
  const links = await linkedPeople(stores.records.db, [...new Set(accepted.flatMap((event) => event.userId ?? []))]);
  const updates: PersonUpdate[] = [];
  const mentioned = new Map<string, Date>();
  for (const event of accepted) {
    if (event.userId === undefined || event.call === 'alias') continue;
    const personId = links.get(event.userId) ?? event.userId;
    if (event.call === 'identify') updates.push(personUpdateOf(personId, event.traits, event.occurredAt));
    else if (!mentioned.has(personId)) mentioned.set(personId, event.occurredAt);
  }
  for (const update of updates) mentioned.delete(update.personId);
  for (const personId of await knownPeople(stores.records.db, [...mentioned.keys()])) mentioned.delete(personId);
  for (const [personId, at] of mentioned) updates.push(personUpdateOf(personId, {}, at));
  await savePeople(stores, updates);
}

/** Joins the anonymous id with the user id where one event names both, and `previousId` with `userId` of alias calls. */
export async function joinActors(stores: PeopleStores, accepted: readonly AcceptedEvent[], now: Date): Promise<void> {
  const pairs = new Map<string, string>();
  const merges: { readonly from: string; readonly into: string }[] = [];
  for (const event of accepted) {
    if (event.userId === undefined) continue;
    // A browser that two people sign in on stays with the first: its past is hers, and later events carry the user id anyway.
    const actorId = event.anonymousId === undefined ? undefined : `anon:${event.anonymousId}`;
    if (actorId !== undefined && !pairs.has(actorId)) pairs.set(actorId, event.userId);
    if (event.call === 'alias' && event.previousId !== undefined && event.previousId !== event.userId) {
      merges.push({ from: event.previousId, into: event.userId });
    }
  }
  const previous = merges.map((merge) => merge.from);
  const users = await knownPeople(stores.records.db, previous);
  const merged = await linkedPeople(stores.records.db, previous);
  for (const { from, into } of merges) {
    if (users.has(from) || merged.has(from)) await mergePeople(stores, from, into, now);
    else if (!pairs.has(`anon:${from}`)) pairs.set(`anon:${from}`, into);
  }
  if (pairs.size === 0) return;
  const links = await linkedPeople(stores.records.db, [...new Set(pairs.values())]);
  const linked = await linkedPeople(stores.records.db, [...pairs.keys()]);
  const missing = [...pairs]
    .filter(([actorId]) => !linked.has(actorId))
    .map(([actor_id, userId]) => ({ actor_id, person_id: links.get(userId) ?? userId }));
  if (missing.length === 0) return;
  // The events store first: were it last and failed, the retry would find the link made and never bring it here.
  await stores.events.insert(
    'person_links',
    missing.map((link) => ({ ...link, version: now.getTime() })),
  );
  await addLinks(stores.records.db, missing, now);
}

/**
 * Brings the events store's links up to the records' after a crash: a link is committed to the records first, and a retry of the event that
 * made it finds it there. Looks at what was linked in the last hour before the crash. Returns how many were missing.
 */
export async function repairLinks({ records, events }: PeopleStores, now: Date): Promise<number> {
  const recent = await recentLinks(records.db);
  let repaired = 0;
  for (let at = 0; at < recent.length; at += LINKS_PER_LOOKUP) {
    const some = recent.slice(at, at + LINKS_PER_LOOKUP);
    const rows = await events.rows<{ actor_id: string; person_id: string }>(sql`
      SELECT actor_id, argMax(person_id, version) AS person_id FROM person_links
      WHERE actor_id IN ${p.texts(some.map((link) => link.actor_id))} GROUP BY actor_id`);
    const known = new Map(rows.map((row) => [row.actor_id, row.person_id]));
    const missing = some.filter((link) => known.get(link.actor_id) !== link.person_id);
    await events.insert(
      'person_links',
      missing.map((link) => ({ ...link, version: now.getTime() })),
    );
    await events.insert(
      'person_traits',
      missing
        .filter((link) => !link.actor_id.startsWith('anon:'))
        .map((link) => ({ person_id: link.actor_id, traits: '{}', updated_at: now.toISOString(), erased: 1 })),
    );
    repaired += missing.length;
  }
  return repaired;
}

/** Makes `fromId` the same person as `intoId`: her events, consents, grants and messages become `intoId`'s. Repeating it changes nothing. */
export async function mergePeople(stores: PeopleStores, fromId: string, intoId: string, now: Date): Promise<void> {
  const links = await linkedPeople(stores.records.db, [fromId, intoId]);
  const from = links.get(fromId) ?? fromId;
  const into = links.get(intoId) ?? intoId;
  if (from === into && fromId === into) return;
  // Already one person: only the events store may not have heard of it, if the first attempt ended in between.
  const moved =
    from === into
      ? [fromId]
      : await stores.records.db.transaction().execute(async (tx) => {
          await movePerson(tx, from, into, now);
          return linkActor(tx, from, into, now);
        });
  await stores.events.insert(
    'person_links',
    moved.map((id) => ({ actor_id: id, person_id: into, version: now.getTime() })),
  );
  await stores.events.insert('person_traits', [
    { person_id: from === into ? fromId : from, traits: '{}', updated_at: now.toISOString(), erased: 1 },
  ]);
}

/** Every id each of these people has gone by. Both stores are asked: an erasure that a crash cut in two finds the rest in the second. */
async function actorsOfEach(
  { records, events }: PeopleStores,
  personIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const links = await records.db
    .selectFrom('person_links')
    .select(['actor_id', 'person_id'])
    .where('person_id', 'in', [...personIds])
    .execute();
  const others = await events.rows<{ actor_id: string; person_id: string }>(sql`
    SELECT actor_id, argMax(l.person_id, version) AS person_id FROM person_links AS l GROUP BY actor_id HAVING person_id IN ${p.texts(personIds)}`);
  const actors = new Map(personIds.map((personId) => [personId, new Set([personId])]));
  for (const { actor_id: actorId, person_id: personId } of [...links, ...others]) actors.get(personId)?.add(actorId);
  return new Map([...actors].map(([personId, ids]) => [personId, [...ids]]));
}

/** Every id a person has gone by. */
export const actorsOf = async (stores: PeopleStores, personId: string): Promise<readonly string[]> =>
  (await actorsOfEach(stores, [personId])).get(personId)!;

export type PersonExport = {
  readonly personId: string;
  readonly records: JsonObject;
  readonly events: readonly JsonObject[];
};

/** Everything held about one person, as GDPR art. 15 and 20 and PIPL art. 45 want it. Throws `not_found`. */
export async function exportPerson(stores: PeopleStores, personId: string): Promise<PersonExport> {
  const links = await linkedPeople(stores.records.db, [personId]);
  const id = links.get(personId) ?? personId;
  const actorIds = await actorsOf(stores, id);
  const records = await personRecords(stores.records.db, id, actorIds);
  const actors = p.texts(actorIds);
  const events = await stores.events.rows(sql`
    SELECT message_id, name, occurred_at, amount_cents, currency, order_id, products, properties, source
    FROM events WHERE actor_id IN ${actors} ORDER BY occurred_at`);
  if (records.person === undefined && events.length === 0)
    throw new RekindleError('not_found', { what: { en: `person ${personId}`, zh: `用户 ${personId}` } });
  return { personId: id, records, events };
}

/** What is deleted from the events store, by the column that names the person. */
const HELD_EVENTS = {
  actor_id: ['events', 'actor_days', 'person_spans', 'person_links'],
  person_id: [
    'person_traits',
    'person_states',
    'person_sunsets',
    'person_reasons',
    'stage_changes',
    'person_recommendations',
    'person_preferences',
    'person_facts',
    'segment_members',
    'segment_snapshot_members',
    'objectors',
  ],
} as const;

type ErasingStores = PeopleStores & { readonly addressSecret: string };

/**
 * Removes people from both stores; who is not known is missing from the answer. What stays: a keyed hash of their addresses on the suppression
 * list, and programme counts under ids that lead nowhere. Message ids stay as hashes, so a late retry cannot bring events back. A deletion in
 * the events store takes seconds, however many it is for.
 */
export async function erasePeople(
  stores: ErasingStores,
  personIds: readonly string[],
  now: Date,
  /** Hears of the ids (as asked for) of those who are known, before anything of theirs is touched. */
  onFound: (found: readonly string[]) => Promise<void> = () => Promise.resolve(),
): Promise<ReadonlyMap<string, { readonly events: number }>> {
  if (personIds.length === 0) return new Map();
  const { db } = stores.records;
  const links = await linkedPeople(db, personIds);
  const idOf = (personId: string): string => links.get(personId) ?? personId;
  const ids = [...new Set(personIds.map(idOf))];
  const actorsBy = await actorsOfEach(stores, ids);
  const counted = await stores.events.rows<{ actor_id: string; events: number }>(
    sql`SELECT actor_id, count() AS events FROM events WHERE actor_id IN ${p.texts([...actorsBy.values()].flat())} GROUP BY actor_id`,
  );
  const eventsOf = new Map(counted.map((row) => [row.actor_id, row.events]));
  const people = await db.selectFrom('people').select('person_id').where('person_id', 'in', ids).execute();
  const known = new Set(people.map((row) => row.person_id));
  const erased = new Map<string, { readonly events: number }>();
  const gone: string[] = [];
  const eventsFor = (id: string): number =>
    actorsBy.get(id)!.reduce((sum, actorId) => sum + (eventsOf.get(actorId) ?? 0), 0);
  const found = new Set(ids.filter((id) => known.has(id) || actorsBy.get(id)!.length > 1 || eventsFor(id) > 0));
  await onFound(personIds.filter((personId) => found.has(idOf(personId))));
  for (const id of found) {
    const actorIds = actorsBy.get(id)!;
    const events = eventsFor(id);
    // Records first: from this commit on nothing can be sent to her.
    await db.transaction().execute(async (tx) => {
      // A refresh of the mirrored facts that has read her would bring her back after the deletions below.
      await lockPersonFacts(tx);
      await stopEverything(tx, actorIds, now);
      // What a merge could not move stayed under the old id, so each id gets a ghost of its own.
      for (const actorId of actorIds) await anonymisePerson(tx, actorId, newId('erased', now));
      await deletePersonRows(tx, actorIds);
    });
    erased.set(id, { events });
    gone.push(...actorIds);
  }
  if (gone.length === 0) return new Map();
  const actors = p.texts(gone);
  await stores.events.run(
    sql`INSERT INTO erased_message_ids SELECT sipHash128(message_id) FROM events WHERE actor_id IN ${actors}`,
  );
  for (const column of ['actor_id', 'person_id'] as const)
    for (const table of HELD_EVENTS[column])
      await stores.events.run(
        sql`ALTER TABLE ${ident(table)} DELETE WHERE ${ident(column)} IN ${actors} SETTINGS mutations_sync = 2`,
      );
  return new Map(
    personIds.flatMap((personId) => {
      const held = erased.get(idOf(personId));
      return held === undefined ? [] : [[personId, held] as const];
    }),
  );
}

/** The same of one. Throws `not_found`. */
export async function erasePerson(
  stores: ErasingStores,
  personId: string,
  now: Date,
): Promise<{ readonly events: number }> {
  const erased = (await erasePeople(stores, [personId], now)).get(personId);
  if (erased === undefined)
    throw new RekindleError('not_found', { what: { en: `person ${personId}`, zh: `用户 ${personId}` } });
  return erased;
}
