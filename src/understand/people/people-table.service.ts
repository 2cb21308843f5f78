// Who are they? Everybody page by page: where each stands, why she is quiet, what she may still bring, and how she is reached.
import { leftOutMoney } from '../../collect/money.sql.ts';
import { findPeople } from '../../collect/people/find.sql.ts';
import { RekindleError } from '../../kernel/errors.ts';
import type { LeftOutMoney } from '../../kernel/money-rules.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import type { Day } from '../../kernel/days.ts';
import type { Stage } from '../dormancy/stage.ts';
import { evaluatedUntil } from '../dormancy/states.sql.ts';
import type { Reason } from '../reasons/causes.ts';
import { prepareSegment, type SegmentContext } from '../segments/questions.service.ts';
import { questionOf, showSegment } from '../segments/segments.service.ts';
import type { RfmGroup } from '../value/rfm.ts';
import { likeliestReasons, peoplePage, type PeopleSort, type TableRow } from './people-table.sql.ts';

/** People whom a search by address or name may find; `isSearchCut` says when there were more. */
const FOUND_MAX = 1_000;
/** Nobody turns so many pages: beyond, a filter is the answer. */
const OFFSET_MAX = 1_000_000;

export type PeopleQuestion = {
  /** The first active one unless told. */
  readonly policyId?: string | undefined;
  readonly stage?: Stage | undefined;
  readonly reason?: Reason | undefined;
  readonly rfmGroup?: RfmGroup | undefined;
  readonly segmentId?: string | undefined;
  readonly search: string;
  readonly sort: PeopleSort;
  readonly descending: boolean;
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
};

export type PersonRow = TableRow & {
  readonly firstName: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly reason: Reason | null;
  readonly reasonProbability: number | null;
};

export type PeopleAnswer = {
  readonly policyId: string | null;
  /** Until when the policy was evaluated. */
  readonly evaluatedUntil: Day | null;
  readonly policies: readonly { readonly policyId: string; readonly name: string }[];
  readonly rows: readonly PersonRow[];
  readonly total: number;
  readonly isSearchCut: boolean;
  /** Amounts of the policy's activity that none of the sums holds. */
  readonly leftOut: LeftOutMoney | null;
};

const activityOf = (definition: unknown): readonly string[] =>
  (definition as { readonly activity: readonly string[] }).activity;

/** Throws `not_found` for a policy or segment that is not there, `invalid` for a page beyond a million people. */
export async function peopleTable(context: SegmentContext, question: PeopleQuestion, now: Date): Promise<PeopleAnswer> {
  const { records, events } = context;
  const { page, pageSize } = question;
  const offset = (page - 1) * pageSize;
  if (offset > OFFSET_MAX)
    throw new RekindleError('invalid', {
      where: 'query.page',
      what: { en: `beyond ${OFFSET_MAX} people: use a filter`, zh: `超过 ${OFFSET_MAX} 位用户，请使用筛选` },
    });
  const active = await records.db
    .selectFrom('dormancy_policies')
    .select(['policy_id', 'name', 'definition'])
    .where('active', '=', true)
    .orderBy('policy_id')
    .execute();
  const ids = active.map((row) => row.policy_id);
  if (question.policyId !== undefined && !ids.includes(question.policyId))
    throw new RekindleError('not_found', {
      what: `policy "${question.policyId}"${didYouMean(question.policyId, ids)}`,
    });
  const policyId = question.policyId ?? ids[0];
  const judging = active.find((row) => row.policy_id === policyId);
  const search = question.search.trim();
  const found = search === '' ? undefined : await findPeople(records.db, search, FOUND_MAX);
  const segment =
    question.segmentId === undefined
      ? undefined
      : await prepareSegment(
          context,
          {
            ...(policyId === undefined ? {} : { policyId }),
            ...questionOf(await showSegment(records.db, question.segmentId)),
          },
          now,
        );
  const { rows, total } = await peoplePage(
    events,
    {
      policyId,
      stage: question.stage,
      reason: question.reason,
      rfmGroup: question.rfmGroup,
      segment: segment?.people,
      found: found === undefined ? undefined : { ids: found.map(({ personId }) => personId), idStart: search },
    },
    { sort: question.sort, descending: question.descending, offset, limit: pageSize },
  );
  const shown = rows.map(({ personId }) => personId);
  const reasons = policyId === undefined ? new Map() : await likeliestReasons(events, policyId, shown);
  const known =
    shown.length === 0
      ? []
      : await records.db
          .selectFrom('people')
          .select(['person_id', 'first_name', 'email', 'phone'])
          .where('person_id', 'in', shown)
          .execute();
  const byId = new Map(known.map((row) => [row.person_id, row]));
  return {
    policyId: policyId ?? null,
    evaluatedUntil: policyId === undefined ? null : ((await evaluatedUntil(events, policyId)) ?? null),
    policies: active.map((row) => ({ policyId: row.policy_id, name: row.name })),
    rows: rows.map((row) => ({
      ...row,
      firstName: byId.get(row.personId)?.first_name ?? null,
      email: byId.get(row.personId)?.email ?? null,
      phone: byId.get(row.personId)?.phone ?? null,
      reason: reasons.get(row.personId)?.reason ?? null,
      reasonProbability: reasons.get(row.personId)?.probability ?? null,
    })),
    total,
    isSearchCut: (found?.length ?? 0) >= FOUND_MAX,
    leftOut: judging === undefined ? null : await leftOutMoney(events, { names: activityOf(judging.definition) }),
  };
}
