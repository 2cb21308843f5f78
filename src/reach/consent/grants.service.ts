// Recording that people agreed: what is said is checked, and a ground that ends by law gets its end.
import { RekindleError } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { Text } from '../../kernel/lang.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { basisEndsAt } from './bases.ts';
import { recordConsents, type Purpose } from './consent.service.ts';
import { assertTextVersions } from './texts.service.ts';

export type Grant = {
  readonly personId: string;
  readonly channel: string;
  readonly purpose: Purpose;
  readonly basis: string;
  readonly textVersion: string;
  readonly source: string;
  readonly proof: JsonObject;
  readonly decidedAt?: Date | undefined;
  readonly expiresAt?: Date | undefined;
};

/**
 * Appends them all or none. Throws `invalid` for a decision that lies ahead or an end before it, for an audience consent on another channel than
 * `ads` (and the other way round), and `not_found` for words of ours that do not exist.
 */
export async function recordGrants(
  db: RecordsDb,
  grants: readonly Grant[],
  timeZone: string,
  now: Date,
): Promise<void> {
  for (const [i, grant] of grants.entries()) {
    const refuse = (field: string, what: Text): RekindleError =>
      new RekindleError('invalid', { where: `body.entries.${i}.${field}`, what });
    if (grant.decidedAt !== undefined && grant.decidedAt > now)
      throw refuse('decidedAt', { en: 'lies in the future', zh: '晚于当前时间' });
    if (grant.expiresAt !== undefined && grant.expiresAt <= (grant.decidedAt ?? now))
      throw refuse('expiresAt', { en: 'is not after the decision', zh: '不晚于同意时间' });
    if ((grant.purpose === 'ads_audience') !== (grant.channel === 'ads'))
      throw refuse('channel', {
        en: 'ads_audience is given for the channel ads, and nothing else is',
        zh: 'ads_audience 只能用于渠道 ads，反之亦然',
      });
  }
  await assertTextVersions(
    db,
    grants.map((grant) => grant.textVersion),
  );
  await db.transaction().execute((tx) =>
    recordConsents(
      tx,
      grants.map((grant) => {
        const decidedAt = grant.decidedAt ?? now;
        const ends = basisEndsAt(grant.basis, decidedAt, timeZone);
        // An earlier end may be agreed, a later one would outlive the law.
        const expiresAt =
          grant.expiresAt === undefined || (ends !== null && ends < grant.expiresAt) ? ends : grant.expiresAt;
        return { ...grant, status: 'granted' as const, decidedAt, expiresAt };
      }),
    ),
  );
}
