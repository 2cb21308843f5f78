// Audiences at ad networks: what is wanted is worked out anew at every sync, compared with what the network holds, and the difference is sent in
// batches, removals first. Guarantees: only who agreed to advertising is ever sent, and nobody of a control group is reached; whoever withdraws, objects
// or is erased is taken out at the next sync; a removal that is refused is kept and tried again; one sync of an audience at a time.
import { inWords } from '../../kernel/issue.ts';
import { sql } from 'kysely';
import { z } from 'zod';
import { addMs, DAY_MS } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Text } from '../../kernel/lang.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { ReachRules } from '../arbiter/rules.ts';
import type { Closed, SendOutcome } from '../channels/channel.ts';
import { accountsWaitMs } from '../channels/brake.ts';
import { accountKey, type NoteClosure } from '../messages/closures.service.ts';
import { valuesOf } from './identifiers.ts';
import { mainlandIdentifiers, type MainlandIdentifier } from './mainland-identifiers.ts';
import { holdBack, settleOpenBatches, surrenderLostBatches } from './fates.service.ts';
import { NETWORK_KEYS, NETWORKS, type AudienceNetwork, type NetworkKey } from './network.ts';
import { globalControl, judgeForAds, programmePeople, returnedFromSiblings, returnedMembers } from './people.sql.ts';
import {
  claimAdditions,
  claimRemovals,
  countsOf,
  dropUnseen,
  wantedPages,
  settleRefused,
  settleTaken,
  writeWanted,
  type AudienceCounts,
} from './records.sql.ts';
import { alone } from './turn.service.ts';

/** Networks refuse or flag lists whose names hint at health or money troubles. */
const TELLING =
  /health|disease|cancer|diabet|pregnan|medic|debt|loan|bankrupt|credit score|病|癌|孕|医|药|贷款|欠款|债|破产|征信/i;

const audienceSchema = z.strictObject({
  audienceId: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, inWords('lower-case letters, digits, - and _', '小写字母、数字、- 和 _')),
  network: z.enum(NETWORK_KEYS),
  name: z
    .string()
    .min(1)
    .max(50)
    .refine((name) => !TELLING.test(name), {
      error: inWords(
        'a neutral name: networks flag lists that hint at health or money',
        '请用中性名称：暗示健康或财务状况的人群包会被网络标记',
      ),
    }),
  source: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('segment'), id: z.string().min(1) }),
    z.strictObject({ kind: z.literal('programme'), id: z.string().min(1) }),
  ]),
  use: z.enum(['target', 'exclude']),
  /** The network's own id of an audience that exists there already. */
  remoteId: z.string().min(1).max(100).optional(),
});
export const newAudienceSchema = audienceSchema;
type NewAudience = z.output<typeof audienceSchema>;

export type AudienceContext = {
  readonly db: RecordsDb;
  readonly rules: ReachRules;
  /** The adapter, or undefined while its account is not connected. */
  readonly network: (key: NetworkKey) => AudienceNetwork | undefined;
  /** Page by page. Throws `not_found`. */
  readonly segmentPeople: (segmentId: string) => AsyncIterable<readonly string[]>;
  /** Tells whoever looks whether the account stands still. */
  readonly note: NoteClosure;
  /** People whose stage says that they have come back. */
  readonly recovered: () => Promise<readonly string[]>;
  readonly now: () => Date;
};

export type Audience = {
  readonly audienceId: string;
  readonly network: NetworkKey;
  readonly networkLabel: Text;
  readonly name: string;
  readonly source: { readonly kind: 'segment' | 'programme'; readonly id: string };
  readonly use: 'target' | 'exclude';
  readonly remoteId: string | null;
  readonly closedAt: Date | null;
  readonly refreshedAt: Date | null;
  readonly syncedAt: Date | null;
  /** Why the last sync could not end, where it could not. */
  readonly trouble: { readonly code: string; readonly detail: string } | null;
  readonly people: AudienceCounts;
  readonly minimum: number;
  readonly warnings: readonly 'below_minimum'[];
};

const NOBODY: AudienceCounts = { wanted: 0, in: 0, toAdd: 0, toRemove: 0, refused: 0 };
const isNetwork = (key: string): key is NetworkKey => Object.hasOwn(NETWORKS, key);

