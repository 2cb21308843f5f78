// Who works here: roles changed and accounts removed, never the last owner.
import { sql } from 'kysely';
import { RekindleError } from '../../kernel/errors.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { Role } from '../contract/permissions.ts';
import { roleNamed } from './permissions.ts';

export type Member = {
  readonly memberId: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly hasSecondFactor: boolean;
  readonly createdAt: Date;
  readonly seenAt: Date | null;
};

export async function listMembers(db: RecordsDb): Promise<Member[]> {
  const rows = await db
    .selectFrom('accounts as a')
    .leftJoin('account_sessions as s', 's.account_id', 'a.id')
    .select(({ fn }) => [
      'a.id',
      'a.name',
      'a.email',
      'a.role',
      'a.two_factor_enabled',
      'a.created_at',
      fn.max('s.updated_at').as('seen_at'),
    ])
    .groupBy('a.id')
    .orderBy('a.created_at')
    .execute();
  return rows.map((row) => ({
    memberId: row.id,
    name: row.name,
    email: row.email,
    role: roleNamed(row.role),
    hasSecondFactor: row.two_factor_enabled === true,
    createdAt: row.created_at,
    seenAt: row.seen_at,
  }));
}

/** Owners are locked in one order before they are counted, so that two who demote each other at once leave one. */
async function guardLastOwner<T>(db: RecordsDb, memberId: string, change: (trx: RecordsDb) => Promise<T>): Promise<T> {
  return db.transaction().execute(async (trx) => {
    const owners = await sql<{
      id: string;
    }>`SELECT id FROM accounts WHERE role = 'owner' ORDER BY id FOR UPDATE`.execute(trx);
    const ids = owners.rows.map((row) => row.id);
    if (ids.length === 1 && ids[0] === memberId)
      throw new RekindleError('conflict', {
        what: {
          en: 'The last owner cannot be removed or given another role',
          zh: '不能移除最后一位所有者或更改其角色',
        },
      });
    return change(trx);
  });
}

export async function changeRole(db: RecordsDb, memberId: string, role: Role, now: Date): Promise<void> {
  const change = async (on: RecordsDb): Promise<void> => {
    const row = await on
      .updateTable('accounts')
      .set({ role, updated_at: now })
      .where('id', '=', memberId)
      .returning('id')
      .executeTakeFirst();
    if (row === undefined)
      throw new RekindleError('not_found', { what: { en: `member ${memberId}`, zh: `成员 ${memberId}` } });
  };
  await (role === 'owner' ? change(db) : guardLastOwner(db, memberId, change));
}

/** Her sessions, credentials and second factor go with her. */
export async function removeMember(db: RecordsDb, memberId: string): Promise<void> {
  await guardLastOwner(db, memberId, async (trx) => {
    const row = await trx.deleteFrom('accounts').where('id', '=', memberId).returning('id').executeTakeFirst();
    if (row === undefined)
      throw new RekindleError('not_found', { what: { en: `member ${memberId}`, zh: `成员 ${memberId}` } });
  });
}

export type OpenSession = {
  readonly sessionId: string;
  readonly userAgent: string;
  readonly address: string;
  readonly createdAt: Date;
  readonly seenAt: Date;
};

export async function openSessionsOf(db: RecordsDb, memberId: string): Promise<OpenSession[]> {
  const rows = await db
    .selectFrom('account_sessions')
    .selectAll()
    .where('account_id', '=', memberId)
    .where('expires_at', '>', sql<Date>`now()`)
    .orderBy('updated_at', 'desc')
    .execute();
  return rows.map((row) => ({
    sessionId: row.id,
    userAgent: row.user_agent ?? '',
    address: row.ip_address ?? '',
    createdAt: row.created_at,
    seenAt: row.updated_at,
  }));
}

/** Ends one session of a member, or all but one. */
export async function endSessions(
  db: RecordsDb,
  memberId: string,
  which: { readonly sessionId: string } | { readonly allBut: string },
): Promise<number> {
  const rows = await db
    .deleteFrom('account_sessions')
    .where('account_id', '=', memberId)
    .where('id', 'sessionId' in which ? '=' : '<>', 'sessionId' in which ? which.sessionId : which.allBut)
    .returning('id')
    .execute();
  return rows.length;
}
