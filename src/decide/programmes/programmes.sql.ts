// Programmes, their runs and their members: set-based statements.
import { sql } from 'kysely';
import type { EntryFacts } from './entry-facts.ts';
import type { RecordsDb } from '../../stores/records/records.ts';

export type CandidateRow = {
  readonly person_id: string;
  readonly cluster_key: string;
  readonly language: string | null;
  /** Somebody else has her mailbox or her number: one of them is written to. */
  readonly shares: boolean;
};

/** Of these people, those who are not in the programme now and did not enter it after `reentryBefore` (null: never may they enter again). */
export async function freshCandidates(
  db: RecordsDb,
  programmeId: string,
  runId: string,
  personIds: readonly string[],
  reentryBefore: Date | null,
): Promise<{ known: CandidateRow[]; unknown: string[] }> {
  const rows = await sql<CandidateRow & { is_known: boolean }>`
    SELECT w.person_id, COALESCE(pe.cluster_key, w.person_id) AS cluster_key, pe.language, pe.person_id IS NOT NULL AS is_known,
      EXISTS (SELECT 1 FROM people o WHERE o.email_key = pe.email_key AND o.person_id <> pe.person_id)
        OR EXISTS (SELECT 1 FROM people o WHERE o.phone_key = pe.phone_key AND o.person_id <> pe.person_id) AS shares
    FROM unnest(${[...personIds]}::text[]) AS w (person_id)
    LEFT JOIN people pe ON pe.person_id = w.person_id
    WHERE NOT EXISTS (
      SELECT 1 FROM members m WHERE m.programme_id = ${programmeId} AND m.person_id = w.person_id AND m.run_id <> ${runId}
        AND (${reentryBefore}::timestamptz IS NULL OR m.enrolled_at > ${reentryBefore} OR m.state = 'active'))
    ORDER BY w.person_id`.execute(db);
  return {
    known: rows.rows.filter((row) => row.is_known),
    unknown: rows.rows.filter((row) => !row.is_known).map((row) => row.person_id),
  };
}

export type NewMember = {
  readonly person_id: string;
  readonly arm: 'treated' | 'control';
  /** The channel of the first message, by which she was found reachable. */
  readonly channel: string;
  readonly variant: string | null;
  readonly propensity: number | null;
  readonly known: EntryFacts;
};

/** Enrols members of a run; who is in it already stays as she is. The decision of each is recorded with her. */
export async function enrolMembers(
  db: RecordsDb,
  run: { readonly runId: string; readonly programmeId: string; readonly at: Date },
  members: readonly NewMember[],
): Promise<void> {
  if (members.length === 0) return;
  await sql`
    WITH incoming AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(members)}::jsonb) AS r (person_id text, arm text, channel text, variant text, propensity double precision, known jsonb)
    ), added AS (
      INSERT INTO members (run_id, person_id, programme_id, arm, variant, enrolled_at, state, step, step_due_at, known)
      SELECT ${run.runId}, person_id, ${run.programmeId}, arm, variant, ${run.at}, 'active', 0, ${run.at}, known FROM incoming
      ON CONFLICT (run_id, person_id) DO NOTHING RETURNING person_id
    )
    INSERT INTO decisions (programme_id, run_id, step, person_id, decided_at, outcome, codes, channel, variant, propensity)
    SELECT ${run.programmeId}, ${run.runId}, 0, i.person_id, ${run.at}, CASE i.arm WHEN 'control' THEN 'control' ELSE 'contact' END,
      CASE i.arm WHEN 'control' THEN ARRAY['programme_control'] ELSE ARRAY[]::text[] END, i.channel, i.variant, i.propensity
    FROM incoming i JOIN added a USING (person_id)`.execute(db);
}

export type Refusal = { readonly person_id: string; readonly channel: string; readonly codes: readonly string[] };

