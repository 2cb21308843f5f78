// What the stores hold, and where two tables that should say the same do not. Runs in the child, which holds the folder.
import { sql as recordsSql } from 'kysely';
import type { App } from '../../src/app.ts';
import { p, sql } from '../../src/kernel/sql.ts';
import type { Events } from '../../src/stores/events/events.ts';

/** Rows of each kind that disagree; all zero when the derived tables are what the events say. */
export type Disagreements = {
  readonly events: number;
  readonly duplicates: number;
  /** Events whose id is unknown: a retry would add them again. */
  readonly eventsWithoutId: number;
  /** Ids whose event is missing: a retry would be refused, and the event lost. */
  readonly idsWithoutEvent: number;
  /** Person-days that the events do not say, or say otherwise. */
  readonly daysWrong: number;
};

export async function disagreements(events: Events): Promise<Disagreements> {
  const [tables] = await events.rows<{ n: number }>(
    sql`SELECT count() AS n FROM system.tables WHERE database = currentDatabase() AND name IN ('events', 'message_ids', 'actor_days')`,
  );
  if (tables!.n < 3) return { events: 0, duplicates: 0, eventsWithoutId: 0, idsWithoutEvent: 0, daysWrong: 0 };
  const said = sql`(SELECT actor_id, name, day, count() AS n, sum(amount_cents) AS cents, max(occurred_at) AS last, sum(lines) AS l, sum(items) AS i FROM events GROUP BY actor_id, name, day)`;
  const kept = sql`(SELECT actor_id, name, day, sum(events) AS n, sum(amount_cents) AS cents, max(last_at) AS last, sum(lines) AS l, sum(items) AS i FROM actor_days GROUP BY actor_id, name, day)`;
  const [row] = await events.rows<Disagreements>(sql`
    SELECT
      (SELECT count() FROM events) AS events,
      (SELECT count() - uniqExact(message_id) FROM events) AS duplicates,
      (SELECT count() FROM events WHERE sipHash128(message_id) NOT IN (SELECT id FROM message_ids)) AS eventsWithoutId,
      (SELECT count() FROM message_ids WHERE id NOT IN (SELECT sipHash128(message_id) FROM events)) AS idsWithoutEvent,
      (SELECT count() FROM (SELECT * FROM ${said} EXCEPT SELECT * FROM ${kept}))
        + (SELECT count() FROM (SELECT * FROM ${kept} EXCEPT SELECT * FROM ${said})) AS daysWrong`);
  return row!;
}

export type IngestQuestion = {
  readonly messageIds: readonly string[];
  readonly userIds: readonly string[];
  /** `anon:` id and the user it belongs to. */
  readonly links: readonly (readonly [string, string])[];
};

/** What is missing of what was acknowledged. */
export async function ingestState({ events, records }: App, question: IngestQuestion) {
  const [row] = await events.rows<{ missing: number }>(sql`
    SELECT count() AS missing FROM (SELECT arrayJoin(${p.texts([...question.messageIds])}) AS id)
    WHERE id NOT IN (SELECT message_id FROM events)`);
  const people = await recordsSql<{ id: string }>`
    SELECT id FROM unnest(${[...question.userIds]}::text[]) AS w (id) WHERE id NOT IN (SELECT person_id FROM people)`.execute(
    records.db,
  );
  const linked = await records.db.selectFrom('person_links').select(['actor_id', 'person_id']).execute();
  const inRecords = new Map(linked.map((link) => [link.actor_id, link.person_id]));
  const inEvents = new Map(
    (
      await events.rows<{ actor_id: string; person_id: string }>(
        sql`SELECT actor_id, argMax(person_id, version) AS person_id FROM person_links GROUP BY actor_id`,
      )
    ).map((link) => [link.actor_id, link.person_id]),
  );
  const leftovers = await events.rows(
    sql`SELECT name FROM system.tables WHERE database = currentDatabase() AND (startsWith(name, 'import_') OR startsWith(name, 'scratch_') OR endsWith(name, '_rebuilt'))`,
  );
  const [sum] = await events.rows<{ sum: string }>(sql`
    SELECT toString(sum(cityHash64(message_id, actor_id, name, occurred_at, amount_cents, order_id))) AS sum FROM events`);
  const [counted] = await records.db
    .selectFrom('people')
    .select((eb) => eb.fn.countAll().as('n'))
    .execute();
  return {
    ...(await disagreements(events)),
    missing: row!.missing,
    peopleMissing: people.rows.length,
    linksMissing: question.links.filter(([actor, user]) => inRecords.get(actor) !== user).length,
    linksApart: [...inRecords].filter(([actor, person]) => inEvents.get(actor) !== person).length,
    leftovers: leftovers.length,
    checksum: sum!.sum,
    people: Number(counted!.n),
  };
}
