// Mirrors what the records store knows of people (consent, addresses, suppression, what programmes did) into the events store, where
// segments are asked. The tables' triggers note whose facts changed; a refresh takes the notes, reads those people and writes them.
// Guarantee: when a refresh has resolved, everything committed before it was called is in the mirror. A refresh that dies in between is
// done again: its notes come back with its transaction.
import { isDeepStrictEqual } from 'node:util';
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { lockPersonFacts } from '../../stores/records/locks.ts';
import type { Records } from '../../stores/records/records.ts';
import { readSetting, writeSetting } from '../../stores/records/settings.ts';
import { factsRowOf } from './facts.ts';
import { hasFactChanges, heldFacts, noteEverybody, takeFactChanges, type FactsRules } from './facts.sql.ts';

type FactsStores = { readonly records: Records; readonly events: Events; readonly addressSecret: string };

const NOTES_PER_ROUND = 2_000;
/** Parameters of a query to a server travel in its address, which has a limit. */
const IDS_PER_LOOKUP = 500;

/** Raised whenever facts are read otherwise than before. */
const READ_AS = 1;
const SETTING = 'person_facts';

/** Facts of a business that changed its zone or its control group are other facts. */
async function noteNewRules(db: Records['db'], rules: FactsRules): Promise<void> {
  const wanted = { ...rules, readAs: READ_AS };
  const known = await readSetting(db, SETTING);
  if (isDeepStrictEqual(known, wanted)) return;
  await db.transaction().execute(async (tx) => {
    await noteEverybody(tx);
    await writeSetting(tx, SETTING, wanted);
  });
}

/** Those who are no more (erased, merged into another) leave the mirror. */
async function forget(events: Events, personIds: readonly string[]): Promise<void> {
  for (let at = 0; at < personIds.length; at += IDS_PER_LOOKUP) {
    const ids = p.texts(personIds.slice(at, at + IDS_PER_LOOKUP));
    const [there] = await events.rows<{ people: number }>(
      sql`SELECT count() AS people FROM person_facts WHERE person_id IN ${ids}`,
    );
    if ((there?.people ?? 0) > 0)
      await events.run(sql`ALTER TABLE person_facts DELETE WHERE person_id IN ${ids} SETTINGS mutations_sync = 2`);
  }
}

async function refreshRound(
  { records, events, addressSecret }: FactsStores,
  rules: FactsRules,
  now: Date,
): Promise<number> {
  return records.db.transaction().execute(async (tx) => {
    await lockPersonFacts(tx);
    const changed = await takeFactChanges(tx, NOTES_PER_ROUND);
    if (changed.length === 0) return 0;
    const versions = new Map(changed.map((row) => [row.person_id, row.version]));
    const facts = (await heldFacts(tx, [...versions.keys()], rules, addressSecret, now)).map(factsRowOf);
    await events.insert(
      'person_facts',
      facts.map((row) => ({ ...row, version: versions.get(row.person_id) })),
    );
    // Who never did anything is known from here alone.
    await events.insert(
      'person_spans',
      facts.map((row) => ({ actor_id: row.person_id, first_on: row.created_on, last_on: row.created_on })),
    );
    const found = new Set(facts.map((row) => row.person_id));
    await forget(
      events,
      [...versions.keys()].filter((personId) => !found.has(personId)),
    );
    return changed.length;
  });
}

/** Returns how many people were read again. */
export async function refreshFacts(stores: FactsStores, rules: FactsRules, now: Date): Promise<number> {
  await noteNewRules(stores.records.db, rules);
  let refreshed = 0;
  while (await hasFactChanges(stores.records.db)) refreshed += await refreshRound(stores, rules, now);
  return refreshed;
}
