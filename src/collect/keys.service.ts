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
  limits: { readonly scopes?: readonly string[] | undefined; readonly expiresAt?: Date | undefined } = {},
): Promise<{ readonly keyId: string; readonly key: string }> {
  const key = `${kind === 'write' ? 'rkw' : 'rks'}_${newSecret(24)}`;
  const keyId = newId('key', now);
  await db
    .insertInto('api_keys')
    .values({
      key_id: keyId,
      kind,
      key_hash: sha256Hex(key),
      label,
      created_at: now,
      revoked_at: null,
      scopes: limits.scopes === undefined ? null : [...limits.scopes],
      expires_at: limits.expiresAt ?? null,
    })
    .execute();
  return { keyId, key };
}

export type KeyListed = {
  readonly keyId: string;
  readonly kind: KeyKind;
  readonly label: string;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
  readonly scopes: readonly string[] | null;
  readonly expiresAt: Date | null;
};

export async function listKeys(db: RecordsDb): Promise<KeyListed[]> {
  const rows = await db
    .selectFrom('api_keys')
    .select(['key_id', 'kind', 'label', 'created_at', 'revoked_at', 'scopes', 'expires_at'])
    .orderBy('created_at')
    .execute();
  return rows.map((row) => ({
    keyId: row.key_id,
    kind: row.kind,
    label: row.label,
    createdAt: row.created_at,
    revokedAt: row.revoked_at,
    scopes: row.scopes,
    expiresAt: row.expires_at,
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
  if (revoked === undefined)
    throw new RekindleError('not_found', { what: { en: `key ${keyId} in force`, zh: `有效密钥 ${keyId}` } });
}

export type KeyHeld = {
  readonly keyId: string;
  /** Permissions; null: everything a key of its kind may do. */
  readonly scopes: readonly string[] | null;
};
export type KeyCheck = (key: string | undefined, kind: KeyKind) => Promise<KeyHeld>;

const REMEMBERED_MS = 5_000;
const REMEMBERED_MAX = 10_000;

/**
 * Throws `unauthorised` for a missing, unknown, expired or revoked key, `forbidden` for one of the wrong kind. Answers are remembered for five
 * seconds, so that a busy sender costs no query per request and a revocation works at once for people's purposes.
 */
export function keyCheck(db: RecordsDb, now: () => Date): KeyCheck {
  type Known = { readonly held: (KeyHeld & { readonly kind: KeyKind; readonly expiresAt: Date | null }) | undefined };
  const remembered = new Map<string, Known & { readonly untilMs: number }>();
  return async (key, kind) => {
    if (key === undefined || key === '') throw new RekindleError('unauthorised');
    const hash = sha256Hex(key);
    let known = remembered.get(hash);
    if (known === undefined || known.untilMs < performance.now()) {
      const row = await db
        .selectFrom('api_keys')
        .select(['key_id', 'kind', 'scopes', 'expires_at'])
        .where('key_hash', '=', hash)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      known = {
        held:
          row === undefined
            ? undefined
            : { keyId: row.key_id, kind: row.kind, scopes: row.scopes, expiresAt: row.expires_at },
        untilMs: performance.now() + REMEMBERED_MS,
      };
      if (remembered.size >= REMEMBERED_MAX) remembered.clear();
      remembered.set(hash, known);
    }
    const { held } = known;
    if (held === undefined || (held.expiresAt !== null && held.expiresAt <= now()))
      throw new RekindleError('unauthorised');
    if (held.kind !== kind) throw new RekindleError('forbidden');
    return { keyId: held.keyId, scopes: held.scopes };
  };
}
