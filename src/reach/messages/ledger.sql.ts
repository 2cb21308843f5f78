// The message ledger: one row per planned contact and its state machine, in set-based statements with their guards in the WHERE.
//   planned → sending → sent | failed | unknown | cancelled        planned → cancelled | refused
// `sending` is written before the provider sees the message; what dies in `sending` becomes `unknown` and is never resent by itself.
import { sql } from 'kysely';
import type { Day } from '../../kernel/days.ts';
import { filledByMessages } from '../arbiter/filled-templates.sql.ts';
import { returnQuota, voidQuota } from '../arbiter/quotas.sql.ts';
import { QUOTA_CHANNELS, REFUSABLE_CHANNELS } from '../arbiter/rules.ts';
import type { Counted } from '../channels/channel.ts';
import { countFates } from '../deliverability/guard.sql.ts';
import type { MessageState } from '../../stores/records/tables/messages.ts';
import type { RecordsDb } from '../../stores/records/records.ts';

/** What a message carries besides the person. */
export type MessageContent = {
  readonly coupon?: {
    readonly code: string;
    readonly amountText: string;
    /** What limits it, or ''; absent from messages of before it was told. */
    readonly conditions?: string;
    readonly expiresOn: Day;
  };
};

export type PlannedMessage = {
  readonly message_id: string;
  readonly programme_id: string;
  readonly run_id: string;
  readonly step: number;
  readonly person_id: string;
  readonly channel: string;
  readonly purpose: string;
  readonly address: string;
  readonly address_key: string;
  readonly variant: string;
  readonly template_id: string;
  readonly template_version: number;
  readonly language: string;
  readonly grant_id: string | null;
  readonly content: MessageContent;
  readonly priority: number;
  readonly due_at: Date;
  readonly expires_at: Date;
  readonly created_at: Date;
  readonly cost_cents: number;
};

/** Plans messages; one per run, step and person, and one per address. Returns the ids that were really added. */
export async function planMessages(db: RecordsDb, messages: readonly PlannedMessage[]): Promise<Set<string>> {
  if (messages.length === 0) return new Set();
  const added = await sql<{ message_id: string }>`
    INSERT INTO messages (message_id, programme_id, run_id, step, person_id, channel, purpose, address, address_key, variant, template_id,
                          template_version, language, grant_id, content, priority, state, due_at, expires_at, created_at, cost_cents)
    SELECT message_id, programme_id, run_id, step, person_id, channel, purpose, address, address_key, variant, template_id,
           template_version, language, grant_id, content, priority, 'planned', due_at, expires_at, created_at, cost_cents
    FROM jsonb_to_recordset(${JSON.stringify(messages)}::jsonb) AS m (
      message_id text, programme_id text, run_id text, step integer, person_id text, channel text, purpose text, address text,
      address_key text, variant text, template_id text, template_version integer, language text, grant_id text, content jsonb, priority integer,
      due_at timestamptz, expires_at timestamptz, created_at timestamptz, cost_cents bigint)
    ORDER BY priority DESC, message_id
    ON CONFLICT DO NOTHING
    RETURNING message_id`.execute(db);
  return new Set(added.rows.map((row) => row.message_id));
}

export type StopScope = {
  readonly personIds?: readonly string[];
  readonly addressKeys?: readonly string[];
  readonly programmeId?: string;
  readonly channel?: string;
  readonly code: string;
  readonly now: Date;
};

/**
 * Cancels what is planned in the scope. A message already claimed gets a stop mark, which its sender obeys if it has not handed it over yet.
 * A scope without anybody is a programming error and throws: it would mean everybody.
 */
