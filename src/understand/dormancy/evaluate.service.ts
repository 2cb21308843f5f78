// Evaluates a dormancy policy for everybody as of the end of a day: stages, features and scores into `person_states`, stage changes
// into `stage_changes`. A handful of set-based statements; the number of people never reaches TypeScript.
//
// Three ways, one result. From the per-day roll-up: the first evaluation of a version, with new models, or when much has changed. Carried:
// the active days that the last evaluation recorded are the per-person roll-up, and only people with news are read again. Refreshed: only
// people with news are judged, between two evaluations. Each judges by the same statements.
import { profiledSource, type PersonSource } from '../../collect/people/person-of.sql.ts';
import { RekindleError } from '../../kernel/errors.ts';
import { addDays, addMs, daysBetween, type Day } from '../../kernel/days.ts';
import { newId } from '../../kernel/ids.ts';
import { ident, p, sql, type Sql } from '../../kernel/sql.ts';
import type { Events } from '../../stores/events/events.ts';
import { orderedInsert, parallelInsert } from '../../stores/events/parallel-insert.ts';
import { replacePartition } from '../../stores/events/replace-partition.ts';
import type { SegmentContext } from '../segments/questions.service.ts';
import { quintileSql, recencyQuintileSql, rfmGroupSql, type RfmCutpoints } from '../value/rfm.sql.ts';
import type { ScoreModel } from '../value/score.ts';
import { fitPrediction, fitScores, type Base, type ScoreInput } from '../value/score.service.ts';
import { FEATURE_NAMES } from '../value/snapshot-features.ts';
import { orderValueSql, returnProbabilitySql, scoreColumns } from '../value/score.sql.ts';
import {
  ACTIVE_DAYS,
  baseMeasure,
  carriedDays,
  carriedMeasure,
  createActiveDays,
  createStates,
  dropTable,
  EVERY_ROW,
  fillActiveDays,
  fillMoved,
  fillMovedCarried,
  insertChanges,
  insertCorrections,
  lastEvaluation,
  leaveUnmerged,
  LEFTOVERS,
  mergeStates,
  stagesOf,
  STATE_COLUMNS,
  type Carried,
  type JudgingPolicy,
  type StageInputs,
} from './evaluate.sql.ts';
import {
  createTouched,
  ENGINE_MARKS,
  fillTouched,
  recordedEvaluation,
  recordEvaluation,
  touchedCounts,
  type EngineMarks,
  type Measure,
  type Models,
  type RecordedEvaluation,
} from './evaluations.sql.ts';
import type { DormancyPolicy } from './policy.ts';
import { openScope, type PolicyScope } from './scope.service.ts';
import { thresholdsAfter } from './stage.ts';
import { countSunsets } from './sunset.sql.ts';

/** Default horizon of the scores: a quarter of a year. */
export const HORIZON_DAYS = 90;

/** Fitted models serve for a week: parameters of a week ago score today's features, and fitting costs as much as scoring a million people. */
const MODEL_DAYS = 7;
/** … unless the base has grown by more than this since. */
const GROWTH_MAX = 1.1;

/** Where more than every so many people have news, everybody is read from the roll-up again: that costs less than two ways of reading. */
const TOUCHED_SHARE_MAX = 0.2;

export type EvaluateInput = {
  readonly policy: DormancyPolicy;
  readonly version: number;
  readonly asOf: Day;
  /**
   * Activity up to this day counts, `asOf` unless told. On a running day it is that day, `asOf` the one before: who has come back today is
   * back now, while silence is counted in whole days that are over.
   */
  readonly throughOn?: Day;
  readonly horizonDays?: number;
  readonly now: Date;
  /** Where to read person_id, name, day, money_cents, lines, items from; the roll-up unless told. */
  readonly days?: Sql;
  /** Models fitted before; fitted now unless told. */
  readonly models?: Models;
  /** What a scope may ask beyond the events; a scope that does so cannot be asked without it. */
  readonly scopes?: SegmentContext | undefined;
  /** Who was in the scope on that day is meant, not who is in it now. */
  readonly isPast?: boolean | undefined;
};

