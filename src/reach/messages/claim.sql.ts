// Claiming: in one transaction due messages are locked, judged by the arbiter and either claimed, deferred or refused. Two workers never
// judge one person, or one address, at the same time, so caps hold under concurrency; a claim is committed before anything is sent.
import { sql } from 'kysely';
import type { JsonObject } from '../../kernel/json.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { judge, type Verdict } from '../arbiter/arbiter.sql.ts';
import { unprofiled } from '../consent/profiling.sql.ts';
import { countClaims, lockDay } from '../deliverability/guard.sql.ts';
import type { Allowance } from '../deliverability/guard.service.ts';
import { refusedTemplates, returnQuota, takeQuota } from '../arbiter/quotas.sql.ts';
import { filledByMessages } from '../arbiter/filled-templates.sql.ts';
import { QUOTA_CHANNELS, REFUSABLE_CHANNELS, type ArbiterCode, type ReachRules } from '../arbiter/rules.ts';
import type { MessageContent } from './ledger.sql.ts';

export type ClaimedMessage = {
  readonly message_id: string;
  readonly programme_id: string;
  readonly person_id: string;
  readonly channel: string;
  readonly address: string;
  readonly address_key: string;
  readonly variant: string;
  readonly template_id: string;
  readonly template_version: number;
  readonly language: string;
  readonly attempts: number;
  readonly deferrals: number;
  readonly first_name: string | null;
  readonly traits: JsonObject;
  readonly time_zone: string | null;
  readonly wants_generic: boolean;
  readonly content: MessageContent;
  readonly expires_at: Date;
};

export type ClaimRound = {
  readonly claimed: readonly ClaimedMessage[];
  readonly deferred: number;
  readonly refused: number;
  /** Due messages seen in this round; 0 means that nothing is due (behind the cursor, where one was given). */
  readonly seen: number;
  /** For the next round. */
  readonly cursor: ClaimCursor | undefined;
};

/** Where the last round stopped in the order of claiming; what lies before it has been seen. */
export type ClaimCursor = { readonly due_at: Date; readonly priority: number; readonly message_id: string };

type Due = Omit<ClaimedMessage, 'first_name' | 'traits' | 'time_zone' | 'wants_generic'> &
  ClaimCursor & {
    readonly purpose: string;
    readonly run_id: string;
    readonly step: number;
  };

type Person = Pick<ClaimedMessage, 'person_id' | 'first_name' | 'traits' | 'time_zone'>;

type Locked = {
  readonly due: readonly Due[];
  readonly people: ReadonlyMap<string, Person>;
  readonly cursor: ClaimCursor | undefined;
};

/** Locks due rows, their people and their addresses; rows another worker is busy with are left for the next round. */
async function lockDue(
  tx: RecordsDb,
  options: {
    readonly channel: string;
    readonly limit: number;
    readonly now: Date;
    readonly after: ClaimCursor | undefined;
    readonly isByRecency: boolean;
  },
): Promise<Locked> {
  const { channel, limit, now, after, isByRecency } = options;
  // The whole order is in one index: a campaign's messages are all due at one moment, and must not be sorted again for every round.
  const beyond =
    after === undefined
      ? sql`true`
      : sql`(due_at, -priority, message_id) > (${after.due_at}::timestamptz, ${-after.priority}::int, ${after.message_id}::text)`;
  // Under a daily cap those go first who were active last; whoever came in since the ranking waits for the next.
  const order = isByRecency
    ? sql`last_active_on DESC NULLS LAST, due_at, message_id`
    : sql`due_at, -priority, message_id`;
  const ranked = isByRecency ? sql`last_active_on IS NOT NULL` : beyond;
  const { rows: seen } = await sql<Due>`
    SELECT message_id, programme_id, run_id, step, person_id, channel, purpose, address, address_key, variant, template_id,
      template_version, language, attempts, deferrals, content, priority, due_at, expires_at
    FROM messages WHERE state = 'planned' AND NOT held AND channel = ${channel} AND due_at <= ${now} AND ${ranked}
    ORDER BY ${order} LIMIT ${limit} FOR UPDATE SKIP LOCKED`.execute(tx);
  if (seen.length === 0) return { due: [], people: new Map(), cursor: undefined };
  const personIds = [...new Set(seen.map((row) => row.person_id))];
  const addresses = [...new Set(seen.map((row) => row.address_key))];
  const locked = await sql<Person>`
    SELECT person_id, first_name, traits, time_zone FROM people
    WHERE person_id = ANY(${personIds}) ORDER BY person_id FOR UPDATE SKIP LOCKED`.execute(tx);
  const free = await sql<{ key: string }>`
    SELECT key FROM unnest(${addresses}::text[]) AS key WHERE pg_try_advisory_xact_lock(hashtextextended(key, 0))`.execute(
    tx,
  );
  const people = new Map(locked.rows.map((row) => [row.person_id, row]));
  const freeAddresses = new Set(free.rows.map((row) => row.key));
  // Who is not locked is another worker's for the moment, or nobody at all.
  const others = personIds.filter((personId) => !people.has(personId));
  const busy =
    others.length === 0
      ? []
      : (await sql<{ person_id: string }>`SELECT person_id FROM people WHERE person_id = ANY(${others})`.execute(tx))
          .rows;
  const busyPeople = new Set(busy.map((row) => row.person_id));
  const takenPeople = new Set<string>();
  const takenAddresses = new Set<string>();
  // One message per person and address and round: the next one must see this one's claim.
  const due = seen.filter((row) => {
    if (busyPeople.has(row.person_id) || !freeAddresses.has(row.address_key)) return false;
    if (takenPeople.has(row.person_id) || takenAddresses.has(row.address_key)) return false;
    takenPeople.add(row.person_id);
    takenAddresses.add(row.address_key);
    return true;
  });
  return { due, people, cursor: isByRecency ? undefined : seen.at(-1) };
}

