// How an INSERT … SELECT of many rows is spread over the engine's threads. The engine gathers rows into blocks over all threads together, of
// a million rows unless told: below that one thread writes while the others wait.
import { p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from './events.ts';

/** Blocks between these sizes: small ones make many small parts, large ones cost a lot of memory. */
const BLOCK_ROWS = { min: 65_536, max: 1_048_576 } as const;
const BLOCK_BYTES = 536_870_912;
const THREADS_MAX = 8;

export type ParallelInsert = {
  /** Settings, to be set after SETTINGS. */
  readonly settings: Sql;
  readonly blockRows: number;
};

/** Every thread writes blocks of its own, as few as it can; `rows` is about how many there will be. */
export async function parallelInsert(events: Events, rows: number): Promise<ParallelInsert> {
  const [row] = await events.rows<{ threads: number }>(sql`SELECT toUInt32(getSetting('max_threads')) AS threads`);
  const threads = Math.min(THREADS_MAX, Math.max(1, row?.threads ?? 1));
  const blockRows = Math.min(BLOCK_ROWS.max, Math.max(BLOCK_ROWS.min, Math.ceil(rows / threads)));
  const settings = sql`max_insert_threads = ${p.int(threads)}, min_insert_block_size_rows = ${p.int(blockRows)}, min_insert_block_size_bytes = ${p.int(BLOCK_BYTES)}`;
  return { settings, blockRows };
}