/** States of everybody in scratch tables, not yet published. `close` drops them. */
export type ScratchStates = {
  readonly activeDays: Sql;
  readonly states: Sql;
  readonly inputs: StageInputs;
  readonly base: Base;
  readonly model: ScoreModel;
  readonly measure: Measure;
  readonly close: () => Promise<void>;
};

/** The policy's scope, asked of days. */
export const scopeOf = (
  events: Events,
  { policy, now, scopes, isPast }: Pick<EvaluateInput, 'policy' | 'now' | 'scopes' | 'isPast'>,
): PolicyScope =>
  openScope(events, {
    policy,
    now,
    scopes,
    isPast,
    statesAsOf: (other, asOf) => computeStates(events, { ...other, asOf, now, scopes, isPast }),
  });

async function insertStates(
  events: Events,
  states: Sql,
  activeDays: Sql,
  input: EvaluateInput,
  inputs: StageInputs,
  { base, cutpoints, models }: Measure,
  isOrdered: boolean,
): Promise<void> {
  const { returns, value, horizonDays } = models.scores;
  const { settings } = isOrdered ? await orderedInsert(events, base.people) : await parallelInsert(events, base.people);
  await events.run(sql`
  INSERT INTO ${states} (${STATE_COLUMNS}) SETTINGS optimize_on_insert = 0, ${EVERY_ROW}, ${settings}
  ${scoreColumns(returns)}
  SELECT toLowCardinality(${p.text(input.policy.policyId)}), person_id, toUInt32(${p.int(input.version)}), ${p.day(input.asOf)}, stage, stage_since, cause,
    silent_days, threshold_days, active_days, first_on, last_on, spent_cents,
    ${recencyQuintileSql(sql`toInt64(toUInt16(last_on))`, cutpoints.recency)} AS recency_quintile,
    ${quintileSql(sql`active_days`, cutpoints.frequency)} AS frequency_quintile,
    ${quintileSql(sql`spent_cents`, cutpoints.monetary)} AS monetary_quintile,
    ${rfmGroupSql()} AS rfm_group,
    ${returnProbabilitySql(returns, horizonDays)} AS return_probability,
    return_probability * ${orderValueSql(value)} AS expected_value_cents,
    ${p.instant(input.now)}, days, lines, items
  FROM (${stagesOf(activeDays, inputs)})`);
}

type MeasureRow = RfmCutpoints & { readonly people: number; readonly repeaters: number; readonly base_gap: number };

async function measured(
  events: Events,
  question: Sql,
): Promise<Pick<Measure, 'base' | 'baseGapHundredths' | 'cutpoints'>> {
  const [row] = await events.rows<MeasureRow>(question);
  const { people, repeaters, base_gap: baseGapHundredths, recency, frequency, monetary } = row!;
  return { base: { people, repeaters }, baseGapHundredths, cutpoints: { recency, frequency, monetary } };
}

const judging = (policy: DormancyPolicy, { prediction }: Models): JudgingPolicy =>
  prediction === null ? policy : { ...policy, prediction };

/** The scratch table of active days, filled for the people of `days`. */
async function readActiveDays(
  events: Events,
  table: Sql,
  input: EvaluateInput,
  days: Sql,
  by: readonly Day[],
  allDays: Sql = days,
): Promise<void> {
  const { policy, asOf, throughOn = asOf } = input;
  await events.run(createActiveDays(table));
  const source = await profiledSource(events);
  const scope = scopeOf(events, input);
  try {
    const within = await scope.on(asOf, { ...source, days: allDays });
    const narrowed = within === undefined ? {} : { scope: within };
    await events.run(fillActiveDays(table, days, policy.activity, throughOn, { by, ...narrowed }));
  } finally {
    await scope.close();
  }
}

