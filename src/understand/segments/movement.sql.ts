// Who came into a watched segment and who left it, counted by day from the events that its evaluations recorded.
import { addDays, type Day } from '../../kernel/days.ts';
import { p, sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { SEGMENT_ENTERED, SEGMENT_LEFT } from './memberships.service.ts';

export type Movement = {
  /** Every day from the first to the last, quiet ones too. */
  readonly days: readonly { readonly day: Day; readonly entered: number; readonly left: number }[];
  readonly entered: number;
  readonly left: number;
};

export async function movementOf(events: Events, segmentId: string, from: Day, to: Day): Promise<Movement> {
  const rows = await events.rows<{ movedOn: Day; entered: number; left: number }>(sql`
    SELECT toString(events.day) AS movedOn, countIf(name = ${p.text(SEGMENT_ENTERED)}) AS entered, countIf(name = ${p.text(SEGMENT_LEFT)}) AS left
    FROM events WHERE name IN ${p.texts([SEGMENT_ENTERED, SEGMENT_LEFT])} AND day BETWEEN ${p.day(from)} AND ${p.day(to)}
      AND JSONExtractString(properties, 'segment_id') = ${p.text(segmentId)}
    GROUP BY movedOn`);
  const byDay = new Map(rows.map((row) => [row.movedOn, row]));
  const days = [];
  for (let day = from; day <= to; day = addDays(day, 1))
    days.push({ day, entered: byDay.get(day)?.entered ?? 0, left: byDay.get(day)?.left ?? 0 });
  return {
    days,
    entered: rows.reduce((sum, row) => sum + row.entered, 0),
    left: rows.reduce((sum, row) => sum + row.left, 0),
  };
}
