// The ledger of who is in which audience, in set-based statements. `held` is what a network may hold and `confirmed` what it surely holds: before a
// call the first grows or the second shrinks, after its answer the other follows, so that a crash between leaves only what is done once more.
import { sql } from 'kysely';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { Identifier } from './network.ts';

export type Wanted = {
  readonly person_id: string;
  /** Empty: not in the audience, because of `reason`. */
  readonly identifiers: readonly Identifier[];
  readonly reason: string | null;
};

/** Writes down what is wanted of these people. Who was never in it and is not wanted gets no row. */
export async function writeWanted(
  db: RecordsDb,
  audienceId: string,
  wanted: readonly Wanted[],
  seenAt: Date,
): Promise<void> {
  await sql`
    INSERT INTO audience_records (audience_id, person_id, identifiers, reason, seen_at)
    SELECT ${audienceId}, w.person_id, w.identifiers, w.reason, ${seenAt}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) AS w (person_id text, identifiers text[], reason text)
    ON CONFLICT (audience_id, person_id) DO UPDATE SET identifiers = EXCLUDED.identifiers, reason = EXCLUDED.reason, seen_at = EXCLUDED.seen_at,
      retry_at = CASE WHEN audience_records.identifiers = EXCLUDED.identifiers THEN audience_records.retry_at END,
      attempts = CASE WHEN audience_records.identifiers = EXCLUDED.identifiers THEN audience_records.attempts ELSE 0 END`.execute(
    db,
  );
}

/** Whoever the last refresh did not see is wanted no more: she has come back, or is not meant any longer. */
export async function dropUnseen(
  db: RecordsDb,
  audienceId: string,
  seenAt: Date,
  returned: ReadonlySet<string>,
): Promise<void> {
  await sql`
    UPDATE audience_records SET identifiers = '{}', attempts = CASE WHEN identifiers = '{}' THEN attempts ELSE 0 END,
      retry_at = CASE WHEN identifiers = '{}' THEN retry_at END,
      reason = CASE WHEN reason IN ('erased', 'merged') THEN reason WHEN person_id = ANY(${[...returned]}::text[]) THEN 'returned'
        WHEN reason = 'returned' THEN reason ELSE 'left' END
    WHERE audience_id = ${audienceId} AND seen_at <> ${seenAt}::timestamptz`.execute(db);
}

export type Claimed = {
  readonly person_id: string;
  readonly identifiers: readonly Identifier[];
  /** What the ledger goes back to when the network certainly did nothing. */
  readonly before: readonly Identifier[];
};

type Batch = {
  readonly audienceId: string;
  readonly batchId: string;
  readonly limit: number;
  readonly now: Date;
};

/** Claims people to add, and those whose membership was last named before `renewBefore`: from now on the network may hold them. */
export async function claimAdditions(
  db: RecordsDb,
  { audienceId, batchId, limit, now, renewBefore }: Batch & { readonly renewBefore: Date | null },
): Promise<Claimed[]> {
  const isOld =
    renewBefore === null ? sql`` : sql`OR (identifiers <> '{}' AND attempted_at < ${renewBefore}::timestamptz)`;
  const { rows } = await sql<Claimed>`
    WITH due AS (
      SELECT person_id, held AS before FROM audience_records
      WHERE audience_id = ${audienceId} AND (NOT (identifiers <@ confirmed) ${isOld}) AND (retry_at IS NULL OR retry_at <= ${now}::timestamptz)
      ORDER BY person_id LIMIT ${limit} FOR UPDATE SKIP LOCKED
    )
    UPDATE audience_records r SET held = ARRAY(SELECT DISTINCT h FROM unnest(r.held || r.identifiers) AS h ORDER BY h),
      attempts = r.attempts + 1, attempted_at = ${now}::timestamptz, batch_id = ${batchId}
    FROM due WHERE r.audience_id = ${audienceId} AND r.person_id = due.person_id
    RETURNING r.person_id, r.identifiers, due.before`.execute(db);
  return rows;
}

/**
 * Claims people to take out: from now on the network need not hold them. An identifier that somebody else who stays shares is not taken out; of
 * whom nothing is left to take out the ledger forgets at once.
 */
export async function claimRemovals(db: RecordsDb, { audienceId, batchId, limit, now }: Batch): Promise<Claimed[]> {
  const { rows } = await sql<Claimed>`
    WITH due AS (
      SELECT person_id, confirmed AS before, ARRAY(SELECT h FROM unnest(held) AS h WHERE NOT h = ANY(identifiers) ORDER BY h) AS gone
      FROM audience_records
      WHERE audience_id = ${audienceId} AND NOT (held <@ identifiers) AND (retry_at IS NULL OR retry_at <= ${now}::timestamptz)
      ORDER BY person_id LIMIT ${limit} FOR UPDATE SKIP LOCKED
    ), leaving AS (
      SELECT person_id, before, gone, ARRAY(SELECT g FROM unnest(gone) AS g WHERE NOT EXISTS (
        SELECT 1 FROM audience_records o WHERE o.audience_id = ${audienceId} AND o.person_id <> due.person_id AND o.identifiers @> ARRAY[g])) AS sent
      FROM due
    )
    UPDATE audience_records r SET confirmed = ARRAY(SELECT c FROM unnest(r.confirmed) AS c WHERE NOT c = ANY(leaving.gone)),
      held = CASE WHEN leaving.sent = '{}' THEN ARRAY(SELECT h FROM unnest(r.held) AS h WHERE h = ANY(r.identifiers)) ELSE r.held END,
      attempts = r.attempts + 1, attempted_at = ${now}::timestamptz, batch_id = ${batchId}
    FROM leaving WHERE r.audience_id = ${audienceId} AND r.person_id = leaving.person_id
    RETURNING r.person_id, leaving.sent AS identifiers, leaving.before`.execute(db);
  return rows;
}

