// Who the shop's customers are as the shop itself knows them: names (some missing), addresses (some shared, some wrong),
// phones, languages, zones and marketing consent. Each person comes from her own random stream.
import { DAY_MS } from '../../kernel/days.ts';
import type { Lang } from '../../kernel/lang.ts';
import type { Rng } from '../../kernel/random.ts';
import { COUNTRIES, type Country, drawCountry, drawName, drawPhone } from './names.ts';
import { drawNature, type Nature, type Reason } from './nature.ts';

export type Consent =
  | { readonly status: 'never' }
  | { readonly status: 'given'; readonly givenAt: Date }
  | { readonly status: 'withdrawn'; readonly givenAt: Date; readonly withdrawnAt: Date };

/** What the shop's own records say. `email` may be malformed and may be shared; `undefined` means not on file. */
export type Person = {
  readonly id: string;
  readonly index: number;
  readonly name: string | undefined;
  readonly email: string | undefined;
  readonly phone: string | undefined;
  readonly country: Country;
  readonly timeZone: string;
  readonly lang: Lang;
  readonly signedUpAt: Date;
  readonly consent: Consent;
};

/** What a mail server says when the address is tried; `greylisted` refuses the first attempt for a while. */
export type Mailbox = 'ok' | 'unknown' | 'greylisted' | 'malformed' | 'none';

export type Resident = {
  readonly person: Person;
  readonly nature: Nature;
  readonly mailbox: Mailbox;
  readonly offsetHours: number;
  /** Already a customer when history starts; her sign-up lies before it. */
  readonly knownBefore: boolean;
};

export type Span = { readonly startMs: number; readonly historyEndMs: number; readonly endMs: number };

const DOMAINS: Readonly<Record<Nature['mailClient'], readonly string[]>> = {
  plain: ['mail.example', 'post.example', 'inbox.example', 'youjian.example'],
  apple: ['cloudmail.example'],
  gmail: ['gee.example'],
  scanned_honest: ['corp.example', 'bank.example'],
  scanned_disguised: ['university.example', 'clinic.example'],
};
/** Every fiftieth block of three people lives together and uses one address. */
const HOUSEHOLD_SIZE = 3;
const HOUSEHOLD_EVERY = 50;

export const personIdOf = (index: number): string => `c${String(index + 1).padStart(5, '0')}`;
export const indexOfPersonId = (id: string): number => Number(/^c(\d{5,})$/.exec(id)?.[1] ?? 0) - 1;

/** Share that withdraws consent around the time of going quiet. */
const WITHDRAWS_AT_QUIET: Partial<Readonly<Record<Reason, number>>> = {
  overload: 0.4,
  privacy: 0.45,
  bad_experience: 0.12,
};

function drawConsent(rng: Rng, nature: Nature, signedUpMs: number, span: Span): Consent {
  if (rng.chance(nature.reason === 'privacy' ? 0.35 : 0.14)) return { status: 'never' };
  const givenAt = new Date(signedUpMs);
  const fromMs = Math.max(signedUpMs, span.startMs);
  const atQuiet = nature.reason === null ? 0 : (WITHDRAWS_AT_QUIET[nature.reason] ?? 0);
  const withdrawnMs = rng.chance(atQuiet)
    ? nature.quietMs + (4 * rng.next() - 2) * DAY_MS
    : rng.chance(0.06)
      ? fromMs + rng.next() * (span.historyEndMs - fromMs)
      : Infinity;
  if (withdrawnMs >= span.historyEndMs || withdrawnMs <= fromMs) return { status: 'given', givenAt };
  return { status: 'withdrawn', givenAt, withdrawnAt: new Date(Math.floor(withdrawnMs)) };
}

function drawAddress(
  rng: Rng,
  handle: string,
  index: number,
  client: Nature['mailClient'],
): readonly [string | undefined, Mailbox] {
  const roll = rng.next();
  const address = `${handle}${index + 1}@${rng.pick(DOMAINS[client])}`;
  if (roll < 0.015) return [undefined, 'none'];
  if (roll < 0.022) return [rng.pick(['n/a', `${handle}@`, `${handle} ${index}@mail.example`, '无']), 'malformed'];
  if (roll < 0.05) return [address, 'unknown'];
  if (roll < 0.07) return [address, 'greylisted'];
  return [address, 'ok'];
}

export function createResident(root: Rng, index: number, span: Span): Resident {
  const rng = root.fork(`person/${index}`);
  const when = rng.fork('sign-up');
  const knownBefore = when.chance(0.28);
  // A growing shop: sign-ups get denser towards the end.
  const share = Math.sqrt(0.02 + 0.98 * when.next()) * 0.985;
  const signedUpMs = Math.floor(
    knownBefore
      ? span.startMs - (5 + 700 * when.next()) * DAY_MS
      : span.startMs + (0.001 + share) * (span.historyEndMs - span.startMs - DAY_MS),
  );
  const joinedMs = Math.max(signedUpMs, span.startMs + 60_000 * (1 + when.below(1200)));
  const nature = drawNature(rng.fork('nature'), joinedMs, knownBefore, span.endMs);

  const facts = rng.fork('facts');
  const country = drawCountry(facts);
  const { chinese, places } = COUNTRIES[country];
  const lang: Lang = facts.chance(chinese) ? 'zh' : 'en';
  const place = facts.pick(places);
  const naming = drawName(facts, lang);
  const [ownEmail, ownMailbox] = drawAddress(facts, naming.handle, index, nature.mailClient);
  const block = Math.floor(index / HOUSEHOLD_SIZE);
  const household = block % HOUSEHOLD_EVERY === 7;
  return {
    person: {
      id: personIdOf(index),
      index,
      name: facts.chance(0.07) ? undefined : naming.name,
      email: household ? `home${block}@inbox.example` : ownEmail,
      phone: facts.chance(0.72) ? drawPhone(facts, country, index) : undefined,
      country,
      timeZone: place.timeZone,
      lang,
      signedUpAt: new Date(signedUpMs),
      consent: drawConsent(rng.fork('consent'), nature, signedUpMs, span),
    },
    nature: household ? { ...nature, mailClient: 'plain' } : nature,
    mailbox: household ? 'ok' : ownMailbox,
    offsetHours: place.offsetHours,
    knownBefore,
  };
}
