// The members of a programme beside the events, for as long as a report takes: one scratch table, filled once, read by every question.
import { newId } from '../../kernel/ids.ts';
import type { Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import type { Records } from '../../stores/records/records.ts';
import { createMembersTable, dropTable, programmeMembers, scratchTable, type MemberRow } from './outcomes.sql.ts';

const ROWS_PER_INSERT = 20_000;

const rowOf = ({ known, clicked_at, enrolled_at, ...member }: MemberRow): Record<string, unknown> => ({
  ...member,
  enrolled_at: enrolled_at.toISOString(),
  clicked_at: clicked_at.map((at) => at.toISOString()),
  stage: known.stage ?? '',
  rfm_group: known.rfmGroup ?? '',
  reason: known.reason ?? '',
  return_probability: known.returnProbability ?? null,
});

/** Calls `read` with the table of the programme's members up to `until`; the table is gone afterwards, whatever happens. */
export async function withMembers<T>(
  { records, events }: { readonly records: Records; readonly events: Events },
  programmeId: string,
  until: Date,
  read: (members: Sql) => Promise<T>,
): Promise<T> {
  const members = await programmeMembers(records.db, programmeId, until);
  const table = scratchTable(newId('scratch_members', until));
  await events.run(createMembersTable(table));
  try {
    for (let at = 0; at < members.length; at += ROWS_PER_INSERT)
      await events.insert(table.chunks[0]!, members.slice(at, at + ROWS_PER_INSERT).map(rowOf));
    return await read(table);
  } finally {
    await events.run(dropTable(table));
  }
}
