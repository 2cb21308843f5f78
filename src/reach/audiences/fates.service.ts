// What became of a call that a network took and works on for a while? Until it says so nobody of the batch is surely in or out, and nobody is sent
// again; then the ledger follows, and a failure that comes late is told like one that came at once.
import { sql } from 'kysely';
import { addMs } from '../../kernel/days.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { AudienceNetwork, Fate } from './network.ts';
import { settleRefused, settleTaken } from './records.sql.ts';

/** A network that has said nothing for so long will not say it any more: what it did is done once more. */
const PATIENCE_HOURS = 48;
const RETRY_MS = 60 * 60_000;

/** Nobody of these batches is claimed again while their fate is open. */
export const holdBack = async (db: RecordsDb, audienceId: string, batchId: string, now: Date): Promise<void> => {
  await sql`UPDATE audience_records SET code = NULL, detail = NULL, retry_at = ${now}::timestamptz + make_interval(hours => ${PATIENCE_HOURS + 1}::int)
    WHERE audience_id = ${audienceId} AND batch_id = ${batchId}`.execute(db);
};

type Open = {
  readonly batch_id: string;
  readonly action: 'add' | 'remove';
  readonly provider_id: string;
  readonly started_at: Date;
};

const openBatches = (db: RecordsDb, audienceId: string): Promise<Open[]> =>
  db
    .selectFrom('audience_batches')
    .select(['batch_id', 'action', 'started_at', sql<string>`provider_id`.as('provider_id')])
    .where('audience_id', '=', audienceId)
    .where('outcome', '=', 'sent')
    .where('settled_at', 'is', null)
    .where('provider_id', 'is not', null)
    .orderBy('started_at')
    .execute();

type Trouble = { readonly code: string; readonly detail: string };

async function settle(
  db: RecordsDb,
  audienceId: string,
  batch: Open,
  fate: Exclude<Fate, { readonly kind: 'processing' }>,
  now: Date,
): Promise<Trouble | undefined> {
  const { batch_id: batchId, action } = batch;
  const isDone = fate.kind === 'done';
  const told = isDone
    ? fate.failed === undefined
      ? undefined
      : { code: 'partial_success', detail: fate.failed }
    : { code: fate.code, detail: fate.detail };
  await db.transaction().execute(async (tx) => {
    // Two who ask at once: the first one's answer stands.
    const first = await tx
      .updateTable('audience_batches')
      .set({
        settled_at: now,
        ...(isDone ? {} : { outcome: 'rejected' as const }),
        ...(told === undefined ? {} : { code: told.code, detail: told.detail.slice(0, 500) }),
      })
      .where('batch_id', '=', batchId)
      .where('settled_at', 'is', null)
      .returning('batch_id')
      .executeTakeFirst();
    if (first === undefined) return;
    if (isDone) return settleTaken(tx, audienceId, batchId, action, [], now);
    const claimed = await tx
      .selectFrom('audience_records')
      .select(['person_id', 'identifiers'])
      .where('audience_id', '=', audienceId)
      .where('batch_id', '=', batchId)
      .execute();
    // It was taken and failed: what may be there may be there, and what is not surely gone is not gone.
    await settleRefused(
      tx,
      audienceId,
      batchId,
      action,
      {
        claimed: claimed.map((row) => ({ ...row, before: [] })),
        certain: false,
        code: fate.code,
        detail: fate.detail,
      },
      addMs(now, RETRY_MS),
    );
  });
  return told;
}

/** Asks about every open batch of an audience and follows what is said. Returns the first trouble that came to light. */
export async function settleOpenBatches(
  db: RecordsDb,
  audienceId: string,
  network: Pick<AudienceNetwork, 'fateOf' | 'closed'>,
  now: Date,
): Promise<Trouble | undefined> {
  if (network.fateOf === undefined) return undefined;
  let trouble: Trouble | undefined;
  for (const batch of await openBatches(db, audienceId)) {
    if (network.closed?.() !== undefined) break;
    const said = await network.fateOf(batch.provider_id);
    const isOverdue = batch.started_at.getTime() + PATIENCE_HOURS * 3_600_000 <= now.getTime();
    if (said.kind === 'processing' && !isOverdue) continue;
    const fate: Exclude<Fate, { readonly kind: 'processing' }> =
      said.kind === 'processing'
        ? { kind: 'failed', code: 'no_verdict', detail: `nothing was said within ${PATIENCE_HOURS} hours` }
        : said;
    trouble ??= await settle(db, audienceId, batch, fate, now);
  }
  return trouble;
}

/** Calls whose process died before it had written down an answer: nobody knows, and the people of them are offered once more by themselves. */
export const surrenderLostBatches = async (db: RecordsDb, audienceId: string, now: Date): Promise<void> => {
  await db
    .updateTable('audience_batches')
    .set({ outcome: 'unknown', code: 'no_answer', finished_at: now, settled_at: now })
    .where('audience_id', '=', audienceId)
    .where('outcome', 'is', null)
    .execute();
};
