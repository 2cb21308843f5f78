// What one worker has met at an account, for all workers of the store. Of other settings than those it was met with it says nothing: an account that is
// saved anew is tried at once.
import { sql } from 'kysely';
import { sha256Hex } from '../../kernel/hash.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { SharedBrake } from './braked-calls.ts';
import type { Closed } from './channel.ts';

export function sharedBrake(
  db: RecordsDb,
  given: { readonly account: string; readonly settings: unknown; readonly now: () => Date },
): SharedBrake {
  const { account, now } = given;
  const settings = sha256Hex(JSON.stringify(given.settings));
  return {
    read: async () => {
      const { rows } = await sql<Closed>`
        SELECT until, code, detail FROM account_brakes
        WHERE account = ${account} AND settings = ${settings} AND until > ${now()}::timestamptz`.execute(db);
      return rows[0];
    },
    write: async (closed) => {
      if (closed === undefined)
        await sql`DELETE FROM account_brakes WHERE account = ${account} AND settings = ${settings}`.execute(db);
      else
        // Of two who were told to wait the longer time holds; what was said of other settings holds no more.
        await sql`
          INSERT INTO account_brakes AS b (account, settings, until, code, detail)
          VALUES (${account}, ${settings}, ${closed.until}, ${closed.code}, ${closed.detail.slice(0, 500)})
          ON CONFLICT (account) DO UPDATE SET settings = EXCLUDED.settings, until = EXCLUDED.until, code = EXCLUDED.code, detail = EXCLUDED.detail
          WHERE b.settings <> EXCLUDED.settings OR b.until < EXCLUDED.until`.execute(db);
    },
  };
}
