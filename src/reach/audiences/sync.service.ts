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
import { NETWORKS, type ApplyCall, type AudienceNetwork } from './network.ts';
import { claimAdditions, claimRemovals, settleRefused, settleTaken } from './records.sql.ts';
import { alone } from './turn.service.ts';
import { refresh } from './wanted.service.ts';

/** 1, 4, 16 … minutes, half a day at most: a withdrawal must be through within one. */
const backoffMs = (attempts: number): number => Math.min(60_000 * 4 ** attempts, 12 * 3_600_000);
const BATCHES_MAX = 10_000;

type Broken = Exclude<SendOutcome, { kind: 'sent' }>;

type Ended = {
  readonly people: number;
  readonly trouble: Broken | undefined;
  /** When what the network broke off may go on. */
  readonly goesOnAt: Date | undefined;
  /** Of calls that were taken, what the network could not use. */
  readonly partial: string | undefined;
};

const codeOf = (outcome: SendOutcome): string => ('code' in outcome ? (outcome.code ?? outcome.kind) : outcome.kind);

/** What is said while nothing is asked of the account. */
const standsStill = ({ code, detail, until }: Closed, now: Date): Broken => ({
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

/**
 * A network that was too slow, too busy or asked for patience is tried again as soon as that is over; what it refuses (a wrong key, a call it does not
 * understand) waits for the next sync, as does what is not known of an audience that was to be made.
 */
const goesOn = (outcome: Broken, at: Date): Date | undefined => (outcome.kind === 'rejected' ? undefined : at);

const earliest = (...given: readonly (Date | undefined)[]): Date | undefined =>
  given.filter((each) => each !== undefined).toSorted((a, b) => a.getTime() - b.getTime())[0];

/** A network may take so long to show what it has made. */
const SHOWN_HOURS = 24;

async function unansweredOf(db: RecordsDb, audienceId: string, now: Date): Promise<ApplyCall['unanswered']> {
  const rows = await db
    .selectFrom('audience_batches')
    .select(['batch_id', 'started_at'])
    .where('audience_id', '=', audienceId)
    .where('action', '=', 'add')
    .where('outcome', '=', 'unknown')
    .execute();
  const since = addMs(now, -SHOWN_HOURS * 3_600_000);
  return { batchIds: rows.map((row) => row.batch_id), isRecent: rows.some((row) => row.started_at > since) };
}

async function sendAll(
  context: AudienceContext,
  audience: Audience,
  adapter: AudienceNetwork,
  action: 'add' | 'remove',
  longer: () => Promise<void>,
): Promise<Ended> {
  const { db, now } = context;
  const { audienceId } = audience;
  const { rowsMax: limit, renewDays } = NETWORKS[audience.network];
  let partial: string | undefined;
  let people = 0;
  for (let round = 0; round < BATCHES_MAX; round++) {
    // What is planned stays planned: nobody is claimed for a call that is not made.
    await adapter.hear?.();
    const closed = adapter.closed?.();
    if (closed !== undefined) return { people, trouble: standsStill(closed, now()), goesOnAt: closed.until, partial };
    await longer();
    const batchId = newId('bat', now());
    const claim = { audienceId, batchId, limit, now: now() };
    const claimed = await (action === 'add'
      ? claimAdditions(db, {
          ...claim,
          renewBefore: renewDays === undefined ? null : addMs(now(), -renewDays * DAY_MS),
        })
      : claimRemovals(db, claim));
    if (claimed.length === 0) return { people, trouble: undefined, goesOnAt: undefined, partial };
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
    const beginsWithPeople = remoteId === null && adapter.create === undefined;
    const applied = await adapter.apply({
      remoteId: remoteId ?? undefined,
      ...(beginsWithPeople ? { unanswered: await unansweredOf(db, audienceId, now()) } : {}),
      name: audience.name,
      action,
      batchId,
      rows: rows.map((row) => row.identifiers),
    });
    const { outcome } = applied;
    const code = outcome.kind !== 'sent' ? codeOf(outcome) : applied.failed === undefined ? null : 'partial_success';
    const goesOnAt = await db.transaction().execute(async (tx): Promise<Date | undefined> => {
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
      if (outcome.kind === 'sent') {
        if (applied.isOpen === true) await holdBack(tx, audienceId, batchId, now());
        else await settleTaken(tx, audienceId, batchId, action, applied.refused ?? [], now());
        return undefined;
      }
      const attempts = await sql<{ attempts: number }>`
        SELECT max(attempts)::int AS attempts FROM audience_records WHERE audience_id = ${audienceId} AND batch_id = ${batchId}`.execute(
        tx,
      );
      const after = outcome.kind === 'deferred' ? (outcome.retryAfterSeconds ?? 0) * 1_000 : 0;
      const waitMs = accountsWaitMs(outcome);
      const retryAt = addMs(now(), waitMs ?? Math.max(after, backoffMs((attempts.rows[0]?.attempts ?? 1) - 1)));
      await settleRefused(
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
        retryAt,
      );
      return goesOn(outcome, retryAt);
    });
    if (outcome.kind !== 'sent') return { people, trouble: outcome, goesOnAt, partial };
    partial ??= applied.failed;
    people += rows.length;
  }
  return { people, trouble: undefined, goesOnAt: undefined, partial };
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
  return alone(context, audienceId, async (longer) => {
    // Connected anew since it was closed, it is open; what others have met with the same settings holds.
    await adapter.hear?.();
    await context.note(account, adapter.closed?.());
    await db
      .updateTable('audiences')
      .set({ code: null, detail: null, goes_on_at: null })
      .where('audience_id', '=', audienceId)
      .execute();
    await surrenderLostBatches(db, audienceId, now());
    const late = await settleOpenBatches(db, audienceId, adapter, now());
    if (late !== undefined) await trouble(db, audienceId, inPart(late.code, late.detail));
    await refresh(context, audience, now(), longer);
    let [added, removed] = [0, 0];
    const needsMaking = audience.remoteId === null && adapter.create !== undefined && audience.closedAt === null;
    const shut = adapter.closed?.();
    const made = !needsMaking
      ? undefined
      : shut === undefined
        ? await adapter.create?.(audience.name)
        : standsStill(shut, now());
    let goesOnAt: Date | undefined;
    if (made !== undefined && made.kind !== 'created') {
      await trouble(db, audienceId, made);
      // Asked for once more only where it certainly was not made.
      const waitMs = made.kind === 'deferred' || made.kind === 'unavailable' ? accountsWaitMs(made) : undefined;
      goesOnAt = waitMs === undefined ? undefined : addMs(now(), waitMs);
    } else {
      if (made !== undefined)
        await db
          .updateTable('audiences')
          .set({ remote_id: made.remoteId })
          .where('audience_id', '=', audienceId)
          .execute();
      const out = await sendAll(context, audience, adapter, 'remove', longer);
      const into = await sendAll(context, audience, adapter, 'add', longer);
      [added, removed] = [into.people, out.people];
      const first = out.trouble ?? into.trouble;
      const partial = out.partial ?? into.partial;
      // A way that was shut by what the removals met goes on when, and only if, they do.
      const isShut =
        out.trouble !== undefined && into.trouble !== undefined && codeOf(into.trouble).startsWith('closed:');
      goesOnAt = earliest(out.goesOnAt, isShut ? undefined : into.goesOnAt);
      if (first !== undefined) await trouble(db, audienceId, first);
      else if (partial !== undefined) await trouble(db, audienceId, inPart('partial_success', partial));
    }
    await context.note(account, adapter.closed?.());
    await db
      .updateTable('audiences')
      .set({ synced_at: now(), goes_on_at: goesOnAt ?? null })
      .where('audience_id', '=', audienceId)
      .execute();
    return { audience: await showAudience(db, audienceId), added, removed };
  });
}

/** Every audience whose account is connected, one after the other. What fails is told when all have had their turn. */
export async function syncAudiences(context: AudienceContext): Promise<void> {
  await syncEach(context, await listAudiences(context.db), () => false);
}

/**
 * The syncs that a network broke off and whose time has come: what went through stays, the rest is sent, and whoever has withdrawn meanwhile is not. One
 * that somebody else is at is passed over.
 */
export async function continueAudiences(context: AudienceContext): Promise<void> {
  const { db, now } = context;
  const due = await db.selectFrom('audiences').select('audience_id').where('goes_on_at', '<=', now()).execute();
  if (due.length === 0) return;
  const ids = new Set(due.map((row) => row.audience_id));
  await syncEach(
    context,
    (await listAudiences(db)).filter(({ audienceId }) => ids.has(audienceId)),
    (error) => error instanceof RekindleError && error.code === 'conflict',
  );
}

async function syncEach(
  context: AudienceContext,
  audiences: readonly Audience[],
  isNoTrouble: (error: unknown) => boolean,
): Promise<void> {
  const troubles: unknown[] = [];
  for (const { audienceId, network } of audiences) {
    if (context.network(network) === undefined) continue;
    try {
      await syncAudience(context, audienceId);
    } catch (error) {
      if (!isNoTrouble(error)) troubles.push(error);
    }
  }
  if (troubles.length > 0) throw new AggregateError(troubles, 'some audiences were not synced');
}
