// One page of everybody, filtered and sorted by what is known of each: the engine narrows, counts and sorts, and hands over a page.
import { PERSON_IDS, personSource } from '../../collect/people/person-of.sql.ts';
import type { Day } from '../../kernel/days.ts';
import { p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import type { Cause, Stage } from '../dormancy/stage.ts';
import type { Reason } from '../reasons/causes.ts';
import type { RfmGroup } from '../value/rfm.ts';

export const PEOPLE_SORTS = ['lastOn', 'spent', 'returnProbability', 'expectedValue'] as const;
export type PeopleSort = (typeof PEOPLE_SORTS)[number];

export type PeopleFilter = {
  /** Whose stages and scores are shown; none before the first policy was evaluated. */
  readonly policyId: string | undefined;
  readonly stage: Stage | undefined;
  readonly reason: Reason | undefined;
  readonly rfmGroup: RfmGroup | undefined;
  /** One column person_id. */
  readonly segment: Sql | undefined;
  /** Those that somebody searched for: exact ids, and a beginning of ids. */
  readonly found: { readonly ids: readonly string[]; readonly idStart: string } | undefined;
};

export type PeoplePage = {
  readonly sort: PeopleSort;
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
};

/** Null where a policy says nothing of her: never active, or no policy yet. Money in cents, probability within the policy's horizon. */
export type TableRow = {
  readonly personId: string;
  readonly stage: Stage | null;
  readonly stageSince: Day | null;
  readonly cause: Cause | null;
  readonly silentDays: number | null;
  readonly lastOn: Day | null;
  readonly spentCents: number | null;
  readonly rfmGroup: RfmGroup | null;
  readonly returnProbability: number | null;
  readonly expectedValueCents: number | null;
};

const SORTED_BY: Readonly<Record<PeopleSort, Sql>> = {
  lastOn: sql`last_on`,
  spent: sql`spent`,
  returnProbability: sql`probability`,
  expectedValue: sql`value`,
};

const COLUMNS = sql`person_id, toNullable(toString(stage)) AS stage, toNullable(stage_since) AS stage_since, toNullable(toString(cause)) AS cause,
  toNullable(silent_days) AS silent_days, toNullable(last_on) AS last_on, toNullable(spent_cents) AS spent,
  toNullable(toString(rfm_group)) AS rfm_group, if(isFinite(return_probability), return_probability, NULL) AS probability,
  if(isFinite(expected_value_cents), round(expected_value_cents), NULL) AS value`;

const NOTHING = sql`NULL AS stage, NULL AS stage_since, NULL AS cause, NULL AS silent_days, NULL AS last_on, NULL AS spent, NULL AS rfm_group,
  NULL AS probability, NULL AS value`;

const OBJECTORS = sql`SELECT person_id FROM objectors FINAL WHERE objects = 1`;

const judgedBy = (policyId: string | undefined): Sql =>
  sql`person_states FINAL WHERE policy_id = ${p.text(policyId ?? '')} AND person_id NOT IN (${OBJECTORS})`;

const WITH_TRAITS = sql`SELECT person_id FROM person_traits FINAL WHERE erased = 0 AND person_id NOT IN (SELECT actor_id FROM person_links)`;

/** The people of a filter, a row each. Whoever objects to being profiled is listed without anything said about her. */
async function filtered(events: Events, filter: PeopleFilter): Promise<Sql> {
  const { policyId, stage, reason, rfmGroup, segment, found } = filter;
  const who = sql`${found === undefined ? sql`1` : sql`(has(${p.texts(found.ids)}, person_id) OR startsWith(person_id, ${p.text(found.idStart)}))`}
    AND ${segment === undefined ? sql`1` : sql`person_id IN (${segment})`}`;
  const judged = judgedBy(policyId);
  const standing = sql`SELECT ${COLUMNS} FROM ${judged} AND ${who}
    ${stage === undefined ? sql`` : sql`AND person_states.stage = ${p.text(stage)}`}
    ${rfmGroup === undefined ? sql`` : sql`AND person_states.rfm_group = ${p.text(rfmGroup)}`}
    ${
      reason === undefined
        ? sql``
        : sql`AND person_id IN (SELECT person_id FROM person_reasons FINAL WHERE policy_id = ${p.text(policyId ?? '')} AND reason = ${p.text(reason)})`
    }`;
  if (stage !== undefined || reason !== undefined || rfmGroup !== undefined) return standing;
  const { people } = await personSource(events);
  return sql`${standing} UNION ALL
    SELECT person_id, ${NOTHING} FROM
      (SELECT DISTINCT person_id FROM (SELECT person_id FROM ${people} UNION ALL ${WITH_TRAITS}))
    WHERE NOT startsWith(person_id, 'anon:') AND person_id NOT IN (SELECT person_id FROM ${judged}) AND ${who}`;
}

/**
 * How many there are in all, and for how many of them what is sorted by is known. Ids are counted by their 64-bit hash, which takes a third
 * of the time that their text takes (a million people: 0.5 s on two busy cores); two of a million share one with a probability of 3 · 10⁻⁸.
 */
async function countEverybody(
  events: Events,
  policyId: string | undefined,
  sort: PeopleSort,
): Promise<{ readonly total: number; readonly known: number }> {
  const standing = sql`SELECT ${COLUMNS} FROM ${judgedBy(policyId)}`;
  const [judged] = await events.rows<{ anonymous: number; known: number }>(sql`
    SELECT countIf(startsWith(person_id, 'anon:')) AS anonymous, countIf(${SORTED_BY[sort]} IS NOT NULL) AS known FROM (${standing})`);
  const [named] = await events.rows<{ people: number }>(sql`
    SELECT uniqExact(sipHash64(person_id)) AS people
    FROM (${PERSON_IDS} UNION ALL ${WITH_TRAITS} UNION ALL SELECT person_id FROM ${judgedBy(policyId)})
    WHERE NOT startsWith(person_id, 'anon:')`);
  return { total: (named?.people ?? 0) + (judged?.anonymous ?? 0), known: judged?.known ?? 0 };
}

const isUnfiltered = ({ stage, reason, rfmGroup, segment, found }: PeopleFilter): boolean =>
  [stage, reason, rfmGroup, segment, found].every((each) => each === undefined);

/** A page of them, who is not known by what is sorted by last; and how many there are in all. */
export async function peoplePage(
  events: Events,
  filter: PeopleFilter,
  { sort, descending, offset, limit }: PeoplePage,
): Promise<{ readonly rows: readonly TableRow[]; readonly total: number }> {
  const everybody = isUnfiltered(filter) ? await countEverybody(events, filter.policyId, sort) : undefined;
  const by = SORTED_BY[sort];
  // Whoever is not judged comes last: until there, a page is a page of the judged, and nobody need be looked for among the others.
  const isKnown = everybody !== undefined && offset + limit <= everybody.known;
  const rows = isKnown ? sql`SELECT ${COLUMNS} FROM ${judgedBy(filter.policyId)}` : await filtered(events, filter);
  const counted = everybody ??
    (await events.rows<{ total: number }>(sql`SELECT count() AS total FROM (${rows})`))[0] ?? { total: 0 };
  const page = await events.rows<TableRow>(sql`
    SELECT person_id AS personId, stage, toString(stage_since) AS stageSince, cause, silent_days AS silentDays, toString(last_on) AS lastOn,
      spent AS spentCents, rfm_group AS rfmGroup, probability AS returnProbability, value AS expectedValueCents
    FROM (${rows}) ORDER BY ${by} ${descending ? sql`DESC` : sql`ASC`} NULLS LAST, person_id
    LIMIT ${p.int(limit)} OFFSET ${p.int(offset)}`);
  return { rows: page, total: counted.total };
}

/** The likeliest reason of each of these people, by person. */
export async function likeliestReasons(
  events: Events,
  policyId: string,
  personIds: readonly string[],
): Promise<ReadonlyMap<string, { readonly reason: Reason; readonly probability: number }>> {
  if (personIds.length === 0) return new Map();
  const rows = await events.rows<{ personId: string; reason: Reason; probability: number }>(sql`
    SELECT person_id AS personId, toString(reason) AS reason, probability FROM person_reasons FINAL
    WHERE policy_id = ${p.text(policyId)} AND person_id IN ${p.texts(personIds)}`);
  return new Map(rows.map((row) => [row.personId, row]));
}