/** Records why people were considered and left out; once per run, step, person and channel. */
export async function recordRefusals(
  db: RecordsDb,
  run: {
    readonly runId: string;
    readonly programmeId: string;
    readonly at: Date;
    readonly step: number;
  },
  refusals: readonly Refusal[],
): Promise<void> {
  if (refusals.length === 0) return;
  await sql`
    INSERT INTO decisions (programme_id, run_id, step, person_id, decided_at, outcome, codes, channel)
    SELECT ${run.programmeId}, ${run.runId}, ${run.step}, r.person_id, ${run.at}, 'refused', ARRAY(SELECT jsonb_array_elements_text(r.codes)), r.channel
    FROM jsonb_to_recordset(${JSON.stringify(refusals)}::jsonb) AS r (person_id text, channel text, codes jsonb)
    WHERE NOT EXISTS (SELECT 1 FROM decisions d WHERE d.run_id = ${run.runId} AND d.step = ${run.step} AND d.person_id = r.person_id
      AND d.outcome = 'refused' AND d.channel IS NOT DISTINCT FROM r.channel)`.execute(db);
}

export type DueMember = {
  readonly run_id: string;
  readonly person_id: string;
  readonly arm: 'treated' | 'control';
  readonly variant: string | null;
  readonly step: number;
  readonly cluster_key: string;
  readonly language: string | null;
};

export async function hasDueMembers(db: RecordsDb, programmeId: string, now: Date): Promise<boolean> {
  const row = await db
    .selectFrom('members')
    .select('person_id')
    .where('programme_id', '=', programmeId)
    .where('state', '=', 'active')
    .where('step_due_at', '<=', now)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Members of one programme whose step is due, locked against other workers; in the order of an index, so that no round sorts all the others. */
export async function lockDueMembers(
  tx: RecordsDb,
  programmeId: string,
  now: Date,
  limit: number,
): Promise<DueMember[]> {
  const rows = await sql<DueMember>`
    SELECT m.run_id, m.person_id, m.arm, m.variant, m.step, COALESCE(pe.cluster_key, m.person_id) AS cluster_key, pe.language
    FROM members m LEFT JOIN people pe ON pe.person_id = m.person_id
    WHERE m.programme_id = ${programmeId} AND m.state = 'active' AND m.step_due_at <= ${now}
    ORDER BY m.step_due_at, m.step, m.run_id, m.person_id LIMIT ${limit} FOR UPDATE OF m SKIP LOCKED`.execute(tx);
  return rows.rows;
}

export async function moveMembers(
  tx: RecordsDb,
  runId: string,
  personIds: readonly string[],
  to: { readonly step: number; readonly dueAt: Date | null; readonly now: Date },
): Promise<void> {
  if (personIds.length === 0) return;
  await tx
    .updateTable('members')
    .set(
      to.dueAt === null
        ? { state: 'completed', step: to.step, step_due_at: null, ended_at: to.now, end_reason: 'completed' }
        : { step: to.step, step_due_at: to.dueAt },
    )
    .where('run_id', '=', runId)
    .where('person_id', '=', sql<string>`ANY(${[...personIds]})`)
    .where('state', '=', 'active')
    .execute();
}

/**
 * Members of any running programme who came back: they leave it. Returns whom and from what, so that their messages can be stopped.
 * Entry looked at whole days up to the one before, so an act of that last day also shows that she was not gone.
 */
export async function exitReturned(
  db: RecordsDb,
  programmeIds: readonly string[],
  returns: readonly { readonly person_id: string; readonly at: Date }[],
  now: Date,
): Promise<{ person_id: string; programme_id: string }[]> {
  const rows = await sql<{ person_id: string; programme_id: string }>`
    UPDATE members m SET state = 'exited', end_reason = 'returned', ended_at = ${now}
    FROM jsonb_to_recordset(${JSON.stringify(returns)}::jsonb) AS r (person_id text, at timestamptz)
    WHERE m.person_id = r.person_id AND m.programme_id = ANY(${[...programmeIds]})
      AND m.state IN ('active', 'completed') AND m.end_reason IS DISTINCT FROM 'returned' AND r.at >= m.enrolled_at - interval '24 hours'
    RETURNING m.person_id, m.programme_id`.execute(db);
  return rows.rows;
}