/** Which messages need no subscription of hers, or have taken one now, and fill no template that she has refused. Asks nothing on other channels. */
async function quotasOf(
  tx: RecordsDb,
  due: readonly Due[],
  verdicts: ReadonlyMap<string, Verdict>,
  now: Date,
): Promise<{ readonly has: (messageId: string) => boolean }> {
  const heeded = due.filter(({ channel }) => [...QUOTA_CHANNELS, ...REFUSABLE_CHANNELS].includes(channel));
  if (heeded.length === 0) return { has: () => true };
  const leaving = heeded.filter((row) => {
    const verdict = verdicts.get(row.message_id)!;
    return verdict.refusals.length === 0 && verdict.deferred_until === null && row.expires_at > now;
  });
  const filled = await filledByMessages(
    tx,
    leaving.map((row) => row.message_id),
  );
  const uses = leaving.map((row) => ({
    messageId: row.message_id,
    personId: row.person_id,
    channel: row.channel,
    providerTemplateId: filled.get(row.message_id)!,
  }));
  const isCounted = ({ channel }: { readonly channel: string }): boolean => QUOTA_CHANNELS.includes(channel);
  const refused = await refusedTemplates(
    tx,
    uses.filter((use) => !isCounted(use)),
  );
  const taken = await takeQuota(tx, uses.filter(isCounted), now);
  const counted = new Set(heeded.filter(isCounted).map((row) => row.message_id));
  return { has: (messageId) => (counted.has(messageId) ? taken.has(messageId) : !refused.has(messageId)) };
}

type Fate = {
  readonly message_id: string;
  readonly state: 'sending' | 'planned' | 'refused';
  readonly due_at: Date | null;
  readonly code: string | null;
};

