// Where is a person reached on a channel? One statement for a whole set of people and any number of channels.
import { sql, type RawBuilder } from 'kysely';
import { addressKey } from '../../kernel/address.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import { CHANNELS, type ChannelKey } from './channels.ts';

export type ChannelAddress = { readonly address: string; readonly addressKey: string };

type Row = {
  readonly person_id: string;
  readonly channel: ChannelKey;
  readonly address: string;
  readonly address_key: string;
};

/** Where the address is the person herself: her id, and a keyed hash of it that tells nothing once she is erased. */
export const personAddress = (secret: string, personId: string): ChannelAddress => ({
  address: personId,
  addressKey: addressKey(secret, `person ${personId}`),
});

const source = (channel: ChannelKey, personIds: readonly string[]): RawBuilder<Row> | undefined => {
  const ids = sql`${[...personIds]}::text[]`;
  switch (CHANNELS[channel].address) {
    case 'email':
      return sql`SELECT person_id, ${channel}::text AS channel, email AS address, email_key AS address_key FROM people
        WHERE person_id = ANY(${ids}) AND email IS NOT NULL AND email_key IS NOT NULL`;
    case 'phone':
      return sql`SELECT person_id, ${channel}::text AS channel, phone AS address, phone_key AS address_key FROM people
        WHERE person_id = ANY(${ids}) AND phone IS NOT NULL AND phone_key IS NOT NULL`;
    case 'endpoint':
      // She is where she was last seen.
      return sql`(SELECT DISTINCT ON (person_id) person_id, channel, address, address_key FROM endpoints
        WHERE person_id = ANY(${ids}) AND channel = ${channel} AND disabled_at IS NULL
        ORDER BY person_id, seen_at DESC, endpoint_id DESC)`;
    case 'person':
      return undefined;
  }
};

/** By person, then by channel; a channel on which she has no address is absent. */
export async function addressesOf(
  db: RecordsDb,
  personIds: readonly string[],
  channels: readonly ChannelKey[],
  secret: string,
): Promise<ReadonlyMap<string, ReadonlyMap<ChannelKey, ChannelAddress>>> {
  const found = new Map<string, Map<ChannelKey, ChannelAddress>>(personIds.map((personId) => [personId, new Map()]));
  const sources = channels.flatMap((channel) => source(channel, personIds) ?? []);
  if (sources.length > 0 && personIds.length > 0) {
    const { rows } = await sql<Row>`${sql.join(sources, sql` UNION ALL `)}`.execute(db);
    for (const row of rows)
      found.get(row.person_id)?.set(row.channel, { address: row.address, addressKey: row.address_key });
  }
  for (const channel of channels) {
    if (CHANNELS[channel].address !== 'person') continue;
    for (const [personId, addresses] of found) addresses.set(channel, personAddress(secret, personId));
  }
  return found;
}
