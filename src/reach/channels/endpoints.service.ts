// Addresses that are neither mailbox nor number: push tokens, web-push subscriptions, WeChat openids, WeCom external ids. One address is
// one person's at a time: who signs in on a device takes it over. A dead one is disabled, never deleted while its owner is known.
import { linkedPeople } from '../../collect/people/people.sql.ts';
import { sql } from 'kysely';
import { addressKey } from '../../kernel/address.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { suppress } from '../consent/consent.service.ts';
import type { GivenUp } from './channel.ts';
import { channelOf, type ChannelKey } from './channels.ts';

export type NewEndpoint = {
  readonly personId: string;
  readonly channel: ChannelKey;
  /** Who delivers there: `fcm`, `apns`, `webpush`, `wechat:<app id>`, `wecom:<corp id>`. */
  readonly provider: string;
  readonly address: string;
  /** What the provider needs besides the address, such as the keys of a web-push subscription. */
  readonly details: JsonObject;
};

/** An openid means nothing without its app, so the provider is part of what is hashed. */
export const endpointKey = (secret: string, endpoint: Pick<NewEndpoint, 'channel' | 'provider' | 'address'>): string =>
  addressKey(secret, `${endpoint.channel} ${endpoint.provider} ${endpoint.address}`);

/**
 * Registers an endpoint or says that it was seen again; a disabled one lives again, under its new owner if it has one. Returns its id.
 * Throws `invalid` for a channel that has no endpoints, `not_found` when nobody has the person's id.
 */
export async function registerEndpoint(
  db: RecordsDb,
  endpoint: NewEndpoint,
  secret: string,
  now: Date,
): Promise<{ readonly endpointId: string }> {
  if (channelOf(endpoint.channel).address !== 'endpoint')
    throw new RekindleError('invalid', {
      where: 'channel',
      what: { en: `${endpoint.channel} has no endpoints`, zh: `${endpoint.channel} 没有需要登记的设备地址` },
    });
  const row = await sql<{ endpoint_id: string }>`
    INSERT INTO endpoints (endpoint_id, person_id, channel, provider, address, address_key, details, created_at, seen_at)
    SELECT ${newId('end', now)}, person_id, ${endpoint.channel}, ${endpoint.provider}, ${endpoint.address}, ${endpointKey(secret, endpoint)},
      ${JSON.stringify(endpoint.details)}::jsonb, ${now}::timestamptz, ${now}::timestamptz
    FROM people WHERE person_id = COALESCE((SELECT l.person_id FROM person_links l WHERE l.actor_id = ${endpoint.personId}), ${endpoint.personId})
    ON CONFLICT (channel, address_key) DO UPDATE SET person_id = EXCLUDED.person_id, details = EXCLUDED.details,
      seen_at = GREATEST(endpoints.seen_at, EXCLUDED.seen_at), disabled_at = NULL, disabled_code = NULL
    RETURNING endpoint_id`.execute(db);
  const endpointId = row.rows[0]?.endpoint_id;
  if (endpointId === undefined)
    throw new RekindleError('not_found', {
      what: { en: `person ${endpoint.personId}`, zh: `用户 ${endpoint.personId}` },
    });
  return { endpointId };
}

/** Disables live endpoints by their keyed addresses; `code` says why. Returns how many were live. */
export async function disableEndpoints(
  db: RecordsDb,
  channel: ChannelKey,
  addressKeys: readonly string[],
  code: string,
  now: Date,
): Promise<number> {
  if (addressKeys.length === 0) return 0;
  const result = await db
    .updateTable('endpoints')
    .set({ disabled_at: now, disabled_code: code })
    .where('channel', '=', channel)
    .where('address_key', '=', sql<string>`ANY(${[...addressKeys]})`)
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

export type Endpoint = {
  readonly endpointId: string;
  readonly personId: string;
  readonly channel: string;
  readonly provider: string;
  readonly address: string;
  readonly addressKey: string;
  readonly details: JsonObject;
  readonly createdAt: Date;
  readonly seenAt: Date;
  readonly disabledAt: Date | null;
  readonly disabledCode: string | null;
};

/** Every live endpoint of these people on a channel, the last seen first: a phone and a tablet are two. */
export async function liveEndpoints(
  db: RecordsDb,
  channel: ChannelKey,
  personIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Endpoint[]>> {
  const rows = await endpointRows(db)
    .where('channel', '=', channel)
    .where('person_id', '=', sql<string>`ANY(${[...personIds]})`)
    .where('disabled_at', 'is', null)
    .execute();
  return Map.groupBy(rows, (row) => row.personId);
}

/** The live endpoint a test is for: the last seen of a person by her id, or the one of this very address. */
export async function endpointToTest(db: RecordsDb, channel: ChannelKey, to: string): Promise<Endpoint | undefined> {
  const known = (await linkedPeople(db, [to])).get(to) ?? to;
  const hers = (await liveEndpoints(db, channel, [known])).get(known)?.[0];
  return (
    hers ??
    endpointRows(db)
      .where('channel', '=', channel)
      .where('address', '=', to)
      .where('disabled_at', 'is', null)
      .executeTakeFirst()
  );
}

export const endpointsOfPerson = (db: RecordsDb, personId: string): Promise<Endpoint[]> =>
  endpointRows(db).where('person_id', '=', personId).execute();

const endpointRows = (db: RecordsDb) =>
  db
    .selectFrom('endpoints')
    .select([
      'endpoint_id as endpointId',
      'person_id as personId',
      'channel',
      'provider',
      'address',
      'address_key as addressKey',
      'details',
      'created_at as createdAt',
      'seen_at as seenAt',
      'disabled_at as disabledAt',
      'disabled_code as disabledCode',
    ])
    .orderBy('seen_at', 'desc')
    .orderBy('endpoint_id', 'desc');

/** Disables live endpoints that nobody has registered since they were gone. */
async function disableGone(
  db: RecordsDb,
  channel: string,
  gone: readonly { readonly addressKey: string; readonly goneSince?: Date }[],
  now: Date,
): Promise<void> {
  const rows = gone.map(({ addressKey: key, goneSince }) => ({ key, since: goneSince ?? null }));
  await sql`
    UPDATE endpoints e SET disabled_at = ${now}::timestamptz, disabled_code = 'rejected'
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS g (key text, since timestamptz)
    WHERE e.channel = ${channel} AND e.address_key = g.key AND e.disabled_at IS NULL
      AND (g.since IS NULL OR e.seen_at <= g.since)`.execute(db);
}

/**
 * What to do with addresses that a provider says nothing can be sent to any more: an endpoint is disabled, a mailbox or number suppressed on its
 * channel, as unsubscribed where she herself had said so.
 */
export async function giveUpAddresses(
  db: RecordsDb,
  dead: readonly ({ readonly addressKey: string; readonly channel: string } & GivenUp)[],
  now: Date,
): Promise<void> {
  const suppressed: (typeof dead)[number][] = [];
  for (const [channel, group] of Map.groupBy(dead, (each) => each.channel)) {
    if (channelOf(channel).address === 'endpoint') await disableGone(db, channel, group, now);
    else suppressed.push(...group);
  }
  await suppress(
    db,
    suppressed.map(({ addressKey: key, channel, byHerself }) => ({
      kind: 'address',
      key,
      channel,
      reason: byHerself === true ? 'unsubscribed' : 'bounced',
    })),
    now,
  );
}