export async function listAudiences(db: RecordsDb, audienceId?: string): Promise<Audience[]> {
  const rows = await db
    .selectFrom('audiences')
    .selectAll()
    .$if(audienceId !== undefined, (query) => query.where('audience_id', '=', audienceId!))
    // Whoever came back leaves an audience to reach before another takes her in to leave her out.
    .orderBy(sql`use = 'exclude'`)
    .orderBy('audience_id')
    .execute();
  const counts = await countsOf(db, audienceId);
  return rows.flatMap((row): Audience[] => {
    if (!isNetwork(row.network)) return [];
    const { en, zh, minimum } = NETWORKS[row.network];
    const people = counts.get(row.audience_id) ?? NOBODY;
    return [
      {
        audienceId: row.audience_id,
        network: row.network,
        networkLabel: { en, zh },
        name: row.name,
        source: { kind: row.source_kind, id: row.source_id },
        use: row.use,
        remoteId: row.remote_id,
        closedAt: row.closed_at,
        refreshedAt: row.refreshed_at,
        syncedAt: row.synced_at,
        trouble: row.code === null ? null : { code: row.code, detail: row.detail ?? '' },
        people,
        minimum,
        warnings:
          row.refreshed_at !== null && row.closed_at === null && people.wanted < minimum ? ['below_minimum'] : [],
      },
    ];
  });
}

async function showAudience(db: RecordsDb, audienceId: string): Promise<Audience> {
  const [audience] = await listAudiences(db, audienceId);
  if (audience === undefined)
    throw new RekindleError('not_found', { what: { en: `audience "${audienceId}"`, zh: `人群包“${audienceId}”` } });
  return audience;
}

/** With its last batches and why people are not in it. Throws `not_found`. */
export async function audienceInFull(db: RecordsDb, audienceId: string) {
  const audience = await showAudience(db, audienceId);
  const batches = await db
    .selectFrom('audience_batches')
    .select(['batch_id as batchId', 'action', 'people', 'started_at as startedAt', 'outcome', 'code', 'detail'])
    .select(sql<boolean | null>`outcome = 'sent' AND settled_at IS NULL`.as('isOpen'))
    .where('audience_id', '=', audienceId)
    .orderBy('started_at', 'desc')
    .orderBy('batch_id', 'desc')
    .limit(20)
    .execute();
  const { rows: reasons } = await sql<{ reason: string; people: number }>`
    SELECT reason, count(*)::int AS people FROM audience_records WHERE audience_id = ${audienceId} AND reason IS NOT NULL
    GROUP BY reason ORDER BY people DESC, reason`.execute(db);
  return { ...audience, batches, reasons };
}

