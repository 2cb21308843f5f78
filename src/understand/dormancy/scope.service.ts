// Who is in a policy's scope on a day? A scope is a segment, and is asked where segments are: of the events, of what the records store says
// of people, of what they like, of another policy's stages. On a past day everything is read as of that day (consent from the ledger of every
// word said, stages by judging that day again, preferences from the orders so far) or refused with the reason why its past is not known.
// Traits alone are read as they are today: nobody keeps their past, and country or tier seldom move.
import { dayIn, lastInstantOf, type Day } from '../../kernel/days.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Text } from '../../kernel/lang.ts';
import { ident, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { scratchPreferences } from '../recommend/preferences.service.ts';
import type { ConditionKind } from '../segments/conditions.ts';
import type { SegmentTables } from '../segments/plan.ts';
import { usesFacts, type SegmentContext } from '../segments/questions.service.ts';
import { isResolved, leavesOf, type ResolvedSegment } from '../segments/segment.ts';
import { isInSegment } from '../segments/segment.sql.ts';
import type { DormancyPolicy } from './policy.ts';
import { activePolicies, policiesRead, withSettledScope, type ActivePolicy } from './scope-policies.service.ts';
import { createConsentWords, factsAt } from './scope.sql.ts';
import { evaluatedUntil } from './states.sql.ts';

/** Everybody's states under a policy as of a day, in a scratch table until it is closed. */
export type StatesAsOf = (
  policy: ActivePolicy,
  asOf: Day,
) => Promise<{ readonly states: Sql; readonly close: () => Promise<void> }>;

export type ScopeInput = {
  readonly policy: DormancyPolicy;
  readonly now: Date;
  /** What a scope needs that the events alone do not tell; without it only scopes over events and traits can be asked. */
  readonly scopes?: SegmentContext | undefined;
  /** Is the day that is asked about over, and what was true then meant? Otherwise what is true now counts, as when a policy is evaluated. */
  readonly isPast?: boolean | undefined;
  readonly statesAsOf: StatesAsOf;
};

export type PolicyScope = {
  /** A condition on `person_id`, good until the next day is asked or the scope is closed; undefined where the policy is about everybody. */
  readonly on: (asOf: Day, tables: SegmentTables) => Promise<Sql | undefined>;
  readonly close: () => Promise<void>;
};

const TASTES: readonly ConditionKind[] = ['likes', 'price_band', 'usual_hour'];

const WHY_UNKNOWN = {
  reachable: {
    en: 'addresses and suppressions are kept as they are now; `consent` is known for every day.',
    zh: '地址与禁止联系名单只保留当前状态；“授权”（consent）可按任一日期查询。',
  },
  reason: {
    en: 'reasons are kept as of a policy’s last evaluation only.',
    zh: '休眠原因仅保留最近一次评估的结果。',
  },
  snapshot: { en: 'it was taken later.', zh: '该快照在此之后才建立。' },
} as const satisfies Record<string, Text>;

function unknownThen(condition: keyof typeof WHY_UNKNOWN, place: string, day: Day): never {
  throw new RekindleError('past_unknown', { where: place, condition, day, what: WHY_UNKNOWN[condition] });
}

function contextOf({ scopes, policy }: ScopeInput): SegmentContext {
  if (scopes === undefined)
    throw new Error(`the scope of policy "${policy.policyId}" needs more than the events to be asked`);
  return scopes;
}

async function refuseUnknown(scope: ResolvedSegment, asOf: Day, input: ScopeInput): Promise<void> {
  for (const { leaf, place } of leavesOf(scope, 'policy.scope')) {
    if (leaf.kind === 'reachable' || leaf.kind === 'reason') unknownThen(leaf.kind, place, asOf);
    if (leaf.kind !== 'snapshot') continue;
    const { records, timeZone } = contextOf(input);
    const taken = await records.db
      .selectFrom('segment_snapshots')
      .select('taken_at')
      .where('snapshot_id', '=', leaf.id)
      .executeTakeFirst();
    if (taken === undefined)
      throw new RekindleError('not_found', { what: { en: `snapshot "${leaf.id}"`, zh: `快照“${leaf.id}”` } });
    if (dayIn(taken.taken_at, timeZone) > asOf) unknownThen('snapshot', place, asOf);
  }
}

/** What a scope says of the past where it can only look at the present; none where it looks at nothing of the kind. */
export const TRAITS_ARE_TODAYS: Text = {
  en: 'The scope looks at traits, which are known as they are today: whoever moved or changed tier since is counted by where she stands now.',
  zh: '适用范围涉及用户属性。属性只保留当前值：此后变更过的用户按其现状计入。',
};

export const looksAtTraits = ({ scope }: DormancyPolicy): boolean =>
  scope !== undefined && [...leavesOf(scope)].some(({ leaf }) => leaf.kind === 'trait');

/** Nothing is asked before `on` is. Throws what `withSettledScope` throws. */
export function openScope(events: Events, input: ScopeInput): PolicyScope {
  const { policy, now, isPast = false } = input;
  const scratch: (() => Promise<void>)[] = [];
  let words: Sql | undefined;
  let settled: DormancyPolicy | undefined;

  const dropping = (table: Sql) => async (): Promise<void> => {
    await events.run(sql`DROP TABLE IF EXISTS ${table}`);
  };

  /** The ledger is read once, however many days are asked. */
  const consentWords = async (context: SegmentContext): Promise<Sql> => {
    if (words !== undefined) return words;
    const name = newId('scratch_consents', now);
    const table = ident(name);
    scratch.push(dropping(table));
    await events.run(createConsentWords(table));
    await context.writeConsentWords(name);
    words = table;
    return table;
  };

  const tastesOn = async (asOf: Day, { timeZone }: SegmentContext): Promise<Sql> => {
    const table = await scratchPreferences(events, { asOf, now, timeZone });
    scratch.push(dropping(table));
    return table;
  };

  /** Published states where they are of this very day; otherwise the other policy is judged for it. */
  const statesOn = async (asOf: Day, { records }: SegmentContext): Promise<ReadonlyMap<string, Sql>> => {
    const states = new Map<string, Sql>();
    const read = policiesRead(settled!);
    if (read.size === 0) return states;
    const active = await activePolicies(records.db);
    for (const id of read) {
      if (!isPast && (await evaluatedUntil(events, id)) === asOf) continue;
      const judged = await input.statesAsOf(active.get(id)!, asOf);
      scratch.push(judged.close);
      states.set(id, judged.states);
    }
    return states;
  };

  const on = async (asOf: Day, tables: SegmentTables): Promise<Sql | undefined> => {
    if (policy.scope === undefined) return undefined;
    settled ??=
      isResolved(policy.scope) && policiesRead(policy).size === 0
        ? policy
        : await withSettledScope(contextOf(input).records.db, policy);
    const { scope } = settled;
    if (scope === undefined || !isResolved(scope)) throw new Error('a settled scope refers to no segment');
    const kinds = new Set([...leavesOf(scope)].map(({ leaf }) => leaf.kind));
    // Only what the records store says of people is of an instant; the rest is of days.
    const moment = { asOf, now: isPast && usesFacts(scope) ? lastInstantOf(asOf, contextOf(input).timeZone) : now };
    if (isPast) await refuseUnknown(scope, asOf, input);
    if (usesFacts(scope)) await contextOf(input).refreshFacts();
    const facts =
      isPast && kinds.has('consent') ? factsAt(await consentWords(contextOf(input)), moment.now) : undefined;
    const tastes =
      isPast && TASTES.some((kind) => kinds.has(kind)) ? await tastesOn(asOf, contextOf(input)) : undefined;
    const states = policiesRead(settled).size > 0 ? await statesOn(asOf, contextOf(input)) : undefined;
    return isInSegment(
      scope,
      {
        ...tables,
        ...(facts === undefined ? {} : { facts }),
        ...(tastes === undefined ? {} : { tastes }),
        ...(states === undefined ? {} : { states }),
      },
      moment,
    );
  };

  return {
    on,
    close: async () => {
      for (const drop of scratch.splice(0)) await drop();
    },
  };
}
