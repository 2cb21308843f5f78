// Whose token is this? Ours are checked by the installation's secret, a shop's by the hash of the secret key that its `kid` names; which keys
// are in force is remembered for as long as for any other request.
import { sql } from 'kysely';
import { RekindleError } from '../../kernel/errors.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { keyIdOf, OWN_KEY_ID, readPersonToken } from './person-token.ts';

const REMEMBERED_MS = 5_000;
const REMEMBERED_MAX = 1_000;

/** The person of an `Authorization: Bearer` header. Throws `unauthorised` where there is none, `person_token_invalid` where it opens nothing. */
export type PersonCheck = (authorization: string | undefined) => Promise<string>;

export function personCheck(db: RecordsDb, tokenSecret: string, now: () => Date): PersonCheck {
  const remembered = new Map<string, { readonly secret: string | undefined; readonly untilMs: number }>();
  const secretOf = async (keyId: string): Promise<string | undefined> => {
    if (keyId === OWN_KEY_ID) return tokenSecret;
    const known = remembered.get(keyId);
    if (known !== undefined && known.untilMs > performance.now()) return known.secret;
    const { rows } = await sql<{ key_hash: string }>`
      SELECT key_hash FROM api_keys WHERE key_id = ${keyId} AND kind = 'secret' AND revoked_at IS NULL`.execute(db);
    const secret = rows[0]?.key_hash;
    if (remembered.size >= REMEMBERED_MAX) remembered.clear();
    remembered.set(keyId, { secret, untilMs: performance.now() + REMEMBERED_MS });
    return secret;
  };
  return async (authorization) => {
    const [scheme, token] = authorization?.split(' ') ?? [];
    if (scheme?.toLowerCase() !== 'bearer' || token === undefined || token === '')
      throw new RekindleError('unauthorised');
    const keyId = keyIdOf(token);
    const secret = keyId === undefined ? undefined : await secretOf(keyId);
    const read = secret === undefined ? undefined : readPersonToken(secret, token, now());
    if (read?.ok !== true) throw new RekindleError('person_token_invalid');
    return read.value;
  };
}
