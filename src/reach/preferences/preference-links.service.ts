// Whose preferences does a link open? One in a message names the message; one asked for by the business names a row that expires.
import { DAY_MS } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { linkPrefix, readLink, signLink } from '../pages/signed-link.ts';
import { readToken } from '../tracking/token.ts';

export type LinkOwner = {
  readonly personId: string;
  readonly language: string | null;
  /** What the ledger keeps about how she came here. */
  readonly proof: JsonObject;
  readonly isExpired: boolean;
};

export type LinkContext = { readonly db: RecordsDb; readonly tokenSecret: string };

/** Changes nothing. Throws `token_invalid` for a link that was cut, forged or made for something else, and for people who are gone. */
export async function ownerOfLink({ db, tokenSecret }: LinkContext, token: string, now: Date): Promise<LinkOwner> {
  const message = readToken(tokenSecret, token);
  if (message.ok && message.value.kind === 'preferences') {
    const { messageId } = message.value;
    const row = await db
      .selectFrom('messages')
      .innerJoin('people', 'people.person_id', 'messages.person_id')
      .select(['messages.person_id', 'messages.language'])
      .where('message_id', '=', messageId)
      .executeTakeFirst();
    if (row === undefined) throw new RekindleError('token_invalid');
    return { personId: row.person_id, language: row.language, proof: { messageId }, isExpired: false };
  }
  const link = readLink(tokenSecret, 'preferences', token);
  if (!link.ok) throw new RekindleError('token_invalid');
  const row = await db
    .selectFrom('preference_links')
    .innerJoin('people', 'people.person_id', 'preference_links.person_id')
    .select(['preference_links.person_id', 'people.language', 'expires_at'])
    .where('link_id', '=', link.value)
    .executeTakeFirst();
  if (row === undefined) throw new RekindleError('token_invalid');
  return {
    personId: row.person_id,
    language: row.language,
    proof: { linkId: link.value },
    isExpired: row.expires_at <= now,
  };
}

/** The path of a new link to her preferences, good for `days`. */
export async function newPreferenceLink(
  { db, tokenSecret }: LinkContext,
  personId: string,
  days: number,
  now: Date,
): Promise<{ readonly path: string; readonly expiresAt: Date }> {
  const linkId = newId(linkPrefix('preferences'), now);
  const expiresAt = new Date(now.getTime() + days * DAY_MS);
  await db
    .insertInto('preference_links')
    .values({ link_id: linkId, person_id: personId, created_at: now, expires_at: expiresAt })
    .execute();
  return { path: `/p/${signLink(tokenSecret, 'preferences', linkId)}`, expiresAt };
}
