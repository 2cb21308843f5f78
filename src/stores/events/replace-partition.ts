// Puts a scratch table's rows in the place of one partition of a published table, at once: readers see the old rows or the new ones.
import { ident, p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from './events.ts';

/** `target` is partitioned by a text column whose value is `partition`; `source` has its structure and holds only rows of that partition. */
export async function replacePartition(events: Events, target: string, partition: string, source: Sql): Promise<void> {
  const [row] = await events.rows<{ n: number }>(sql`SELECT count() AS n FROM ${source}`);
  // The engine refuses to replace by nothing, because it cannot know that nothing is meant.
  const change =
    (row?.n ?? 0) === 0
      ? sql`DROP PARTITION ${p.text(partition)}`
      : sql`REPLACE PARTITION ${p.text(partition)} FROM ${source}`;
  await events.run(sql`ALTER TABLE ${ident(target)} ${change}`);
}
