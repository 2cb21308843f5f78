// The events store's migrations, one file each, applied in order at start, under the records store's migration lock (the caller holds it).
// A migration that has been released is never edited; a new one is a new file and a new line below.
import { ident, p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from './events.ts';
import { FIRST_LOOP } from './migrations/0001-first-loop.ts';
import { REASONS } from './migrations/0002-reasons.ts';
import { RECOMMEND } from './migrations/0003-recommend.ts';
import { EVALUATIONS } from './migrations/0004-evaluations.ts';
import { SEGMENTS } from './migrations/0005-segments.ts';
import { OBJECTIONS } from './migrations/0006-objections.ts';
import { ITEMS } from './migrations/0007-items.ts';
import { CURRENCIES, fillActorDays } from './migrations/0008-currencies.ts';

type EventsMigration = {
  readonly name: string;
  readonly statements: readonly Sql[];
  /** What takes more than statements; it may be done twice. */
  readonly finish?: (events: Events) => Promise<void>;
};

export const EVENTS_MIGRATIONS: readonly EventsMigration[] = [
  { name: '0001-first-loop', statements: FIRST_LOOP },
  { name: '0002-reasons', statements: REASONS },
  { name: '0003-recommend', statements: RECOMMEND },
  { name: '0004-evaluations', statements: EVALUATIONS },
  { name: '0005-segments', statements: SEGMENTS },
  { name: '0006-objections', statements: OBJECTIONS },
  { name: '0007-items', statements: ITEMS },
  { name: '0008-currencies', statements: CURRENCIES, finish: fillActorDays },
];

/** Applies what is missing. Statements of a half-applied migration are made idempotent by dropping what it made first. */
export async function migrateEvents(events: Events, now: Date): Promise<void> {
  await events.run(
    sql`CREATE TABLE IF NOT EXISTS migrations (name String, applied_at DateTime64(3, 'UTC')) ENGINE = MergeTree ORDER BY name`,
  );
  const applied = new Set(
    (await events.rows<{ name: string }>(sql`SELECT name FROM migrations`)).map((row) => row.name),
  );
  for (const migration of EVENTS_MIGRATIONS) {
    if (applied.has(migration.name)) continue;
    for (const statement of migration.statements) {
      const made = /^CREATE (?:TABLE|MATERIALIZED VIEW) (\w+)/.exec(statement.chunks[0] ?? '')?.[1];
      if (made !== undefined) await events.run(sql`DROP TABLE IF EXISTS ${ident(made)}`);
      await events.run(statement);
    }
    await migration.finish?.(events);
    await events.run(sql`INSERT INTO migrations VALUES (${p.text(migration.name)}, ${p.instant(now)})`);
  }
}
