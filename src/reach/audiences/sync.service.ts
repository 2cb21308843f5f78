// Audiences are synced: what is wanted is compared with what the network holds, and the difference is sent in batches, removals first. Guarantees: whoever
// withdraws, objects or is erased is taken out at the next sync; a removal that is refused is kept and tried again; one sync of an audience at a time.
import { sql } from 'kysely';
import { addMs, DAY_MS } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { accountsWaitMs } from '../channels/brake.ts';
import type { Closed, SendOutcome } from '../channels/channel.ts';
import { accountKey } from '../messages/closures.service.ts';
import { listAudiences, showAudience, type Audience, type AudienceContext } from './audiences.service.ts';
import { holdBack, settleOpenBatches, surrenderLostBatches } from './fates.service.ts';
import { NETWORKS, type AudienceNetwork } from './network.ts';
import { claimAdditions, claimRemovals, settleRefused, settleTaken } from './records.sql.ts';
import { alone } from './turn.service.ts';
import { refresh } from './wanted.service.ts';

/** 1, 4, 16 … minutes, half a day at most: a withdrawal must be through within one. */
const backoffMs = (attempts: number): number => Math.min(60_000 * 4 ** attempts, 12 * 3_600_000);
const BATCHES_MAX = 10_000;

type Ended = {
  readonly people: number;
  readonly trouble: Exclude<SendOutcome, { kind: 'sent' }> | undefined;
  /** Of calls that were taken, what the network could not use. */
  readonly partial: string | undefined;
};

const codeOf = (outcome: SendOutcome): string => ('code' in outcome ? (outcome.code ?? outcome.kind) : outcome.kind);

/** What is said while nothing is asked of the account. */
const standsStill = ({ code, detail, until }: Closed, now: Date): Exclude<SendOutcome, { kind: 'sent' }> => ({
  kind: 'unavailable',
  code: `closed:${code}`,
  detail,
  retryAfterSeconds: Math.ceil((until.getTime() - now.getTime()) / 1_000),
});

const inPart = (code: string, detail: string): SendOutcome => ({
  kind: 'rejected',
  class: 'content',
  permanent: false,
  code,
  detail,
});

async function trouble(db: RecordsDb, audienceId: string, outcome: SendOutcome): Promise<void> {
  const code = codeOf(outcome);
  await db
    .updateTable('audiences')
    .set({ code, detail: 'detail' in outcome ? outcome.detail.slice(0, 500) : null })
    .where('audience_id', '=', audienceId)
    .execute();
}

async function sendAll(
  context: AudienceContext,
  audience: Audience,
  adapter: AudienceNetwork,
  action: 'add' | 'remove',
  goesOn: () => Promise<void>,
): Promise<Ended> {
  const { db, now } = context;
  const { audienceId } = audience;
  const { rowsMax: limit, renewDays } = NETWORKS[audience.network];
  let partial: string | undefined;
  let people = 0;
  for (let round = 0; round < BATCHES_MAX; round++) {
    // What is planned stays planned: nobody is claimed for a call that is not made.
    const closed = adapter.closed?.();
    if (closed !== undefined) return { people, trouble: standsStill(closed, now()), partial };
    await goesOn();
    const batchId = newId('bat', now());
    const claim = { audienceId, batchId, limit, now: now() };
    const claimed = await (action === 'add'
      ? claimAdditions(db, {
          ...claim,
          renewBefore: renewDays === undefined ? null : addMs(now(), -renewDays * DAY_MS),
        })
      : claimRemovals(db, claim));
    if (claimed.length === 0) return { people, trouble: undefined, partial };
    const rows = claimed.filter((row) => row.identifiers.length > 0);
    if (rows.length === 0) {
      // Nothing of theirs is only theirs: the ledger alone changes.
      await settleTaken(db, audienceId, batchId, action, [], now());
      continue;
    }
    await db
      .insertInto('audience_batches')
      .values({
        batch_id: batchId,
        audience_id: audienceId,
        action,
        people: rows.length,
        started_at: now(),
        finished_at: null,
        outcome: null,
        provider_id: null,
        code: null,
        detail: null,
        settled_at: null,
      })
      .execute();
    // Of networks whose audience begins with its first people it may be new since.
    const { remote_id: remoteId } = await db
      .selectFrom('audiences')
      .select('remote_id')
      .where('audience_id', '=', audienceId)
      .executeTakeFirstOrThrow();
    const applied = await adapter.apply({
      remoteId: remoteId ?? undefined,
      name: audience.name,
      action,
      batchId,
      rows: rows.map((row) => row.identifiers),
    });
    const { outcome } = applied;
    const code = outcome.kind !== 'sent' ? codeOf(outcome) : applied.failed === undefined ? null : 'partial_success';
    await db.transaction().execute(async (tx) => {
      await tx
        .updateTable('audience_batches')
        .set({
          finished_at: now(),
          outcome: outcome.kind,
          provider_id: outcome.kind === 'sent' ? outcome.providerId : null,
          code,
          detail: (applied.failed ?? (outcome.kind === 'sent' ? outcome.response : outcome.detail)).slice(0, 500),
          settled_at: applied.isOpen === true ? null : now(),
        })
        .where('batch_id', '=', batchId)
        .execute();
      if (applied.remoteId !== undefined)
        await tx
          .updateTable('audiences')
          .set({ remote_id: applied.remoteId })
          .where('audience_id', '=', audienceId)
          .execute();
      if (outcome.kind === 'sent' && applied.isOpen === true) return holdBack(tx, audienceId, batchId, now());
      if (outcome.kind === 'sent') return settleTaken(tx, audienceId, batchId, action, applied.refused ?? [], now());
      const attempts = await sql<{ attempts: number }>`
        SELECT max(attempts)::int AS attempts FROM audience_records WHERE audience_id = ${audienceId} AND batch_id = ${batchId}`.execute(
        tx,
      );
      const after = outcome.kind === 'deferred' ? (outcome.retryAfterSeconds ?? 0) * 1_000 : 0;
      const waitMs = accountsWaitMs(outcome);
      return settleRefused(
        tx,
        audienceId,
        batchId,
        action,
        {
          claimed,
          certain: outcome.kind !== 'unknown',
          isAccounts: waitMs !== undefined,
          code: code ?? outcome.kind,
          detail: outcome.detail,
        },
        addMs(now(), waitMs ?? Math.max(after, backoffMs((attempts.rows[0]?.attempts ?? 1) - 1))),
      );
    });
    if (outcome.kind !== 'sent') return { people, trouble: outcome, partial };
    partial ??= applied.failed;
    people += rows.length;
  }
  return { people, trouble: undefined, partial };
}

