// The clocks of time zones, as the records store knows them: the arbiter's statement and its arithmetic must agree about a zone. A zone's year is
// asked for once in a process.
import { sql } from 'kysely';
import type { RecordsDb } from '../../stores/records/records.ts';
import { zoneClock, type ClockTurn, type ZoneClock } from './zone-clock.ts';

const known = new Map<string, readonly ClockTurn[]>();
const keyOf = (zone: string, year: number): string => `${zone} ${year}`;

/** Days are sampled, and a day whose end is not as its beginning is read by the quarter of an hour: no zone has turned its clocks at another moment since 1972. */
async function readYear(db: RecordsDb, zones: readonly string[], year: number): Promise<void> {
  const from = new Date(Date.UTC(year, 0, 1));
  const to = new Date(Date.UTC(year + 1, 0, 1));
  const offset = (at: string) => sql.raw(`(${at} AT TIME ZONE zone) - (${at} AT TIME ZONE 'UTC')`);
  const { rows } = await sql<{ zone: string; turns: readonly (readonly [number, number])[] }>`
    WITH days AS (
      SELECT zone, at, ahead, lead(ahead) OVER (PARTITION BY zone ORDER BY at) AS next FROM (
        SELECT zone, at, ${offset('at')} AS ahead
        FROM unnest(${[...zones]}::text[]) AS z (zone), generate_series(${from}::timestamptz, ${to}::timestamptz, '24 hours'::interval) AS g (at)) d
    ), turns AS (
      SELECT zone, at, ahead FROM days WHERE at = ${from}
      UNION ALL
      SELECT d.zone, q.at, q.ahead FROM days d, LATERAL (
        SELECT at, ${offset('at')} AS ahead FROM generate_series(d.at, d.at + '24 hours'::interval, '15 minutes'::interval) AS q (at)) q
      WHERE d.next <> d.ahead
    )
    SELECT zone, json_agg(json_build_array((extract(epoch FROM at) * 1000)::bigint, (extract(epoch FROM ahead) * 1000)::bigint)) AS turns
    FROM turns GROUP BY zone`.execute(db);
  for (const { zone, turns } of rows)
    known.set(keyOf(zone, year), zoneClock(turns.map(([atMs, offsetMs]) => ({ atMs, offsetMs }))));
}

/** The clocks of these zones from the year of `fromMs` to the year of `toMs`. A zone that the store does not know is the store's error. */
export async function zoneClocks(
  db: RecordsDb,
  zones: readonly string[],
  fromMs: number,
  toMs: number,
): Promise<ReadonlyMap<string, ZoneClock>> {
  const first = new Date(fromMs).getUTCFullYear();
  const years = Array.from({ length: new Date(toMs).getUTCFullYear() - first + 1 }, (_, i) => first + i);
  for (const year of years) {
    const unread = zones.filter((zone) => !known.has(keyOf(zone, year)));
    if (unread.length > 0) await readYear(db, unread, year);
  }
  return new Map(
    zones.map((zone) => [zone, zoneClock(years.flatMap((year) => known.get(keyOf(zone, year)) ?? []))] as const),
  );
}