export async function stopMessages(db: RecordsDb, scope: StopScope): Promise<number> {
  if (scope.personIds === undefined && scope.addressKeys === undefined && scope.programmeId === undefined) {
    throw new Error('stopMessages needs people, addresses or a programme');
  }
  // Locked in one order, as outcomes are: two stops that meet wait for each other, and do not break each other off.
  let scoped = db.selectFrom('messages').select('message_id').where('state', 'in', ['planned', 'sending']);
  if (scope.personIds !== undefined) scoped = scoped.where('person_id', '=', sql<string>`ANY(${[...scope.personIds]})`);
  if (scope.addressKeys !== undefined)
    scoped = scoped.where('address_key', '=', sql<string>`ANY(${[...scope.addressKeys]})`);
  if (scope.programmeId !== undefined) scoped = scoped.where('programme_id', '=', scope.programmeId);
  if (scope.channel !== undefined) scoped = scoped.where('channel', '=', scope.channel);
  const { stopped, counted } = await db
    .with('stopped', (tx) =>
      tx
        .updateTable('messages')
        .set((eb) => ({
          state: eb.case().when('state', '=', 'planned').then<MessageState>('cancelled').else(eb.ref('state')).end(),
          code: eb.case().when('state', '=', 'planned').then(scope.code).else(`stop:${scope.code}`).end(),
          finished_at: eb.case().when('state', '=', 'planned').then(scope.now).else(eb.ref('finished_at')).end(),
        }))
        .where('message_id', 'in', scoped.orderBy('message_id').forUpdate())
        .where('state', 'in', ['planned', 'sending'])
        .returning(['message_id', 'state', 'channel', 'attempts']),
    )
    .selectFrom('stopped')
    .select([
      sql<number>`count(*)::int`.as('stopped'),
      // Only what was claimed once has taken a subscription of hers.
      sql<string[] | null>`array_agg(message_id) FILTER (WHERE state = 'cancelled' AND attempts > 0
        AND channel = ANY(${[...QUOTA_CHANNELS]}::text[]))`.as('counted'),
    ])
    .executeTakeFirstOrThrow();
  await returnQuota(db, counted ?? [], scope.now);
  return stopped;
}

/** Not an end: the message is judged and written anew before it leaves. */
export const JUDGE_AGAIN = 'judge_again';

/**
 * Calls back what has been claimed for these people and has not left: something they said since may forbid its moment, or its words. What is planned
 * is judged when it is claimed. A mark that ends a message is the stronger one.
 */
export async function recallMessages(db: RecordsDb, personIds: readonly string[]): Promise<void> {
  await sql`UPDATE messages SET code = ${`stop:${JUDGE_AGAIN}`} WHERE message_id IN (
      SELECT message_id FROM messages WHERE person_id = ANY(${[...personIds]}) AND state = 'sending' ORDER BY message_id FOR UPDATE)
    AND state = 'sending' AND COALESCE(code, '') NOT LIKE 'stop:%'`.execute(db);
}

/** Holds back, or lets go, what is planned for a programme. What is on the wire goes on, but is not tried again. */
export async function holdMessages(db: RecordsDb, programmeId: string, held: boolean): Promise<void> {
  await db
    .updateTable('messages')
    .set({ held })
    .where('programme_id', '=', programmeId)
    .where('state', 'in', ['planned', 'sending'])
    .execute();
}

/** Of the claimed messages, those that were marked to stop since. */
export async function stoppedMessages(db: RecordsDb, messageIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await sql<{ message_id: string; code: string }>`
    SELECT message_id, substr(code, 6) AS code FROM messages
    WHERE message_id = ANY(${[...messageIds]}) AND state = 'sending' AND code LIKE 'stop:%'`.execute(db);
  return new Map(rows.rows.map((row) => [row.message_id, row.code]));
}

export type Finish = {
  readonly message_id: string;
  readonly state: 'sent' | 'failed' | 'unknown' | 'cancelled' | 'planned';
  readonly at: Date;
  readonly provider_id: string | null;
  readonly code: string | null;
  readonly detail: string | null;
  /** For `planned`: when to try again. */
  readonly due_at: Date | null;
  /** How often the other side has said "not now", where it said so again. */
  readonly deferrals?: number;
} & Counted;

/**
 * Records outcomes. A message that was marked to stop while it was on the wire and would be tried again is cancelled instead. Only rows in
 * `sending` (or `unknown`, whose fate has become known) change, so a late answer never reopens a message. Rows are locked in the order of
 * their ids, as stops lock them: neither breaks the other off.
 */
