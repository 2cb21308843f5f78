// Asks segments: how many, who for example, who exactly. Browsers and devices that nobody signed in on are in no segment, nor is who
// objects to being profiled, whatever a source says of her.
import { profiledSource } from '../../collect/people/person-of.sql.ts';
import { dayIn, type Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Text } from '../../kernel/lang.ts';
import { ident, p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import type { Records } from '../../stores/records/records.ts';
import { evaluatedUntil } from '../dormancy/states.sql.ts';
import { assertKnownNames } from './known-names.service.ts';
import type { SegmentMoment } from './operator.ts';
import { STANDING } from './operators/standing.ts';
import { resolveSegment } from './resolve.service.ts';
import { explainSegment, leavesOf, parseSegment, type ResolvedSegment, type Segment } from './segment.ts';
import { peopleOf } from './segment.sql.ts';

/** What segments need of the rest of the product. */
export type SegmentContext = {
  readonly records: Records;
  readonly events: Events;
  readonly timeZone: string;
  /** Channels that consents and messages are of. */
  readonly channels: readonly string[];
  /** Brings the mirror of the records store's facts up to this moment. */
  readonly refreshFacts: () => Promise<unknown>;
  /** Writes every word of consent ever said into a table of `ConsentWord` in the events store. */
  readonly writeConsentWords: (table: string) => Promise<unknown>;
};

export type SegmentQuestion = {
  readonly segment: unknown;
  /** Whose stages, scores and reasons are meant; the only active policy where there is one. */
  readonly policyId?: string | undefined;
  /** The day with whose end windows end; today unless told. */
  readonly asOf?: Day | undefined;
  /** Names that never occurred are allowed; otherwise they are taken for misspelt. */
  readonly allowUnseen?: boolean | undefined;
};

export type PreparedSegment = {
  readonly segment: Segment;
  readonly resolved: ResolvedSegment;
  readonly moment: SegmentMoment;
  /** One column person_id. */
  readonly people: Sql;
  /** Until when each policy it looks at was evaluated. */
  readonly evaluatedUntil: Readonly<Record<string, Day>>;
};

const FACT_KINDS = new Set(['consent', 'reachable', 'programme', 'not_programme', 'global_control']);

/** Does the answer depend on what the records store knows? */
export const usesFacts = (segment: ResolvedSegment): boolean =>
  [...leavesOf(segment)].some(({ leaf }) => FACT_KINDS.has(leaf.kind));

/** Policies whose evaluation the segment reads; undefined stands for "the one who asks". */
const policiesOf = (segment: ResolvedSegment): Set<string | undefined> =>
  new Set(
    [...leavesOf(segment)].flatMap(({ leaf }) =>
      Object.hasOwn(STANDING, leaf.kind) ? ['policyId' in leaf ? leaf.policyId : undefined] : [],
    ),
  );

async function onlyPolicy(records: Records): Promise<string> {
  const rows = await records.db
    .selectFrom('dormancy_policies')
    .select('policy_id')
    .where('active', '=', true)
    .orderBy('policy_id')
    .execute();
  if (rows.length === 1) return rows[0]!.policy_id;
  const what =
    rows.length === 0
      ? 'stages, scores and reasons belong to a policy, and there is none yet'
      : `stages, scores and reasons belong to a policy: name one of ${rows.map((row) => `"${row.policy_id}"`).join(', ')}`;
  throw new RekindleError('invalid', { where: 'policyId', what });
}

/** Refuses a tree that is malformed or names what is not there, before it is ever asked. Throws `invalid` and `not_found`. */
export async function checkSegment(context: SegmentContext, input: unknown): Promise<ResolvedSegment> {
  const segment = parseSegment(input);
  const resolved = await resolveSegment(context.records.db, segment);
  await assertKnownNames(context, segment, false);
  return resolved;
}

/**
 * Parses, checks every name, resolves references, brings the facts up to date where they matter. Throws `invalid`, `not_found` (a
 * reference, a policy never evaluated).
 */
export async function prepareSegment(
  context: SegmentContext,
  question: SegmentQuestion,
  now: Date,
  own?: { readonly id: string },
): Promise<PreparedSegment> {
  const { records, events } = context;
  const segment = parseSegment(question.segment);
  const resolved = await resolveSegment(
    records.db,
    segment,
    own === undefined
      ? undefined
      : { id: own.id, ...(question.policyId === undefined ? {} : { policyId: question.policyId }) },
  );
  await assertKnownNames(context, segment, question.allowUnseen ?? false);
  const meant = policiesOf(resolved);
  const policyId = question.policyId ?? (meant.has(undefined) ? await onlyPolicy(records) : undefined);
  const evaluated: Record<string, Day> = {};
  for (const each of meant) {
    const id = each ?? policyId!;
    const until = await evaluatedUntil(events, id);
    if (until === undefined)
      throw new RekindleError('not_found', {
        what: { en: `evaluation of policy "${id}"`, zh: `规则“${id}”的评估结果` },
      });
    evaluated[id] = until;
  }
  if (usesFacts(resolved)) await context.refreshFacts();
  const moment = {
    asOf: question.asOf ?? dayIn(now, context.timeZone),
    now,
    ...(policyId === undefined ? {} : { policyId }),
  };
  const people = sql`SELECT person_id FROM (${peopleOf(resolved, await profiledSource(events), moment)})
    WHERE NOT startsWith(person_id, 'anon:') AND person_id NOT IN (SELECT person_id FROM objectors FINAL WHERE objects = 1)`;
  return { segment, resolved, moment, people, evaluatedUntil: evaluated };
}

export const wordsOf = (segment: Segment): Text => ({
  en: explainSegment(segment, 'en'),
  zh: explainSegment(segment, 'zh'),
});

export type SegmentCount = {
  readonly people: number;
  /** Everybody known. */
  readonly of: number;
  readonly asOf: Day;
  readonly evaluatedUntil: Readonly<Record<string, Day>>;
  readonly words: Text;
};

export async function countSegment(
  context: SegmentContext,
  question: SegmentQuestion,
  now: Date,
): Promise<SegmentCount> {
  const prepared = await prepareSegment(context, question, now);
  const { ids } = await profiledSource(context.events);
  const [row] = await context.events.rows<{ people: number; everybody: number }>(sql`
    SELECT (SELECT count() FROM (${prepared.people})) AS people,
      (SELECT uniqExact(sipHash64(person_id)) FROM ${ids} WHERE NOT startsWith(person_id, 'anon:')) AS everybody`);
  return {
    people: row?.people ?? 0,
    of: row?.everybody ?? 0,
    asOf: prepared.moment.asOf,
    evaluatedUntil: prepared.evaluatedUntil,
    words: wordsOf(prepared.segment),
  };
}

export type SegmentExplanation = {
  readonly words: Text;
  readonly asOf: Day;
  readonly people: number;
  /** Each condition by itself: what it says, and of how many it is true. */
  readonly conditions: readonly { readonly place: string; readonly words: Text; readonly people: number }[];
};

const CONDITIONS_COUNTED_MAX = 20;

/** The segment in words, with how many people each condition is true of by itself (of the first twenty). */
export async function explainInNumbers(
  context: SegmentContext,
  question: SegmentQuestion,
  now: Date,
): Promise<SegmentExplanation> {
  const prepared = await prepareSegment(context, question, now);
  const { policyId, asOf } = prepared.moment;
  const conditions = [];
  for (const { leaf, place } of [...leavesOf(prepared.segment)].slice(0, CONDITIONS_COUNTED_MAX)) {
    const one = await prepareSegment(context, { ...question, segment: leaf, policyId, asOf }, now);
    const [row] = await context.events.rows<{ people: number }>(sql`SELECT count() AS people FROM (${one.people})`);
    conditions.push({ place, words: wordsOf(leaf), people: row?.people ?? 0 });
  }
  const [all] = await context.events.rows<{ people: number }>(sql`SELECT count() AS people FROM (${prepared.people})`);
  return { words: wordsOf(prepared.segment), asOf, people: all?.people ?? 0, conditions };
}

export type SegmentExample = {
  readonly personId: string;
  readonly firstName: string | null;
  readonly email: string | null;
};

/** Some of its people, chosen by hash: the same ones while the segment stays the same. */
export async function segmentExamples(
  context: SegmentContext,
  question: SegmentQuestion,
  limit: number,
  now: Date,
): Promise<SegmentExample[]> {
  const prepared = await prepareSegment(context, question, now);
  const chosen = await context.events.rows<{ person_id: string }>(
    sql`SELECT person_id FROM (${prepared.people}) ORDER BY cityHash64(person_id), person_id LIMIT ${p.int(limit)}`,
  );
  if (chosen.length === 0) return [];
  const ids = chosen.map((row) => row.person_id);
  const known = await context.records.db
    .selectFrom('people')
    .select(['person_id', 'first_name', 'email'])
    .where('person_id', 'in', ids)
    .execute();
  const byId = new Map(known.map((row) => [row.person_id, row]));
  return ids.map((personId) => ({
    personId,
    firstName: byId.get(personId)?.first_name ?? null,
    email: byId.get(personId)?.email ?? null,
  }));
}

const IDS_PER_PAGE = 20_000;

/** Everybody in it in ascending order, page by page, as of one moment however long the reading takes. */
export async function* segmentPeople(
  context: SegmentContext,
  question: SegmentQuestion,
  now: Date,
): AsyncGenerator<readonly string[]> {
  const { events } = context;
  const prepared = await prepareSegment(context, question, now);
  const table = ident(newId('scratch_segment', now));
  try {
    await events.run(sql`CREATE TABLE ${table} (person_id String) ENGINE = MergeTree ORDER BY person_id`);
    await events.run(sql`INSERT INTO ${table} ${prepared.people}`);
    for (let after = ''; ;) {
      const rows = await events.rows<{ person_id: string }>(
        sql`SELECT person_id FROM ${table} WHERE person_id > ${p.text(after)} ORDER BY person_id LIMIT ${p.int(IDS_PER_PAGE)}`,
      );
      if (rows.length === 0) return;
      yield rows.map((row) => row.person_id);
      after = rows.at(-1)!.person_id;
    }
  } finally {
    await events.run(sql`DROP TABLE IF EXISTS ${table}`);
  }
}
