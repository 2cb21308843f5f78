// On which of a step's channels is each person contacted? The first, in the step's order, on which she has an address and may be
// contacted at some time. Guarantees: two statements whatever the number of people; without a route every channel says why.
import { judge } from '../../reach/arbiter/arbiter.sql.ts';
import type { ReachRules } from '../../reach/arbiter/rules.ts';
import { addressesOf, type ChannelAddress } from '../../reach/channels/addresses.sql.ts';
import type { ChannelKey } from '../../reach/channels/channels.ts';
import type { RecordsDb } from '../../stores/records/records.ts';
import type { Refusal } from './programmes.sql.ts';

export type Route = ChannelAddress & { readonly channel: ChannelKey };

export type Routing = { readonly route: Route | undefined; readonly refused: readonly Refusal[] };

/** Two people with this word in common are reached by the same message. */
export const addressKeyed = (route: Route): string => `${route.channel} ${route.addressKey}`;

export async function routesOf(
  db: RecordsDb,
  ask: {
    readonly personIds: readonly string[];
    readonly channels: readonly ChannelKey[];
    readonly purpose: string;
    /** Null before arms are drawn: both arms must hold the same kind of people. */
    readonly programmeId: string | null;
    readonly rules: ReachRules;
    readonly addressSecret: string;
    readonly now: Date;
    /** False leaves the verdict to the sender, which gives its own anyway: enough where there is nothing to choose. */
    readonly judged: boolean;
  },
): Promise<ReadonlyMap<string, Routing>> {
  const { personIds, channels } = ask;
  const addresses = await addressesOf(db, personIds, channels, ask.addressSecret);
  const candidates = personIds.flatMap((personId) =>
    channels.map((channel) => ({
      key: `${channel} ${personId}`,
      person_id: personId,
      channel,
      purpose: ask.purpose,
      address_key: addresses.get(personId)?.get(channel)?.addressKey ?? null,
      programme_id: ask.programmeId,
    })),
  );
  const verdicts = ask.judged ? await judge(db, candidates, ask.rules, ask.now, { timed: false }) : [];
  const refusals = new Map(verdicts.map((verdict) => [verdict.key, verdict.refusals]));
  return new Map<string, Routing>(
    personIds.map((personId): readonly [string, Routing] => {
      const refused: Refusal[] = [];
      for (const channel of channels) {
        const codes = refusals.get(`${channel} ${personId}`) ?? [];
        const address = addresses.get(personId)?.get(channel);
        if (codes.length === 0 && address !== undefined) return [personId, { route: { channel, ...address }, refused }];
        refused.push({ person_id: personId, channel, codes: codes.length === 0 ? ['no_address'] : codes });
      }
      return [personId, { route: undefined, refused }];
    }),
  );
}