export async function finishMessages(db: RecordsDb, finishes: readonly Finish[]): Promise<void> {
  if (finishes.length === 0) return;
  const ids = finishes.map((finish) => finish.message_id);
  // What they were is read by their ids alone: every index over states is full of rows that have just left it.
  await sql`
    WITH fates AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(finishes)}::jsonb) AS f (
        message_id text, state text, at timestamptz, provider_id text, code text, detail text, due_at timestamptz, deferrals smallint)
    ), was AS MATERIALIZED (
      SELECT message_id, state, sender, claimed_at, COALESCE(code, '') LIKE 'stop:%' AND code <> ${`stop:${JUDGE_AGAIN}`} AS is_stopped
      FROM messages WHERE message_id = ANY(${ids}) ORDER BY message_id FOR UPDATE
    ), finished AS (
      UPDATE messages m SET
        state = CASE WHEN f.state = 'planned' AND was.is_stopped THEN 'cancelled' ELSE f.state END,
        code = CASE WHEN f.state = 'planned' AND was.is_stopped THEN substr(m.code, 6) ELSE f.code END,
        finished_at = CASE WHEN f.state = 'planned' AND NOT was.is_stopped THEN NULL ELSE f.at END,
        sent_at = CASE WHEN f.state = 'sent' THEN f.at ELSE m.sent_at END,
        due_at = COALESCE(f.due_at, m.due_at), deferrals = COALESCE(f.deferrals, m.deferrals),
        provider_id = f.provider_id, detail = left(f.detail, 500)
      FROM fates f JOIN was ON was.message_id = f.message_id
      WHERE m.message_id = f.message_id AND (was.state = 'sending' OR (was.state = 'unknown' AND f.state = 'sent'))
      RETURNING f.state, f.code, was.state AS was, was.sender, was.claimed_at
    ) ${countFates(sql`finished`)}`.execute(db);
}

/** What one call of `claimDue` has claimed: a worker claims for a channel once at an instant. */
export async function claimedAt(
  db: RecordsDb,
  claimed: { readonly worker: string; readonly channel: string; readonly instants: readonly Date[] },
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('messages')
    .select('message_id')
    .where('state', '=', 'sending')
    .where('claimed_by', '=', claimed.worker)
    .where('channel', '=', claimed.channel)
    .where('claimed_at', 'in', claimed.instants)
    .execute();
  return rows.map((row) => row.message_id);
}

/**
 * What her subscriptions are after these outcomes, which are in the ledger already: of what ended without having been sent hers is given back, and
 * where the provider says that nothing is left nothing is. Repeating it changes nothing.
 */
export async function settleQuotas(db: RecordsDb, finishes: readonly Finish[], now: Date): Promise<void> {
  const none = finishes.filter(({ noneLeft }) => noneLeft === true).map(({ message_id }) => message_id);
  const rest = finishes.filter(({ state, noneLeft }) => noneLeft !== true && state !== 'sent' && state !== 'unknown');
  if (none.length > 0) {
    // What a message has taken is written down; what one that needs nothing filled is worked out as when it was claimed.
    const { rows } = await sql<{
      message_id: string;
      person_id: string;
      channel: string;
      taken: string | null;
      claimed_at: Date;
    }>`SELECT m.message_id, m.person_id, m.channel, e.provider_template_id AS taken, m.claimed_at FROM messages m
      LEFT JOIN quota_entries e ON e.dedupe_key = 'message:' || m.message_id
      WHERE m.message_id = ANY(${none}) AND m.claimed_at IS NOT NULL
        AND m.channel = ANY(${[...QUOTA_CHANNELS, ...REFUSABLE_CHANNELS]}::text[])`.execute(db);
    const filled = await filledByMessages(
      db,
      rows.flatMap((row) => (row.taken === null ? row.message_id : [])),
    );
    await voidQuota(
      db,
      rows.map((row) => ({
        key: `message:${row.message_id}`,
        personId: row.person_id,
        channel: row.channel,
        providerTemplateId: row.taken ?? filled.get(row.message_id)!,
        before: row.claimed_at,
      })),
      now,
    );
  }
  if (rest.length === 0) return;
  const { rows } = await sql<{ message_id: string }>`
    SELECT message_id FROM messages WHERE message_id = ANY(${rest.map(({ message_id }) => message_id)})
      AND state IN ('failed', 'cancelled') AND channel = ANY(${[...QUOTA_CHANNELS]}::text[])`.execute(db);
  await returnQuota(
    db,
    rows.map((row) => row.message_id),
    now,
  );
}

/**
 * Messages whose sender died between claim and outcome, in a store with several workers: after the lease nobody can know their fate.
 * Returns their number. (A worker that starts again knows more about its own: see `journal.service.ts`.)
 */
export async function surrenderLostClaims(db: RecordsDb, before: Date, now: Date): Promise<number> {
  const result = await db
    .updateTable('messages')
    .set({ state: 'unknown', code: 'sender_died', finished_at: now })
    .where('state', '=', 'sending')
    .where('claimed_at', '<=', before)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}
