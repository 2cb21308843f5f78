// Who works on an audience now? One at a time, whichever process: a turn lasts until its lease, and is made longer before each step that takes a while.
import { addMs } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import type { RecordsDb } from '../../stores/records/records.ts';

const LEASE_MS = 15 * 60_000;

type Store = { readonly db: RecordsDb; readonly now: () => Date };

/** A turn at an audience: nobody else refreshes or syncs it until then. */
type Turn = { untilMs: number };

/** Longer, before a step that takes a while. Throws `conflict` when the turn was over and somebody else has it. */
async function goOn({ db, now }: Store, audienceId: string, turn: Turn): Promise<void> {
  const until = addMs(now(), LEASE_MS);
  const kept = await db
    .updateTable('audiences')
    .set({ busy_until: until })
    .where('audience_id', '=', audienceId)
    .where('busy_until', '=', new Date(turn.untilMs))
    .returning('audience_id')
    .executeTakeFirst();
  if (kept === undefined)
    throw new RekindleError('conflict', {
      what: { en: `audience ${audienceId} is being synced`, zh: `人群包 ${audienceId} 正在同步` },
    });
  turn.untilMs = until.getTime();
}

/** Nobody else refreshes or syncs the audience meanwhile. Throws `conflict`. */
export async function alone<T>(
  context: Store,
  audienceId: string,
  work: (goesOn: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const { db, now } = context;
  const turn: Turn = { untilMs: now().getTime() + LEASE_MS };
  const taken = await db
    .updateTable('audiences')
    .set({ busy_until: new Date(turn.untilMs) })
    .where('audience_id', '=', audienceId)
    .where((eb) => eb.or([eb('busy_until', 'is', null), eb('busy_until', '<=', now())]))
    .returning('audience_id')
    .executeTakeFirst();
  if (taken === undefined)
    throw new RekindleError('conflict', {
      what: { en: `audience ${audienceId} is being synced`, zh: `人群包 ${audienceId} 正在同步` },
    });
  try {
    return await work(() => goOn(context, audienceId, turn));
  } finally {
    // Only our own turn: one that was over may be somebody else's by now.
    await db
      .updateTable('audiences')
      .set({ busy_until: null })
      .where('audience_id', '=', audienceId)
      .where('busy_until', '=', new Date(turn.untilMs))
      .execute();
  }
}