export type SyncResult = { readonly audience: Audience; readonly added: number; readonly removed: number };

/** Refreshes and sends the difference. Throws `not_found`, `conflict` when the account is not connected or another sync is running. */
export async function syncAudience(context: AudienceContext, audienceId: string): Promise<SyncResult> {
  const { db, now } = context;
  const audience = await showAudience(db, audienceId);
  const adapter = context.network(audience.network);
  if (adapter === undefined)
    throw new RekindleError('conflict', {
      what: { en: `${audience.network} is not connected`, zh: `尚未连接 ${audience.network}` },
    });
  const account = accountKey(audience.network);
  return alone(context, audienceId, async (goesOn) => {
    // Connected anew since it was closed, it is open.
    await context.note(account, adapter.closed?.());
    await db.updateTable('audiences').set({ code: null, detail: null }).where('audience_id', '=', audienceId).execute();
    await surrenderLostBatches(db, audienceId, now());
    const late = await settleOpenBatches(db, audienceId, adapter, now());
    if (late !== undefined) await trouble(db, audienceId, inPart(late.code, late.detail));
    await refresh(context, audience, now(), goesOn);
    let [added, removed] = [0, 0];
    const needsMaking = audience.remoteId === null && adapter.create !== undefined && audience.closedAt === null;
    const shut = adapter.closed?.();
    const made = !needsMaking
      ? undefined
      : shut === undefined
        ? await adapter.create?.(audience.name)
        : standsStill(shut, now());
    if (made !== undefined && made.kind !== 'created') await trouble(db, audienceId, made);
    else {
      if (made !== undefined)
        await db
          .updateTable('audiences')
          .set({ remote_id: made.remoteId })
          .where('audience_id', '=', audienceId)
          .execute();
      const out = await sendAll(context, audience, adapter, 'remove', goesOn);
      const into = await sendAll(context, audience, adapter, 'add', goesOn);
      [added, removed] = [into.people, out.people];
      const first = out.trouble ?? into.trouble;
      const partial = out.partial ?? into.partial;
      if (first !== undefined) await trouble(db, audienceId, first);
      else if (partial !== undefined) await trouble(db, audienceId, inPart('partial_success', partial));
    }
    await context.note(account, adapter.closed?.());
    await db.updateTable('audiences').set({ synced_at: now() }).where('audience_id', '=', audienceId).execute();
    return { audience: await showAudience(db, audienceId), added, removed };
  });
}

/** Every audience whose account is connected, one after the other. What fails is told when all have had their turn. */
export async function syncAudiences(context: AudienceContext): Promise<void> {
  const troubles: unknown[] = [];
  for (const { audienceId, network } of await listAudiences(context.db)) {
    if (context.network(network) === undefined) continue;
    try {
      await syncAudience(context, audienceId);
    } catch (error) {
      troubles.push(error);
    }
  }
  if (troubles.length > 0) throw new AggregateError(troubles, 'some audiences were not synced');
}