/** Throws `not_found` for a source that is not there, `conflict` for an id or a purpose that is taken. */
export async function createAudience({ db, now }: AudienceContext, given: NewAudience): Promise<Audience> {
  const source =
    given.source.kind === 'segment'
      ? await db
          .selectFrom('segments')
          .select('segment_id')
          .where('segment_id', '=', given.source.id)
          .where('active', '=', true)
          .executeTakeFirst()
      : await db
          .selectFrom('programmes')
          .select('programme_id')
          .where('programme_id', '=', given.source.id)
          .executeTakeFirst();
  if (source === undefined)
    throw new RekindleError('not_found', {
      what: {
        en: `${given.source.kind} "${given.source.id}"`,
        zh: `${given.source.kind === 'segment' ? '分群' : '唤醒计划'}“${given.source.id}”`,
      },
    });
  if (NETWORKS[given.network].made === 'theirs' && given.remoteId === undefined)
    throw new RekindleError('invalid', {
      where: 'remoteId',
      what: {
        en: `make the audience at ${given.network} first, and give its id`,
        zh: `请先在 ${given.network} 创建人群包，再填写其 ID`,
      },
    });
  const made = await db
    .insertInto('audiences')
    .values({
      audience_id: given.audienceId,
      network: given.network,
      name: given.name,
      source_kind: given.source.kind,
      source_id: given.source.id,
      use: given.use,
      remote_id: given.remoteId ?? null,
      created_at: now(),
      closed_at: null,
      refreshed_at: null,
      synced_at: null,
      busy_until: null,
      code: null,
      detail: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('audience_id')
    .executeTakeFirst();
  if (made === undefined)
    throw new RekindleError('conflict', {
      what: {
        en: `audience ${given.audienceId}, or one of the same source, network and use, exists`,
        zh: `人群包 ${given.audienceId} 已存在，或已有来源、网络与用途相同的人群包`,
      },
    });
  return showAudience(db, given.audienceId);
}

/** From the next sync on nobody is wanted in it. Throws `not_found`. */
export async function closeAudience({ db, now }: AudienceContext, audienceId: string): Promise<Audience> {
  await showAudience(db, audienceId);
  await db
    .updateTable('audiences')
    .set({ closed_at: now() })
    .where('audience_id', '=', audienceId)
    .where('closed_at', 'is', null)
    .execute();
  return showAudience(db, audienceId);
}

const CHUNK = 5_000;
const chunked = (ids: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(ids.length / CHUNK) }, (_, at) => ids.slice(at * CHUNK, (at + 1) * CHUNK));

async function* meantBy(context: AudienceContext, audience: Audience): AsyncGenerator<readonly string[]> {
  const { db, rules } = context;
  const { source, use } = audience;
  if (source.kind === 'segment') yield* context.segmentPeople(source.id);
  else yield* programmePeople(db, source.id, use);
  if (use === 'target') return;
  yield* returnedFromSiblings(db, audience.audienceId);
  yield* globalControl(db, rules.globalControlBuckets);
}

async function refresh(
  context: AudienceContext,
  audience: Audience,
  now: Date,
  goesOn: () => Promise<void>,
): Promise<void> {
  const { db, rules } = context;
  const identifiers = context.network(audience.network)?.identifiers ?? NETWORKS[audience.network].identifiers;
  const returned = new Set([...(await context.recovered()), ...(await returnedMembers(db, now))]);
  if (audience.closedAt === null)
    for await (const page of meantBy(context, audience))
      for (const ids of chunked([...new Set(page)])) {
        await goesOn();
        const judged = await judgeForAds(db, ids, {
          use: audience.use,
          programmeId: audience.source.kind === 'programme' ? audience.source.id : null,
          returned,
          rules,
          now,
        });
        await writeWanted(
          db,
          audience.audienceId,
          judged.map(({ known, reason }) => {
            const hashes = reason === null ? identifiers(known) : [];
            return {
              person_id: known.personId,
              identifiers: [...hashes].toSorted(),
              reason: reason ?? (hashes.length === 0 ? 'no_address' : null),
            };
          }),
          now,
        );
      }
  await dropUnseen(db, audience.audienceId, now, audience.use === 'target' ? returned : new Set());
  await db.updateTable('audiences').set({ refreshed_at: now }).where('audience_id', '=', audience.audienceId).execute();
}

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

/**
 * Works out who is wanted and writes them as a file for an upload by hand: one person a line, hashed and headed as the network's console takes it. What was uploaded
 * is out of our hands, so a later file replaces it. Throws `not_found`, `conflict` while a sync is running.
 */
export async function audienceFile(context: AudienceContext, audienceId: string): Promise<AsyncGenerator<string>> {
  const { db, now } = context;
  const audience = await showAudience(db, audienceId);
  await alone(context, audienceId, (goesOn) => refresh(context, audience, now(), goesOn));
  return fileLines(db, audience);
}

async function* fileLines(db: RecordsDb, { audienceId, network }: Audience): AsyncGenerator<string> {
  const { columns } = NETWORKS[network];
  yield `${columns.map(([, header]) => header).join(',')}\r\n`;
  for await (const people of wantedPages(db, audienceId))
    yield people
      .map((identifiers) => `${columns.map(([kind]) => valuesOf(identifiers, kind)[0] ?? '').join(',')}\r\n`)
      .join('');
}

/**
 * One kind of identifier, one a line and nothing else: the file that mainland consoles take (千川, 巨量, 腾讯). Nothing is written down of it. Throws
 * `not_found`.
 */
export async function identifierFile(
  context: AudienceContext,
  audienceId: string,
  kind: MainlandIdentifier,
  openAppId: string | undefined,
): Promise<AsyncGenerator<string>> {
  return identifierLines(context, await showAudience(context.db, audienceId), kind, openAppId);
}

async function* identifierLines(
  context: AudienceContext,
  audience: Audience,
  kind: MainlandIdentifier,
  openAppId: string | undefined,
): AsyncGenerator<string> {
  if (audience.closedAt !== null) return;
  const { db, rules } = context;
  const now = context.now();
  const returned = new Set([...(await context.recovered()), ...(await returnedMembers(db, now))]);
  const seen = new Set<string>();
  for await (const page of meantBy(context, audience))
    for (const ids of chunked(page.filter((id) => !seen.has(id)))) {
      for (const id of ids) seen.add(id);
      const judged = await judgeForAds(db, ids, {
        use: audience.use,
        programmeId: audience.source.kind === 'programme' ? audience.source.id : null,
        returned,
        rules,
        now,
      });
      const lines = judged.flatMap(({ known, reason }) =>
        reason === null ? mainlandIdentifiers(known, [kind], openAppId) : [],
      );
      if (lines.length > 0) yield `${valuesOf([...new Set(lines)], kind).join('\n')}\n`;
    }
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
