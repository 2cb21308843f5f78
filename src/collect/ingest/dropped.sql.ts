// Which events were not taken, and why? Counted by day and reason as they arrive.
import type { Day } from '../../kernel/days.ts';
import type { RecordsDb } from '../../stores/records/records.ts';

export type DroppedCount = { readonly day: Day; readonly reason: string; readonly count: number };

/** The latest days first. */
export async function listDropped(db: RecordsDb, since: Day): Promise<DroppedCount[]> {
  return db
    .selectFrom('dropped_events')
    .select(['day', 'reason', 'count'])
    .where('day', '>=', since)
    .orderBy('day', 'desc')
    .orderBy('reason')
    .execute();
}
