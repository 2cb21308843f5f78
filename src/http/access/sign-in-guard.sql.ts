// Guessing passwords is slow: failures are counted per account and per address in the records store, so that a restart forgives nothing.
import { sql } from 'kysely';
import { RekindleError } from '../../kernel/errors.ts';
import { addMs } from '../../kernel/days.ts';
import { sha256Hex } from '../../kernel/hash.ts';
import type { RecordsDb } from '../../stores/records/records.ts';

const WINDOW_MS = 15 * 60_000;
const LOCKED_MS = 15 * 60_000;
export const ACCOUNT_FAILURES_MAX = 5;
/** Many people may stand behind one address. */
export const ADDRESS_FAILURES_MAX = 50;

type Guarded = { readonly key: string; readonly max: number };

const guarded = (email: string, address: string): readonly Guarded[] => [
  { key: sha256Hex(`account:${email.toLowerCase()}`), max: ACCOUNT_FAILURES_MAX },
  ...(address === '' ? [] : [{ key: sha256Hex(`address:${address}`), max: ADDRESS_FAILURES_MAX }]),
];

/**
 * Counts an attempt before it is made, so that a hundred at once are a hundred. Throws `busy` with the seconds to wait while locked.
 * `forgive` takes it back after a success.
 */
export async function countAttempt(db: RecordsDb, email: string, address: string, now: Date): Promise<void> {
  for (const { key, max } of guarded(email, address)) {
    const {
      rows: [row],
    } = await sql<{ locked_until: Date | null }>`
      INSERT INTO sign_in_failures (key_hash, failures, first_at, locked_until)
      VALUES (${key}, 1, ${now}, NULL)
      ON CONFLICT (key_hash) DO UPDATE SET
        failures = CASE
          WHEN sign_in_failures.locked_until > ${now} THEN sign_in_failures.failures
          WHEN sign_in_failures.first_at < ${addMs(now, -WINDOW_MS)} THEN 1
          ELSE sign_in_failures.failures + 1 END,
        first_at = CASE
          WHEN sign_in_failures.first_at < ${addMs(now, -WINDOW_MS)} THEN ${now}
          ELSE sign_in_failures.first_at END,
        locked_until = CASE
          WHEN sign_in_failures.locked_until > ${now} THEN sign_in_failures.locked_until
          WHEN sign_in_failures.first_at >= ${addMs(now, -WINDOW_MS)} AND sign_in_failures.failures >= ${max}
            THEN ${addMs(now, LOCKED_MS)}
          ELSE NULL END
      RETURNING locked_until`.execute(db);
    if (row?.locked_until !== null && row?.locked_until !== undefined)
      throw new RekindleError('busy', { seconds: Math.ceil((row.locked_until.getTime() - now.getTime()) / 1_000) });
  }
}

/** The account's counter starts afresh; the address keeps what others did, less this attempt. */
export async function forgive(db: RecordsDb, email: string, address: string): Promise<void> {
  const [account, from] = guarded(email, address);
  await sql`DELETE FROM sign_in_failures WHERE key_hash = ${account?.key}`.execute(db);
  if (from !== undefined)
    await sql`UPDATE sign_in_failures SET failures = greatest(0, failures - 1) WHERE key_hash = ${from.key}`.execute(
      db,
    );
}
