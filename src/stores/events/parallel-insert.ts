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

async function threadsOf(events: Events): Promise<number> {
  const [row] = await events.rows<{ threads: number }>(sql`SELECT toUInt32(getSetting('max_threads')) AS threads`);
  return Math.min(THREADS_MAX, Math.max(1, row?.threads ?? 1));
}

/** Every thread writes blocks of its own, as few as it can; `rows` is about how many there will be. */
export async function parallelInsert(events: Events, rows: number): Promise<ParallelInsert> {
  const threads = await threadsOf(events);
  const blockRows = Math.min(BLOCK_ROWS.max, Math.max(BLOCK_ROWS.min, Math.ceil(rows / threads)));
  const settings = sql`max_insert_threads = ${p.int(threads)}, min_insert_block_size_rows = ${p.int(blockRows)}, min_insert_block_size_bytes = ${p.int(BLOCK_BYTES)}`;
  return { settings, blockRows };
}

/** Beyond so many rows blocks of this size would be too many parts. */
const ORDERED_ROWS_MAX = 8_388_608;
const ORDERED_BLOCK_ROWS = 131_072;

/**
 * For rows that are read in the order of the target's key: what was read as one block is written as one part, in its order. Gathered over all
 * threads, a block would hold pieces of everywhere, be sorted again, and its part would lie across all the others for every reader to merge.
 */
export const orderedInsert = async (events: Events, rows: number): Promise<Pick<ParallelInsert, 'settings'>> => {
  if (rows > ORDERED_ROWS_MAX) return parallelInsert(events, rows);
  const threads = await threadsOf(events);
  return {
    settings: sql`max_insert_threads = ${p.int(threads)}, min_insert_block_size_rows = 0, min_insert_block_size_bytes = 0,
      max_block_size = ${p.int(ORDERED_BLOCK_ROWS)}, preferred_block_size_bytes = 0`,
  };
};
