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

const actorOf = (caller: Caller): { readonly id: string; readonly name: string } => {
  switch (caller.kind) {
    case 'nobody':
      return { id: '', name: '' };
    case 'key':
      return { id: caller.keyId, name: '' };
    case 'member':
      return { id: caller.memberId, name: caller.name };
  }
};

export async function recordAudit(
  db: RecordsDb,
  entry: {
    readonly caller: Caller;
    readonly action: string;
    readonly subject: unknown;
    readonly before: unknown;
    readonly after: unknown;
  },
  now: Date,
): Promise<void> {
  const { id, name } = actorOf(entry.caller);
  await db
    .insertInto('audit_log')
    .values({
      at: now,
      actor_kind: entry.caller.kind,
      actor_id: id,
      actor_name: name,
      action: entry.action,
      subject: JSON.stringify(auditable(entry.subject)),
      before: JSON.stringify(auditable(entry.before)),
      after: JSON.stringify(auditable(entry.after)),
    })
    .execute();
}

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