const REFUSED_RETRY_DAYS = 30;

/** The network has taken the call. Identifiers it called useless are not held, and are offered again a month later. */
export async function settleTaken(
  db: RecordsDb,
  audienceId: string,
  batchId: string,
  action: 'add' | 'remove',
  refused: readonly Identifier[],
  now: Date,
): Promise<void> {
  if (action === 'remove') {
    // What she holds beyond what is wanted was in the call, or is somebody else's to hold.
    await sql`UPDATE audience_records SET held = ARRAY(SELECT h FROM unnest(held) AS h WHERE h = ANY(identifiers)), code = NULL, detail = NULL,
        attempts = 0, retry_at = NULL
      WHERE audience_id = ${audienceId} AND batch_id = ${batchId}`.execute(db);
    await sql`DELETE FROM audience_records WHERE audience_id = ${audienceId} AND held = '{}' AND reason IN ('erased', 'merged')`.execute(
      db,
    );
    return;
  }
  const useless = [...refused];
  const isUseless = sql`identifiers && ${useless}::text[]`;
  await sql`UPDATE audience_records SET
      confirmed = ARRAY(SELECT DISTINCT c FROM unnest(confirmed || held) AS c WHERE NOT c = ANY(${useless}::text[]) AND c = ANY(identifiers) ORDER BY c),
      held = ARRAY(SELECT h FROM unnest(held) AS h WHERE NOT h = ANY(${useless}::text[])),
      code = CASE WHEN ${isUseless} THEN 'identifier_refused' END, detail = NULL, attempts = 0,
      retry_at = CASE WHEN ${isUseless} THEN ${now}::timestamptz + make_interval(days => ${REFUSED_RETRY_DAYS}::int) END
    WHERE audience_id = ${audienceId} AND batch_id = ${batchId}`.execute(db);
}

/** It certainly did nothing (`before` is restored), or nobody knows (what may be, may be). Tried again at `retryAt`. */
export async function settleRefused(
  db: RecordsDb,
  audienceId: string,
  batchId: string,
  action: 'add' | 'remove',
  given: {
    readonly claimed: readonly Claimed[];
    readonly certain: boolean;
    /** The account is the reason, and nothing that was asked for: no attempt of theirs. */
    readonly isAccounts?: boolean;
    readonly code: string;
    readonly detail: string;
  },
  retryAt: Date,
): Promise<void> {
  const column = action === 'add' ? sql.ref('held') : sql.ref('confirmed');
  const restored = given.certain ? sql`${column} = c.before,` : sql``;
  const uncounted = given.isAccounts === true ? sql`attempts = GREATEST(r.attempts - 1, 0),` : sql``;
  const rows = given.claimed.map(({ person_id, before }) => ({ person_id, before }));
  await sql`
    UPDATE audience_records r SET ${restored} ${uncounted} code = ${given.code}, detail = ${given.detail.slice(0, 500)}, retry_at = ${retryAt}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS c (person_id text, before text[])
    WHERE r.audience_id = ${audienceId} AND r.batch_id = ${batchId} AND r.person_id = c.person_id`.execute(db);
}

const FILE_PAGE = 5_000;

/** The identifiers of everybody who is wanted, page by page. */
export async function* wantedPages(
  db: RecordsDb,
  audienceId: string,
): AsyncGenerator<readonly (readonly Identifier[])[]> {
  for (let after = ''; ;) {
    const { rows } = await sql<{ person_id: string; identifiers: Identifier[] }>`
      SELECT person_id, identifiers FROM audience_records
      WHERE audience_id = ${audienceId} AND identifiers <> '{}' AND person_id > ${after} ORDER BY person_id LIMIT ${FILE_PAGE}`.execute(
      db,
    );
    if (rows.length > 0) yield rows.map((row) => row.identifiers);
    const last = rows.at(-1);
    if (last === undefined || rows.length < FILE_PAGE) return;
    after = last.person_id;
  }
}

export type AudienceCounts = {
  readonly wanted: number;
  readonly in: number;
  /** Wanted, and not surely there yet. */
  readonly toAdd: number;
  /** Not wanted, and perhaps still there. */
  readonly toRemove: number;
  readonly refused: number;
};

/** Of every audience, or of one. */
export async function countsOf(db: RecordsDb, audienceId?: string): Promise<ReadonlyMap<string, AudienceCounts>> {
  const { rows } = await sql<AudienceCounts & { readonly audience_id: string }>`
    SELECT audience_id, count(*) FILTER (WHERE identifiers <> '{}')::int AS wanted, count(*) FILTER (WHERE confirmed <> '{}')::int AS "in",
      count(*) FILTER (WHERE NOT (identifiers <@ confirmed))::int AS "toAdd", count(*) FILTER (WHERE NOT (held <@ identifiers))::int AS "toRemove",
      count(*) FILTER (WHERE code IS NOT NULL)::int AS refused
    FROM audience_records ${audienceId === undefined ? sql`` : sql`WHERE audience_id = ${audienceId}`} GROUP BY audience_id`.execute(
    db,
  );
  return new Map(rows.map(({ audience_id, ...counts }) => [audience_id, counts]));
}
