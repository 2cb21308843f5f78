// What segments may know of a person, from what the records store holds: the same reading of channels, consents and suppressions as the
// arbiter's. Pure.
import {
  CHANNEL_KEYS,
  CHANNELS,
  channelsOnConsent,
  isChannelKey,
  type ChannelKey,
} from '../../reach/channels/channels.ts';
import { PURPOSES } from '../../reach/consent/consent.service.ts';

/** As read; channels of suppressions are a channel, or `*`. */
export type HeldFacts = {
  readonly person_id: string;
  readonly created_on: string;
  readonly has_email: boolean;
  readonly has_phone: boolean;
  /** Channels on which she has a live endpoint. */
  readonly endpoints: readonly string[];
  /** The latest word by consent channel and purpose. */
  readonly consents: readonly {
    readonly channel: string;
    readonly purpose: string;
    readonly status: 'granted' | 'withdrawn';
    readonly expires_at: string | null;
  }[];
  readonly person_off: readonly string[];
  readonly email_off: readonly string[];
  readonly phone_off: readonly string[];
  /** Of her id, which is the address where she is reached inside the business's own product. */
  readonly id_off: readonly string[];
  /** Channels whose endpoint she was last seen on is suppressed. */
  readonly endpoints_off: readonly string[];
  /** She objected to being contacted. */
  readonly is_off: boolean;
  /** Channels on which a policy has stopped writing to her; `*` for all. */
  readonly sunset_off: readonly string[];
  readonly global_control: boolean;
  readonly touches: readonly {
    readonly what: string;
    readonly programme_id: string;
    readonly channel: string;
    readonly on_day: string;
  }[];
};

/** A row of `person_facts`, less its version. */
export type PersonFactsRow = {
  readonly person_id: string;
  readonly created_on: string;
  readonly addresses: readonly string[];
  readonly consents: readonly {
    readonly channel: string;
    readonly purpose: string;
    readonly status: 'granted' | 'withdrawn' | 'implied';
    readonly expires_at: string;
  }[];
  readonly suppressed: readonly string[];
  readonly global_control: number;
  readonly touches: HeldFacts['touches'];
};

/** The channels a word is for; one that is no channel of its own (all of WeChat, advertising) can be asked for by its own name too. */
export const channelsOfWord = (channel: string): readonly string[] => {
  const channels = channelsOnConsent(channel);
  return isChannelKey(channel) ? channels : [...new Set<string>([channel, ...channels])];
};

const NEVER = new Date(0).toISOString();

const covers = (off: readonly string[], channel: string): boolean => off.includes('*') || off.includes(channel);

function hasAddress(held: HeldFacts, channel: ChannelKey): boolean {
  switch (CHANNELS[channel].address) {
    case 'email':
      return held.has_email;
    case 'phone':
      return held.has_phone;
    case 'endpoint':
      return held.endpoints.includes(channel);
    case 'person':
      return true;
  }
}

function isAddressOff(held: HeldFacts, channel: ChannelKey): boolean {
  switch (CHANNELS[channel].address) {
    case 'email':
      return covers(held.email_off, channel);
    case 'phone':
      return covers(held.phone_off, channel);
    case 'endpoint':
      return held.endpoints_off.includes(channel);
    case 'person':
      return covers(held.id_off, channel);
  }
}

export function factsRowOf(held: HeldFacts): PersonFactsRow {
  const said = held.consents.flatMap((consent) => {
    const expires_at = consent.expires_at === null ? NEVER : new Date(consent.expires_at).toISOString();
    return channelsOfWord(consent.channel).map((channel) => ({ ...consent, channel, expires_at }));
  });
  const implied = CHANNEL_KEYS.filter((channel) => CHANNELS[channel].basis === 'opt_out').flatMap((channel) =>
    PURPOSES.filter((purpose) => !said.some((each) => each.channel === channel && each.purpose === purpose)).map(
      (purpose) => ({ channel, purpose, status: 'implied' as const, expires_at: NEVER }),
    ),
  );
  const isAllOff = held.is_off || held.person_off.includes('*') || held.sunset_off.includes('*');
  return {
    person_id: held.person_id,
    created_on: held.created_on,
    addresses: CHANNEL_KEYS.filter((channel) => hasAddress(held, channel)),
    consents: [...said, ...implied],
    suppressed: [
      ...(isAllOff ? ['*'] : []),
      ...CHANNEL_KEYS.filter(
        (channel) =>
          held.person_off.includes(channel) || held.sunset_off.includes(channel) || isAddressOff(held, channel),
      ),
    ],
    global_control: Number(held.global_control),
    touches: held.touches,
  };
}
