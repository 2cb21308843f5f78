// The audit log: who changed what, with what it was before and is after. It only grows; secrets and people's own data never enter it.
import type { Caller } from './caller.ts';
import type { RecordsDb } from '../../stores/records/records.ts';

export type AuditEntry = {
  readonly entryId: number;
  readonly at: Date;
  readonly actorKind: 'member' | 'key' | 'nobody';
  readonly actorId: string;
  readonly actorName: string;
  readonly action: string;
  readonly subject: unknown;
  readonly before: unknown;
  readonly after: unknown;
};

const SECRET =
  /password|token|secret|code|cookie|private|service_?account|(?:webhook|aes|api|access)_?key|^(?:key|uri|link|headers)$/i;
const PERSONAL = /^(?:email|phone|address|recipient|traits|first_?name|last_?name|full_?name|entries|to)$/i;
const BYTES_MAX = 16_384;

/** Without secrets and people's own data; what is too large is named by its size. */
export function auditable(value: unknown): unknown {
  const cleaned = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(cleaned);
    if (typeof each !== 'object' || each === null || each instanceof Date) return each;
    return Object.fromEntries(
      Object.entries(each).map(([name, inner]) => [
        name,
        inner === null || inner === undefined || typeof inner === 'boolean' || typeof inner === 'number'
          ? inner
          : SECRET.test(name) || PERSONAL.test(name)
            ? '•••'
            : cleaned(inner),
      ]),
    );
  };
  if (value === undefined) return null;
  const result = cleaned(value);
  const bytes = Buffer.byteLength(JSON.stringify(result) ?? '');
  return bytes > BYTES_MAX ? { bytes } : result;
}

/** Who did it, as the log keeps it. */
export type Actor = { readonly kind: Caller['kind']; readonly id: string; readonly name: string };

export const actorOf = (caller: Caller): Actor => {
  switch (caller.kind) {
    case 'nobody':
      return { kind: 'nobody', id: '', name: '' };
    case 'key':
      return { kind: 'key', id: caller.keyId, name: '' };
    case 'member':
      return { kind: 'member', id: caller.memberId, name: caller.name };
  }
};

type Change = {
  readonly action: string;
  readonly subject: unknown;
  readonly before?: unknown;
  readonly after?: unknown;
};

/** For what the server goes on doing after whoever asked for it has left. */
export async function recordAuditOf(db: RecordsDb, actor: Actor, change: Change, now: Date): Promise<void> {
  await db
    .insertInto('audit_log')
    .values({
      at: now,
      actor_kind: actor.kind,
      actor_id: actor.id,
      actor_name: actor.name,
      action: change.action,
      subject: JSON.stringify(auditable(change.subject)),
      before: JSON.stringify(auditable(change.before)),
      after: JSON.stringify(auditable(change.after)),
    })
    .execute();
}

export const recordAudit = (
  db: RecordsDb,
  { caller, ...change }: Change & { readonly caller: Caller },
  now: Date,
): Promise<void> => recordAuditOf(db, actorOf(caller), change, now);

/** The newest first, from before an entry. */
export async function readAudit(
  db: RecordsDb,
  where: { readonly beforeId: number | undefined; readonly actorId: string | undefined; readonly limit: number },
): Promise<AuditEntry[]> {
  let rows = db.selectFrom('audit_log').selectAll().orderBy('entry_id', 'desc').limit(where.limit);
  if (where.beforeId !== undefined) rows = rows.where('entry_id', '<', where.beforeId);
  if (where.actorId !== undefined) rows = rows.where('actor_id', '=', where.actorId);
  return (await rows.execute()).map((row) => ({
    entryId: row.entry_id,
    at: row.at,
    actorKind: row.actor_kind,
    actorId: row.actor_id,
    actorName: row.actor_name,
    action: row.action,
    subject: row.subject,
    before: row.before,
    after: row.after,
  }));
}