/** Claims up to `limit` due messages of a channel for `worker`, from the front or from behind `after`. */
export async function claimDue(
  db: RecordsDb,
  options: {
    readonly channel: string;
    readonly worker: string;
    readonly limit: number;
    readonly rules: ReachRules;
    readonly now: Date;
    readonly after?: ClaimCursor | undefined;
    /** When the receiving side of an address bears another message; undefined: now. Asked once for each message. */
    readonly laterThan?: ((address: string) => Date | undefined) | undefined;
    /** What the sending domain may still take today. */
    readonly allowance?: Allowance | undefined;
  },
): Promise<ClaimRound> {
  const { channel, worker, rules, now, after, laterThan, allowance } = options;
  const nothing = { claimed: [], deferred: 0, refused: 0, seen: 0, cursor: undefined };
  if (allowance?.isStopped === true) return nothing;
  return db.transaction().execute(async (tx) => {
    const isCapped = allowance !== undefined && allowance.cap !== null;
    const left = isCapped ? allowance.cap! - (await lockDay(tx, allowance.domain, allowance.day)) : options.limit;
    if (left <= 0) return nothing;
    const limit = Math.min(options.limit, left);
    const { due: seen, people, cursor } = await lockDue(tx, { channel, limit, now, after, isByRecency: isCapped });
    const slots = new Map(seen.map((row) => [row.message_id, laterThan?.(row.address)]));
    // Who has to wait for the receiving side is judged when her turn comes.
    const due = seen.filter((row) => slots.get(row.message_id) === undefined);
    const queued = seen.flatMap((row): Fate[] => {
      const slot = slots.get(row.message_id);
      return slot === undefined ? [] : [{ message_id: row.message_id, state: 'planned', due_at: slot, code: null }];
    });
    if (seen.length === 0) return { claimed: [], deferred: 0, refused: 0, seen: 0, cursor };
    const verdicts = new Map(
      (
        await judge(
          tx,
          due.map((row) => ({ ...row, key: row.message_id })),
          rules,
          now,
        )
      ).map((verdict) => [verdict.key, verdict]),
    );
    const quotas = await quotasOf(tx, due, verdicts, now);
    const decisions: {
      row: Due;
      outcome: 'refused' | 'deferred';
      codes: readonly ArbiterCode[];
      until: Date | null;
    }[] = [];
    const fates = due.map((row): Fate => {
      const verdict = verdicts.get(row.message_id)!;
      const until = verdict.deferred_until;
      if (verdict.refusals.length > 0) {
        decisions.push({ row, outcome: 'refused', codes: verdict.refusals, until: null });
        return { message_id: row.message_id, state: 'refused', due_at: null, code: verdict.refusals[0] ?? null };
      }
      if (row.expires_at <= now || (until !== null && until >= row.expires_at)) {
        decisions.push({ row, outcome: 'refused', codes: ['expired_waiting', ...verdict.defer_codes], until: null });
        return { message_id: row.message_id, state: 'refused', due_at: null, code: 'expired_waiting' };
      }
      if (until !== null) {
        decisions.push({ row, outcome: 'deferred', codes: verdict.defer_codes, until });
        return { message_id: row.message_id, state: 'planned', due_at: until, code: null };
      }
      if (!quotas.has(row.message_id)) {
        decisions.push({ row, outcome: 'refused', codes: ['no_quota'], until: null });
        return { message_id: row.message_id, state: 'refused', due_at: null, code: 'no_quota' };
      }
      return { message_id: row.message_id, state: 'sending', due_at: null, code: null };
    });
    if (decisions.length > 0) {
      await tx
        .insertInto('decisions')
        .values(
          decisions.map(({ row, outcome, codes, until }) => ({
            programme_id: row.programme_id,
            run_id: row.run_id,
            step: row.step,
            person_id: row.person_id,
            decided_at: now,
            outcome,
            codes: [...codes],
            channel: row.channel,
            variant: row.variant,
            propensity: null,
            deferred_until: until,
          })),
        )
        .execute();
    }
    const claims = due.filter((_row, i) => fates[i]!.state === 'sending');
    const others = [...fates.filter((fate) => fate.state !== 'sending'), ...queued];
    if (claims.length > 0) {
      await sql`
        UPDATE messages SET state = 'sending', code = NULL, claimed_by = ${worker}, claimed_at = ${now}::timestamptz, attempts = attempts + 1,
          sender = ${allowance?.domain ?? null}
        WHERE message_id = ANY(${claims.map((row) => row.message_id)})`.execute(tx);
    }
    if (others.length > 0) {
      await sql`
        UPDATE messages m SET state = f.state, due_at = COALESCE(f.due_at, m.due_at), code = f.code, claimed_by = NULL,
          finished_at = CASE WHEN f.state = 'refused' THEN ${now}::timestamptz END
        FROM jsonb_to_recordset(${JSON.stringify(others)}::jsonb) AS f (message_id text, state text, due_at timestamptz, code text)
        WHERE m.message_id = f.message_id`.execute(tx);
    }
    // An earlier attempt may have taken a subscription of hers.
    const ended = fates.filter((fate, i) => fate.state === 'refused' && due[i]!.attempts > 0);
    if (QUOTA_CHANNELS.includes(channel))
      await returnQuota(
        tx,
        ended.map((fate) => fate.message_id),
        now,
      );
    if (allowance !== undefined) await countClaims(tx, allowance.domain, allowance.day, claims.length);
    const wantGeneric = await unprofiled(
      tx,
      claims.map((row) => row.person_id),
    );
    return {
      claimed: claims.map((row): ClaimedMessage => ({
        message_id: row.message_id,
        programme_id: row.programme_id,
        person_id: row.person_id,
        channel: row.channel,
        address: row.address,
        address_key: row.address_key,
        variant: row.variant,
        template_id: row.template_id,
        template_version: row.template_version,
        language: row.language,
        attempts: row.attempts + 1,
        deferrals: row.deferrals,
        first_name: people.get(row.person_id)?.first_name ?? null,
        traits: people.get(row.person_id)?.traits ?? {},
        time_zone: people.get(row.person_id)?.time_zone ?? null,
        wants_generic: wantGeneric.has(row.person_id),
        content: row.content,
        expires_at: row.expires_at,
      })),
      deferred: fates.filter((fate) => fate.state === 'planned').length,
      refused: fates.filter((fate) => fate.state === 'refused').length,
      seen: seen.length,
      cursor,
    };
  });
}
