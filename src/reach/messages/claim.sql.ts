// Claiming: in one transaction due messages are locked, judged by the arbiter and either claimed, deferred or refused. Two workers never
// judge one person, or one address, at the same time, so caps hold under concurrency; a claim is committed before anything is sent.
import { sql } from 'kysely';
import type { JsonObject } from '../../kernel/json.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { judge } from '../arbiter/arbiter.sql.ts';
import type { ArbiterCode, ReachRules } from '../arbiter/rules.ts';
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
  /** Due messages seen in this round; 0 means that nothing is due. */
  readonly seen: number;
};

type Due = {
  readonly message_id: string;
  readonly person_id: string;
  readonly channel: string;
  readonly purpose: string;
  readonly address_key: string;
  readonly programme_id: string;
  readonly run_id: string;
  readonly step: number;
  readonly variant: string;
  readonly expires_at: Date;
};

/** Locks due rows, their people and their addresses; rows another worker is busy with are left for the next round. */
async function lockDue(tx: RecordsDb, channel: string, limit: number, now: Date): Promise<Due[]> {
  const due = await sql<Due>`
    SELECT message_id, person_id, channel, purpose, address_key, programme_id, run_id, step, variant, expires_at
    FROM messages WHERE state = 'planned' AND NOT held AND channel = ${channel} AND due_at <= ${now}
    ORDER BY due_at, priority DESC, message_id LIMIT ${limit} FOR UPDATE SKIP LOCKED`.execute(tx);
  if (due.rows.length === 0) return [];
  const people = [...new Set(due.rows.map((row) => row.person_id))];
  const addresses = [...new Set(due.rows.map((row) => row.address_key))];
  const locked = await sql<{ person_id: string }>`
    SELECT person_id FROM people WHERE person_id = ANY(${people}) ORDER BY person_id FOR UPDATE SKIP LOCKED`.execute(
    tx,
  );
  const free = await sql<{ key: string }>`
    SELECT key FROM unnest(${addresses}::text[]) AS key WHERE pg_try_advisory_xact_lock(hashtextextended(key, 0))`.execute(
    tx,
  );
  const knownPeople = new Set(locked.rows.map((row) => row.person_id));
  const freeAddresses = new Set(free.rows.map((row) => row.key));
  const exists = await sql<{
    person_id: string;
  }>`SELECT person_id FROM people WHERE person_id = ANY(${people})`.execute(tx);
  const existing = new Set(exists.rows.map((row) => row.person_id));
  const takenPeople = new Set<string>();
  const takenAddresses = new Set<string>();
  // One message per person and address and round: the next one must see this one's claim.
  return due.rows.filter((row) => {
    const isBusy = existing.has(row.person_id) && !knownPeople.has(row.person_id);
    if (isBusy || !freeAddresses.has(row.address_key)) return false;
    if (takenPeople.has(row.person_id) || takenAddresses.has(row.address_key)) return false;
    takenPeople.add(row.person_id);
    takenAddresses.add(row.address_key);
    return true;
  });
}

type Fate = {
  readonly message_id: string;
  readonly state: 'sending' | 'planned' | 'refused';
  readonly due_at: Date | null;
  readonly code: string | null;
};

/** Claims up to `limit` due messages of a channel for `worker`. */
export async function claimDue(
  db: RecordsDb,
  options: {
    readonly channel: string;
    readonly worker: string;
    readonly limit: number;
    readonly rules: ReachRules;
    readonly now: Date;
  },
): Promise<ClaimRound> {
  const { channel, worker, limit, rules, now } = options;
  return db.transaction().execute(async (tx) => {
    const due = await lockDue(tx, channel, limit, now);
    if (due.length === 0) return { claimed: [], deferred: 0, refused: 0, seen: 0 };
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
    await sql`
      UPDATE messages m SET state = f.state, due_at = COALESCE(f.due_at, m.due_at), code = f.code,
        claimed_by = CASE WHEN f.state = 'sending' THEN ${worker} END,
        claimed_at = CASE WHEN f.state = 'sending' THEN ${now}::timestamptz ELSE m.claimed_at END,
        finished_at = CASE WHEN f.state = 'refused' THEN ${now}::timestamptz END,
        attempts = m.attempts + CASE WHEN f.state = 'sending' THEN 1 ELSE 0 END
      FROM jsonb_to_recordset(${JSON.stringify(fates)}::jsonb) AS f (message_id text, state text, due_at timestamptz, code text)
      WHERE m.message_id = f.message_id AND m.state = 'planned'`.execute(tx);
    const sending = fates.filter((fate) => fate.state === 'sending').map((fate) => fate.message_id);
    const claimed = sending.length === 0 ? [] : await loadClaimed(tx, sending);
    return {
      claimed,
      deferred: fates.filter((fate) => fate.state === 'planned').length,
      refused: fates.filter((fate) => fate.state === 'refused').length,
      seen: due.length,
    };
  });
}

async function loadClaimed(tx: RecordsDb, messageIds: readonly string[]): Promise<ClaimedMessage[]> {
  const rows = await sql<ClaimedMessage>`
    SELECT m.message_id, m.programme_id, m.person_id, m.channel, m.address, m.address_key, m.variant, m.template_id, m.template_version,
      m.language, m.attempts, pe.first_name, COALESCE(pe.traits, '{}') AS traits, pe.time_zone,
      COALESCE((SELECT k.status = 'withdrawn' FROM consents k WHERE k.person_id = m.person_id AND k.purpose = 'profiling'
                ORDER BY k.decided_at DESC, k.status DESC LIMIT 1), false) AS wants_generic,
      m.content, m.expires_at
    FROM messages m
    LEFT JOIN people pe ON pe.person_id = m.person_id
    WHERE m.message_id = ANY(${[...messageIds]}) AND m.state = 'sending'`.execute(tx);
  return rows.rows;
}
