// Where everybody of a programme is at this moment: one pass over its members and one over its messages.
import { sql } from 'kysely';
import type { RecordsDb } from '../../stores/records/records.ts';

export type ProgressCounts = {
  /** Treated people still on their way. */
  readonly active: number;
  readonly completed: number;
  readonly returned: number;
  readonly control: number;
  /** Treated people whose next step is this one. */
  readonly steps: readonly { readonly step: number; readonly people: number }[];
  readonly messages: Readonly<Record<string, number>>;
};

export async function progressOf(db: RecordsDb, programmeId: string): Promise<ProgressCounts> {
  const members = await sql<{ arm: string; state: string; end_reason: string | null; step: number; people: number }>`
    SELECT arm, state, end_reason, step, count(*)::int AS people FROM members WHERE programme_id = ${programmeId}
    GROUP BY arm, state, end_reason, step ORDER BY step`.execute(db);
  const messages = await sql<{ state: string; messages: number }>`
    SELECT state, count(*)::int AS messages FROM messages WHERE programme_id = ${programmeId} GROUP BY state ORDER BY state`.execute(
    db,
  );
  const treated = members.rows.filter((row) => row.arm === 'treated');
  const total = (rows: typeof treated): number => rows.reduce((sum, row) => sum + row.people, 0);
  const active = treated.filter((row) => row.state === 'active');
  return {
    active: total(active),
    completed: total(treated.filter((row) => row.end_reason === 'completed')),
    returned: total(treated.filter((row) => row.end_reason === 'returned')),
    control: total(members.rows.filter((row) => row.arm === 'control')),
    steps: active.map(({ step, people }) => ({ step, people })),
    messages: Object.fromEntries(messages.rows.map((row) => [row.state, row.messages])),
  };
}
