// Keys that programs use: `write` keys may only send events, `secret` keys may read and steer. Only hashes are stored.
import { RekindleError } from '../kernel/errors.ts';
import { sha256Hex } from '../kernel/hash.ts';
import { newId, newSecret } from '../kernel/ids.ts';
import type { RecordsDb } from '../stores/records/records.ts';

export type KeyKind = 'write' | 'secret';

/** Makes a key; this is the only time it can be read. */
export async function createKey(
  db: RecordsDb,
  kind: KeyKind,
  label: string,
  now: Date,
): Promise<{ readonly keyId: string; readonly key: string }> {
  const key = `${kind === 'write' ? 'rkw' : 'rks'}_${newSecret(24)}`;
  const keyId = newId('key', now);
  await db
    .insertInto('api_keys')
    .values({ key_id: keyId, kind, key_hash: sha256Hex(key), label, created_at: now, revoked_at: null })
    .execute();
  return { keyId, key };
}

export async function listKeys(
  db: RecordsDb,
): Promise<{ keyId: string; kind: KeyKind; label: string; createdAt: Date; revokedAt: Date | null }[]> {
  const rows = await db
    .selectFrom('api_keys')
    .select(['key_id', 'kind', 'label', 'created_at', 'revoked_at'])
    .orderBy('created_at')
    .execute();
  return rows.map((row) => ({
    keyId: row.key_id,
    kind: row.kind,
    label: row.label,
    createdAt: row.created_at,
    revokedAt: row.revoked_at,
  }));
}

export async function revokeKey(db: RecordsDb, keyId: string, now: Date): Promise<void> {
  const revoked = await db
    .updateTable('api_keys')
    .set({ revoked_at: now })
    .where('key_id', '=', keyId)
    .where('revoked_at', 'is', null)
    .returning('key_id')
    .executeTakeFirst();
  if (revoked === undefined) throw new RekindleError('not_found', { what: `key ${keyId} in force` });
}

export type KeyCheck = (key: string | undefined, kind: KeyKind) => Promise<void>;

const REMEMBERED_MS = 5_000;
const REMEMBERED_MAX = 10_000;

/**
 * Throws `unauthorised` for a missing, unknown or revoked key, `forbidden` for one of the wrong kind. Answers are remembered for five
 * seconds, so that a busy sender costs no query per request and a revocation works at once for people's purposes.
 */
export function keyCheck(db: RecordsDb): KeyCheck {
  const remembered = new Map<string, { readonly kind: KeyKind | undefined; readonly untilMs: number }>();
  return async (key, kind) => {
    if (key === undefined || key === '') throw new RekindleError('unauthorised');
    const hash = sha256Hex(key);
    let known = remembered.get(hash);
    if (known === undefined || known.untilMs < performance.now()) {
      const row = await db
        .selectFrom('api_keys')
        .select('kind')
        .where('key_hash', '=', hash)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      known = { kind: row?.kind, untilMs: performance.now() + REMEMBERED_MS };
      if (remembered.size >= REMEMBERED_MAX) remembered.clear();
      remembered.set(hash, known);
    }
    if (known.kind === undefined) throw new RekindleError('unauthorised');
    if (known.kind !== kind) throw new RekindleError('forbidden');
  };
}
