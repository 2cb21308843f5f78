// The guard's rows: what was claimed, what became of it, and the brakes.
import { sql, type RawBuilder } from 'kysely';
import type { Day } from '../../kernel/days.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { GUARD_DAYS, type Brake, type BrakeKind, type SenderDay } from './guard.ts';

export async function senderDays(db: RecordsDb, domain: string, today: Day): Promise<readonly SenderDay[]> {
  const { rows } = await sql<SenderDay>`
    SELECT day::text AS day, claimed, sent, failed, hard_bounces, sender_faults, complaints FROM sender_days
    WHERE domain = ${domain} AND day > ${today}::date - ${GUARD_DAYS}::int ORDER BY day DESC`.execute(db);
  return rows;
}

export async function senderBrakes(db: RecordsDb, domain: string): Promise<readonly Brake[]> {
  const { rows } = await sql<Brake>`
    SELECT kind, pulled_on::text AS pulled_on, bad_day::text AS bad_day, share, released_on::text AS released_on
    FROM sender_brakes WHERE domain = ${domain}`.execute(db);
  return rows;
}

export async function pullBrakes(db: RecordsDb, domain: string, brakes: readonly Brake[]): Promise<void> {
  if (brakes.length === 0) return;
  await sql`
    INSERT INTO sender_brakes (domain, kind, pulled_on, bad_day, share)
    SELECT ${domain}, kind, pulled_on, bad_day, share
    FROM jsonb_to_recordset(${JSON.stringify(brakes)}::jsonb) AS b (kind text, pulled_on date, bad_day date, share double precision)
    ON CONFLICT (domain, kind) DO UPDATE SET pulled_on = EXCLUDED.pulled_on, bad_day = EXCLUDED.bad_day, share = EXCLUDED.share,
      released_on = NULL, released_by = NULL, note = NULL`.execute(db);
}

/** False when no such brake is held. */
export async function releaseBrake(
  db: RecordsDb,
  domain: string,
  kind: BrakeKind,
  by: { readonly who: string; readonly note: string; readonly on: Day },
): Promise<boolean> {
  const { rows } = await sql`
    UPDATE sender_brakes SET released_on = ${by.on}::date, released_by = ${by.who}, note = ${by.note}
    WHERE domain = ${domain} AND kind = ${kind} AND released_on IS NULL RETURNING kind`.execute(db);
  return rows.length > 0;
}

/** Locks the domain's day until the transaction ends, and says how much of it is taken: workers that share a cap take their turns. */
export async function lockDay(tx: RecordsDb, domain: string, day: Day): Promise<number> {
  const { rows } = await sql<{ claimed: number }>`
    INSERT INTO sender_days (domain, day) VALUES (${domain}, ${day}::date)
    ON CONFLICT (domain, day) DO UPDATE SET claimed = sender_days.claimed RETURNING claimed`.execute(tx);
  return rows[0]?.claimed ?? 0;
}

export async function countClaims(tx: RecordsDb, domain: string, day: Day, claims: number): Promise<void> {
  if (claims === 0) return;
  await sql`
    INSERT INTO sender_days (domain, day, claimed) VALUES (${domain}, ${day}::date, ${claims})
    ON CONFLICT (domain, day) DO UPDATE SET claimed = sender_days.claimed + EXCLUDED.claimed`.execute(tx);
}

/**
 * The part of a statement that finishes messages which counts their fates by sending domain and day. `finished`: the name of a common table of
 * those that were changed: `state`, `code`, the state it `was` in, `sender`, `claimed_at`.
 */
export const countFates = (finished: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  INSERT INTO sender_days (domain, day, claimed, sent, failed, hard_bounces, sender_faults)
  SELECT f.sender, (f.claimed_at AT TIME ZONE 'UTC')::date,
    -(count(*) FILTER (WHERE f.state IN ('planned', 'cancelled')))::int,
    (count(*) FILTER (WHERE f.state IN ('sent', 'unknown')))::int,
    (count(*) FILTER (WHERE f.state = 'failed'))::int,
    (count(*) FILTER (WHERE f.state = 'failed' AND f.code LIKE 'address:%' AND f.code <> 'address:local'))::int,
    (count(*) FILTER (WHERE f.state = 'failed' AND f.code LIKE 'sender:%'))::int
  FROM ${finished} f WHERE f.sender IS NOT NULL AND f.was = 'sending' GROUP BY 1, 2 ORDER BY 1, 2
  ON CONFLICT (domain, day) DO UPDATE SET claimed = sender_days.claimed + EXCLUDED.claimed, sent = sender_days.sent + EXCLUDED.sent,
    failed = sender_days.failed + EXCLUDED.failed, hard_bounces = sender_days.hard_bounces + EXCLUDED.hard_bounces,
    sender_faults = sender_days.sender_faults + EXCLUDED.sender_faults`;

export type CountedReport = {
  readonly message_id: string;
  readonly kind: 'hard_bounce' | 'sender_fault' | 'complaint';
};

/** Counts what was reported of mails after they were taken, on the day they were sent. */
export async function countReports(tx: RecordsDb, told: readonly CountedReport[]): Promise<void> {
  if (told.length === 0) return;
  await sql`
    INSERT INTO sender_days (domain, day, hard_bounces, sender_faults, complaints)
    SELECT m.sender, (m.claimed_at AT TIME ZONE 'UTC')::date, (count(*) FILTER (WHERE t.kind = 'hard_bounce'))::int,
      (count(*) FILTER (WHERE t.kind = 'sender_fault'))::int, (count(*) FILTER (WHERE t.kind = 'complaint'))::int
    FROM jsonb_to_recordset(${JSON.stringify(told)}::jsonb) AS t (message_id text, kind text)
    JOIN messages m ON m.message_id = t.message_id AND m.sender IS NOT NULL
    GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (domain, day) DO UPDATE SET hard_bounces = sender_days.hard_bounces + EXCLUDED.hard_bounces,
      sender_faults = sender_days.sender_faults + EXCLUDED.sender_faults, complaints = sender_days.complaints + EXCLUDED.complaints`.execute(
    tx,
  );
}
