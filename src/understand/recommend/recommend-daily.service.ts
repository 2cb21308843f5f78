// Keeps recommendations as of the end of yesterday: trains, scores everybody, profiles everybody. As often as you like: up to date costs one query.
import { addDays, dayIn, type Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { computePreferences } from './preferences.service.ts';
import { recommendForEveryone } from './scoring.service.ts';
import { trainRecommender, type Training } from './training.service.ts';

/** The training that was done now; undefined where there was nothing to do, or nothing to learn from yet. */
export async function recommendDaily(
  { events, timeZone }: { readonly events: Events; readonly timeZone: string },
  now: Date,
): Promise<Training | undefined> {
  const asOf = addDays(dayIn(now, timeZone), -1);
  const [last] = await events.rows<{ as_of: Day }>(
    sql`SELECT toString(max(as_of)) AS as_of FROM person_recommendations`,
  );
  if (last !== undefined && last.as_of >= asOf) return undefined;
  try {
    const training = await trainRecommender(events, { asOf, now });
    await computePreferences(events, { asOf, now, timeZone });
    await recommendForEveryone(events, { asOf, now });
    return training;
  } catch (error) {
    if (error instanceof RekindleError && error.code === 'not_enough_data') return undefined;
    throw error;
  }
}
