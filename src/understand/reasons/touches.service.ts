// What our own messages tell about her silence: what was sent and led to nothing, unsubscribes, complaints. They are in the records, not among
// the events; here they become rows of the same shape, so that the table of signals reads both alike.
import { sql as recordsSql } from 'kysely';
import { addDays, type Day } from '../../kernel/days.ts';
import { newId } from '../../kernel/ids.ts';
import { ident, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { dropTable } from '../dormancy/evaluate.sql.ts';

/** Sightings halve within a month: what is older than a year weighs nothing. */
const LOOK_BACK_DAYS = 365;
const ROWS_PER_PAGE = 50_000;

type Touch = { readonly cursor: string; readonly person_id: string; readonly name: string; readonly day: string };

/** Messages that left, by id. */
const sentAfter = async (db: RecordsDb, since: Day, cursor: string): Promise<Touch[]> =>
  (
    await recordsSql<Touch>`
      SELECT message_id AS cursor, person_id, 'Message Delivered' AS name, to_char(sent_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day FROM messages
      WHERE state = 'sent' AND sent_at >= ${since}::date AND message_id > ${cursor} ORDER BY message_id LIMIT ${ROWS_PER_PAGE}`.execute(
      db,
    )
  ).rows;

/** What people themselves did with them (no robots), one row per message and kind. Opens say too little of people to weigh in a reason. */
const reactionsAfter = async (db: RecordsDb, since: Day, cursor: string): Promise<Touch[]> =>
  (
    await recordsSql<Touch>`
      SELECT m.message_id || '/' || n.name AS cursor, m.person_id, n.name, to_char(min(r.occurred_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day
      FROM receipts r JOIN messages m USING (message_id),
        LATERAL (SELECT CASE WHEN r.kind = 'clicked' AND r.class = 'human' THEN 'Message Clicked'
          WHEN r.kind = 'unsubscribed' THEN 'Email Unsubscribed' WHEN r.kind = 'complained' THEN 'Email Marked as Spam' END AS name) n
      WHERE n.name IS NOT NULL AND r.occurred_at >= ${since}::date AND m.message_id || '/' || n.name > ${cursor}
      GROUP BY m.message_id, m.person_id, n.name ORDER BY 1 LIMIT ${ROWS_PER_PAGE}`.execute(db)
  ).rows;

export type WithTouches = { readonly source: Sql; readonly close: () => Promise<void> };

/** `source` (events with a person_id) together with the touches of the last year, in a table that `close` drops. */
export async function withTouches(
  { db, events }: { readonly db: RecordsDb; readonly events: Events },
  source: Sql,
  asOf: Day,
  now: Date,
): Promise<WithTouches> {
  const table = newId('scratch_touches', now);
  const close = (): Promise<void> => events.run(dropTable(ident(table)));
  try {
    await events.run(
      sql`CREATE TABLE ${ident(table)} (person_id String, name String, day Date) ENGINE = MergeTree ORDER BY person_id`,
    );
    const since = addDays(asOf, -LOOK_BACK_DAYS);
    for (const pageAfter of [sentAfter, reactionsAfter]) {
      let cursor = '';
      for (;;) {
        const page = await pageAfter(db, since, cursor);
        await events.insert(
          table,
          page.map(({ person_id, name, day }) => ({ person_id, name, day })),
        );
        if (page.length < ROWS_PER_PAGE) break;
        cursor = page.at(-1)!.cursor;
      }
    }
    return {
      source: sql`(
        SELECT person_id, toString(name) AS name, day, properties, products FROM ${source}
        UNION ALL
        SELECT person_id, name, day, '{}' AS properties, CAST([] AS Array(Tuple(product_id String, name String, category String, brand String, quantity Int32, price_cents Int64))) AS products
        FROM ${ident(table)})`,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
