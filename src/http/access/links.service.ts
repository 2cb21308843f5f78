// Links that are good once: invitations, password resets, a first sign-in. Only the hash of a link's token is kept; taking one is a single
// guarded statement, so that two clicks at once are one use.
import { RekindleError } from '../../kernel/errors.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import { newId, newSecret } from '../../kernel/ids.ts';
import { addMs } from '../../kernel/days.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { Role } from '../contract/permissions.ts';
import { roleNamed } from './permissions.ts';

export type LinkKind = 'invitation' | 'reset' | 'sign_in';

const HOUR_MS = 3_600_000;
const VALID_MS = { invitation: 7 * 24 * HOUR_MS, reset: HOUR_MS, sign_in: 24 * HOUR_MS } as const;

export type Link = {
  readonly linkId: string;
  readonly email: string;
  readonly role: Role | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
};

/** Makes a link; the token is readable only now. An older unused link of the same kind for the same address is spent by it. */
export async function makeLink(
  db: RecordsDb,
  link: { readonly kind: LinkKind; readonly email: string; readonly role?: Role; readonly createdBy: string },
  now: Date,
): Promise<{ readonly linkId: string; readonly token: string; readonly expiresAt: Date }> {
  const token = newSecret(32);
  const linkId = newId('link', now);
  const expiresAt = addMs(now, VALID_MS[link.kind]);
  const email = link.email.toLowerCase();
  await db.transaction().execute(async (trx) => {
    await trx
      .updateTable('account_links')
      .set({ used_at: now })
      .where('kind', '=', link.kind)
      .where('email', '=', email)
      .where('used_at', 'is', null)
      .execute();
    await trx
      .insertInto('account_links')
      .values({
        link_id: linkId,
        kind: link.kind,
        token_hash: sha256Hex(token),
        email,
        role: link.role ?? null,
        created_by: link.createdBy,
        created_at: now,
        expires_at: expiresAt,
        used_at: null,
      })
      .execute();
  });
  return { linkId, token, expiresAt };
}

/** What a token is good for, without using it. Throws `link_spent`. */
export async function readLink(
  db: RecordsDb,
  kind: LinkKind,
  token: string,
  now: Date,
): Promise<{ email: string; role: Role | null }> {
  const row = await db
    .selectFrom('account_links')
    .select(['email', 'role'])
    .where('token_hash', '=', sha256Hex(token))
    .where('kind', '=', kind)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  if (row === undefined) throw new RekindleError('link_spent');
  return { email: row.email, role: row.role === null ? null : roleNamed(row.role) };
}

/** Uses a token up. Throws `link_spent` for one that is unknown, used or too old. */
export async function takeLink(
  db: RecordsDb,
  kind: LinkKind,
  token: string,
  now: Date,
): Promise<{ email: string; role: Role | null }> {
  const row = await db
    .updateTable('account_links')
    .set({ used_at: now })
    .where('token_hash', '=', sha256Hex(token))
    .where('kind', '=', kind)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning(['email', 'role'])
    .executeTakeFirst();
  if (row === undefined) throw new RekindleError('link_spent');
  return { email: row.email, role: row.role === null ? null : roleNamed(row.role) };
}

export async function openInvitations(db: RecordsDb, now: Date): Promise<Link[]> {
  const rows = await db
    .selectFrom('account_links')
    .selectAll()
    .where('kind', '=', 'invitation')
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .orderBy('created_at', 'desc')
    .execute();
  return rows.map((row) => ({
    linkId: row.link_id,
    email: row.email,
    role: row.role === null ? null : roleNamed(row.role),
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }));
}

export async function withdrawInvitation(db: RecordsDb, linkId: string, now: Date): Promise<void> {
  const row = await db
    .updateTable('account_links')
    .set({ used_at: now })
    .where('link_id', '=', linkId)
    .where('kind', '=', 'invitation')
    .where('used_at', 'is', null)
    .returning('link_id')
    .executeTakeFirst();
  if (row === undefined)
    throw new RekindleError('not_found', { what: { en: `invitation ${linkId}`, zh: `邀请 ${linkId}` } });
}
