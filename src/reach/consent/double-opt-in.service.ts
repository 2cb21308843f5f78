// Asked for, and confirmed by whoever reads the address: a request waits until the button behind its own link is pressed. Nothing may be sent
// on it before, opening the link changes nothing, and confirming twice appends one line.
import { sql } from 'kysely';
import { DAY_MS } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { Lang } from '../../kernel/lang.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { linkPrefix, readLink, signLink } from '../pages/signed-link.ts';
import { recordConsents } from './consent.service.ts';
import { consentTextOf } from './texts.service.ts';

const VALID_DAYS = 30;

export type ConsentRequest = {
  readonly personId: string;
  readonly channel: 'email' | 'sms';
  /** `text@version` of the words she is asked to confirm. */
  readonly textVersion: string;
  readonly language: Lang;
  readonly source: string;
  readonly proof: JsonObject;
};

type LinkContext = { readonly db: RecordsDb; readonly tokenSecret: string };

/** Keeps the request and answers with the path of its link. Throws `not_found` for a text or person that is none, `conflict` without an address. */
export async function requestConsent(
  { db, tokenSecret }: LinkContext,
  request: ConsentRequest,
  now: Date,
): Promise<{ readonly requestId: string; readonly path: string; readonly expiresAt: Date }> {
  await consentTextOf(db, request.textVersion);
  const person = await db
    .selectFrom('people')
    .select(['email_key', 'phone_key'])
    .where('person_id', '=', request.personId)
    .executeTakeFirst();
  if (person === undefined)
    throw new RekindleError('not_found', {
      what: { en: `person ${request.personId}`, zh: `用户 ${request.personId}` },
    });
  const addressKey = request.channel === 'email' ? person.email_key : person.phone_key;
  if (addressKey === null)
    throw new RekindleError('conflict', {
      what: {
        en: `${request.personId} has no address for ${request.channel}`,
        zh: `${request.personId} 没有可用于 ${request.channel} 的地址`,
      },
    });
  const requestId = newId(linkPrefix('consent'), now);
  const expiresAt = new Date(now.getTime() + VALID_DAYS * DAY_MS);
  await db
    .insertInto('consent_requests')
    .values({
      request_id: requestId,
      person_id: request.personId,
      channel: request.channel,
      purpose: 'marketing',
      address_key: addressKey,
      text_version: request.textVersion,
      language: request.language,
      source: request.source,
      proof: JSON.stringify(request.proof),
      requested_at: now,
      expires_at: expiresAt,
      confirmed_at: null,
    })
    .execute();
  return { requestId, path: `/d/${signLink(tokenSecret, 'consent', requestId)}`, expiresAt };
}

export type RequestState = {
  readonly requestId: string;
  readonly language: string;
  readonly text: { readonly en: string; readonly zh: string };
  readonly state: 'open' | 'confirmed' | 'expired';
};

type RequestRow = {
  readonly request_id: string;
  readonly person_id: string;
  readonly channel: string;
  readonly text_version: string;
  readonly language: string;
  readonly source: string;
  readonly proof: JsonObject;
  readonly basis: string;
  readonly requested_at: Date;
  readonly expires_at: Date;
  readonly confirmed_at: Date | null;
  readonly address_key: string;
};

async function requestOf({ db, tokenSecret }: LinkContext, token: string): Promise<RequestRow> {
  const id = readLink(tokenSecret, 'consent', token);
  if (!id.ok) throw new RekindleError('token_invalid');
  // An address that is no longer hers was confirmed by somebody else.
  const { rows } = await sql<RequestRow>`
    SELECT r.* FROM consent_requests r JOIN people p ON p.person_id = r.person_id
      AND r.address_key = CASE r.channel WHEN 'email' THEN p.email_key ELSE p.phone_key END
    WHERE r.request_id = ${id.value}`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new RekindleError('token_invalid');
  return row;
}

const stateOf = async (db: RecordsDb, row: RequestRow, now: Date): Promise<RequestState> => ({
  requestId: row.request_id,
  language: row.language,
  text: await consentTextOf(db, row.text_version),
  state: row.confirmed_at !== null ? 'confirmed' : row.expires_at <= now ? 'expired' : 'open',
});

/** What the link asks. Changes nothing. Throws `token_invalid`. */
export const requestState = async (context: LinkContext, token: string, now: Date): Promise<RequestState> =>
  stateOf(context.db, await requestOf(context, token), now);

/** Confirms in the caller's transaction, once. False when that was done before, or comes too late. */
async function confirmRow(tx: RecordsDb, row: RequestRow, proof: JsonObject, now: Date): Promise<boolean> {
  const confirmed = await tx
    .updateTable('consent_requests')
    .set({ confirmed_at: now })
    .where('request_id', '=', row.request_id)
    .where('confirmed_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('request_id')
    .executeTakeFirst();
  if (confirmed === undefined) return false;
  await recordConsents(tx, [
    {
      personId: row.person_id,
      channel: row.channel,
      purpose: 'marketing',
      status: 'granted',
      basis: row.basis,
      textVersion: row.text_version,
      source: row.source,
      proof: {
        ...row.proof,
        requestId: row.request_id,
        requestedAt: row.requested_at.toISOString(),
        confirmedBy: proof,
      },
      decidedAt: now,
      expiresAt: null,
    },
  ]);
  // Whoever reads the mailbox took back the no that was said from it.
  await sql`DELETE FROM suppressions WHERE reason = 'unsubscribed' AND channel IN ('*', ${row.channel})
    AND ((kind = 'address' AND key = ${row.address_key}) OR (kind = 'person' AND key = ${row.person_id}))`.execute(tx);
  return true;
}

/** Confirms, once. An expired request stays what it is. Throws `token_invalid`. */
export async function confirmConsent(
  context: LinkContext,
  token: string,
  proof: JsonObject,
  now: Date,
): Promise<RequestState> {
  const row = await requestOf(context, token);
  await context.db.transaction().execute((tx) => confirmRow(tx, row, proof, now));
  return stateOf(context.db, await requestOf(context, token), now);
}

/** A yes from the number itself, to what was asked of it before `said`. False where nothing is open. */
export async function confirmByText(
  tx: RecordsDb,
  phoneKey: string,
  proof: JsonObject,
  { said, now }: { readonly said: Date; readonly now: Date },
): Promise<boolean> {
  const { rows } = await sql<RequestRow>`
    SELECT r.* FROM consent_requests r JOIN people p ON p.person_id = r.person_id AND p.phone_key = r.address_key
    WHERE r.channel = 'sms' AND r.address_key = ${phoneKey} AND r.confirmed_at IS NULL
      AND r.requested_at <= ${said} AND r.expires_at > ${now}
    ORDER BY r.request_id`.execute(tx);
  let isConfirmed = false;
  for (const row of rows) isConfirmed = (await confirmRow(tx, row, proof, now)) || isConfirmed;
  return isConfirmed;
}
