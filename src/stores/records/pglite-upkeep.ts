// What does a PostgreSQL server do for itself in the background, and an embedded one does not? It counts its tables, so that plans fit their size,
// and frees the room of dead rows. Here a look every few seconds does it, one table after the other, between everybody's statements.
// Guarantees: nobody waits for more than one table's turn; a store that is not used is not looked at; a look that fails is told, and tried again.
import type { PGlite } from '@electric-sql/pglite';
import type { UpkeepTrouble } from './records.ts';

const LOOK_MS = 5_000;
/** A hundred rows a column instead of a thousand and more: a table of any size is counted in some 50 ms, during which every statement waits. */
const STATISTICS_TARGET = 10;
/** A table up to this size is freed in a few tenths of a second; a larger one waits until as many of its rows are dead as are alive. */
const SMALL_BYTES = 64 * 1024 * 1024;

type Due = { readonly name: string; readonly is_uncounted: boolean; readonly is_full_of_dead: boolean };

/** Counts and frees what needs it by now; the shares are those of PostgreSQL's autovacuum. Returns the tables it has worked on. */
export async function keepUp(instance: Pick<PGlite, 'query' | 'exec'>): Promise<readonly string[]> {
  const { rows } = await instance.query<Due>(
    // The counters by their own functions: the view over them, and the size of every table, take thirty times as long.
    `SELECT * FROM (
       SELECT oid::regclass::text AS name, changed > 50 + 0.1 * alive AS is_uncounted,
         CASE WHEN dead > 1000 + 0.2 * alive
           THEN dead > 1000 + CASE WHEN pg_total_relation_size(oid) <= $1 THEN 0.2 ELSE 1 END * alive ELSE false END AS is_full_of_dead
       FROM (
         SELECT c.oid, GREATEST(c.reltuples, 0) AS alive, pg_stat_get_mod_since_analyze(c.oid) AS changed, pg_stat_get_dead_tuples(c.oid) AS dead
         FROM pg_class c
         WHERE c.relkind = 'r' AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
       ) counted
     ) t WHERE is_uncounted OR is_full_of_dead ORDER BY name`,
    [SMALL_BYTES],
  );
  for (const { name, is_uncounted, is_full_of_dead } of rows)
    await instance.exec(
      `${is_full_of_dead ? 'VACUUM' : ''}${is_full_of_dead && is_uncounted ? ' ' : ''}${is_uncounted ? 'ANALYZE' : ''} ${name}`,
    );
  return rows.map(({ name }) => name);
}

type LookedAfter = Pick<PGlite, 'query' | 'exec' | 'closed'>;

/** One look after another; `tell` hears how many have failed in a row and why, and of the first that succeeds again. */
export function openLooks(
  instance: LookedAfter,
  tell: (trouble: UpkeepTrouble | undefined) => void,
): { readonly used: () => void; readonly look: () => Promise<void> } {
  let isUsed = false;
  let isLooking = false;
  let failures = 0;
  const look = async (): Promise<void> => {
    if (!isUsed || isLooking || instance.closed) return;
    isUsed = false;
    isLooking = true;
    try {
      await keepUp(instance);
      if (failures > 0) tell(undefined);
      failures = 0;
    } catch (error) {
      // A full disk, or a table that is just being dropped: nobody waits for it, and the next look tries again.
      failures++;
      isUsed = true;
      tell({ failures, reason: error instanceof Error ? error.message : String(error) });
    } finally {
      isLooking = false;
    }
  };
  return { used: () => void (isUsed = true), look };
}

/** Looks after `instance` from now on; `used` is told of every statement. Ends with the thread. */
export async function lookAfter(
  instance: PGlite,
  tell: (trouble: UpkeepTrouble | undefined) => void,
): Promise<{ readonly used: () => void }> {
  await instance.exec(`SET default_statistics_target = ${STATISTICS_TARGET}`);
  const { used, look } = openLooks(instance, tell);
  setInterval(() => void look(), LOOK_MS).unref();
  return { used };
}
