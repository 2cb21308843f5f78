// The port to an ad network: one call adds people to an audience or takes them out, and says what became of it. Networks hold sets, so the same call
// twice is the same as once; what may have been done is done again.
//
// The heads of a file for an upload by hand are the networks' own. Google: "Email", "Phone" (support.google.com/google-ads/answer/7659867 and, of hashed
// data, /adwords/answer/7476159). Meta: `email`, `phone`; it knows no head for an id of ours and asks to leave internal codes out (Business Help
// 2082575038703844, "How to format a customer list"). TikTok: `Email_SHA256`, `Phone_SHA256` (ads.tiktok.com, "List of supported IDs and formats for a
// customer file"). Those of 巨量 and 腾讯 are ours: they take one identifier a line (`identifierFile`).
import type { Text } from '../../kernel/lang.ts';
import type { Closed, SendOutcome } from '../channels/channel.ts';
import { googleEmail, hashed, mainlandNumber, plainEmail, type Known } from './identifiers.ts';

/** `kind:hash`, such as `email:9f86…`: nothing readable leaves the house, and nothing readable is kept for it; but an openid, which is no hash. */
export type Identifier = string;

export type ApplyCall = {
  readonly remoteId: string | undefined;
  readonly name: string;
  readonly action: 'add' | 'remove';
  readonly batchId: string;
  /** One person each, with every identifier the network may match her by. */
  readonly rows: readonly (readonly Identifier[])[];
  /**
   * Of networks whose audience begins with its first people: the calls that nobody answered while there was none, so that one of them may have made it;
   * `isRecent` while the network may not show it yet.
   */
  readonly unanswered?: { readonly batchIds: readonly string[]; readonly isRecent: boolean } | undefined;
};

export type Applied = {
  readonly outcome: SendOutcome;
  /** Identifiers that the network named as useless, of a call that it took otherwise. */
  readonly refused?: readonly Identifier[];
  /** How many of a call that it took otherwise it could not use, where it counts them and does not name them all. */
  readonly failed?: string;
  /** Of networks whose audience begins with its first people. */
  readonly remoteId?: string;
  /** Taken, and worked on for a while: what becomes of it is asked for by the provider's id. */
  readonly isOpen?: boolean;
};

/** `done` with `failed`: all but some, which the network counts and does not name. */
export type Fate =
  | { readonly kind: 'processing'; readonly unheard?: Exclude<SendOutcome, { readonly kind: 'sent' }> }
  | { readonly kind: 'done'; readonly failed?: string }
  | { readonly kind: 'failed'; readonly code: string; readonly detail: string };

export type Created =
  { readonly kind: 'created'; readonly remoteId: string } | Exclude<SendOutcome, { readonly kind: 'sent' }>;

export type AudienceNetwork = {
  readonly create?: (name: string) => Promise<Created>;
  /** What people are matched by, where the account’s settings say so; otherwise the network’s own. */
  readonly identifiers?: (person: Known) => readonly Identifier[];
  /** Never throws for anything the network does. */
  readonly apply: (call: ApplyCall) => Promise<Applied>;
  /** What became of an open call. Never throws; what cannot be heard is still being worked on. */
  readonly fateOf?: (providerId: string) => Promise<Fate>;
  /** Learns what other workers have met at the account; `closed` knows it from then on. */
  readonly hear?: () => Promise<void>;
  /** The account is left alone until then. */
  readonly closed?: () => Closed | undefined;
};

type NetworkEntry = {
  /** An audience with fewer people is not served to, or lets nobody out. */
  readonly minimum: number;
  readonly rowsMax: number;
  /** `ours`: we make the audience there; `theirs`: it is made in their console, and its id is given. */
  readonly made: 'ours' | 'theirs';
  readonly identifiers: (person: Known) => readonly Identifier[];
  /** Columns of a file for their console, by the kind of identifier in them. */
  readonly columns: readonly (readonly [kind: string, header: string])[];
  /** Whoever stays in is named again after so long, because a membership ends by itself there (Google: after 540 days at most, or as its owner set it). */
  readonly renewDays?: number;
} & Text;

const found = (...given: readonly (Identifier | undefined)[]): readonly Identifier[] =>
  given.filter((each) => each !== undefined);

/** Sizes from the networks' documentation; of the two on the mainland none is published, and 1,000 is the careful figure. */
const TABLE = {
  meta: {
    en: 'Meta Custom Audiences',
    zh: 'Meta 自定义受众',
    minimum: 100,
    rowsMax: 10_000,
    made: 'ours',
    // Digits with country code, without plus or leading zeros.
    identifiers: ({ email, phone, personId }) =>
      found(
        hashed('email', plainEmail(email)),
        hashed('phone', phone?.replace(/^\+0*/, '')),
        hashed('extern', personId),
      ),
    columns: [
      ['email', 'email'],
      ['phone', 'phone'],
    ],
  },
  google: {
    en: 'Google Data Manager',
    zh: 'Google Data Manager',
    minimum: 100,
    rowsMax: 10_000,
    made: 'theirs',
    identifiers: ({ email, phone }) => found(hashed('email', googleEmail(email)), hashed('phone', phone)),
    columns: [
      ['email', 'Email'],
      ['phone', 'Phone'],
    ],
    renewDays: 25,
  },
  tiktok: {
    en: 'TikTok custom audiences',
    zh: 'TikTok 自定义受众',
    minimum: 1_000,
    rowsMax: 10_000,
    made: 'ours',
    identifiers: ({ email, phone }) => found(hashed('email', plainEmail(email)), hashed('phone', phone)),
    columns: [
      ['email', 'Email_SHA256'],
      ['phone', 'Phone_SHA256'],
    ],
  },
  oceanengine: {
    en: 'Ocean Engine audiences',
    zh: '巨量引擎人群包',
    minimum: 1_000,
    // Their limit of one line; a day allows 50 updates, so a file has many.
    rowsMax: 100_000,
    made: 'ours',
    identifiers: ({ phone }) => found(hashed('phone', mainlandNumber(phone))),
    columns: [['phone', 'phone_sha256']],
  },
  tencent_ads: {
    en: 'Tencent Ads audiences',
    zh: '腾讯广告人群',
    minimum: 1_000,
    rowsMax: 100_000,
    made: 'ours',
    identifiers: ({ phone }) => found(hashed('phone', mainlandNumber(phone))),
    columns: [['phone', 'phone_sha256']],
  },
} as const satisfies Readonly<Record<string, NetworkEntry>>;

export type NetworkKey = keyof typeof TABLE;

export const NETWORKS: Readonly<Record<NetworkKey, NetworkEntry>> = TABLE;

export const NETWORK_KEYS = Object.keys(TABLE).filter((key): key is NetworkKey => Object.hasOwn(TABLE, key));
