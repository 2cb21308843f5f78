// What was decided in a programme, counted: per outcome and reason, and per run.
import { sql } from 'kysely';
import type { RecordsDb } from '../../stores/records/records.ts';

export type DecisionCount = {
  readonly outcome: 'contact' | 'control' | 'refused' | 'deferred';
  /** The first code; empty for a contact. */
  readonly code: string;
  readonly people: number;
  readonly decisions: number;
};

export async function countDecisions(db: RecordsDb, programmeId: string): Promise<DecisionCount[]> {
  const result = await sql<DecisionCount>`
    SELECT outcome, COALESCE(codes[1], '') AS code, count(DISTINCT person_id)::int AS people, count(*)::int AS decisions
    FROM decisions WHERE programme_id = ${programmeId} GROUP BY 1, 2 ORDER BY 4 DESC, 1, 2`.execute(db);
  return result.rows;
}

export type RunRow = {
  readonly runId: string;
  readonly runOn: string;
  readonly startedAt: Date;
  /** Null while the run is not finished. */
  readonly considered: number | null;
  readonly treated: number;
  readonly control: number;
};

/** The latest runs first. */
export async function listRuns(db: RecordsDb, programmeId: string, limit: number): Promise<RunRow[]> {
  const result = await sql<RunRow>`
    SELECT r.run_id AS "runId", r.run_on::text AS "runOn", r.started_at AS "startedAt",
      CASE WHEN r.considered >= 0 THEN r.considered END AS considered,
      (SELECT count(*)::int FROM members m WHERE m.run_id = r.run_id AND m.arm = 'treated') AS treated,
      (SELECT count(*)::int FROM members m WHERE m.run_id = r.run_id AND m.arm = 'control') AS control
    FROM programme_runs r WHERE r.programme_id = ${programmeId} ORDER BY r.run_on DESC LIMIT ${limit}`.execute(db);
  return result.rows;
}