/** Computes everybody's state without publishing it: for previews, back-tests and `analyze`. The caller closes it. */
export async function computeStates(events: Events, input: EvaluateInput): Promise<ScratchStates> {
  const { policy, asOf, now } = input;
  const activeDays = ident(newId('scratch_days', now));
  const states = ident(newId('scratch_states', now));
  const close = async (): Promise<void> => {
    await events.run(dropTable(activeDays));
    await events.run(dropTable(states));
  };
  try {
    const days = input.days ?? (await profiledSource(events)).days;
    const horizonDays = input.horizonDays ?? HORIZON_DAYS;
    const snapshots = [addDays(asOf, -horizonDays), addDays(asOf, -2 * horizonDays)] as const;
    await readActiveDays(events, activeDays, input, days, input.models === undefined ? snapshots : []);
    const found = await measured(events, baseMeasure(activeDays));
    const models =
      input.models ?? (await fitModels(events, { policy, activeDays, asOf, horizonDays, snapshots, ...found }));
    const measure = { ...found, models, modelAsOf: asOf };
    const inputs = await stageInputs(events, input, measure);
    await events.run(createStates(states));
    await insertStates(events, states, activeDays, input, inputs, measure, false);
    return { activeDays, states, inputs, base: measure.base, model: models.scores, measure, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function stageInputs(events: Events, { policy, asOf }: EvaluateInput, measure: Measure): Promise<StageInputs> {
  const judge = judging(policy, measure.models);
  const { baseGapHundredths } = measure;
  const hasSunsets = policy.sunset !== undefined && (await countSunsets(events, policy.policyId)) > 0;
  return { policy: judge, asOf, baseGapHundredths, hasSunsets };
}

type FitInput = Omit<ScoreInput, 'table' | 'dormantAfter'> & {
  readonly policy: DormancyPolicy;
  readonly activeDays: Sql;
  readonly baseGapHundredths: number;
};

async function fitModels(events: Events, { policy, activeDays, baseGapHundredths, ...fit }: FitInput): Promise<Models> {
  const { rule } = policy;
  const prediction =
    rule.kind === 'predicted'
      ? await fitPrediction(events, {
          table: activeDays,
          base: fit.base,
          asOf: fit.asOf,
          horizonDays: rule.horizonDays,
        })
      : null;
  const judge = prediction === null ? policy : { ...policy, prediction };
  const scores = await fitScores(events, {
    ...fit,
    table: activeDays,
    dormantAfter: (count, spanDays) => thresholdsAfter(judge, count, spanDays, baseGapHundredths).dormantDays,
  });
  return { scores, prediction };
}

export type Evaluation = {
  readonly asOf: Day;
  readonly base: Base;
  readonly model: ScoreModel;
  /** `roll_up`: everybody's days were read again. `carried`: only those of people with news. */
  readonly read: 'roll_up' | 'carried';
};

/**
 * Are the models of an evaluation still good for another day? A base without a model is asked again every day: it may
 * have enough by then; and one of other features than today's was fitted by an earlier release. */
function isFresh({ models, modelAsOf, base }: RecordedEvaluation, policy: DormancyPolicy, asOf: Day): boolean {
  const { returns } = models.scores;
  if (returns.kind === 'none' || (policy.rule.kind === 'predicted' && models.prediction === null)) return false;
  if (returns.kind === 'logistic' && returns.features.join() !== FEATURE_NAMES.join()) return false;
  return daysBetween(modelAsOf, asOf) < MODEL_DAYS && base.people <= GROWTH_MAX * returns.people;
}

/** How many have news since an evaluation, and whether anybody was judged again since. */
type Touched = { readonly people: number; readonly isRefreshed: boolean };

/** People with news since an evaluation, in a scratch table; undefined where reading them by themselves is no use or not enough. */
async function touchedSince(
  events: Events,
  source: PersonSource,
  policy: DormancyPolicy,
  known: RecordedEvaluation,
  table: Sql,
): Promise<Touched | undefined> {
  await events.run(createTouched(table));
  await events.run(fillTouched(table, source.days, policy.activity, known));
  const [counts] = await events.rows<{ touched: number; vanished: number; refreshed: number }>(
    touchedCounts(table, policy.policyId, known),
  );
  const { touched: people = 0, vanished = 0, refreshed = 0 } = counts ?? {};
  if (vanished > 0 || people > TOUCHED_SHARE_MAX * known.base.people) return undefined;
  return { people, isRefreshed: refreshed === 1 };
}

/** Where the people of one evaluation stand, to be published: everybody's new state, and the active days of those who may have moved. */
type Judged = {
  readonly states: Sql;
  readonly inputs: StageInputs;
  readonly measure: Measure;
  readonly fillMoved: (moved: Sql) => Sql;
};

/** Everybody, from the active days that the last evaluation recorded and those of the people with news. */
async function carryStates(
  events: Events,
  input: EvaluateInput,
  { models, modelAsOf }: RecordedEvaluation,
  carried: Carried,
  states: Sql,
): Promise<Judged> {
  const measure = { ...(await measured(events, carriedMeasure(carried))), models, modelAsOf };
  const inputs = await stageInputs(events, input, measure);
  await events.run(createStates(states));
  await events.run(leaveUnmerged(states));
  await insertStates(events, states, carriedDays(carried), input, inputs, measure, true);
  return { states, inputs, measure, fillMoved: (moved) => fillMovedCarried(moved, carried, inputs) };
}

/** Records the changes of stage that lead to `judged`. The states are not yet published. */
async function recordChanges(events: Events, input: EvaluateInput, judged: Judged, isFirst: boolean): Promise<void> {
  const moved = ident(newId('scratch_moved', input.now));
  try {
    await events.run(createActiveDays(moved));
    await events.run(judged.fillMoved(moved));
    const changes = { ...judged.inputs, version: input.version, now: input.now };
    await events.run(insertChanges(moved, changes));
    if (!isFirst) await events.run(insertCorrections(moved, judged.states, changes));
  } finally {
    await events.run(dropTable(moved));
  }
}

const engineMarks = async (events: Events): Promise<EngineMarks> => (await events.rows<EngineMarks>(ENGINE_MARKS))[0]!;

const laterDay = (a: Day, b: Day): Day => (a > b ? a : b);
const laterInstant = (a: Date, b: Date): Date => (a > b ? a : b);
/** An instant as the engine writes it. */
const instantOf = (text: string): Date => new Date(`${text.replace(' ', 'T')}Z`);

/**
 * Evaluates and publishes. Running it again for the same day and data changes nothing; running it after a pause writes the changes of
 * every day in between. A day before the policy's last evaluation is refused (`conflict`): history is not rewritten.
 */
export async function evaluatePolicy(events: Events, asked: EvaluateInput): Promise<Evaluation> {
  const { policyId } = asked.policy;
  const { asOf, version, now } = asked;
  const [last] = await events.rows<{ as_of: Day; version: number; people: number }>(lastEvaluation(policyId));
  const isFirst = last === undefined || last.people === 0;
  if (!isFirst && last.as_of > asOf) {
    throw new RekindleError('conflict', {
      what: {
        en: `Policy "${policyId}" was already evaluated as of ${last.as_of}; ${asOf} can only be looked at as a back-test.`,
        zh: `规则“${policyId}”已评估至 ${last.as_of}，${asOf} 只能以回测方式查看。`,
      },
    });
  }
  for (const { name } of await events.rows<{ name: string }>(LEFTOVERS)) await events.run(dropTable(ident(name)));
  const marks = await engineMarks(events);
  const horizonDays = asked.horizonDays ?? HORIZON_DAYS;
  const recorded = isFirst ? undefined : await recordedEvaluation(events, policyId);
  const known =
    recorded?.version === version &&
    recorded.asOf === last?.as_of &&
    recorded.horizonDays === horizonDays &&
    recorded.money === marks.money
      ? recorded
      : undefined;
  // Who is known to be back stays back, whoever asks for the same day again.
  const throughOn = laterDay(asked.throughOn ?? asOf, recorded?.asOf === asOf ? recorded.throughOn : asOf);
  const models = known !== undefined && isFresh(known, asked.policy, asOf) ? known.models : undefined;
  const input: EvaluateInput = { ...asked, horizonDays, throughOn, ...(models === undefined ? {} : { models }) };

  const tables = {
    touched: ident(newId('scratch_touched', now)),
    renewed: ident(newId('scratch_days', now)),
    states: ident(newId('scratch_states', now)),
  };
  let scratch: ScratchStates | undefined;
  let judged: Judged;
  try {
    const source = await profiledSource(events);
    const canCarry = models !== undefined && asked.policy.scope === undefined && asked.days === undefined;
    const touched = canCarry ? await touchedSince(events, source, asked.policy, known!, tables.touched) : undefined;
    if (touched === undefined) {
      scratch = await computeStates(events, input);
      const { states, inputs, measure, activeDays } = scratch;
      const modelAsOf = models === undefined ? asOf : known!.modelAsOf;
      judged = {
        states,
        inputs,
        measure: { ...measure, modelAsOf },
        fillMoved: (moved) => fillMoved(moved, activeDays, states, policyId),
      };
    } else {
      const renewed = touched.people === 0 ? undefined : tables.renewed;
      if (renewed !== undefined) {
        const people = sql`SELECT person_id FROM ${tables.touched}`;
        await readActiveDays(events, renewed, input, source.daysOf(people), []);
      }
      const carried = { policyId, renewed, isRefreshed: touched.isRefreshed };
      judged = await carryStates(events, input, known!, carried, tables.states);
    }
    await recordChanges(events, input, judged, isFirst);
    await replacePartition(events, 'person_states', policyId, judged.states);
  } finally {
    await scratch?.close();
    for (const table of Object.values(tables)) await events.run(dropTable(table));
  }
  const { measure } = judged;
  if ((await engineMarks(events)).erased !== marks.erased) {
    // Somebody was erased meanwhile, and her state may just have been published: it goes with the next look at what is left of the data.
    return evaluatePolicy(events, asked);
  }
  await recordEvaluation(
    events,
    policyId,
    { ...measure, version, asOf, throughOn, horizonDays, money: marks.money, seenUntil: marks.now },
    now,
  );
  return {
    asOf,
    base: measure.base,
    model: measure.models.scores,
    read: scratch === undefined ? 'carried' : 'roll_up',
  };
}

/**
 * Judges the people with news since the last evaluation (activity that came in, ids that were joined, and `also`) as of the same day, by
 * the same measure. Returns how many had news, or undefined where only a whole evaluation will do.
 */
export async function refreshPolicy(
  events: Events,
  asked: Omit<EvaluateInput, 'models' | 'days' | 'horizonDays'>,
  also: readonly string[] = [],
): Promise<number | undefined> {
  const { policy, version, asOf } = asked;
  const { policyId } = policy;
  const known = await recordedEvaluation(events, policyId);
  if (known === undefined || known.version !== version || known.asOf !== asOf) return undefined;
  // The latest of a person's judgements counts, whatever the clock has done in between.
  const now = laterInstant(asked.now, addMs(instantOf(known.computedAt), 1));
  const marks = await engineMarks(events);
  // Other amounts are money now: what was spent is another sum for everybody.
  if (known.money !== marks.money) return undefined;
  const throughOn = laterDay(asked.throughOn ?? asOf, known.throughOn);
  const input: EvaluateInput = { ...asked, now, throughOn, models: known.models };
  const touchedName = newId('scratch_touched', now);
  const touched = ident(touchedName);
  const renewed = ident(newId('scratch_days', now));
  const states = ident(newId('scratch_states', now));
  try {
    const source = await profiledSource(events);
    const news = await touchedSince(events, source, policy, known, touched);
    if (news === undefined) return undefined;
    const { people } = news;
    await events.insert(
      touchedName,
      also.map((personId) => ({ person_id: personId })),
    );
    if (people + also.length === 0) return 0;
    const days = source.daysOf(sql`SELECT person_id FROM ${touched}`);
    await readActiveDays(events, renewed, input, days, [], source.days);
    const inputs = await stageInputs(events, input, known);
    await events.run(createStates(states));
    await insertStates(events, states, renewed, input, inputs, known, false);
    const fillRenewed = (moved: Sql): Sql =>
      sql`INSERT INTO ${moved} (${ACTIVE_DAYS}) SELECT ${ACTIVE_DAYS} FROM ${renewed}`;
    await recordChanges(events, input, { states, inputs, measure: known, fillMoved: fillRenewed }, false);
    await events.run(mergeStates(states));
    // Somebody was erased meanwhile: a whole evaluation finds out what is left of the data.
    if ((await engineMarks(events)).erased !== marks.erased) return undefined;
    await recordEvaluation(events, policyId, { ...known, throughOn, seenUntil: marks.now }, now);
    return people + also.length;
  } finally {
    for (const table of [touched, renewed, states]) await events.run(dropTable(table));
  }
}
