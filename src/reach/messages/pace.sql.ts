// What the workers of one store know of each other: who is alive, and which domains want to be left alone.
import { sql } from 'kysely';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { Closed } from '../channels/channel.ts';
import { pauseMs } from './pace.ts';

const ALIVE_SECONDS = 60;
/** A pause that ended longer ago than this is forgotten, and the next is a first one again. */
const FORGOTTEN_SECONDS = 1_800;
const STRIKES_MAX = 7;

/** Says that `worker` is alive; returns how many are. */
export async function beat(db: RecordsDb, worker: string, now: Date): Promise<number> {
  const { rows } = await sql<{ alive: number }>`
    WITH beat AS (
      INSERT INTO workers (worker_id, seen_at) VALUES (${worker}, ${now}) ON CONFLICT (worker_id) DO UPDATE SET seen_at = EXCLUDED.seen_at
    ), gone AS (
      DELETE FROM workers WHERE seen_at < ${now}::timestamptz - interval '1 day'
    )
    SELECT 1 + count(*)::int AS alive FROM workers
    WHERE worker_id <> ${worker} AND seen_at > ${now}::timestamptz - make_interval(secs => ${ALIVE_SECONDS}::int)`.execute(
    db,
  );
  return rows[0]?.alive ?? 1;
}

export const leave = (db: RecordsDb, worker: string): Promise<unknown> =>
  sql`DELETE FROM workers WHERE worker_id = ${worker}`.execute(db);

/** Leaves a domain alone for a while, longer each time. While it is left alone already, further refusals of what was on its way change nothing. */
export async function pauseDomain(
  db: RecordsDb,
  pause: { readonly channel: string; readonly domain: string; readonly detail: string },
  now: Date,
): Promise<void> {
  const lengths = Array.from({ length: STRIKES_MAX }, (_, i) => pauseMs(i + 1) / 1000);
  await sql`
    INSERT INTO domain_pauses (channel, domain, until, strikes, detail)
    VALUES (${pause.channel}, ${pause.domain}, ${now}::timestamptz + make_interval(secs => ${lengths[0]!}::int), 1, left(${pause.detail}, 500))
    ON CONFLICT (channel, domain) DO UPDATE SET
      strikes = CASE WHEN domain_pauses.until > ${now}::timestamptz - make_interval(secs => ${FORGOTTEN_SECONDS}::int)
        THEN LEAST(domain_pauses.strikes + 1, ${STRIKES_MAX}::int) ELSE 1 END,
      until = ${now}::timestamptz + make_interval(secs => (${lengths}::int[])[
        CASE WHEN domain_pauses.until > ${now}::timestamptz - make_interval(secs => ${FORGOTTEN_SECONDS}::int)
          THEN LEAST(domain_pauses.strikes + 1, ${STRIKES_MAX}::int) ELSE 1 END]),
      detail = EXCLUDED.detail
    WHERE domain_pauses.until <= ${now}`.execute(db);
}

/** Stands for everybody a channel sends to: the way out itself is closed, as a worker of this name knows it. */
const everybody = (worker: string): string => `*${worker}`;

export async function noteClosed(
  db: RecordsDb,
  channel: string,
  closed: Closed | undefined,
  worker: string,
): Promise<void> {
  if (closed === undefined) {
    await sql`DELETE FROM domain_pauses WHERE channel = ${channel} AND domain = ${everybody(worker)}`.execute(db);
    return;
  }
  const detail = `${closed.code}: ${closed.detail}`.slice(0, 500);
  await sql`
    INSERT INTO domain_pauses (channel, domain, until, strikes, detail)
    VALUES (${channel}, ${everybody(worker)}, ${closed.until}, 1, ${detail})
    ON CONFLICT (channel, domain) DO UPDATE SET until = EXCLUDED.until, detail = EXCLUDED.detail`.execute(db);
}

/** What workers that are gone knew is nobody's knowledge: who comes after them asks anew. */
export const forgetClosed = (db: RecordsDb, workers: readonly string[] | 'all'): Promise<unknown> =>
  workers === 'all'
    ? sql`DELETE FROM domain_pauses WHERE domain LIKE '*%'`.execute(db)
    : sql`DELETE FROM domain_pauses WHERE domain = ANY(${workers.map(everybody)})`.execute(db);

/** What waited for a way out that was closed is due now: it may have been opened before its time. */
export const wakeClosed = (db: RecordsDb, now: Date, channel?: string): Promise<unknown> =>
  sql`
  WITH waiting AS MATERIALIZED (
    SELECT message_id FROM messages WHERE state = 'planned' AND due_at > ${now} AND code LIKE 'closed:%'
      AND (${channel ?? null}::text IS NULL OR channel = ${channel ?? null}::text)
    ORDER BY message_id FOR UPDATE
  ) UPDATE messages m SET due_at = ${now} FROM waiting WHERE m.message_id = waiting.message_id`.execute(db);

/** The channels whose way out is closed now, until when, and what was said. */
export async function closedChannels(
  db: RecordsDb,
  now: Date,
): Promise<ReadonlyMap<string, { readonly until: Date; readonly detail: string }>> {
  const { rows } = await sql<{ channel: string; until: Date; detail: string }>`
    SELECT channel, until, detail FROM domain_pauses WHERE domain LIKE '*%' AND until > ${now} ORDER BY until`.execute(
    db,
  );
  return new Map(rows.map(({ channel, ...closed }) => [channel, closed]));
}

/** Domains that want to be left alone now, and until when. */
export async function pausedDomains(db: RecordsDb, channel: string, now: Date): Promise<ReadonlyMap<string, Date>> {
  const { rows } = await sql<{ domain: string; until: Date }>`
    SELECT domain, until FROM domain_pauses WHERE channel = ${channel} AND until > ${now}`.execute(db);
  return new Map(rows.map((row) => [row.domain, row.until]));
}
