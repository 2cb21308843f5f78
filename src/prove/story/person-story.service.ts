// The whole story of one person: who she is, what she did, where she stands and why, what would fit her, what was sent and decided, and on
// which channel she may be written to at this moment. One answer for the console, the command line and whoever she asks.
import type { Selectable } from 'kysely';
import { actorsOf, type PeopleStores } from '../../collect/people/people.service.ts';
import { personRecords } from '../../collect/people/person-rows.sql.ts';
import { dayIn, type Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import type { Text } from '../../kernel/lang.ts';
import type { LeftOutMoney } from '../../kernel/money-rules.ts';
import { judge } from '../../reach/arbiter/arbiter.sql.ts';
import { ARBITER_CODES, type ArbiterCode, type ReachRules } from '../../reach/arbiter/rules.ts';
import { addressesOf } from '../../reach/channels/addresses.sql.ts';
import { CHANNEL_KEYS, CHANNELS, type ChannelKey } from '../../reach/channels/channels.ts';
import type { MessagesTable } from '../../stores/records/tables/messages.ts';
import type { ConsentsTable, SuppressionsTable } from '../../stores/records/tables/people.ts';
import type { DecisionsTable, GrantsTable, MembersTable } from '../../stores/records/tables/programmes.ts';
import { listPolicies } from '../../understand/dormancy/policy.service.ts';
import { CAUSES, STAGES, type Stage } from '../../understand/dormancy/stage.ts';
import { personStates, stageMoves, type PersonState, type StageMove } from '../../understand/dormancy/states.sql.ts';
import { REASON_LABELS } from '../../understand/reasons/causes.ts';
import { reasonsOf, type PersonReasons } from '../../understand/reasons/reasons.service.ts';
import { preferencesOf, type PreferenceProfile } from '../../understand/recommend/preferences.service.ts';
import type { Recommendations } from '../../understand/recommend/recommendations.service.ts';
import type { RecommendedProduct } from '../../understand/recommend/scoring.service.ts';
import { scoreInWords } from './score-words.service.ts';
import { eventTotals, latestEvents, leftOutOfPerson, type EventTotal, type Happening } from './timeline.sql.ts';

const EVENTS_SHOWN = 200;
const MOVES_SHOWN = 200;
const PRODUCTS_SHOWN = 6;

type Labelled = { readonly code: string; readonly effect: 'refuse' | 'defer'; readonly text: Text };

export type StoryState = PersonState & {
  readonly label: Text;
  readonly causeLabel: Text;
  readonly scoreInWords: Text | null;
};
export type StoryMove = StageMove & { readonly toLabel: Text; readonly causeLabel: Text };
export type StoryReasons = PersonReasons & { readonly label: Text };

/** One channel: may she be written to now, and if not, why and until when? */
export type StoryContact = {
  readonly channel: ChannelKey;
  readonly label: Text;
  readonly permitted: boolean;
  readonly refusals: readonly Labelled[];
  readonly deferrals: readonly Labelled[];
  readonly deferredUntil: Date | null;
};

/** A row as it is read, but for what leads to an address. */
type Shown<Table> = Omit<Selectable<Table>, 'address' | 'address_key' | 'proof'> & {
  /** How the consent can be proven, for those who may see it. */
  readonly proof?: Readonly<Record<string, unknown>>;
};

export type PersonStory = {
  readonly personId: string;
  readonly identity: {
    /** Every id she has gone by. */
    readonly ids: readonly string[];
    /** Null where only her events are known, or the caller may not see them. */
    readonly email: string | null;
    readonly phone: string | null;
    readonly firstName: string | null;
    readonly language: string | null;
    readonly country: string | null;
    readonly timeZone: string | null;
    /** The first day anything is known of: a history that was imported later counts. */
    readonly knownSince: Day | null;
    readonly traits: Readonly<Record<string, unknown>>;
  };
  readonly states: readonly StoryState[];
  readonly stageChanges: readonly StoryMove[];
  readonly reasons: readonly StoryReasons[];
  readonly totals: readonly EventTotal[];
  readonly leftOut: LeftOutMoney | null;
  /** The latest; `eventsBefore` leads to the ones before them. */
  readonly events: readonly Happening[];
  readonly eventsBefore: string | null;
  readonly preferences: PreferenceProfile | null;
  readonly recommendations: readonly RecommendedProduct[];
  readonly contact: readonly StoryContact[];
  /** As the records hold them, the oldest first. */
  readonly consents: readonly Shown<ConsentsTable>[];
  readonly suppressions: readonly Shown<SuppressionsTable>[];
  readonly messages: readonly Shown<MessagesTable>[];
  readonly grants: readonly Shown<GrantsTable>[];
  readonly memberships: readonly Shown<MembersTable>[];
  readonly decisions: readonly Shown<DecisionsTable>[];
  readonly surveyAnswers: readonly unknown[];
};

export type StoryContext = {
  readonly stores: PeopleStores & { readonly addressSecret: string };
  /** The business's. */
  readonly currency: string;
  readonly rules: ReachRules;
  readonly recommendations: Recommendations;
  readonly now: Date;
  /** Whether whoever asks may see her name, addresses and traits. */
  readonly showsContactData: boolean;
};

const inWords = (codes: readonly ArbiterCode[]): Labelled[] =>
  codes.map((code) => {
    const { effect, en, zh } = ARBITER_CODES[code];
    return { code, effect, text: { en, zh } };
  });

const text = ({ en, zh }: Text): Text => ({ en, zh });

/** Every channel she has an address on, judged at this moment for marketing. */
async function contactOf({ stores, rules, now }: StoryContext, personId: string): Promise<StoryContact[]> {
  const { db } = stores.records;
  const addresses = (await addressesOf(db, [personId], CHANNEL_KEYS, stores.addressSecret)).get(personId);
  const reachable = CHANNEL_KEYS.filter((channel) => channel === 'email' || addresses?.has(channel) === true);
  const verdicts = await judge(
    db,
    reachable.map((channel) => ({
      key: channel,
      person_id: personId,
      channel,
      purpose: 'marketing',
      address_key: addresses?.get(channel)?.addressKey ?? null,
      programme_id: null,
    })),
    rules,
    now,
  );
  const byChannel = new Map(verdicts.map((verdict) => [verdict.key, verdict]));
  return reachable.flatMap((channel) => {
    const verdict = byChannel.get(channel);
    if (verdict === undefined) return [];
    return [
      {
        channel,
        label: text(CHANNELS[channel]),
        permitted: verdict.refusals.length === 0 && verdict.defer_codes.length === 0,
        refusals: inWords(verdict.refusals),
        deferrals: inWords(verdict.defer_codes),
        deferredUntil: verdict.deferred_until,
      },
    ];
  });
}

async function statesOf(
  { stores, currency }: StoryContext,
  personId: string,
  states: readonly PersonState[],
): Promise<StoryState[]> {
  const policies = await listPolicies(stores.records);
  const told: StoryState[] = [];
  for (const state of states) {
    const saved = policies.find(
      (each) => each.policy.policyId === state.policyId && each.version === state.policyVersion,
    );
    told.push({
      ...state,
      label: text(STAGES[state.stage]),
      causeLabel: text(CAUSES[state.cause]),
      scoreInWords:
        saved === undefined
          ? null
          : await scoreInWords(stores.events, { ...state, personId }, saved.policy.activity, currency),
    });
  }
  return told;
}

const stageLabel = (stage: Stage): Text => text(STAGES[stage]);

const KEYS = ['address', 'address_key', 'email_key', 'phone_key', 'cluster_key'];

/** Records rows without keyed hashes and addresses. */
const rowsOf = <Table>(rows: unknown, hidden: readonly string[] = []): readonly Shown<Table>[] =>
  (Array.isArray(rows) ? (rows as readonly Readonly<Record<string, unknown>>[]) : []).map(
    (row) =>
      Object.fromEntries(
        Object.entries(row).filter(([name]) => !KEYS.includes(name) && !hidden.includes(name)),
      ) as Shown<Table>,
  );

type PersonRow = {
  readonly email: string | null;
  readonly phone: string | null;
  readonly first_name: string | null;
  readonly language: string | null;
  readonly country: string | null;
  readonly time_zone: string | null;
  readonly traits: Readonly<Record<string, unknown>>;
  readonly created_at: Date;
};

function knownSince(person: PersonRow | undefined, totals: readonly EventTotal[]): Day | null {
  const days = [
    ...(person === undefined ? [] : [dayIn(person.created_at, 'UTC')]),
    ...totals.map(({ firstOn }) => firstOn),
  ];
  return days.toSorted()[0] ?? null;
}

/** `personId` is the id she stands under now. Throws `not_found` where neither store knows her. */
export async function personStory(context: StoryContext, personId: string): Promise<PersonStory> {
  const { stores, recommendations, showsContactData } = context;
  const { records, events } = stores;
  const ids = await actorsOf(stores, personId);
  const held = await personRecords(records.db, personId, ids);
  const person = held['person'] as PersonRow | undefined;
  const states = await personStates(events, personId);
  const totals = await eventTotals(events, personId);
  if (person === undefined && states.length === 0 && totals.length === 0)
    throw new RekindleError('not_found', { what: { en: `person ${personId}`, zh: `用户 ${personId}` } });
  const shown = showsContactData ? person : undefined;
  const latest = await latestEvents(events, personId, EVENTS_SHOWN);
  return {
    personId,
    identity: {
      ids,
      email: shown?.email ?? null,
      phone: shown?.phone ?? null,
      firstName: shown?.first_name ?? null,
      language: person?.language ?? null,
      country: person?.country ?? null,
      timeZone: person?.time_zone ?? null,
      knownSince: knownSince(person, totals),
      traits: shown?.traits ?? {},
    },
    states: await statesOf(context, personId, states),
    stageChanges: (await stageMoves(events, personId, MOVES_SHOWN)).map((move) => ({
      ...move,
      toLabel: stageLabel(move.to),
      causeLabel: text(CAUSES[move.cause]),
    })),
    reasons: (await reasonsOf(events, personId)).map((reasons) => ({
      ...reasons,
      label: text(REASON_LABELS[reasons.reason]),
    })),
    totals,
    leftOut: await leftOutOfPerson(events, personId),
    events: latest.events,
    eventsBefore: latest.before,
    preferences: (await preferencesOf(events, [personId])).get(personId) ?? null,
    recommendations: (await recommendations.recommendationsFor([personId], PRODUCTS_SHOWN)).get(personId) ?? [],
    contact: await contactOf(context, personId),
    // A proof may hold an address, a device or a page she was on.
    consents: rowsOf(held['consents'], showsContactData ? [] : ['proof']),
    suppressions: rowsOf(held['suppressions']),
    messages: rowsOf(held['messages']),
    grants: rowsOf(held['grants']),
    memberships: rowsOf(held['members']),
    decisions: rowsOf(held['decisions']),
    surveyAnswers: rowsOf(held['surveyAnswers']),
  };
}
